"""What the expressions of a run may read, seen in place.

Nothing is copied: `steps` is a view of the state. A value kept by reference
cannot be read here; asking for one says that an executor must evaluate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from weir.contract import times
from weir.core.expressions import Scope, Template
from weir.core.state import Blob, Moving


class ByReferenceError(Exception):
    """The value lies in the object store."""


class Outputs(Mapping[str, Any]):
    """`steps`: the outputs of the steps that have one."""

    __slots__ = ("_steps",)

    def __init__(self, state: Moving) -> None:
        self._steps = state.steps

    def __getitem__(self, path: str) -> Any:
        step = self._steps[path]
        if step.status not in {"succeeded", "caught"}:
            raise KeyError(path)
        if isinstance(step.output, Blob):
            raise ByReferenceError(path)
        return step.output

    def __contains__(self, path: object) -> bool:
        step = self._steps.get(path)  # type: ignore[call-overload]
        return step is not None and step.status in {"succeeded", "caught"}

    def __iter__(self) -> Iterator[str]:
        return (path for path in self._steps if path in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def run_scope(
    state: Moving,
    now_ms: int,
    seed: str,
    *,
    attempt: int = 1,
    error: Mapping[str, Any] | None = None,
) -> Scope:
    """The names an expression of this run sees."""
    start, graph = state.start, state.graph
    roots: dict[str, Any] = {
        "input": start.input,
        "trigger": {**start.trigger, "payload": start.input},
        "steps": Outputs(state),
        "vars": graph.vars if graph is not None else {},
        "env": start.env,
        "run": _Run(state, attempt),
    }
    if error is not None:
        roots["error"] = error
    return Scope(roots=roots, now_ms=now_ms, seed=f"{start.run_id}/{seed}/{attempt}")


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
                return start.labels
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(("id", "started_at", "attempt", "labels"))

    def __len__(self) -> int:
        return 4


def reads_reference(state: Moving, refs: Iterable[tuple[str, ...]]) -> bool:
    """Whether any of these paths begins in a value kept by reference."""
    input_apart = isinstance(state.start.input, Blob)
    for ref in refs:
        if ref[0] == "input" or (ref[0] == "trigger" and ref[1:2] in {(), ("payload",)}):
            if input_apart:
                return True
        elif ref[0] == "steps" and len(ref) > 1:
            step = state.steps.get(ref[1])
            if step is not None and isinstance(step.output, Blob):
                return True
    return False


def carried_scope(  # noqa: PLR0913 - what a decision knows
    state: Moving,
    templates: Iterable[Template],
    now_ms: int,
    seed: str,
    *,
    attempt: int,
    sources: Mapping[str, Any],
) -> dict[str, Any]:
    """The same names as a JSON value for an executor: only what the expressions read.

    Values kept by reference stay references. `sources` are the outputs of the
    steps that led to the node.
    """
    refs = {ref for template in templates for ref in template.refs}
    scope = run_scope(state, now_ms, seed, attempt=attempt)
    roots: dict[str, Any] = {}
    # Sorted, so that deciding again writes the same bytes.
    for name in sorted({ref[0] for ref in refs} & set(scope.roots)):
        roots[name] = _carried_steps(state, refs) if name == "steps" else _shown(scope.roots[name])
    return {
        "roots": roots,
        "now": times.from_ms(now_ms),
        "seed": scope.seed,
        "sources": {path: _shown(value) for path, value in sources.items()},
    }


def _carried_steps(state: Moving, refs: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    named = sorted({ref[1] for ref in refs if ref[0] == "steps" and len(ref) > 1})
    everything = any(ref == ("steps",) for ref in refs)
    return {
        path: _shown(step.output)
        for path in (sorted(state.steps) if everything else named)
        if (step := state.steps.get(path)) is not None and step.status in {"succeeded", "caught"}
    }


def _shown(value: Any) -> Any:
    if isinstance(value, Blob):
        return value.show()
    if isinstance(value, Mapping):
        return {key: _shown(item) for key, item in value.items()}
    return value
