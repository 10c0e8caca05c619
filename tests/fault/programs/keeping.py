"""The tally of all runs of the random programs, added up in a file."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from tests.fault.programs.judging import Tally

FILE = Path(__file__).with_name("tally.json")


def kept() -> list[dict[str, Any]]:
    """One entry per run."""
    entries: list[dict[str, Any]] = orjson.loads(FILE.read_bytes()) if FILE.exists() else []
    return entries


def keep(seed: int, replicas: int, tally: Tally, killed: Sequence[str]) -> str:
    """Add a run; what all of them come to."""
    entry = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "seed": seed,
        "nats_nodes": replicas,
        "programs": tally.programs,
        "runs": tally.runs,
        "effects": tally.effects,
        "repeated": tally.repeated,
        "most": tally.most,
        "stuck": tally.stuck,
        "wrong": len(tally.wrong),
        "kills": len([name for name in killed if not name.startswith("nats")]),
        "nats_kills": len([name for name in killed if name.startswith("nats")]),
    }
    FILE.write_bytes(orjson.dumps([*kept(), entry], option=orjson.OPT_INDENT_2) + b"\n")
    return told()


def told() -> str:
    """All runs in a sentence; empty if there are none."""
    entries = kept()
    if not entries:
        return ""
    names = ("programs", "runs", "effects", "repeated", "stuck", "wrong", "kills", "nats_kills")
    sums = {name: sum(entry[name] for entry in entries) for name in names}
    most = max(entry["most"] for entry in entries)
    return (
        f"{sums['programs']:,} programs in {len(entries)} runs of it ({sums['runs']:,} runs with "
        f"those they call, {sums['effects']:,} effects), {sums['kills']} processes and "
        f"{sums['nats_kills']} NATS servers killed: {sums['wrong']} differences from the model, "
        f"{sums['stuck']} stuck, {sums['repeated']} effects repeated before their result "
        f"(at most {most} per key)"
    )
