"""What loops cost the core alone: `python -m benchmarks.core_loops`.

A loop over a long list in pages with a pure body, and a shorter one whose body
is a task, decided and folded by one process without a broker: seconds of a
core, events a second, peak memory of the state, size and time of a snapshot.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import orjson

from tests.unit.core.played import frozen as definition
from tests.unit.core.played import node
from weir.contract import times
from weir.contract.messages import Envelope, Event, RunStarted, TaskScheduled, TaskSucceeded
from weir.core.decide import decide
from weir.core.graph import compile_graph
from weir.core.run import begin, fold
from weir.core.snapshot import restore, take
from weir.core.state import ENDED, RunState

PAGE = 10_000
NOW = times.to_ms("2026-03-01T12:00:00.000Z")


def loop(body: dict[str, Any], concurrency: int) -> dict[str, Any]:
    """A run that is one loop."""
    each = node(
        "each",
        "for_each",
        {"items": "{{ range(0, input.n) }}", "concurrency": concurrency},
        kind="container",
        timeout_ms=0.0,
    )
    return definition([node("go", "manual"), each, {**body, "parent": "each"}], ["go>each"])


class Alone:
    """One run and its owner; tasks are done as soon as they are sent."""

    def __init__(self, frozen: dict[str, Any], count: int) -> None:
        self.graph = compile_graph(frozen, "ver_x")
        self.pages = {
            f"page{at}": list(range(at, min(at + PAGE, count))) for at in range(0, count, PAGE)
        }
        self.items = {
            "items": {
                "count": count,
                "pages": [{"first": int(k[4:]), "blob": {"key": k}} for k in self.pages],
            },
        }
        started = RunStarted(trigger_node="go", trigger_kind="manual", input={"n": count})
        first = Envelope(at=times.from_ms(NOW), run_id="run_1", events=(Event.of(started),))
        self.state = begin(first, started, self.graph)
        self.first = self.state
        self.stored: list[Event] = []
        self.most = 0

    def drive(self, *, keep: bool) -> Iterator[RunState]:
        """The states after each turn, to the end. `keep` the log for a fold afterwards."""
        while self.state.status not in ENDED:
            decision = decide(self.state, NOW, fetched=self.pages.get)
            self.state = decision.state
            for draft in decision.drafts:
                self.most += len(draft.events)
                done = [outcome for e in draft.events if (outcome := self.outcome(e)) is not None]
                self.most += len(done)
                self.state = fold(self.state, [(event, NOW) for event in done])
                if keep:
                    self.stored += [*draft.events, *done]
            yield self.state

    def outcome(self, event: Event) -> Event | None:
        """What comes of a task."""
        if not isinstance(event.kind, TaskScheduled):
            return None
        output: Any = 1
        if event.kind.node_type == "for_each":
            output = {**self.items, "concurrency": event.kind.config["concurrency"]}
        return Event.of(TaskSucceeded(output=output), step=event.step, attempt=event.attempt)


def measure(name: str, frozen: dict[str, Any], count: int) -> None:
    """Print one line."""
    run = Alone(frozen, count)
    gc.collect()
    began = time.process_time()
    half = None
    for state in run.drive(keep=True):
        if half is None and run.most > count:
            half = state
    decided = time.process_time() - began
    began = time.process_time()
    fold(run.first, [(event, NOW) for event in run.stored])
    folded = time.process_time() - began
    began = time.process_time()
    value = orjson.dumps(take(half or run.state))
    taken = time.process_time() - began
    began = time.process_time()
    restore(orjson.loads(value), run.graph)
    restored = time.process_time() - began
    sys.stdout.write(
        f"{name}: {count} iterations, {run.most} events: decided in {decided:.1f} s"
        f" ({run.most / decided:,.0f} events/s), folded in {folded:.1f} s;"
        f" snapshot half way {len(value) / 1e6:.1f} MB, taken in {taken:.2f} s,"
        f" restored in {restored:.2f} s; status {run.state.status}\n"
    )


def memory(name: str, frozen: dict[str, Any], count: int) -> None:
    """The same, for the memory of the state alone."""
    run = Alone(frozen, count)
    tracemalloc.start()
    peak = 0
    for turn, _ in enumerate(run.drive(keep=False)):
        if turn % 64 == 0:
            peak = max(peak, tracemalloc.get_traced_memory()[0])
    peak = max(peak, tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    sys.stdout.write(f"{name}: {count} iterations: at most {peak / 1e6:.0f} MB held\n")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pure", type=int, default=100_000)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--memory", action="store_true")
    asked = parser.parse_args()
    pure = loop(node("calc", "set", {"values": {"v": "{{ item * 2 }}"}}), 10)
    tasks = loop(node("work", "task", {"x": "{{ item }}"}), 100)
    for name, frozen, count in (("pure", pure, asked.pure), ("tasks", tasks, asked.tasks)):
        measure(name, frozen, count)
        if asked.memory:
            memory(name, frozen, count)


if __name__ == "__main__":
    main()
