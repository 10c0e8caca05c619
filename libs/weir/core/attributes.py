"""What a run is found by: search attributes of its version, evaluated once as it begins.

They stand aside of the work: one whose expression fails, takes long or yields
no plain value is left out, and the run goes on.
"""

from __future__ import annotations

from weir.contract.messages import AttributesSet, Error
from weir.core.scope import Viewed
from weir.core.texts import as_text
from weir.core.turn import HEAVY, Turn


def wants_attributes(turn: Turn) -> bool:
    """Whether the version names attributes that this run does not have yet."""
    return bool(turn.graph.search) and not turn.run.nest.attributed


def set_attributes(turn: Turn) -> None:
    """Evaluate what the version names; recorded even if nothing came of it."""
    found = {}
    for name, template in turn.graph.search.items():
        value = turn.try_evaluate(template, Viewed(""))
        if value is HEAVY or isinstance(value, Error):
            continue
        text = as_text(value)
        if text:
            found[name] = text
    turn.record(AttributesSet(search=found))
