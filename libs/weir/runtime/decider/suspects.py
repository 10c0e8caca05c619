"""Finding the run that kills its owner (log-protocol P9).

A run whose decision brings the process down would bring down every owner after
it. So an owner that has just taken a shard writes down which runs it is about
to decide before it does, in large groups; runs that were written down when the
owner before died go one by one; a run that was being decided at three deaths
is not decided again. In calm times nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from weir.contract import subjects
from weir.contract.errors import WeirError
from weir.ports.log import Append, Log
from weir.runtime.decider.turn import Hot
from weir.runtime.decider.turns import Turns

DEATHS = 3
GROUP = 500


class QuarantinedError(WeirError):
    """Deciding this run was followed by the death of the process, again and again."""

    code = "RUN_QUARANTINED"
    status = 500


async def decide_carefully(log: Log, shard: int, turns: Turns, runs: Sequence[Hot]) -> None:
    """Have the runs of a shard just taken over decided, suspicious ones alone."""
    subject = subjects.suspects(shard)
    last = await log.last(subject)
    mark: dict[str, Any] = {"owner": "", "runs": {}}
    if last is not None:
        mark = orjson.loads(last.data)
    before: Mapping[str, int] = mark["runs"]
    died = 1 if mark["owner"] != turns.owner else 0  # whoever wrote it and lives did not die of it
    suspicious: list[Hot] = []
    calm: list[Hot] = []
    for run in runs:
        (suspicious if run.key.run_id in before else calm).append(run)
    groups = [calm[at : at + GROUP] for at in range(0, len(calm), GROUP)]
    groups += [[run] for run in suspicious]
    written = bool(before)
    for group in groups:
        ids = [run.key.run_id for run in group]
        deaths = {run_id: before[run_id] + died if run_id in before else 0 for run_id in ids}
        doomed = [run for run in group if deaths[run.key.run_id] >= DEATHS]
        for run in doomed:
            turns.park(run, QuarantinedError("the owner died each time it decided this run"))
        todo = [run for run in group if run not in doomed and turns.asks(run)]
        if todo:
            await _write(log, subject, turns, {r.key.run_id: deaths[r.key.run_id] for r in todo})
            written = True
        for run in group:
            turns.touch(run)  # also those that only wait: their alarms must be set
        await turns.decided(todo)
    if written:
        await _write(log, subject, turns, {})


async def _write(log: Log, subject: str, turns: Turns, deaths: Mapping[str, int]) -> None:
    fence = turns.lease.fence
    await log.append(
        Append(
            subject,
            orjson.dumps({"owner": turns.owner, "runs": deaths}),
            expect=fence.seq,
            expect_on=fence.subject,
            rollup=True,
        )
    )
