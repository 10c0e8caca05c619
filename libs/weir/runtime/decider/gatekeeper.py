"""The limits that a shard's runs wait for: asked on their behalf, and told when they have ended.

A run's log says that it waits before its limit is asked (P6). An ask is the same
however often it is sent. The end of a run is told to each limit that it ever
asked; what is lost with a process is told again by whoever finds the run ended
as it takes the shard over, and the limit's owner looks for itself besides.
"""

from __future__ import annotations

from weir.contract import subjects, times
from weir.contract.codec import encode
from weir.contract.messages import LimitEvent, LimitMessage, SlotAsked, SlotReturned
from weir.contract.subjects import RunKey
from weir.core.gates import open_gate
from weir.core.state import RunState
from weir.ports.clock import Clock
from weir.ports.log import Append
from weir.runtime.decider.courier import Courier

RECENT_MS = 600_000  # ends that a new owner tells again


class Gatekeeper:
    """Speaks to limits for the runs of one shard."""

    def __init__(self, courier: Courier, clock: Clock, shards: int) -> None:
        self._courier = courier
        self._clock = clock
        self._shards = shards
        self._asked: dict[str, str] = {}  # run -> the limit that was asked last

    def look(self, key: RunKey, state: RunState) -> None:
        """Ask the limit that the run waits for, if it was not asked under this lease."""
        gate = open_gate(state)
        if gate is None or self._asked.get(key.run_id) == gate.limit_id:
            return
        self._asked[key.run_id] = gate.limit_id
        ask = SlotAsked(
            run_id=key.run_id,
            limit=gate.limit,
            policy=gate.policy,
            priority=gate.priority,
            for_ms=gate.for_ms,
            key=gate.key,
        )
        self._tell(key, gate.limit_id, subjects.ask_fact(key.run_id), LimitEvent.of(ask), 0)

    def ended(self, key: RunKey, state: RunState) -> None:
        """The run has ended: whatever it holds is free."""
        self._asked.pop(key.run_id, None)
        for gate in state.nest.gates:
            back = LimitEvent.of(SlotReturned(run_id=key.run_id))
            self._tell(key, gate.limit_id, subjects.return_fact(key.run_id), back, None)

    def found_ended(self, key: RunKey, state: RunState) -> None:
        """The run was found ended at takeover: perhaps nobody told its limits."""
        if state.nest.gates and self._clock.now_ms() - state.ended_ms < RECENT_MS:
            self.ended(key, state)

    def _tell(
        self, key: RunKey, limit_id: str, fact: str, event: LimitEvent, expect: int | None
    ) -> None:
        limit = subjects.limit_key(key.tenant, limit_id, self._shards)
        message = LimitMessage(
            id=self._clock.new_id("evt"),
            tenant=key.tenant,
            limit_id=limit_id,
            at=times.from_ms(self._clock.now_ms()),
            events=(event,),
        )
        self._courier.tell(Append(limit.fact(fact), encode(message), expect=expect))
