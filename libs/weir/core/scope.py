"""What the expressions of a run may read, seen in place.

Nothing is copied: `steps` is a view of the state. Inside containers names are
found from the inside out: a step of the same iteration first, then what
stands around the loop. A value kept by reference cannot be read here; asking
for one says that an executor must evaluate. Where a list lies in pages, the
owner is asked to fetch the one that is needed.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from weir.contract import times
from weir.contract.messages import Error
from weir.core.expressions import Scope, Template
from weir.core.nesting import container_of, enclosing, round_of
from weir.core.paging import item_of
from weir.core.state import LOOPS, Blob, Moving, RunState, Step


class ByReferenceError(Exception):
    """The value lies in the object store."""


class Viewed(NamedTuple):
    """Who looks: the step's path, which attempt, and what it may see beside the run."""

    path: str
    attempt: int = 1
    error: Mapping[str, Any] | None = None
    acc: tuple[Any, int] | None = None  # a loop's value between two iterations, and the index
    fetched: Callable[[str], Any] = lambda _: None

    @property
    def prefix(self) -> str:
        """What the paths of its neighbours begin with."""
        return self.path[: self.path.rindex("/") + 1] if "/" in self.path else ""


class Outputs(Mapping[str, Any]):
    """`steps`: the outputs of the steps that have one."""

    __slots__ = ("_around", "_state")

    def __init__(self, state: Moving, prefix: str = "") -> None:
        self._state = state
        self._around = tuple(f"{place}/" for place in enclosing(prefix)) if prefix else ()

    def find(self, name: str) -> Step | None:
        """The step with an output, the nearest one."""
        steps = self._state.steps
        for prefix in self._around:
            step = steps.get(prefix + name)
            if step is not None and step.status in _SHOWN:
                return step
        step = steps.get(name)
        return step if step is not None and step.status in _SHOWN else None

    def __getitem__(self, name: str) -> Any:
        step = self.find(name)
        if step is None:
            raise KeyError(name)
        if isinstance(step.output, Blob):
            raise ByReferenceError(name)
        return step.output

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def __iter__(self) -> Iterator[str]:
        steps = self._state.steps
        names = dict.fromkeys(path for path in steps if "/" not in path)
        for prefix in self._around:
            cut = len(prefix)
            names.update(
                dict.fromkeys(
                    path[cut:]
                    for path in steps
                    if path.startswith(prefix) and "/" not in path[cut:]
                )
            )
        return (name for name in names if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


_SHOWN = frozenset({"succeeded", "caught", "compensated"})


def outer_roots(state: Moving) -> dict[str, Any]:
    """What an expression outside all containers sees at its first attempt, no variable being set.

    It stays right while the run moves on.
    """
    start, graph = state.start, state.graph
    return {
        "input": start.input,
        "trigger": {**start.trigger, "payload": start.input},
        "steps": Outputs(state),
        "vars": graph.vars if graph is not None else {},
        "env": start.env,
        "run": _Run(state, 1),
    }


def run_scope(
    state: Moving, now_ms: int, viewed: Viewed, outer: dict[str, Any] | None = None
) -> Scope:
    """The names an expression of this run sees; `outer`: its `outer_roots`, if known."""
    start, nest = state.start, state.nest
    prefix = viewed.prefix
    roots = dict(outer or outer_roots(state))
    if prefix:
        roots["steps"] = Outputs(state, prefix)
    if viewed.attempt != 1:
        roots["run"] = _Run(state, viewed.attempt)
    if nest.vars:
        roots["vars"] = ChainMap(dict(nest.vars), dict(roots["vars"]))
    if prefix:
        _look_around(state, prefix, roots, viewed)
    if viewed.acc is not None:
        roots["acc"], roots["index"] = shown(viewed.acc[0]), viewed.acc[1]
    if viewed.error is not None:
        roots["error"] = viewed.error
    seed = f"{start.run_id}/{viewed.path}/{viewed.attempt}"
    return Scope(roots=roots, now_ms=now_ms, seed=seed)


def _look_around(state: Moving, prefix: str, roots: dict[str, Any], viewed: Viewed) -> None:
    """Add `item`, `index`, `acc` of the nearest loop and `error` of the nearest catch."""
    for place in enclosing(prefix):
        block = state.nest.blocks.get(container_of(place))
        if block is None:
            continue
        if block.kind in LOOPS and "index" not in roots:
            at = roots["index"] = round_of(place)
            if block.chained:
                roots["acc"] = shown(block.acc)
            if block.kind == "for_each":
                roots["item"] = item_of(block.items, at, viewed.fetched)
        elif block.error is not None and "error" not in roots:
            roots["error"] = shown_error(block.error)


def shown_error(error: Error) -> dict[str, Any]:
    """`error` as expressions see it."""
    return {
        "code": error.code,
        "message": error.message,
        "step": error.step,
        "details": error.details,
    }


class _Run(Mapping[str, Any]):
    """`run`: formatted only when somebody looks."""

    __slots__ = ("_attempt", "_state")

    def __init__(self, state: Moving, attempt: int) -> None:
        self._state = state
        self._attempt = attempt

    def __getitem__(self, name: str) -> Any:
        start = self._state.start
        match name:
            case "id":
                return start.run_id
            case "started_at":
                return times.from_ms(start.started_ms)
            case "attempt":
                return self._attempt
            case "labels":
                return labels_of(self._state)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(("id", "started_at", "attempt", "labels"))

    def __len__(self) -> int:
        return 4


def labels_of(state: Moving | RunState) -> Mapping[str, str]:
    """The labels of a run as they are now."""
    return _now(state.start.labels, state.nest.labels)


def search_of(state: Moving | RunState) -> Mapping[str, str]:
    """Its search attributes."""
    return _now({}, state.nest.search)


def _now(first: Mapping[str, str], later: Mapping[str, str]) -> Mapping[str, str]:
    if not later:
        return first
    return {name: text for name, text in {**first, **later}.items() if text}


def reads_reference(state: Moving, refs: Iterable[tuple[str, ...]], prefix: str = "") -> bool:
    """Whether any of these paths begins in a value kept by reference."""
    input_apart = isinstance(state.start.input, Blob)
    outputs = None
    for ref in refs:
        if ref[0] == "input" or (ref[0] == "trigger" and ref[1:2] in {(), ("payload",)}):
            if input_apart:
                return True
        elif ref[0] == "steps" and len(ref) > 1:
            outputs = outputs or Outputs(state, prefix)
            step = outputs.find(ref[1])
            if step is not None and isinstance(step.output, Blob):
                return True
    return False


def carried_scope(
    state: Moving,
    templates: Iterable[Template],
    now_ms: int,
    viewed: Viewed,
    sources: Mapping[str, Any],
) -> dict[str, Any]:
    """The same names as a JSON value for an executor: only what the expressions read.

    Values kept by reference stay references. `sources` are the outputs of the
    steps that led to the node.
    """
    refs = {ref for template in templates for ref in template.refs}
    scope = run_scope(state, now_ms, viewed)
    roots: dict[str, Any] = {}
    # Sorted, so that deciding again writes the same bytes.
    for name in sorted({ref[0] for ref in refs} & set(scope.roots)):
        part = scope.roots[name]
        roots[name] = _carried_steps(part, refs) if name == "steps" else shown(part)
    return {
        "roots": roots,
        "now": times.from_ms(now_ms),
        "seed": scope.seed,
        "sources": {path: shown(value) for path, value in sources.items()},
    }


def _carried_steps(outputs: Outputs, refs: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    named = sorted({ref[1] for ref in refs if ref[0] == "steps" and len(ref) > 1})
    everything = any(ref == ("steps",) for ref in refs)
    return {
        name: shown(step.output)
        for name in (sorted(outputs) if everything else named)
        if (step := outputs.find(name)) is not None
    }


def shown(value: Any) -> Any:
    """A value as JSON; what lies in the object store by its reference."""
    if isinstance(value, Blob):
        return value.show()
    if isinstance(value, Mapping):
        return {key: shown(item) for key, item in value.items()}
    return value
