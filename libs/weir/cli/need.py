"""`weir need`: how much of each program a load needs, by what was measured of a run's parts.

A model, not a promise. It multiplies what `python -m benchmarks.costs` found a
run, an inline step and a task to cost each program at full load on one machine
(`COSTS`), by the load at its busiest; docs/explanation/scaling.md says what it
assumes. It knows nothing of what nodes do themselves: calls, models, queries.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from weir.cli.exits import Code
from weir.cli.output import console, table, tell

DAY_S = 86_400.0
GB = 1e9
MB = 1e6


class Cost(NamedTuple):
    """Microseconds of one core, or bytes: of a run, of each inline step, of each task."""

    run: float
    step: float
    task: float

    def of(self, steps: float, tasks: float) -> float:
        """Of a run with so many."""
        return self.run + steps * self.step + tasks * self.task


# From `python -m benchmarks.costs`, kill-safe, two cores, one NATS node.
COSTS: Mapping[str, Cost] = {
    "trigger": Cost(173, 2, 8),
    "scheduler": Cost(175, 25, 218),
    "query": Cost(127, 11, 128),
    "executor": Cost(0, 0, 136),
    "nats": Cost(84, 1, 113),
    "postgres": Cost(25, 5, 19),
}
ARCHIVING = {"query": 390.0, "nats": 47.0, "postgres": 38.0}  # of a run, in the same microseconds
LOG = Cost(1_530, 48, 1_590)  # bytes in the broker, of one replica
VIEWS = Cost(1_330, 182, 493)  # bytes of rows and indexes
ARCHIVE = Cost(700, 50, 700)  # bytes in the object store, compressed
BASE_MB = {
    "trigger": 95,
    "scheduler": 95,
    "query": 110,
    "executor": 95,
    "nats": 60,
    "postgres": 120,
}
OPEN_RUN_BYTES = 20_000.0  # of a run that goes on, in the memory of its scheduler
# In the memory of each NATS node, which knows every subject: of a run that is in the log, and of
# the tombstone that it leaves there, which lies on disk too.
HOT_RUN_BYTES, TOMBSTONE_BYTES, TOMBSTONE_LOG_BYTES = 1_200.0, 470.0, 450.0
# Three nodes: each stores every message; beside that they agree, which the leader pays.
REPLICATION = 1.3
STREAM_PER_S = 27_000  # messages that one replicated stream was seen to take, one by one
MESSAGES = Cost(2, 0, 2)  # that a run, a step, a task store
SHARDS = (32, 64, 128, 256)
SHARDS_EACH = 8  # of a scheduler, so that load spreads evenly when one is lost
FULL = 0.8
TOMBSTONES_GB = 8.0
PROGRAMS = ("trigger", "scheduler", "executor", "query", "nats", "postgres")


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked for. Runs a second are those of the busiest minute."""

    runs_per_s: float
    steps: float
    tasks: float
    payload_bytes: float
    """Of a run's input and of all outputs of its steps together."""
    lasts_s: float
    hot_s: float
    remembered_s: float
    """How long the id of a start is known: `idempotency_horizon`."""
    keep_days: float
    mean_per_s: float
    replicas: int
    use: float
    """The share of a core that may be busy at the busiest."""


@dataclass(frozen=True, slots=True)
class Part:
    """One program: how many processes of it, and what all of them need together."""

    name: str
    processes: int
    cores: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Need:
    """What a load needs; `notes` say where the model ends."""

    parts: tuple[Part, ...]
    shards: int
    log_gb: float
    views_gb: float
    archive_gb: float
    notes: tuple[str, ...]


def need(load: Load) -> Need:
    """What this load needs."""
    parts = tuple(_part(name, load) for name in PROGRAMS)
    schedulers = next(part.processes for part in parts if part.name == "scheduler")
    shards = next((one for one in SHARDS if one >= schedulers * SHARDS_EACH), SHARDS[-1])
    kept = load.mean_per_s * DAY_S * load.keep_days

    def stored(cost: Cost) -> float:
        return cost.of(load.steps, load.tasks) + load.payload_bytes

    log = _hot(load) * stored(LOG) + _tombstones(load) * TOMBSTONE_LOG_BYTES
    return Need(
        parts=parts,
        shards=shards,
        log_gb=log * load.replicas / GB,
        views_gb=kept * stored(VIEWS) / GB,
        archive_gb=kept * stored(ARCHIVE) / GB,
        notes=tuple(_notes(load, schedulers)),
    )


