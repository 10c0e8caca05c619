"""The one order in which everybody reads a run (log-protocol P2, P19).

Owner, rebuild, replay and query feed the same messages in stream order and get
the same state: facts wait until an owner message says that it has seen them,
then count in sequence; what the owner had not seen stays pending. The chain
links every owner message to all that was seen before it, so a message that was
lost or changed later shows as `broken`.

The chain's rule: at a new turn it absorbs the digests of the facts just
counted, must equal what the message carries, and then absorbs the message's
own digest. Messages of one turn carry the same value, since each of them is
valid without the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from weir.contract import times
from weir.contract.messages import Envelope, Event, RunPurged, RunStarted
from weir.core.graph import Graph
from weir.core.run import apply, begin, evolve, settle
from weir.core.state import Moving, RunState

GraphOf = Callable[[Envelope], Graph | None]
# Called after each change with the run as it stands then. Keep nothing of a `Moving`.
Watch = Callable[["Moving | RunState", "Transition"], None]


class Fact(NamedTuple):
    """A fact that no owner message has seen yet."""

    seq: int
    digest: bytes
    envelope: Envelope


class Transition(NamedTuple):
    """An event that changed the run: its message's sequence, its place in it, and when."""

    seq: int
    place: int
    at_ms: int
    event: Event


def digest(data: bytes) -> bytes:
    """A message's mark in the chain."""
    return hashlib.blake2b(data, digest_size=16).digest()


def link(chain: bytes, *marks: bytes) -> bytes:
    """The chain after absorbing these marks."""
    for mark in marks:
        chain = hashlib.blake2b(chain + mark, digest_size=16).digest()
    return chain


class RunLog:
    """A run being read. `state` is committed: what the last owner message made of it."""

    __slots__ = (
        "_folded",
        "_known",
        "_last",
        "_tentative",
        "_turn_chain",
        "broken",
        "chain",
        "graph_of",
        "pending",
        "purged",
        "state",
        "watch",
    )

    def __init__(self, graph_of: GraphOf | None = None, watch: Watch | None = None) -> None:
        self.graph_of = graph_of
        self.watch = watch
        self.state: RunState | None = None
        self.pending: list[Fact] = []
        self.chain = b""
        self._turn_chain = b""
        self.broken = ""
        self.purged: RunPurged | None = None
        self._tentative: RunState | None = None
        self._last = 0  # sequence of the last owner message read
        self._folded = 0  # how many of `pending` are in it
        self._known = 0  # the turn up to which nothing need be read again

    def feed(self, seq: int, data: bytes, envelope: Envelope) -> Sequence[Transition]:
        """Read one message; what changed because of it, in order."""
        if not envelope.turn:
            self._fact(seq, data, envelope)
            return ()
        return self._decision(seq, data, envelope)

    @classmethod
    def restored(
        cls,
        state: RunState,
        chain: bytes,
        graph_of: GraphOf | None,
        pending: Sequence[Fact] = (),
    ) -> RunLog:
        """A log read up to the end of this state's turn, and the facts known behind it."""
        log = cls(graph_of)
        log.state = state
        log.chain = chain
        log.pending = list(pending)
        log._known = state.turn
        return log

    @property
    def tentative(self) -> RunState | None:
        """Committed state plus all pending facts: what the owner decides on."""
        if not self._folded:
            self._tentative = self.state
        for fact in self.pending[self._folded :]:
            self._tentative = _count(self._tentative, fact, self.graph_of)
        self._folded = len(self.pending)
        return self._tentative if self.pending else self.state

    def next_turn(self) -> tuple[int, int, bytes]:
        """(seen, turn, chain) for the owner's next messages, if it saw all pending facts."""
        seen = self.pending[-1].seq if self.pending else self.state.seen if self.state else 0
        turn = self.state.turn + 1 if self.state else 1
        return seen, turn, link(self.chain, *(fact.digest for fact in self.pending))

    def adopt(self, state: RunState, seen: int, messages: Sequence[bytes]) -> None:
        """The owner's own turn is stored as decided: take its state without folding it again."""
        counted = [fact for fact in self.pending if fact.seq <= seen]
        self._turn_chain = link(self.chain, *(fact.digest for fact in counted))
        self.chain = link(self._turn_chain, *map(digest, messages))
        del self.pending[: len(counted)]
        self._folded = 0
        run = Moving(state)
        run.seen, run.turn = seen, self.state.turn + 1 if self.state else 1
        settle(run)
        self.state = run.still()

    def _fact(self, seq: int, data: bytes, envelope: Envelope) -> None:
        known = self.pending[-1].seq if self.pending else self.state.seen if self.state else 0
        if seq <= known or not envelope.events:
            return
        kind = envelope.events[0].kind
        # By the type itself: pydantic's classes answer slowly, and nearly always with no.
        if type(kind) is RunPurged:
            self.purged = kind
            return
        if self.state is None and not self.pending and type(kind) is not RunStarted:
            return  # nothing counts before the start, for nobody
        self.pending.append(Fact(seq, digest(data), envelope))

    def _decision(self, seq: int, data: bytes, envelope: Envelope) -> Sequence[Transition]:
        seen = int(envelope.seen or 0)
        if seq <= self._last or envelope.turn <= self._known:
            return ()  # read before
        self._last = seq
        transitions: list[Transition] = []
        state = self.state
        if state is None or envelope.turn > state.turn:
            state = self._count_seen(seen, transitions)
        if envelope.chain != self._turn_chain.hex():
            self.broken = self.broken or (
                f"the message at sequence {seq} continues another history than the one read:"
                " something before it was lost or changed"
            )
        if state is None:
            self.broken = self.broken or f"no start was seen before sequence {seq}"
            return ()
        self.chain = link(self.chain, digest(data))
        at_ms = times.to_ms(envelope.at)
        run = Moving(state)
        for place, event in enumerate(envelope.events):
            if apply(run, event, at_ms):
                transitions.append(Transition(seq, place, at_ms, event))
                if self.watch is not None:
                    self.watch(run, transitions[-1])
        run.seen, run.turn = max(seen, run.seen), envelope.turn
        settle(run)
        self.state = run.still()
        self._folded = 0
        return transitions

    def _count_seen(self, seen: int, transitions: list[Transition]) -> RunState | None:
        """A turn begins: the facts that its owner had seen count now."""
        counted = [fact for fact in self.pending if fact.seq <= seen]
        del self.pending[: len(counted)]
        state = self.state
        shown = len(counted) == self._folded == 1  # somebody has looked at the run meanwhile
        for fact in counted:
            before = state
            state = self._tentative if shown else _count(state, fact, self.graph_of)
            if state is not before:
                event = fact.envelope.events[0]
                transitions.append(Transition(fact.seq, 0, times.to_ms(fact.envelope.at), event))
                if self.watch is not None and state is not None:
                    self.watch(state, transitions[-1])
        self.chain = self._turn_chain = link(self.chain, *(fact.digest for fact in counted))
        return state


def _count(state: RunState | None, fact: Fact, graph_of: GraphOf | None) -> RunState | None:
    event = fact.envelope.events[0]
    kind = event.kind
    if type(kind) is RunStarted:
        if state is not None:
            return state
        return begin(fact.envelope, kind, graph_of(fact.envelope) if graph_of else None)
    if state is None:
        return None  # nothing counts before the start
    return evolve(state, event, times.to_ms(fact.envelope.at))
