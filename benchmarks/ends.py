"""When runs ended, as the log of runs has it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from benchmarks.workloads import WrongAnswerError
from weir.adapters.jetstream.log import JetStreamLog
from weir.contract.subjects import run_key
from weir.runtime.first_key import TENANT


async def ends_of(log: JetStreamLog, runs: Iterable[str], patience_s: float) -> dict[str, int]:
    """The broker's time in ms of each end; WrongAnswerError for one that ended twice or not."""
    left = {run_key(TENANT, run_id).events: run_id for run_id in runs}
    count = len(left)
    ends: dict[str, int] = {}
    following = log.follow("run.*.*.*.ev")
    try:
        async with asyncio.timeout(patience_s):
            async for batch in following:
                for message in batch:
                    run_id = left.get(message.subject)
                    if run_id is not None and b'"run_succeeded"' in message.data:
                        if run_id in ends:
                            raise WrongAnswerError(f"{run_id} ended twice")
                        ends[run_id] = message.at_ms
                if len(ends) == count:
                    break
    except TimeoutError:
        raise WrongAnswerError(f"{count - len(ends)} runs have not succeeded") from None
    finally:
        await following.close()
    return ends
