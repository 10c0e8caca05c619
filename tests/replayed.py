"""Every run is made again from its log and from its archive, and compared with its owner's state.

While `Owners.watching()` holds, each state that an owner of this process makes
its own (after its turn was stored) is remembered. `compare` then folds what the
log holds, and what an archive gives back, and wants the same bytes after every
one of these turns. Houses do it when they close, so a test that runs anything
in one has its runs compared without a word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from unittest.mock import patch

from weir.adapters.memory.blobs import MemoryBlobs
from weir.cli import replaying
from weir.cli.replaying import rebuilt
from weir.client import connect
from weir.contract import codec, subjects
from weir.contract.errors import WeirError
from weir.contract.messages import SnapshotTaken
from weir.contract.subjects import RunKey, parse_run
from weir.core.canonical import to_json
from weir.core.runlog import GraphOf, RunLog
from weir.core.snapshot import restore
from weir.core.state import ENDED, RunState
from weir.ports.log import Log, Stored
from weir.runtime.archive import Archive, Ended, read_run
from weir.runtime.graphs import Graphs
from weir.runtime.records import Versions
from weir.runtime.replay import replay


class Owners:
    """What owners held: the state of each run after each of its turns."""

    def __init__(self) -> None:
        self.held: dict[str, dict[int, RunState]] = defaultdict(dict)
        self.wrong: list[str] = []

    @contextmanager
    def watching(self) -> Iterator[Owners]:
        """Remember from now on."""
        adopt = RunLog.adopt

        def adopted(log: RunLog, state: RunState, seen: int, messages: Sequence[bytes]) -> None:
            adopt(log, state, seen, messages)
            if log.state is not None:
                self._hold(log.state)

        with patch.object(RunLog, "adopt", adopted):
            yield self

    def _hold(self, state: RunState) -> None:
        turns = self.held[state.start.run_id]
        before = turns.setdefault(state.turn, state)
        if before is not state and to_json(before) != to_json(state):
            self.wrong.append(f"{state.start.run_id}: turn {state.turn} was stored in two ways")

    def differences(
        self, run_id: str, messages: Iterable[Stored], graph_of: GraphOf | None
    ) -> list[str]:
        """The turns after which these messages, folded, are not what the owner held."""
        held, wrong = self.held.get(run_id, {}), []
        log = RunLog(graph_of)

        def check() -> None:
            turn = log.state.turn if log.state is not None else 0
            if log.state is not None and turn in held and to_json(held[turn]) != to_json(log.state):
                wrong.append(
                    f"{run_id}: after turn {turn} its owner held {to_json(held[turn])!r}, "
                    f"its log says {to_json(log.state)!r}"
                )

        for message in messages:
            if parse_run(message.subject)[1] not in subjects.FOLDED:
                continue
            envelope = codec.decode(message.data)
            if envelope.turn and log.state is not None and envelope.turn > log.state.turn:
                check()
            log.feed(message.seq, message.data, envelope)
        check()
        return wrong


@dataclass
class Compared:
    """How many runs, and what was found."""

    runs: int = 0
    turns: int = 0
    archives: int = 0
    snapshots: int = 0
    wrong: list[str] = field(default_factory=list)

    def must_hold(self) -> None:
        """AssertionError that names everything wrong."""
        assert not self.wrong, f"{len(self.wrong)} wrong: " + "; ".join(self.wrong[:5])


async def histories(log: Log) -> dict[RunKey, list[Stored]]:
    """Every message of every run that the log holds."""
    found: dict[RunKey, list[Stored]] = defaultdict(list)
    async for batch in log.read(subjects.EVERY_RUN):
        for message in batch:
            found[parse_run(message.subject)[0]].append(message)
    return found


async def compare(
    owners: Owners, runs: Log, registry: Log, archive: Archive | None = None
) -> Compared:
    """All runs that owners held, from log and archive.

    An ended run that no archive has is put into one and taken out again.
    """
    compared, graphs = Compared(wrong=list(owners.wrong)), Graphs(Versions(registry))
    for key, messages in (await histories(runs)).items():
        turns = owners.held.get(key.run_id)
        if not turns:
            continue
        start = next(iter(turns.values())).start
        with suppress(WeirError):  # its owner had none either
            await graphs.get(start.tenant, start.version)
        stored = await read_run(runs, archive, key) if archive is not None else messages
        compared.runs += 1
        compared.turns += len(turns)
        compared.wrong += owners.differences(key.run_id, stored, graphs.of)
        compared.wrong += _snapshots(compared, key, stored, turns, graphs.of)
        if turns[max(turns)].status in ENDED:
            again = await _archived(key, stored, archive)
            compared.archives += 1
            compared.wrong += owners.differences(key.run_id, again, graphs.of)
    return compared


def _snapshots(
    compared: Compared,
    key: RunKey,
    messages: Sequence[Stored],
    turns: Mapping[int, RunState],
    graph_of: GraphOf,
) -> list[str]:
    wrong = []
    for message in messages:
        envelope = codec.decode(message.data) if message.subject == key.snapshot else None
        kind = envelope.events[0].kind if envelope is not None else None
        if envelope is None or not isinstance(kind, SnapshotTaken) or kind.state is None:
            continue  # no snapshot, or one that lies in the object store
        state = restore(kind.state, graph_of(envelope))
        compared.snapshots += 1
        if state.turn in turns and to_json(state) != to_json(turns[state.turn]):
            wrong.append(f"{key.run_id}: its snapshot of turn {state.turn} is another state")
    return wrong


async def _archived(
    key: RunKey, messages: Sequence[Stored], archive: Archive | None
) -> Sequence[Stored]:
    found = await archive.find(key.tenant, key.run_id) if archive is not None else None
    if archive is not None and found is not None:
        return await archive.get(found)
    fresh = Archive(MemoryBlobs())
    [stored] = await fresh.put(Ended(key, messages))
    return await fresh.get(stored)


def live_differences(
    held: Iterable[tuple[RunKey, RunLog]],
    logs: Mapping[RunKey, list[Stored]],
    graph_of: GraphOf,
) -> list[str]:
    """Where an owner's memory, facts it has not decided on included, is not what its log says."""
    wrong = []
    for key, log in held:
        again = replay(logs.get(key, ()), graph_of).tentative
        if log.tentative is None or again is None or to_json(log.tentative) != to_json(again):
            wrong.append(f"{key.run_id}: its owner holds {log.tentative}, its log says {again}")
    return wrong


async def shown_as_logged(url: str, api_key: str, after: int = 0) -> int:
    """How many runs a platform has, after each was made again as `weir replay-state --check` does.

    `after` is a sequence that the lists must hold. AssertionError where something else is shown
    than log and archive tell.
    """
    wrong: list[str] = []
    number = 0
    async with connect(url, api_key) as client:
        async for run in client.items("/runs", {"min_sequence": str(after)}):
            number += 1
            log = await rebuilt(client, run["id"])
            found = await replaying._differences(client, run["id"], log)
            wrong += [f"{run['id']}: {line}" for line in found]
    assert not wrong, f"{len(wrong)} wrong: " + "; ".join(wrong[:5])
    return number
