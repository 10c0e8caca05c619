"""A worker for the tests beside: its task marks in a file that it began and that it ended."""

from __future__ import annotations

import os
import time
from pathlib import Path

from pydantic import BaseModel

from weir.sdk import ThreadContext, Worker, task


class Mark(BaseModel):
    """What is marked, and whether to hang until somebody removes the stop sign."""

    name: str
    stop_sign: str = ""


@task("mark", queue="marks")
def mark(asked: Mark, ctx: ThreadContext) -> dict[str, str]:
    """One line when it begins and one when it ends."""
    _write(f"begin {asked.name} {ctx.idempotency_key}")
    while asked.stop_sign and Path(asked.stop_sign).exists():
        ctx.heartbeat()
        time.sleep(0.01)
    _write(f"end {asked.name} {ctx.idempotency_key}")
    ctx.log.info("marked", name=asked.name)
    return {"name": asked.name}


def _write(line: str) -> None:
    with Path(os.environ["MARKS"]).open("a") as file:
        file.write(f"{line}\n")


worker = Worker(tasks=[mark], capacity=4)
