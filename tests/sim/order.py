"""What would follow the order of hashes follows the alphabet: one seed gives one history."""

from __future__ import annotations

from weir.contract.subjects import RunKey
from weir.core.state import RunState
from weir.runtime.decider.children import Children

_look = Children.look


def in_order(children: Children, key: RunKey, state: RunState) -> None:
    """Runs are begun and cancelled by the paths of the steps that called them."""
    nest = state.nest._replace(leaving=dict(sorted(state.nest.leaving.items())))  # type: ignore[arg-type]
    steps = dict(sorted(state.steps.items()))
    _look(children, key, state._replace(steps=steps, nest=nest))  # type: ignore[arg-type]
