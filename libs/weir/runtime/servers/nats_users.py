"""Who may say what to NATS: one nkey per service, limited to the subjects it needs.

A service that is broken into can write what it could write anyway and nothing
more: only a scheduler writes decisions, tasks and leases, only the registry
writes definitions. Inboxes are apart too, so nobody reads another's answers.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import nkeys

from weir.contract import ids, subjects
from weir.contract.errors import SettingsInvalidError
from weir.runtime.servers.datadir import write_private

_FACTS = "run.*.*.*.in"


@dataclass(frozen=True, slots=True)
class May:
    """What a user may publish and subscribe to, beside its own inbox."""

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    answers: bool = False  # publish on the reply subjects of what comes


def inbox(user: str) -> str:
    """The prefix of the subjects on which a user gets its answers."""
    return f"_INBOX.{user}"


def _looks_at(*streams: str) -> tuple[str, ...]:
    """See that these streams are there, and how they are made."""
    return tuple(f"$JS.API.STREAM.INFO.{stream}" for stream in streams)


def _reads(*streams: str) -> tuple[str, ...]:
    """Read and consume these streams."""
    return _looks_at(*streams) + tuple(
        f"$JS.{subject}"
        for stream in streams
        for subject in (
            f"API.STREAM.MSG.GET.{stream}",
            f"API.CONSUMER.CREATE.{stream}.>",
            f"API.CONSUMER.DELETE.{stream}.>",
            f"API.CONSUMER.INFO.{stream}.>",
            f"API.CONSUMER.MSG.NEXT.{stream}.>",
            f"ACK.{stream}.>",
        )
    )


def _makes(*streams: str) -> tuple[str, ...]:
    """Make these streams, and bring them up to date."""
    return tuple(f"$JS.API.STREAM.{verb}.{one}" for one in streams for verb in ("CREATE", "UPDATE"))


_ALL = (
    subjects.RUNS,
    subjects.REGISTRY,
    subjects.IDENTITY,
    subjects.LOGS,
    subjects.RATES,
    subjects.DELIVERIES,
    subjects.BUS,
    subjects.CURSORS,
)
_EVENTS = "bus.>"  # what tenants publish
_COUNTS = "rate.*.*"  # what limits and quotas let through
_OWN = (subjects.ACCOUNTS, subjects.NOTES, subjects.AUDIT)  # of the identity service alone
_DRAFTS = (subjects.COLLAB,)  # of collab alone
_APPROVALS = (subjects.APPROVALS,)  # of the approval service alone
_RESULTS = (
    f"{_FACTS}.result.>",
    "logs.>",
    subjects.step_stream("*", "*"),
    "limit.*.*.*.in.report.*",
    "limit.*.*.*.in.permits.*",
    "beat.executor",
)
_WISHES = tuple(
    f"{_FACTS}.{kind}.>" for kind in ("cancel", "signal", "pause", "resume", "decision", "deadline")
)
_QUEUES = (
    f"$JS.API.CONSUMER.CREATE.{subjects.RUNS}.*.run.*.*.*.task.*",
    f"$JS.API.CONSUMER.MSG.NEXT.{subjects.RUNS}.>",
    f"$JS.API.STREAM.MSG.GET.{subjects.RUNS}",
    f"$JS.ACK.{subjects.RUNS}.>",
)

_DATA_KEYS = "registry.*.datakeys"  # of whoever seals
_PURGED = (subjects.IDENTITY, subjects.ACCOUNTS, subjects.NOTES, subjects.RATES)


def _edge() -> tuple[str, ...]:
    """What every service that answers callers, or works for them, may: read, and note for audit."""
    return (
        *(*_reads(*_ALL), *_looks_at(*_OWN, *_DRAFTS, *_APPROVALS)),
        *(subjects.EVERY_NOTE, subjects.key_use()),
    )


USERS: Mapping[str, May] = {
    # One process with everything in it has one connection.
    "embedded": May((">",), (">",)),
    "trigger": May(
        (
            *(*_edge(), f"{_FACTS}.start", *_WISHES, "registry.*.letter.*", _COUNTS),
            *(subjects.EVERY_DELIVERY, subjects.probe_answer("*"), subjects.input_answer("*")),
            *(_EVENTS, subjects.EVERY_CURSOR, subjects.EVERY_REFUSED_EVENT),
            *("limit.*.*.*.in.ask.*", subjects.beat("trigger")),
            # What is too much, and what deleted tenants had.
            *(f"$JS.API.STREAM.PURGE.{one}" for one in (subjects.BUS, subjects.CURSORS)),
        ),
        (
            *("live.>", subjects.probe_asked(), subjects.beat("trigger")),
            *(subjects.input_asked("signal"), subjects.input_asked("decision")),
        ),
    ),
    "scheduler": May(
        (
            "$JS.API.INFO",
            *_makes(*_ALL, *_OWN, *_DRAFTS, *_APPROVALS),
            *_reads(*_ALL),
            *_looks_at(*_OWN, *_DRAFTS, *_APPROVALS),
            f"$JS.API.STREAM.PURGE.{subjects.RUNS}",
            f"$JS.API.STREAM.MSG.DELETE.{subjects.RUNS}",
            f"$JS.API.DIRECT.GET.{subjects.RUNS}",
            "run.>",
            "lease.>",
            "checkpoint.>",
            "limit.>",
            "schedule.>",
            _COUNTS,
            "notice.>",
            "beat.>",
        ),
        ("beat.>", "live.>"),
    ),
    # Who opens credentials renews what they hold, and does what others ask with them.
    "executor": May(
        (
            *(*_edge(), *_RESULTS, _DATA_KEYS, _EVENTS),
            *("registry.*.credential.*", "registry.*.errand.*"),
        ),
        ("notice.>",),
    ),
    # The first API key and its tenant are made by the registry, where no identity service is.
    "registry": May(
        (
            *_edge(),
            *("registry.>", "identity.key.*", "identity.tenant.default", _COUNTS),
            f"$JS.API.STREAM.PURGE.{subjects.REGISTRY}",  # what deleted tenants had
            *(subjects.probe_asked(), subjects.draft_asked()),
            f"schedule.*.*.*.in.{subjects.fires_fact('*')}",
        ),
        (subjects.probe_answer("*"), subjects.draft_answer("*"), subjects.beat("collab")),
    ),
    # What people draw together becomes the draft in the head of its workflow.
    "collab": May(
        (
            *(*_edge(), *_reads(*_DRAFTS), subjects.EVERY_DRAFT, _COUNTS),
            *("registry.*.workflow.*", subjects.beat("collab")),
            *(subjects.draft_asked(), subjects.draft_answer("*"), subjects.draft_line("*")),
            # What lies before a document's whole, and what deleted tenants had.
            *(f"$JS.API.STREAM.{verb}.{subjects.COLLAB}" for verb in ("PURGE", "MSG.DELETE")),
        ),
        (
            *(subjects.beat("collab"), subjects.draft_asked()),
            *(subjects.draft_answer("*"), subjects.draft_line("*")),
        ),
    ),
    "query": May(
        (
            *_edge(),
            *(f"{_FACTS}.archived", f"{_FACTS}.segment", _COUNTS),
            # What somebody says on a socket: nobody else vouches for people.
            subjects.input_asked("*"),
            # What deleted tenants had.
            f"$JS.API.STREAM.PURGE.{subjects.LOGS}",
            f"$JS.API.STREAM.PURGE.{subjects.DELIVERIES}",
        ),
        ("live.>", subjects.input_answer("*"), subjects.step_stream("*", "*")),
    ),
    "identity": May(
        (
            *_edge(),
            # Drafts and approvals are exported; drafts are counted when they are erased.
            *_reads(*_OWN, *_DRAFTS, *_APPROVALS),
            _DATA_KEYS,
            _COUNTS,
            "identity.>",
            "accounts.>",
            subjects.EVERY_CHAIN,
            subjects.audit_position("*"),
            *(f"$JS.API.STREAM.PURGE.{stream}" for stream in _PURGED),
            "registry.*.request.*",  # requests with an Idempotency-Key
        ),
        # Who comes to publish for a tenant is asked about there.
        (subjects.key_use(), "$SYS.REQ.USER.AUTH"),
        answers=True,
    ),
    "approval": May(
        (
            *_edge(),
            *_reads(*_APPROVALS),
            *("approval.>", f"{_FACTS}.approval.*", _COUNTS, _DATA_KEYS),
            f"$JS.API.STREAM.PURGE.{subjects.APPROVALS}",  # what deleted tenants had
            subjects.input_answer("*"),
        ),
        ("live.>", subjects.input_asked("approval")),
    ),
    # A worker of the SDK is outside: it takes tasks, and writes results and lines.
    "worker": May(
        (*_looks_at(*_ALL, *_OWN, *_DRAFTS, *_APPROVALS), *_QUEUES, *_RESULTS), ("notice.>",)
    ),
}


# First words of subjects that are the platform's own.
_RESERVED = frozenset(
    {
        *("$SYS", "$JS", "$KV", "$O", "_INBOX", "run", "lease", "limit", "checkpoint", "registry"),
        *("identity", "accounts", "note", "audit", "logs", "rate", "delivery", "bus", "cursor"),
        *("live", "notice", "use", "beat", "probe", "schedule", "collab", "draft", "input"),
        "stream",
    }
)

SYSTEM = "identity_system"  # of the system account, by which identity ends connections
ISSUER = "issuer"  # signs what publishers of tenants may
_ENDS = ("$SYS.REQ.SERVER.*.KICK", "$SYS.REQ.SERVER.PING.CONNZ")


def seed_file(directory: Path, user: str) -> Path:
    """Where the seed of a user is kept."""
    return directory / f"{user}.seed"


def public_keys(directory: Path, users: Sequence[str] = tuple(USERS)) -> dict[str, str]:
    """The public key of each user; seeds that are missing are made, readable by their owner."""
    return _public(directory, dict.fromkeys((*users, SYSTEM), nkeys.PREFIX_BYTE_USER))


def issuer(directory: Path) -> str:
    """The public key of whoever says what publishers may."""
    return _public(directory, {ISSUER: nkeys.PREFIX_BYTE_ACCOUNT})[ISSUER]


def _public(directory: Path, kinds: Mapping[str, int]) -> dict[str, str]:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys: dict[str, str] = {}
    for user, kind in kinds.items():
        file = seed_file(directory, user)
        if not file.exists():
            seed = nkeys.encode_seed(secrets.token_bytes(32), kind)
            write_private(file, seed + b"\n")
        keys[user] = nkeys.from_seed(bytearray(file.read_bytes().strip())).public_key.decode()
    return keys


def authorization(keys: Mapping[str, str], issued_by: str) -> str:
    """The `accounts` and `authorization` blocks of the server's configuration.

    Whoever is none of these users is asked about: identity answers, signed by the issuer.
    """
    services = {name: key for name, key in keys.items() if name != SYSTEM}
    system = _rights(keys[SYSTEM], _ENDS, (f"{inbox(SYSTEM)}.>",))
    return (
        f"accounts {{\n  $SYS {{ users: [\n    # {SYSTEM}\n{system}  ] }}\n}}\n"
        "authorization {\n  users: [\n"
        + "".join(_user(*one) for one in services.items())
        + "  ]\n"
        + f"  auth_callout {{ issuer: {issued_by}\n"
        + f"                 auth_users: [{', '.join(keys.values())}] }}\n}}"
    )


def bus_mappings(given: Sequence[str]) -> str:
    """The `mappings` block for subjects that belong to a tenant's bus; SettingsInvalidError."""
    lines = []
    for one in given:
        pattern, equals, tenant = one.partition("=")
        first = pattern.partition(".")[0]
        if (
            not equals
            or not ids.TENANT.fullmatch(tenant)
            or not subjects.EVENT_PATTERN.fullmatch(pattern)
            or first in {"*", ">", *_RESERVED}
        ):
            raise SettingsInvalidError(
                f"WEIR_BUS_SUBJECTS: {one[:100]!r} maps no subjects to a tenant: write "
                "`factory.>=acme`, with a first word that is none of Weir's own."
            )
        wild = count(1)
        words = [f"{{{{wildcard({next(wild)})}}}}" if w == "*" else w for w in pattern.split(".")]
        lines.append(f'  "{pattern}": "{subjects.event(tenant, ".".join(words))}"\n')
    return "mappings {\n" + "".join(lines) + "}\n" if lines else ""


def _user(name: str, key: str) -> str:
    may = USERS[name]
    rights = _rights(key, may.publish, (*may.subscribe, f"{inbox(name)}.>"), answers=may.answers)
    return f"    # {name}\n{rights}"


def _rights(
    key: str, publish: Sequence[str], subscribe: Sequence[str], *, answers: bool = False
) -> str:
    publishes = ", ".join(f'"{subject}"' for subject in publish)
    subscribes = ", ".join(f'"{subject}"' for subject in subscribe)
    return (
        f"    {{ nkey: {key}\n"
        f"      permissions: {{ publish: [{publishes}]\n"
        f"                     subscribe: [{subscribes}]"
        + ("\n                     allow_responses: true" if answers else "")
        + " } }\n"
    )
