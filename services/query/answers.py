"""What somebody says on a socket to a step that waits, sent on to the service that it is for.

What the step waits for is read from the run's log; whether it still does, and
whether this is an answer to it, is asked where the same answer over HTTP would
be. So a repetition is one answer also when the run has gone on meanwhile.
"""

from __future__ import annotations

from typing import Any

from services.query.known import KnownRuns, unknown
from weir.contract.errors import StepNotWaitingError
from weir.contract.messages import WaitStarted
from weir.contract.subjects import RunKey
from weir.core.runlog import Transition
from weir.core.state import Moving, RunState
from weir.runtime.http.call import Call
from weir.runtime.http.relay import Answered, Relay
from weir.runtime.states import States


class Answers:
    """Sends them."""

    def __init__(self, relay: Relay, known: KnownRuns, states: States) -> None:
        self._relay = relay
        self._known = known
        self._states = states

    async def send(
        self, call: Call, key: RunKey, step: str, given: Any, answer_id: str
    ) -> Answered:
        """What became of it.

        Raises RunNotFoundError, ForbiddenError, StepNotWaitingError, AnswerTimeoutError,
        UnavailableError.
        """
        await self._known.admit(call, key)
        kind, _, name = (await self._asked(key, step)).partition(":")
        what, segments, body = "", {"run_id": key.run_id}, given
        if kind == "signal":
            what, body = "signal", {"name": name, "payload": given, "step": step}
        elif kind == "ask":
            what, segments = "decision", {**segments, "step": step}
        elif kind == "approval":
            what, segments = "approval", {"approval_id": name}
        else:
            raise StepNotWaitingError(
                f"The step {step[:80]!r} of {key.run_id} waits for nobody's answer. Look at "
                "`waits_for` of the run.",
                details={"step": step[:80], "status": None},
            )
        return await self._relay.ask(call, what, segments, body, answer_id)

    async def _asked(self, key: RunKey, step: str) -> str:
        """What the step waited for last; empty if never for anything."""
        found = ""

        def watch(_: Moving | RunState, transition: Transition) -> None:
            nonlocal found
            event = transition.event
            if event.step == step and isinstance(event.kind, WaitStarted):
                found = event.kind.what

        run = await self._states.read(key, watch)
        if run.state is None:
            raise unknown(key)
        return found
