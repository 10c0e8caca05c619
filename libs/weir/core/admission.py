"""Letting a run begin: whether it has passed its limits, and what it comes to if it may not."""

from __future__ import annotations

from weir.contract.messages import Error, RunCancelled, RunFailed, SlotAwaited
from weir.core.gates import limit_id
from weir.core.graph import Wish
from weir.core.scope import Viewed
from weir.core.state import Gate
from weir.core.turn import HEAVY, Turn

KEY_CHARS = 512


def admitted(turn: Turn) -> bool:
    """Whether the run may take its steps. If not, it waits from now on, or has ended."""
    gates = {gate.kind: gate for gate in turn.run.nest.gates}
    order = gates.get("order")
    if order is not None and order.verdict != "granted":
        if not order.priority:
            _wait_for_turn(turn, order)
        return False
    for wish in turn.graph.gates:
        gate = gates.get(wish.kind)
        if gate is None:
            _wait(turn, wish)
            return False
        if gate.verdict != "granted":
            if gate.verdict:
                _refused(turn, gate)
            return False
    return True


def _wait_for_turn(turn: Turn, gate: Gate) -> None:
    turn.record(
        SlotAwaited(
            gate=gate.kind,
            limit_id=gate.limit_id,
            key=gate.key,
            limit=gate.limit,
            policy=gate.policy,
            priority="normal",  # whatever the version says: a higher one would pass others by
        )
    )


def _wait(turn: Turn, wish: Wish) -> None:
    key = turn.try_evaluate(wish.key, Viewed(""))
    if isinstance(key, Error):
        turn.record(RunFailed(error=key))
        return
    if key is HEAVY or key is None or isinstance(key, dict | list) or len(str(key)) > KEY_CHARS:
        message = (
            f"the key of settings.{wish.kind} must be a text or a number of at most {KEY_CHARS}"
            " characters that is quickly evaluated: take a field of the input"
        )
        turn.record(RunFailed(error=Error(code="LIMIT_KEY_INVALID", message=message)))
        return
    start, text = turn.run.start, str(key)
    scope = (start.workflow_id, text) if wish.kind == "debounce" else (text,)
    turn.record(
        SlotAwaited(
            gate=wish.kind,
            limit_id=limit_id(start.tenant, wish.kind, *scope),
            key=text,
            limit=wish.limit,
            policy=wish.policy,
            for_ms=wish.for_ms,
            priority=start.priority or turn.graph.priority,
        )
    )


def _refused(turn: Turn, gate: Gate) -> None:
    if gate.verdict == "replaced":
        reason = f"a later start took its place: {gate.by}"
        turn.record(RunCancelled(reason=reason, requested_by=gate.limit_id))
        return
    message = (
        f"{gate.limit} runs with the key {gate.key!r} are going on, and no more may: start it"
        " again later, or let settings.concurrency queue"
    )
    turn.record(RunFailed(error=Error(code="CONCURRENCY_LIMIT", message=message)))
