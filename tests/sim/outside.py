"""People and other systems around a simulated run: they send signals, decide, pause and cancel.

What a run waits for is given to it once; whoever tells the run something asks
again until the log has it, under the same id.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from tests.sim.nested import answer
from weir.contract import subjects
from weir.contract.errors import ConflictError, WeirError
from weir.contract.messages import (
    CancelRequested,
    Event,
    PauseRequested,
    ResumeRequested,
    SignalReceived,
    StepDecided,
)
from weir.core.runlog import RunLog
from weir.core.state import ENDED, RunState

Tell = Callable[[str, Event], Awaitable[None]]


@dataclass
class Outside:
    """Everything that happens to one run from outside. `tell` stores a fact, `read` the run."""

    random: Random
    tell: Tell
    read: Callable[[], Awaitable[RunLog]]
    cancels: bool
    is_calm: Callable[[], bool]
    counts: Counter[str]
    told: set[str] = field(default_factory=set)
    signals: int = 0

    async def act(self) -> None:
        """Until the run has ended."""
        early = self.random.choice((0, 0, 1, 2))
        for _ in range(early):
            await asyncio.sleep(self.random.random() * 5)
            await self.signal(self.random.choice(("paid", "sent")))
        while True:
            await asyncio.sleep(0.5 + self.random.random() * 3)
            state = (await self.read()).tentative
            if state is None:
                continue
            if state.status in ENDED:
                return
            await self.answer(state)
            if not self.is_calm():
                await self.meddle()

    async def answer(self, state: RunState) -> None:
        """What it waits for, once for every wait."""
        for path, step in sorted(state.steps.items()):
            wait = f"{path} {step.attempt} {step.waits}"
            if not step.waits or step.answer is not None or wait in self.told:
                continue
            kind, _, name = step.waits.partition(":")
            self.told.add(wait)
            if kind == "signal":
                await self.signal(name)
            elif kind == "ask":
                said = StepDecided(
                    request_id=f"req_{len(self.told)}", decision=answer(path), output=7
                )
                fact = subjects.decision_fact(path, said.request_id)
                await self.tell(fact, Event.of(said, step=path))
                self.counts["decision"] += 1

    async def signal(self, name: str) -> None:
        """One more; its id is in its payload."""
        self.signals += 1
        signal_id = f"sig_{self.signals}"
        payload = {"told": name, "id": signal_id}
        told = SignalReceived(signal_id=signal_id, name=name, payload=payload)
        await self.tell(subjects.signal_fact(signal_id), Event.of(told))
        self.counts["signal"] += 1

    async def meddle(self) -> None:
        """Pause for a while, or end it."""
        chance = self.random.random()
        number = len(self.told) + self.counts["pause"]
        if chance < 0.1:
            self.counts["pause"] += 1
            pause = PauseRequested(request_id=f"req_p{number}", reason="wait")
            await self.tell(subjects.pause_fact(pause.request_id), Event.of(pause))
            await asyncio.sleep(self.random.random() * 8)
            resume = ResumeRequested(request_id=f"req_r{number}")
            await self.tell(subjects.resume_fact(resume.request_id), Event.of(resume))
        elif chance < 0.2 and self.cancels:
            self.counts["cancel"] += 1
            cancel = CancelRequested(
                request_id=f"req_c{number}", terminate=self.random.random() < 0.2
            )
            await self.tell(subjects.cancel_fact(cancel.request_id), Event.of(cancel))


async def insist(append: Callable[[], Awaitable[int]]) -> None:
    """Append until the log has it."""
    while True:
        try:
            await append()
        except ConflictError:
            return  # it was there
        except WeirError:
            continue
        return


async def put_back(state: RunState, tell: Tell, counts: Counter[str]) -> None:
    """An operator: a run that was set aside, since its owner had died thrice, goes on."""
    if state.paused is None or state.paused.error is None:
        return
    resume = ResumeRequested(request_id=f"req_o{state.turn}", requested_by="operator")
    await tell(subjects.resume_fact(resume.request_id), Event.of(resume))
    counts["quarantined runs resumed"] += 1
