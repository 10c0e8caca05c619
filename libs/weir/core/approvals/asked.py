"""What people are asked: a node's configuration, resolved, as it is recorded when its step waits.

`made` turns a configuration into the recorded form and says what is wrong with
it; `Asked.of` reads a recorded one. Times are milliseconds after the asking.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import jsonschema_rs

from weir.contract import times
from weir.core.expressions import kind as kind_of
from weir.core.promise import masked

SUBMITTED = "submitted"  # the one option of a user_input
ASSIGNEES = 100
ROLES = ("viewer", "operator", "editor", "admin")
REMINDERS = 20
TITLE, MESSAGE = 200, 20_000

_KINDS = ("user", "group", "role")
_MAIL = re.compile(r"[^@\s]{1,200}@[^@\s]{1,200}")
_DEFAULT_OPTIONS: tuple[Mapping[str, Any], ...] = (
    {"value": "approved", "label": "Approve", "style": "success"},
    {"value": "rejected", "label": "Reject", "style": "danger", "required": 1, "form": False},
)


class Option(NamedTuple):
    """A way out; `required` people must choose it.

    `comment`: each must say why. `form`: it must be filled in, where there is one.
    """

    value: str
    label: str
    style: str
    required: int
    comment: bool
    form: bool = True


class Escalation(NamedTuple):
    """What is done if nobody has decided by then."""

    after_ms: int
    notify: tuple[str, ...] = ()
    reassign: tuple[str, ...] = ()
    decide: str = ""


class Slack(NamedTuple):
    """Where a message goes: through the credential of this name."""

    credential: str
    channel: str = ""


class Asked(NamedTuple):
    """What people are asked."""

    kind: str  # approval | user_input
    title: str
    message: str
    context: Any
    assignees: tuple[str, ...]
    self_approval: bool
    options: tuple[Option, ...]
    form: Mapping[str, Any] | None
    timeout_ms: int  # 0: for ever
    on_timeout: str  # an option; empty: the step fails
    remind_ms: int  # 0: never
    reminders: int
    escalations: tuple[Escalation, ...]
    email: bool
    slack: Slack | None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Asked:
        """What was recorded; ValueError if it is no such thing."""
        try:
            slack = value.get("slack")
            return cls(
                kind=value["kind"],
                title=value["title"],
                message=value["message"],
                context=value["context"],
                assignees=tuple(value["assignees"]),
                self_approval=value["self_approval"],
                options=tuple(Option(**one) for one in _whole(value["options"])),
                form=value["form"],
                timeout_ms=int(value["timeout_ms"]),
                on_timeout=value["on_timeout"],
                remind_ms=int(value["remind_ms"]),
                reminders=int(value["reminders"]),
                escalations=tuple(_escalation(one) for one in value["escalations"]),
                email=value["email"],
                slack=Slack(**slack) if slack else None,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no question to people: {type(error).__name__} {error}") from None

    def option(self, value: str) -> Option | None:
        """The option of this name."""
        return next((one for one in self.options if one.value == value), None)


def _whole(options: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "required": int(one["required"])} for one in options]


def _escalation(value: Mapping[str, Any]) -> Escalation:
    return Escalation(
        after_ms=int(value["after_ms"]),
        notify=tuple(value["notify"]),
        reassign=tuple(value["reassign"]),
        decide=value["decide"],
    )


def made(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The recorded form of a resolved configuration; ValueError says in words what is wrong."""
    required = _count(config.get("required", 1), "required")
    options = _options(kind, config, required)
    names = {one["value"] for one in options}
    assignees = people(config.get("assignees"), "assignees")
    if not assignees:
        raise ValueError("assignees names nobody: give users, groups or roles")
    form = config.get("form")
    if form is not None:
        _checked(form)
    timeout = _ms(config.get("timeout"), "timeout")
    on_timeout = config.get("on_timeout") or ""
    if on_timeout and on_timeout not in names:
        raise ValueError(f"on_timeout is {_short(on_timeout)}, which is none of the options")
    slack = config.get("slack")
    return {
        "kind": kind,
        "title": _text(config.get("title"), "title", TITLE),
        "message": _text(config.get("message"), "message", MESSAGE),
        "context": config.get("context"),
        "assignees": list(assignees),
        "self_approval": config.get("self_approval") is True,
        "options": options,
        "form": form,
        "timeout_ms": timeout,
        "on_timeout": on_timeout,
        "remind_ms": _ms(config.get("remind_every"), "remind_every"),
        "reminders": REMINDERS,
        "escalations": list(_escalations(config.get("escalation") or [], names)),
        "email": config.get("email", True) is True,
        "slack": {"credential": slack["credential"], "channel": slack.get("channel") or ""}
        if slack
        else None,
    }


