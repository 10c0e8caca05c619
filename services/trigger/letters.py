"""Dealing with dead letters: do the work again, or give it up.

What is done comes first, under an id that follows from the letter and its
failure; then the registry has a record of who did it and why. Killed between,
the letter is still open, and doing it again starts nothing twice. The record
counts for the failure it names: what fails once more is a letter again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from services.trigger import letter_models as models
from services.trigger.bus_retries import EventRetries
from services.trigger.forks import Forks
from services.trigger.many import each
from services.trigger.models import Many
from services.trigger.wishes import Wish, Wishes
from weir.contract import ids, subjects, times
from weir.contract.errors import (
    LetterNotOpenError,
    LetterNotRetryableError,
    StepNotWaitingError,
    UnavailableError,
)
from weir.contract.messages import (
    DeadLetterHandled,
    RegistryRecord,
    ResumeRequested,
    StepDecided,
)
from weir.contract.subjects import RunKey
from weir.ports.clock import Clock
from weir.ports.letters import DeadRow, Letter
from weir.ports.views import Views
from weir.runtime.http.asked import readable
from weir.runtime.http.asked_letters import letter_id, letter_query, no_letter
from weir.runtime.http.call import Call, Reply
from weir.runtime.policy import Guard
from weir.runtime.records import Records

_SET_ASIDE = frozenset({"parked", "quarantined"})

Do = Callable[[Letter], Awaitable[dict[str, Any]]]


class DeadLetters:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - what dealing with a letter touches
        self,
        guard: Guard,
        views: Views | None,
        records: Records[RegistryRecord],
        wishes: Wishes,
        forks: Forks,
        events: EventRetries,
        clock: Clock,
        shards: int,
    ) -> None:
        self._guard = guard
        self._views = views
        self._records = records
        self._wishes = wishes
        self._forks = forks
        self._events = events
        self._clock = clock
        self._shards = shards

    async def retry(self, call: Call) -> Reply:
        """POST /dead-letters/{letter_id}/retry."""
        asked = await call.model(models.RetryLetter, optional=True)
        told = await self._again(call, await self._letter(call), asked)
        return Reply(told, status=HTTPStatus.ACCEPTED)

    async def discard(self, call: Call) -> Reply:
        """POST /dead-letters/{letter_id}/discard."""
        asked = await call.model(models.DiscardLetter)
        return Reply(await self._give_up(call, await self._letter(call), asked.reason))

    async def retry_many(self, call: Call) -> Reply:
        """POST /dead-letters:retry."""
        asked = await call.model(models.RetryLetters, optional=True)
        return await self._each(call, asked, lambda letter: self._again(call, letter, asked))

    async def discard_many(self, call: Call) -> Reply:
        """POST /dead-letters:discard."""
        asked = await call.model(models.DiscardLetters)
        return await self._each(
            call, asked, lambda letter: self._give_up(call, letter, asked.reason)
        )

    # -- one letter --

    async def _again(self, call: Call, letter: Letter, asked: models.RetryLetter) -> dict[str, Any]:
        dead, handled = letter.dead, letter.handled
        if handled is not None and handled.action == "retried":
            return _dealt(dead, "retried", handled.new_run_id, handled.seq)
        _must_be_open(letter)
        if dead.reason == "unreadable":
            raise LetterNotRetryableError(
                f"The letter {dead.letter_id} is a message that cannot be read, so nobody knows "
                "what it wanted: look at its payload, send what was meant anew, and discard it.",
                details={"letter_id": dead.letter_id},
            )
        if dead.reason == "event":
            new_run = await self._events.again(dead, call.principal)
            return await self._record(call, dead, "retried", asked.reason, new_run)
        key = subjects.run_key(call.tenant, dead.run_id, self._shards)
        new_run = await self._done_again(call, key, dead, asked.version)
        return await self._record(call, dead, "retried", asked.reason, new_run)

    async def _done_again(self, call: Call, key: RunKey, dead: DeadRow, version: str) -> str:
        """Have the work done; the new run's id, empty if the old one goes on."""
        once = ids.derived("req", dead.letter_id, str(dead.failed_seq))
        who = call.principal.id
        if dead.reason in _SET_ASIDE:
            resume = ResumeRequested(request_id=once, requested_by=who)
            await self._wishes.record(call, key, Wish(subjects.resume_fact(once), resume))
            return ""
        if dead.path and await self._wishes.goes_on(call, key):
            decided = StepDecided(request_id=once, decision="retry", decided_by=who)
            wish = Wish(subjects.decision_fact(dead.path, once), decided, dead.path)
            try:
                await self._wishes.record(call, key, wish)
            except StepNotWaitingError:
                pass  # the run went on without it
            else:
                return ""
        reply = await self._forks.resumed(call, key, dead.path, version, once=once)
        return str(reply.value["run_id"])

    async def _give_up(self, call: Call, letter: Letter, reason: str) -> dict[str, Any]:
        dead, handled = letter.dead, letter.handled
        if handled is not None and handled.action == "discarded":
            return _dealt(dead, "discarded", "", handled.seq)
        _must_be_open(letter)
        await self._guard.steer(call.principal, dead.workflow_id, "", "discard")
        return await self._record(call, dead, "discarded", reason, "")

    async def _record(
        self, call: Call, dead: DeadRow, action: str, reason: str, new_run: str
    ) -> dict[str, Any]:
        handled = DeadLetterHandled(
            letter_id=dead.letter_id,
            action=action,
            reason=reason,
            through=str(dead.failed_seq),
            new_run_id=new_run,
        )
        record = RegistryRecord(
            id=self._clock.new_id("rec"),
            tenant=call.tenant,
            at=times.from_ms(self._clock.now_ms()),
            by=call.principal.id,
            dead_letter_handled=handled,
        )
        subject = subjects.dead_letter(call.tenant, dead.letter_id)
        revision = await self._records.put(subject, record)
        return _dealt(dead, action, new_run, revision)

    async def _letter(self, call: Call) -> Letter:
        asked = letter_id(call)
        found = await self._read().letter(call.tenant, asked)
        if found is None:
            raise no_letter(asked)
        call.require(call.route.permission, found.dead.project, lambda: no_letter(asked))
        return found

    def _read(self) -> Views:
        if self._views is None:
            raise UnavailableError(
                "This process reads no views, so it cannot tell which letters are meant: set "
                "WEIR_POSTGRES_DSN for the trigger."
            )
        return self._views

    # -- many --

    async def _each(self, call: Call, asked: Many, do: Do) -> Reply:
        readable(call)
        query = letter_query(call, limit=asked.limit + 1)
        found = await self._read().letters(call.tenant, query)
        return await each(call, asked, found, lambda letter: {"id": letter.dead.letter_id}, do)


def _must_be_open(letter: Letter) -> None:
    if letter.status != "open":
        raise LetterNotOpenError(
            f"The letter {letter.dead.letter_id} is {letter.status}: only open ones are dealt "
            "with; should it fail again, it is open again.",
            details={"letter_id": letter.dead.letter_id, "status": letter.status},
        )


def _dealt(dead: DeadRow, action: str, new_run: str, revision: int) -> dict[str, Any]:
    return {
        "id": dead.letter_id,
        "action": action,
        "new_run_id": new_run or None,
        "revision": str(revision),
    }
