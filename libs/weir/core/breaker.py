"""What an integration bears: a breaker over its failures, a rate over its calls.

Promises: a breaker opens when as many calls have failed within its window as
its policy says and fewer went well; while it is open nothing is called; after
that a few probes are let through, twice as many each time they go well, and
it opens again for longer when one does not. A probe of which nothing is heard
is given up after a minute, so none is lost for ever. Permits of a rate are
handed out in blocks, one after the other in time, so all workers together
keep it. The state follows from the log alone, whoever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from weir.contract import times
from weir.contract.messages import (
    BreakerPolicy,
    CallsReported,
    IntegrationStood,
    Message,
    PermitsAsked,
    PermitsGranted,
)

BUCKETS = 10  # in which a window is counted
HEALED = 8  # probes that went well before everything is let through
PROBE_MS = 60_000  # after this a probe counts as lost
AGAIN_MS = 1_000  # after this a worker may ask for a probe again
AHEAD_MS = 5_000  # how far ahead permits of a rate are given
LONGEST_MS = 900_000  # a breaker is open at most
FORGOTTEN_MS = 600_000  # a block is remembered for this long, and what nobody asks for


class Block(NamedTuple):
    """What a worker was given last."""

    number: int
    calls: int
    from_ms: int
    spread_ms: float
    at_ms: int


class Ask(NamedTuple):
    """What a worker wishes for."""

    number: int
    wanted: int
    rate: int
    per_ms: float


class Integration(NamedTuple):
    """How an integration stands."""

    name: str = ""
    policy: tuple[int, float, float] = (0, 60_000.0, 30_000.0)  # failures, within, open
    opened: bool = False
    until_ms: int = 0
    times: int = 0
    buckets: tuple[tuple[int, int, int], ...] = ()  # since, failures, successes
    well: int = 0  # probes that went well
    badly: int = 0
    probes: int = 0  # probes that were let through
    probed_ms: int = 0
    blocks: Mapping[str, Block] = {}
    asks: Mapping[str, Ask] = {}
    free_ms: int = 0  # when the next permit of the rate is free
    heard_ms: int = 0

    def is_left(self, now_ms: int) -> bool:
        """Whether there is anything of it that must be remembered.

        Who waits for an open breaker asks when it is time: one that nobody asks is forgotten.
        """
        last = max(self.heard_ms, self.until_ms)
        return bool(self.asks) or now_ms - last < FORGOTTEN_MS


def concerns(kind: Message | None) -> bool:
    """Whether an event is one of an integration."""
    return isinstance(kind, CallsReported | PermitsAsked | IntegrationStood)


def evolve(state: Integration, kind: Message | None, at_ms: int) -> Integration:
    """The integration after one event recorded at `at_ms`."""
    match kind:
        case CallsReported():
            return _reported(state._replace(heard_ms=max(at_ms, state.heard_ms)), kind, at_ms)
        case PermitsAsked():
            before = state.asks.get(kind.worker)
            given = state.blocks.get(kind.worker)
            latest = max(before.number if before else 0, given.number if given else 0)
            if kind.number <= latest:
                return state
            ask = Ask(kind.number, max(1, kind.wanted), kind.rate, kind.per_ms)
            return state._replace(
                name=kind.name or state.name,
                asks={**state.asks, kind.worker: ask},
                heard_ms=max(at_ms, state.heard_ms),
            )
        case IntegrationStood():
            return _stood(state, kind, at_ms)
        case _:
            return state


def _reported(state: Integration, kind: CallsReported, at_ms: int) -> Integration:
    policy = kind.breaker or BreakerPolicy()
    state = state._replace(
        name=kind.name or state.name,
        policy=(policy.failures, policy.within_ms or 60_000.0, policy.open_ms or 30_000.0),
    )
    if state.opened:
        if at_ms < state.until_ms:
            return state  # of calls that had begun before
        return state._replace(well=state.well + kind.successes, badly=state.badly + kind.failures)
    since = at_ms - at_ms % max(1, int(state.policy[1] / BUCKETS))
    *rest, last = (*_recent(state, at_ms), (since, 0, 0))
    if rest and rest[-1][0] == since:
        last = rest.pop()
    last = (since, last[1] + kind.failures, last[2] + kind.successes)
    return state._replace(buckets=(*rest, last))


def _recent(state: Integration, at_ms: int) -> tuple[tuple[int, int, int], ...]:
    return tuple(one for one in state.buckets if one[0] > at_ms - state.policy[1])


def _stood(state: Integration, kind: IntegrationStood, at_ms: int) -> Integration:
    opened = kind.state != "closed"
    until = times.to_ms(kind.until_at) if kind.until_at else 0
    if opened != state.opened or until != state.until_ms:
        state = state._replace(buckets=(), well=0, badly=0, probes=0)
    blocks, asks = dict(state.blocks), dict(state.asks)
    probes, free = state.probes, state.free_ms
    for said in kind.blocks:
        known = blocks.get(said.worker)
        if known is not None and said.number <= known.number:
            continue
        start = times.to_ms(said.from_at) if said.from_at else at_ms
        blocks[said.worker] = Block(said.number, said.count, start, said.spread_ms, at_ms)
        asked = asks.get(said.worker)
        if asked is not None and asked.number <= said.number:
            del asks[said.worker]
        if kind.state == "half_open":
            probes += said.count
        if said.count and said.spread_ms:
            free = max(free, start + int(said.spread_ms))
    fresh = {w: block for w, block in blocks.items() if at_ms - block.at_ms < FORGOTTEN_MS}
    return state._replace(
        opened=opened,
        until_ms=until,
        times=kind.times,
        blocks=fresh,
        asks=asks,
        probes=probes,
        probed_ms=at_ms if probes > state.probes else state.probed_ms,
        free_ms=free,
        heard_ms=max(at_ms, state.heard_ms),
    )


def decide(state: Integration, now_ms: int) -> IntegrationStood | None:
    """How it stands from now on, if that is to be said."""
    opened, until, count = state.opened, state.until_ms, state.times
    failures, _, open_ms = state.policy
    if not opened:
        recent = _recent(state, now_ms)
        bad, well = sum(one[1] for one in recent), sum(one[2] for one in recent)
        if failures and bad >= failures and well < bad:
            opened, until, count = True, now_ms + int(open_ms), 1
    elif now_ms >= until:
        if state.badly:
            pause = min(open_ms * 2**count, LONGEST_MS)
            until, count = now_ms + int(pause), count + 1
        elif state.well >= HEALED:
            opened, until, count = False, 0, 0
    changed = (opened, until) != (state.opened, state.until_ms)
    if not changed and not state.asks:
        return None
    half = opened and now_ms >= until
    blocks = _granted(state, now_ms, until if opened and not half else 0, half=half)
    words = {
        "name": state.name,
        "state": "half_open" if half else "open" if opened else "closed",
        "times": count,
        "blocks": tuple(blocks),
    }
    if opened:
        words["until_at"] = times.from_ms(until)
    return IntegrationStood(**words)


def _granted(state: Integration, now_ms: int, shut: int, *, half: bool) -> list[PermitsGranted]:
    said = [_shown(worker, block) for worker, block in state.blocks.items()]
    said = [one for one in said if one.worker not in state.asks]
    probes = 0 if now_ms - state.probed_ms > PROBE_MS else state.probes
    allowed = max(1, 2 * state.well) - max(0, probes - state.well - state.badly)
    free = state.free_ms
    for worker, ask in sorted(state.asks.items()):
        count, start, spread = ask.wanted, now_ms, 0.0
        if shut:
            count, start = 0, shut
        elif half:
            count = max(0, min(ask.wanted, allowed))
            allowed -= count
            start = now_ms if count else now_ms + AGAIN_MS
        elif ask.rate:
            gap = ask.per_ms / ask.rate
            start = max(now_ms, free)
            count = 0 if start - now_ms > AHEAD_MS else min(ask.wanted, max(1, int(1_000 / gap)))
            spread = count * gap
            free = start + int(spread) if count else free
        said.append(_shown(worker, Block(ask.number, count, start, spread, now_ms)))
    return sorted(said, key=lambda block: block.worker)


def _shown(worker: str, block: Block) -> PermitsGranted:
    return PermitsGranted(
        worker=worker,
        number=block.number,
        count=block.calls,
        from_at=times.from_ms(block.from_ms),
        spread_ms=float(block.spread_ms),
    )


# -- as a value, and back --


def take(state: Integration) -> dict[str, Any]:
    """Everything that is recorded, as a JSON value."""
    return {
        **state._asdict(),
        "policy": list(state.policy),
        "buckets": [list(one) for one in state.buckets],
        "blocks": {worker: list(block) for worker, block in sorted(state.blocks.items())},
        "asks": {worker: list(ask) for worker, ask in sorted(state.asks.items())},
    }


def restore(value: Mapping[str, Any]) -> Integration:
    """The state that was taken."""
    return Integration(
        **{
            **value,
            "policy": tuple(value["policy"]),
            "buckets": tuple(tuple(one) for one in value["buckets"]),
            "blocks": {worker: Block(*block) for worker, block in value["blocks"].items()},
            "asks": {worker: Ask(*ask) for worker, ask in value["asks"].items()},
        }
    )
