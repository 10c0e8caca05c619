"""Many who edit one document while its processes are killed and some of them are offline.

Each peer writes into a text of its own what it does, number by number: what was
acknowledged to it must be in the log from then on, whatever is killed, and in
the end all of it must be in one document that everybody has.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

from pycrdt import Doc, Map, Text

from services.collab import protocol
from services.collab.room import filled
from services.collab.store import Store
from tests.drawing_peer import DrawingPeer, until
from tests.fault.house import House
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.core.drafts.shape import root
from weir.runtime.first_key import TENANT

y_py: Any = import_module("y_py")  # its types are wrong

PROCESSES = ("collab-1", "collab-2")
DEFINITION = {"name": "Storm", "nodes": [{"id": "start", "type": "manual"}], "edges": []}
_NODES = [f"n{at}" for at in range(40)]


class Storm:
    """One document and its peers."""

    def __init__(self, house: House, workflow: str, seed: int, peers: int) -> None:
        self.house = house
        self.workflow = workflow
        self.random = random.Random(seed)
        self.store = Store(JetStreamLog(house.link, subjects.COLLAB), SystemClock())
        self.peers = [DrawingPeer(house.http, self._url(at), house.key) for at in range(peers)]
        self.done = 0

    @classmethod
    async def begin(cls, house: House, seed: int, peers: int) -> Storm:
        """A workflow, and everybody in its document."""
        for name in PROCESSES:
            house.add(name)
        await house.start(*PROCESSES)
        answer = await house.ask("registry", "POST", "/workflows", DEFINITION)
        storm = cls(house, answer["id"], seed, peers)
        for at, peer in enumerate(storm.peers):
            await peer.come_back()
            mark = f"log{at}"
            await peer.edit(
                lambda doc, mark=mark: root(doc, "notes").update({mark: Map({"text": Text("")})})
            )
            await peer.settled()
        return storm

    async def edit(self, at: int, operations: int, offline: Sequence[range] = ()) -> None:
        """One peer edits; without a connection during some of its operations."""
        peer, dice = self.peers[at], random.Random(self.random.random())
        for number in range(operations):
            away = any(number in each for each in offline)
            if away and peer.connected:
                await peer.drop()
            elif not away and not peer.synced.is_set():
                await self._try_again(at)
            await peer.edit(lambda doc, n=number: self._operate(doc, at, n, dice))
            self.done += 1
            await asyncio.sleep(dice.random() * 0.02)

    async def kill(self, kills: int, operations: int) -> None:
        """Kill the processes of collab in turn, as work goes on; nothing acknowledged is gone."""
        for at in range(kills):
            due = operations * (at + 1) // (kills + 1)
            await until(lambda due=due: self.done >= due, within_s=300)  # type: ignore[misc]
            name = PROCESSES[at % len(PROCESSES)]
            await self.house.kill(name)
            await self.must_hold([peer.acknowledged for peer in self.peers])
            await self.house.start(name)

    async def must_hold(self, acknowledged: Sequence[int]) -> None:
        """The log has all that was acknowledged to each."""
        kept = await self.store.read(TENANT, self.workflow)
        assert kept is not None
        doc = filled(kept.updates)
        for at, count in enumerate(acknowledged):
            # The first edit of each made its text.
            missing = set(range(count - 1)) - self.written(doc, at)
            assert not missing, f"peer {at} lost {sorted(missing)[:10]}"

    async def converged(self) -> dict[str, Any]:
        """Bring everybody back; what all of them have in the end."""
        for at, peer in enumerate(self.peers):
            await self._come_back(at)
            await peer.settled()
        first = self.peers[0]
        await until(
            lambda: (
                all(_has(one.doc) == _has(first.doc) for one in self.peers)
                and all(one.definition() == first.definition() for one in self.peers)
            ),
            within_s=60,
        )
        definition = first.definition()
        assert self._by_y_py(first.doc) == first.doc.get("nodes", type=Map).to_py()
        answer = await self.house.ask("registry", "GET", f"/workflows/{self.workflow}")
        assert answer["definition"] == definition
        await self.must_hold([peer.acknowledged for peer in self.peers])
        for peer in self.peers:
            await peer.drop()
        late = DrawingPeer(self.house.http, self._url(1), self.house.key)
        await late.come_back()
        assert late.definition() == definition
        await late.drop()
        return definition

    def written(self, doc: Doc[Any], at: int) -> set[int]:
        """What a peer wrote down of what it did."""
        note = root(doc, "notes").get(f"log{at}")
        return set() if note is None else set(map(int, re.findall(r"\d+", str(note["text"]))))

    def _operate(self, doc: Doc[Any], at: int, number: int, dice: random.Random) -> None:
        mine = root(doc, "notes")[f"log{at}"]["text"]
        mine.insert(len(mine), f" {number}")
        nodes, edges = root(doc, "nodes"), root(doc, "edges")
        name, other = dice.choice(_NODES), dice.choice(_NODES)
        node = nodes.get(name)
        kind = dice.randrange(10)
        if not isinstance(node, Map):
            fields = Map({"text": Text(""), "plain": 1.0})
            nodes[name] = Map({"type": "set", "config": fields, "retry": Map({})})
        elif kind == 0:
            del nodes[name]
            for key in [key for key in set(edges.keys()) if name in key.split(":")]:
                edges.pop(key, None)
        elif kind <= 2:
            edges[f"{name}:out:{other}"] = {"source": name, "source_port": "out", "target": other}
        elif kind <= 4:
            node["position"] = {"x": dice.random() * 900, "y": float(number)}
        elif kind <= 6:
            text = node["config"]["text"]
            if len(text) > 40 and kind == 5:
                del text[0:20]
            else:
                text.insert(dice.randrange(len(text) + 1), dice.choice("abcdef "))
        else:
            node["config"]["plain"] = dice.random()

    def _url(self, at: int) -> str:
        process = self.house.processes[PROCESSES[at % len(PROCESSES)]]
        return f"{process.url}/api/v1/workflows/{self.workflow}/collab".replace("http:", "ws:")

    async def _try_again(self, at: int) -> None:
        """Connect if that is possible now, to either process; else go on without."""
        peer = self.peers[at]
        if peer.connected and peer.closed is None:
            return  # the handshake is under way
        peer.url = self._url(self.random.randrange(2))
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await peer.drop()
                await peer.connect()

    async def _come_back(self, at: int) -> None:
        peer = self.peers[at]
        async with asyncio.timeout(60):
            while not peer.synced.is_set():
                await self._try_again(at)
                with suppress(TimeoutError):
                    async with asyncio.timeout(3):
                        await peer.synced.wait()
                if not peer.synced.is_set():
                    await peer.drop()

    def _by_y_py(self, doc: Doc[Any]) -> Any:
        theirs = y_py.YDoc(4711)
        y_py.apply_update(theirs, doc.get_update())
        return _plain(theirs.get_map("nodes"))


def _has(doc: Doc[Any]) -> dict[int, int] | None:
    """The state vector; its bytes say the same in any order."""
    return protocol.state_of(doc.get_state())


def _plain(value: Any) -> Any:
    if isinstance(value, y_py.YMap):
        return {key: _plain(one) for key, one in value.items()}
    return str(value) if isinstance(value, y_py.YText) else value


async def storm(house: House, *, operations: int, kills: int, seed: int) -> Storm:
    """Four edit at once, one of them offline twice; the processes are killed in turn."""
    made = await Storm.begin(house, seed, 4)
    each = operations // len(made.peers)
    away = (range(each // 5, each // 5 + each // 8), range(each // 2, each // 2 + each // 8))
    await asyncio.gather(
        *(made.edit(at, each, away if at == 0 else ()) for at in range(len(made.peers))),
        made.kill(kills, operations),
    )
    await made.converged()
    for at in range(len(made.peers)):
        assert made.written(made.peers[at].doc, at) == set(range(each))
    return made
