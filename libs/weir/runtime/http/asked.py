"""Query parameters as the views understand them: what lists of runs and bulk forms share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from weir.contract import ids, times
from weir.contract.errors import InvalidParameterError
from weir.ports.views import NOT_ENDED, RunQuery, SortField
from weir.runtime.http import cursor
from weir.runtime.http.call import Call
from weir.runtime.http.route import Parameter

LABEL = "label."
SEARCH = "search."
STATUSES = (
    *("queued", "running", "waiting", "paused", "cancelling", "compensating"),
    *("succeeded", "failed", "cancelled"),
)
TRIGGERS = ("webhook", "manual", "api", "schedule", "event", "callback")
LEVELS = ("debug", "info", "warning", "error")
SORTS = tuple(sign + name for name in get_args(SortField) for sign in ("-", ""))
_NOT_FILTERS = frozenset({"limit", "cursor", "counts", "min_sequence", "min_revision"})
_LABELS = 8
_TEXT = 200


def pattern_of(name: str, text: str, allowed: tuple[str, ...]) -> Parameter:
    """A parameter whose values are some of those allowed, separated by commas."""
    pattern = f"^({'|'.join(allowed)})(,({'|'.join(allowed)}))*$"
    told = f"{text}, separated by commas: {', '.join(allowed)}."
    return Parameter(name, told, {"type": "string", "pattern": pattern})


def _moment(name: str, text: str) -> Parameter:
    return Parameter(name, text, {"type": "string", "format": "date-time"})


PROJECT = Parameter("project", "Only what belongs to this project.")
FILTERS = (
    pattern_of("status", "Only runs in these states", STATUSES),
    pattern_of("trigger", "Only runs started so", TRIGGERS),
    _moment("started_from", "Only runs started at this time or later."),
    _moment("started_before", "Only runs started before this time."),
    Parameter("q", "Found in the run's id (its beginning), or the workflow's id or name."),
    Parameter("parent_run_id", "Only runs that a step of this run started."),
    PROJECT,
    Parameter("origin_run_id", "Only runs that go on from this one: its forks and retries."),
    Parameter(
        "sort",
        "The order; `-` turns it round. Runs that go on sort as if they ended last.",
        {"type": "string", "enum": list(SORTS)},
    ),
)
WORKFLOW_ID = Parameter("workflow_id", "Only runs of this workflow.")


def run_query(call: Call, workflow_id: str | None) -> RunQuery:
    """The runs a list asks for, one more than its page holds; InvalidParameterError."""
    sort = call.query("sort", SORTS[0])
    if sort not in SORTS:
        raise _refused("sort", sort, SORTS)
    field: SortField = "ended_at" if sort.endswith("ended_at") else "started_at"
    return RunQuery(
        projects=projects(call),
        workflow_id=workflow_id or call.query("workflow_id") or None,
        statuses=words(call, "status", STATUSES),
        triggers=words(call, "trigger", TRIGGERS),
        started_from_ms=moment(call, "started_from"),
        started_before_ms=moment(call, "started_before"),
        labels=_named(call, LABEL),
        search=_named(call, SEARCH),
        text=call.query("q")[:_TEXT],
        parent_run_id=call.query("parent_run_id") or None,
        origin_run_id=call.query("origin_run_id") or None,
        sort=field,
        descending=sort.startswith("-"),
        after=place_of(call, "run"),
        limit=call.limit + 1,
    )


def words(call: Call, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Values separated by commas, each one of those allowed."""
    given = tuple(word for word in call.query(name).split(",") if word)
    for word in given:
        if word not in allowed:
            raise _refused(name, word, allowed)
    return given


def flag(call: Call, name: str) -> bool:
    """`true` or `false`; false without it."""
    given = call.query(name, "false")
    if given not in {"true", "false"}:
        raise _refused(name, given, ("true", "false"))
    return given == "true"


def projects(call: Call) -> frozenset[str] | None:
    """The projects a list shows: where the caller may do what the route does, and `?project=`.

    None: all, and what belongs to none.
    """
    reach, asked = call.reach(call.route.permission), call.query("project")
    if not asked:
        return reach
    return frozenset({asked}) if reach is None or asked in reach else frozenset()


def readable(call: Call) -> None:
    """InvalidParameterError if the query holds text that no database keeps and no JSON shows."""
    for name, value in call.request.query.items():
        try:
            (name + value).encode()
        except UnicodeEncodeError:
            bad = True
        else:
            bad = "\x00" in name + value
        if bad:
            raise InvalidParameterError(
                "The query holds characters that are no text.",
                details={"parameter": ascii(name)[:80]},
            )


def scope(call: Call) -> list[Any]:
    """What a cursor of this list is bound to."""
    filters = sorted(item for item in call.request.query.items() if item[0] not in _NOT_FILTERS)
    return [call.tenant, call.request.path, filters]


def after_number(call: Call) -> int:
    """The position of a cursor that is one number; 0 without one."""
    found = _position(call, _number)
    return 0 if found is None else found[0]


def mark_of(call: Call, name: str = "after") -> int:
    """A mark from the query: digits, at most 18 of them; 0 without one."""
    return call.number(name, 0, 0, 2**62)


def _position(call: Call, *kinds: Callable[[Any], Any]) -> list[Any] | None:
    given = call.query("cursor")
    if not given:
        return None
    position = cursor.read(scope(call), given)
    try:
        return [kind(part) for kind, part in zip(kinds, position, strict=True)]
    except (ValueError, TypeError):
        raise _refused("cursor", given, ("the next_cursor of this list",)) from None


def place_of(call: Call, prefix: str) -> tuple[int, str] | None:
    """The position of a cursor that is a time and an id of this kind."""

    def named(value: Any) -> str:
        if not isinstance(value, str) or not ids.is_id(value, prefix):
            raise ValueError(value)
        return value

    found = _position(call, _number, named)
    return None if found is None else (found[0], found[1])


def _number(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= NOT_ENDED:
        raise ValueError(value)
    return value


def _named(call: Call, prefix: str) -> dict[str, str]:
    found = {
        name.removeprefix(prefix): value
        for name, value in call.request.query.items()
        if name.startswith(prefix)
    }
    word = prefix.removesuffix(".")
    if call.query(word) or len(found) > _LABELS:
        raise InvalidParameterError(
            f"What runs are found by is written {prefix}<name>=<value>, at most {_LABELS} of them.",
            details={"parameter": word},
        )
    return found


def moment(call: Call, name: str) -> int | None:
    """A time from the query, in ms; InvalidParameterError."""
    given = call.query(name)
    if not given:
        return None
    try:
        return times.to_ms(given)
    except (ValueError, OverflowError):
        raise InvalidParameterError(
            f"{name}={given[:40]!r} is no time: write it like 2026-01-31T12:00:00Z.",
            details={"parameter": name},
        ) from None


def _refused(name: str, given: str, allowed: tuple[str, ...]) -> InvalidParameterError:
    return InvalidParameterError(
        f"{name}={given[:40]!r} is not one of {', '.join(allowed)}.",
        details={"parameter": name},
    )
