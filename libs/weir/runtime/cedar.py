"""Policies in Cedar: their schema, reading a text, deciding. No other file knows Cedar.

A text holds `forbid` alone. Beside it stands one policy that permits everything,
so what no `forbid` takes is as the roles have it, and a policy can only narrow.
A `forbid` that fails while it is evaluated forbids: nobody knows what it meant.
Cedar is loaded with the first text: most installations have none, and a start
need not wait for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

import orjson

from weir.contract.identity_errors import PoliciesInvalidError
from weir.runtime.policy_places import Part, culprit, depth, named_in, parts, place

LIMIT = 64 * 1024
PROBLEMS = 20
# Cedar reads and evaluates a policy by recursion: beyond some hundred brackets the process dies.
TOKENS = 2_000
DEPTH = 50

SCHEMA = """\
entity Role;
entity Group;
entity User in [Role, Group];
entity ServiceAccount in [Role, Group];
entity ApiKey in [User, ServiceAccount, Role, Group];
entity Trigger;
entity Project;
entity Workflow in [Project] {
  tenant: String,
  project: String,
  name: String,
  node_types: Set<String>,
  credentials_used: Set<String>,
} tags String;
entity Credential in [Project] {
  tenant: String,
  projects: Set<String>,
  name: String,
  type: String,
};
action publish appliesTo {
  principal: [User, ServiceAccount, ApiKey],
  resource: Workflow,
  context: { source: String, test: Bool, time: datetime },
};
action start appliesTo {
  principal: [User, ServiceAccount, ApiKey, Trigger],
  resource: Workflow,
  context: { source: String, test: Bool, time: datetime },
};
action steer appliesTo {
  principal: [User, ServiceAccount, ApiKey],
  resource: Workflow,
  context: { source: String, test: Bool, time: datetime, what: String },
};
action use_credential appliesTo {
  principal: Workflow,
  resource: Credential,
  context: { source: String, test: Bool, time: datetime },
};
"""

_BASE = "permit(principal, action, resource);"
_ENDED = "unexpected end of input"
_PREFIX = re.compile(r"^for policy `[^`]*`, ")
_TIME = re.compile(r"\btime\b")
_ERRED = re.compile(r"policy(?: with id)? `?(policy[0-9]+)")


class Thing(NamedTuple):
    """An entity of a request: its type and id, what it is in, its attributes and tags."""

    type: str
    id: str
    parents: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, Any], ...] = ()  # sets as tuples
    tags: tuple[tuple[str, str], ...] = ()

    def entity(self) -> dict[str, Any]:
        """As Cedar reads it."""
        attributes = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self.attributes
        }
        return {
            "uid": self.uid,
            "attrs": attributes,
            "parents": [{"type": kind, "id": name} for kind, name in self.parents],
            "tags": dict(self.tags),
        }

    @property
    def uid(self) -> dict[str, str]:
        """Its name in a request."""
        return {"type": self.type, "id": self.id}


class Asked(NamedTuple):
    """A question: may this principal do this to that?  `at` is an RFC 3339 time."""

    principal: Thing
    action: str
    resource: Thing
    source: str
    test: bool = False
    what: str = ""
    at: str = ""


class Named(NamedTuple):
    """A policy that decided: its `@id`, or its place among the others, and its `@advice`."""

    id: str
    advice: str


class Verdict(NamedTuple):
    """What policies say; `by` are those that forbid. `errors` tells why one could not be read."""

    allowed: bool
    by: tuple[Named, ...] = ()
    errors: tuple[str, ...] = ()


class Policies:
    """A text that was read. `timed`: its decisions may change with time alone."""

    def __init__(self, text: str) -> None:
        """PoliciesInvalidError with every located problem."""
        found = problems(text)
        if found:
            raise PoliciesInvalidError(
                f"The policies have {len(found)} problem{'' if len(found) == 1 else 's'}: line "
                f"{found[0]['line']}, column {found[0]['column']}: {found[0]['message']}.",
                details={"errors": found},
            )
        self.timed = _TIME.search(text) is not None
        self._names = _names(text)
        self._set = _cedar().PolicySet.from_str(f"{text}\n{_BASE}")

    def decide(self, asked: Asked) -> Verdict:
        """What they say to a question."""
        context: dict[str, Any] = {
            "source": asked.source,
            "test": asked.test,
            "time": {"__extn": {"fn": "datetime", "arg": asked.at}},
        }
        if asked.what:
            context["what"] = asked.what
        result = _cedar().is_authorized(
            {
                "principal": asked.principal.uid,
                "action": {"type": "Action", "id": asked.action},
                "resource": asked.resource.uid,
                "context": context,
            },
            self._set,
            [asked.principal.entity(), asked.resource.entity()],
        )
        errors = tuple(result.diagnostics.errors)
        if result.allowed and not errors:
            return Verdict(allowed=True)
        by = [] if result.allowed else list(result.diagnostics.reasons)
        by += [name for error in errors for name in _ERRED.findall(error)]
        named = {self._names[name] for name in by if name in self._names}
        return Verdict(False, tuple(sorted(named)), errors)


def problems(text: str) -> list[dict[str, Any]]:
    """What is wrong with a text, each with its line and column; at most `PROBLEMS`."""
    found: list[dict[str, Any]] = []
    pieces = parts(text)
    for part in pieces:
        if len(part.tokens) > TOKENS or depth(part) > DEPTH:
            bound = f"{TOKENS} words, brackets {DEPTH} deep"
            told = f"the policy is too large: at most {bound}", "Divide it."
            found.append(_problem(text, part.start, "POLICY_TOO_LARGE", *told))
            continue
        why = _unread(part.text)
        if why is not None:
            at = part.start + culprit(part, _unread, _ENDED)
            found.append(_problem(text, at, "POLICY_SYNTAX", why, "Compare it with the examples."))
        elif (refused := _refused(part)) is not None:
            found.append(_problem(text, part.start, *refused))
        if len(found) == PROBLEMS:
            return found
    if not found:
        found = list(_misfits(text, pieces))
    return found[:PROBLEMS]


def _unread(text: str) -> str | None:
    try:
        _cedar().PolicySet.from_str(text)
    except ValueError as error:
        return str(error)
    return None


def _refused(part: Part) -> tuple[str, str, str] | None:
    """What can be read and would decide nothing."""
    read = orjson.loads(_cedar().policies_to_json_str(part.text))
    if read["templates"]:
        return (
            "POLICY_TEMPLATE",
            "a template decides nothing",
            "Name a principal and a resource, or leave them open.",
        )
    if any(policy["effect"] == "permit" for policy in read["staticPolicies"].values()):
        return (
            "POLICY_PERMITS",
            "a permit grants nothing: what roles allow is allowed unless a policy forbids it",
            "Write what is refused: `forbid (…) unless { … };`.",
        )
    return None


def _misfits(text: str, pieces: Sequence[Part]) -> Sequence[dict[str, Any]]:
    """Where policies that can be read do not fit the schema."""
    found = []
    for part in pieces:  # one by one, so that each problem has the place of its policy
        for error in _cedar().validate_policies(part.text, _schema()).errors:
            message = _PREFIX.sub("", error.error)
            at = part.start + named_in(part, message)
            advice = "Compare it with the schema that GET /api/v1/policies answers."
            found.append(_problem(text, at, "POLICY_SCHEMA", message, advice))
            if len(found) == PROBLEMS:
                return found
    return found


@cache
def _cedar() -> ModuleType:
    import cedarpy  # noqa: PLC0415

    return cedarpy


@cache
def _schema() -> Any:
    return _cedar().Schema.from_str(SCHEMA)


def _problem(text: str, offset: int, code: str, message: str, advice: str) -> dict[str, Any]:
    at = place(text, offset)
    return {
        "code": code,
        "path": "text",
        "node": None,
        "message": message,
        "advice": advice,
        "line": at.line,
        "column": at.column,
    }


def _names(text: str) -> dict[str, Named]:
    read: Mapping[str, Any] = orjson.loads(_cedar().policies_to_json_str(text))["staticPolicies"]
    found = {}
    for place_, (name, policy) in enumerate(
        sorted(read.items(), key=lambda one: int(one[0].removeprefix("policy"))), 1
    ):
        told = policy.get("annotations", {})
        found[name] = Named(told.get("id") or f"policy {place_}", told.get("advice") or "")
    return found