def _part(name: str, load: Load) -> Part:
    busy = load.runs_per_s * COSTS[name].of(load.steps, load.tasks) / 1e6
    busy += load.mean_per_s * ARCHIVING.get(name, 0.0) / 1e6
    nodes = load.replicas if name == "nats" else 1
    if name == "nats" and nodes > 1:
        busy *= nodes * REPLICATION
    cores = busy / load.use
    if name == "nats":
        count = nodes
    elif name == "postgres":
        count = 1
    else:
        # One more than the load needs: a process that is lost must not be missed.
        count = max(1, math.ceil(cores)) + 1
    memory = float(count * BASE_MB[name])
    if name == "scheduler":
        memory += load.runs_per_s * load.lasts_s * OPEN_RUN_BYTES / MB
    if name == "nats":
        memory += nodes * (_hot(load) * HOT_RUN_BYTES + _tombstones(load) * TOMBSTONE_BYTES) / MB
    return Part(name, count, round(cores, 2), round(memory))


def _hot(load: Load) -> float:
    """Runs that are in the log at a time."""
    return load.mean_per_s * (load.lasts_s + load.hot_s)


def _tombstones(load: Load) -> float:
    return load.mean_per_s * max(0.0, load.remembered_s - load.hot_s)


def _notes(load: Load, schedulers: int) -> list[str]:
    found = []
    messages = load.runs_per_s * MESSAGES.of(load.steps, load.tasks)
    if messages > STREAM_PER_S:
        found.append(
            f"{messages:,.0f} messages a second are more than the {STREAM_PER_S:,} that one "
            "replicated stream was seen to take: measure on your disks, or run two installations"
        )
    if schedulers * SHARDS_EACH > SHARDS[-1]:
        found.append(f"{schedulers} schedulers share {SHARDS[-1]} shards, fewer than each should")
    remembered_gb = _tombstones(load) * TOMBSTONE_BYTES / GB
    if remembered_gb > TOMBSTONES_GB:
        found.append(
            f"what is remembered of ended runs takes {remembered_gb:,.0f} GB of each NATS node's "
            "memory: a shorter idempotency_horizon takes less"
        )
    if load.use > FULL:
        found.append("over 80 % of a core leaves no room to catch up after a process was lost")
    return found


def show(load: Load, *, as_json: bool) -> Code:
    """Print what it needs."""
    found = need(load)
    if as_json:
        tell(
            {
                "runs_per_s": load.runs_per_s,
                "parts": [
                    {
                        "name": part.name,
                        "processes": part.processes,
                        "cores": part.cores,
                        "memory_mb": part.memory_mb,
                    }
                    for part in found.parts
                ],
                "shards": found.shards,
                "log_gb": round(found.log_gb, 2),
                "views_gb": round(found.views_gb, 2),
                "archive_gb": round(found.archive_gb, 2),
                "notes": list(found.notes),
            }
        )
        return Code.OK
    out = console()
    out.print(f"{load.runs_per_s:,.1f} runs a second at the busiest")
    rows = [
        [part.name, str(part.processes), f"{part.cores:.2f}", f"{part.memory_mb:,.0f}"]
        for part in found.parts
    ]
    out.print(table(("", "processes", "cores", "memory, MB"), rows))
    out.print(f"shards: {found.shards}")
    out.print(f"broker's log: {found.log_gb:,.1f} GB over {load.replicas} nodes")
    out.print(f"views in Postgres: {found.views_gb:,.1f} GB; archive: {found.archive_gb:,.1f} GB")
    for note in found.notes:
        out.print(f"note: {note}")
    return Code.OK