def _options(kind: str, config: Mapping[str, Any], required: int) -> list[dict[str, Any]]:
    if kind == "user_input":
        label = _text(config.get("button"), "button", TITLE) or "Send"
        given: Sequence[Mapping[str, Any]] = [{"value": SUBMITTED, "label": label}]
    else:
        given = config.get("options") or _DEFAULT_OPTIONS
    return [
        {
            "value": one["value"],
            "label": _text(one.get("label"), "label", TITLE) or one["value"],
            "style": one.get("style") or "default",
            "required": _count(one.get("required") or required, "required"),
            "comment": one.get("comment") is True,
            "form": one.get("form", True) is True,
        }
        for one in given
    ]


def _escalations(given: Any, names: set[str]) -> Iterator[dict[str, Any]]:
    for one in sorted(given, key=lambda step: _ms(step.get("after"), "after")):
        decide = one.get("decide") or ""
        if decide and decide not in names:
            raise ValueError(f"an escalation decides {_short(decide)}, which is no option")
        yield {
            "after_ms": _ms(one.get("after"), "after"),
            "notify": list(people(one.get("notify"), "notify")),
            "reassign": list(people(one.get("reassign"), "reassign")),
            "decide": decide,
        }


def people(given: Any, field: str) -> tuple[str, ...]:
    """Users, groups and roles as `user:…`, `group:…`, `role:…`; lists in lists are taken apart."""
    found = dict.fromkeys(person(one, field) for one in _flat(given, field))
    if len(found) > ASSIGNEES:
        raise ValueError(f"{field} names {len(found)} people and groups: {ASSIGNEES} at most")
    return tuple(found)


def person(given: Any, field: str) -> str:
    """One of them, in its usual spelling."""
    if not isinstance(given, str):
        raise ValueError(f"{field} holds {kind_of(given)}: write a text like user:ann@example.com")  # noqa: TRY004
    what, colon, name = given.strip().partition(":")
    if not colon:
        what, name = "user", what
        if not (_MAIL.fullmatch(name) or name.startswith(("usr_", "svc_"))):
            raise ValueError(
                f"{field} holds {_short(given)}: write user:…, group:… or role:… before the name"
            )
    what, name = what.strip().lower(), " ".join(name.split()).lower()
    if what not in _KINDS or not name or len(name) > TITLE:
        raise ValueError(f"{field} holds {_short(given)}, which is no user:…, group:… or role:…")
    if what == "role" and name not in ROLES:
        raise ValueError(f"{field} holds {_short(given)}: the roles are {', '.join(ROLES)}")
    return f"{what}:{name}"


def _flat(given: Any, field: str) -> Iterator[Any]:
    if given is None:
        return
    if isinstance(given, str):
        yield from (part for part in given.split(",") if part.strip())
    elif isinstance(given, Sequence):
        for one in given:
            yield from _flat(one, field)
    else:
        raise ValueError(f"{field} is {kind_of(given)}: give a list of texts")  # noqa: TRY004


def _checked(form: Any) -> None:
    try:
        masked(form)
    except (ValueError, TypeError, jsonschema_rs.ValidationError) as error:
        raise ValueError(f"form is no JSON Schema: {str(error).splitlines()[0][:200]}") from None


def _count(given: Any, field: str) -> int:
    whole = isinstance(given, int | float) and not isinstance(given, bool) and given == int(given)
    if not whole or not 1 <= given <= ASSIGNEES:
        raise ValueError(f"{field} is {_short(given)}: a whole number from 1 to {ASSIGNEES}")
    return int(given)


def _ms(given: Any, field: str) -> int:
    if given is None:
        return 0
    try:
        found = round(times.duration_ms(given))
    except (ValueError, OverflowError, AttributeError) as error:
        raise ValueError(f"{field}: {error}") from None
    if not 0 < found <= times.MAX_DURATION_MS:
        raise ValueError(f"{field} is {_short(given)}: more than nothing, at most ten years")
    return found


def _text(given: Any, field: str, longest: int) -> str:
    if given is None:
        return ""
    if not isinstance(given, str):
        given = str(given) if isinstance(given, int | float) else None
    if given is None:
        raise ValueError(f"{field} is no text")
    if len(given) > longest:
        raise ValueError(f"{field} is longer than {longest} letters")
    return str(given)


def _short(given: Any) -> str:
    return repr(given)[:60]
