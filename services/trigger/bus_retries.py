"""An event that could start no run, tried once more: because somebody has mended what was wrong."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping

from services.trigger.bus_events import Subscription, read
from services.trigger.bus_taking import Taking
from weir.contract import subjects, times
from weir.contract.errors import LetterNotRetryableError
from weir.contract.messages import EventRefused, RegistryRecord, SubscriptionSaved
from weir.ports.clock import Clock
from weir.ports.letters import DeadRow
from weir.ports.log import Log, Stored
from weir.runtime.access import Principal
from weir.runtime.plans import Plans
from weir.runtime.records import Records


class EventRetries:
    """Starts the run that an event of a letter would have started, in the current version."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a start touches
        self,
        records: Records[RegistryRecord],
        bus: Log,
        plans: Plans,
        taking: Taking,
        clock: Clock,
        env: Mapping[str, str],
    ) -> None:
        self._records = records
        self._bus = bus
        self._plans = plans
        self._taking = taking
        self._clock = clock
        self._env = env

    async def again(self, dead: DeadRow, who: Principal) -> str:
        """The run; raises what still stands against it: then the letter stays open."""
        entry = await self._records.get(subjects.refused_event(dead.tenant, dead.letter_id))
        refused = entry.record.event_refused if entry else None
        if refused is None:
            raise _cannot(dead, "its event is gone")
        plan = await self._plans.current(dead.tenant, refused.workflow_id)
        if refused.node not in plan.subscriptions:
            raise _cannot(dead, "the current version has no such trigger")
        stored = await self._bus.get(int(refused.sequence))
        if stored is None or stored.subject != subjects.event(dead.tenant, refused.subject):
            stored = _kept(dead.tenant, refused)
        of = Subscription(
            dead.tenant,
            SubscriptionSaved(
                subscription_id=refused.subscription_id,
                workflow_id=refused.workflow_id,
                node=refused.node,
                generation=refused.generation,
            ),
        )
        one = read(of, plan, stored, self._env, self._clock.now_ms())
        if one.dropped:
            raise _cannot(dead, "the filter leaves it out now")
        return (await self._taking.again(of, plan, one, who)).key.run_id


def _kept(tenant: str, refused: EventRefused) -> Stored:
    """The event as the letter has it, once the bus does not keep it any more."""
    return Stored(
        int(refused.sequence),
        subjects.event(tenant, refused.subject),
        b64decode(refused.data) if refused.base64 else refused.data.encode(),
        times.to_ms(refused.stored_at),
        dict(refused.headers),
    )


def _cannot(dead: DeadRow, why: str) -> LetterNotRetryableError:
    return LetterNotRetryableError(
        f"The event of the letter {dead.letter_id} starts nothing: {why}. Discard the letter, or "
        "publish what was meant anew.",
        details={"letter_id": dead.letter_id},
    )
