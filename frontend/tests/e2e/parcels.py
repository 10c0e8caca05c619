"""A worker for the tests of the run view: one task that does what its input asks for."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from weir.sdk import Retryable, TaskContext, Terminal, Worker, task

ROW = 100
_tried: dict[str, int] = {}


@task("parcel", queue="parcels")
async def parcel(order: Any, ctx: TaskContext) -> Any:
    """Take `ms`, write `lines`, fail `fails` times or for good as `broken`, give `bytes`."""
    lines = order.get("lines", 2)
    for number in range(lines):
        text = f"parcel {order.get('id', 0)}, line {number}"
        ctx.log.info(text, order=order.get("id", 0))
        await asyncio.sleep(order.get("ms", 20) / 1000 / lines)
    tried = _tried[ctx.idempotency_key] = _tried.get(ctx.idempotency_key, 0) + 1
    if tried <= order.get("fails", 0):
        raise Retryable("The carrier answered 503.")
    if order.get("broken"):
        raise Terminal(f"No carrier delivers to {order['broken']}.")
    if size := order.get("bytes"):
        return [{"row": n, "text": "x" * (ROW - 24)} for n in range(size // ROW)]
    return {"label": f"L-{order.get('id', 0)}", "zone": 3}


def main(directory: Path) -> None:
    """Serve the embedded platform whose data lies here."""
    ports = json.loads((directory / "ports.json").read_text())
    Worker(
        f"nats://127.0.0.1:{ports['nats']}",
        credentials=str(directory / "nats" / "seeds" / "worker.seed"),
        tasks=[parcel],
        capacity=16,
        blob_dir=str(directory / "blobs"),
    ).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
