"""`python -m tests.replay.record`: keep the histories of this release.

Plays every scenario and writes one file each below `histories/<version>/`. A
file that is there is kept: a history is what a release wrote, and later code
must read it as it was. To write some anew on purpose, before the release is
out: `--again NAME …`. When the canonical form of a state has changed on
purpose, `--states` writes the states anew, from the messages as they are: the
difference is there to be read.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from tests.replay.engine import Played, Scenario, play
from tests.replay.scenarios import SCENARIOS
from weir.contract import codec
from weir.contract.messages import Envelope
from weir.core.graph import Graph, compile_graph
from weir.ports.log import Stored
from weir.runtime.replay import replay_state

PLACE = Path(__file__).parent / "histories"
SCHEMA = "weir/history/v1"


class History(NamedTuple):
    """A recorded run. `state` is its canonical state as its owner has it, `plain` without graph."""

    name: str
    release: str
    graph: Graph
    messages: list[Stored]
    state: bytes
    plain: bytes
    pages: Mapping[str, Any]  # of the lists it went over

    def graph_of(self, _: Envelope) -> Graph:
        """The version of the run."""
        return self.graph


def histories() -> Iterator[History]:
    """Every recorded one, of all releases."""
    for path in sorted(PLACE.glob("*/*.json")):
        told = orjson.loads(path.read_bytes())
        yield History(
            told["name"],
            path.parent.name,
            compile_graph(told["frozen"], told["version"]),
            _messages(told),
            codec.canonical(told["state"]),
            codec.canonical(told["plain"]),
            told.get("pages", {}),
        )


def releases() -> list[str]:
    """Those that have histories, the newest last."""
    found = {path.parent.name for path in PLACE.glob("*/*.json")}
    return sorted(found, key=lambda name: [int(part) for part in name.split(".")])


def written(scenario: Scenario, played: Played) -> bytes:
    """The file of a scenario."""
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "name": scenario.name,
        "tells": scenario.tells,
        "version": played.version,
        "frozen": played.frozen,
        "messages": [
            {"seq": m.seq, "subject": m.subject, "at_ms": m.at_ms, "data": m.data.decode()}
            for m in played.messages
        ],
        **({"pages": played.pages} if played.pages else {}),
    }
    return with_states(told)


def with_states(told: dict[str, Any]) -> bytes:
    """A file whose states are what today's code folds its messages to."""
    graph, messages = compile_graph(told["frozen"], told["version"]), _messages(told)
    state, plain = replay_state(messages, lambda _: graph), replay_state(messages)
    if state is None or plain is None:
        raise AssertionError(f"{told['name']} never started")
    whole = {**told, "state": orjson.loads(state), "plain": orjson.loads(plain)}
    return json.dumps(whole, indent=1, ensure_ascii=False).encode() + b"\n"


def _messages(told: dict[str, Any]) -> list[Stored]:
    return [
        Stored(one["seq"], one["subject"], one["data"].encode(), one["at_ms"])
        for one in told["messages"]
    ]


def main() -> None:
    """Write what is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay.record", description=__doc__)
    parser.add_argument("--again", nargs="+", default=[], metavar="NAME", help="write these anew")
    parser.add_argument("--states", action="store_true", help="fold all of them anew")
    asked = parser.parse_args()
    if asked.states:
        for path in PLACE.glob("*/*.json"):
            path.write_bytes(with_states(orjson.loads(path.read_bytes())))
    folder = PLACE / version("weir")
    folder.mkdir(parents=True, exist_ok=True)
    for scenario in SCENARIOS:
        path = folder / f"{scenario.name}.json"
        if path.exists() and scenario.name not in asked.again:
            continue
        path.write_bytes(written(scenario, play(scenario)))
        print(path.relative_to(PLACE))  # noqa: T201


if __name__ == "__main__":
    main()
