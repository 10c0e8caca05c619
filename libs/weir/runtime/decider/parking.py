"""What goes wrong with one run: it stands still alone, visibly if its log can still say so (P9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

from weir.contract.messages import Error
from weir.core.decide import Decision, fail_run, pause_run
from weir.core.state import RunState
from weir.runtime import metrics
from weir.runtime.decider.turn import Hot

logger = structlog.get_logger(__name__)

Make = Callable[[RunState, int], Decision]


class Parking:
    """The parked runs of one shard. `alone` appends what is made of a run, and only that."""

    def __init__(self, alone: Callable[[Hot, Make], None]) -> None:
        self._alone = alone
        self._open = False

    def open(self, runs: Iterable[Hot]) -> None:
        """The shard is read: from now on parked runs say so in their logs."""
        self._open = True
        for run in runs:
            self.say(run)

    def park(self, run: Hot, error: Exception) -> None:
        """The run stands still; the others go on."""
        logger.error("run parked", run_id=run.key.run_id, error=repr(error), exc_info=error)
        metrics.RUNS_PARKED.labels(type(error).__name__).inc()
        run.trouble = error
        self.say(run)

    def say(self, run: Hot) -> None:
        """Have it in the run's log that it is parked, if it is."""
        state, error = run.log.state, run.trouble
        if error is None or not self._open or (state is not None and state.paused is not None):
            return
        reason = Error(
            code="RUN_PARKED",
            message=f"deciding what comes next failed ({type(error).__name__}): the run stands"
            " still until an operator acts; nothing it has done is lost",
        )
        self._alone(run, lambda state, now: pause_run(state, reason, now))

    def give_up(self, run: Hot, code: str, why: str) -> None:
        """End a run that cannot go on."""
        error = Error(code=code, message=why)
        self._alone(run, lambda state, now: fail_run(state, error, now))
