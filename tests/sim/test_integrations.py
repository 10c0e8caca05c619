"""Rates and breakers that workers share, through kills, zombies and a broker that misbehaves."""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import pytest
import structlog

from tests.sim.integrations import IntegrationsWorld
from tests.sim.virtual_loop import run
from weir.contract.messages import IntegrationStood, PermitsGranted
from weir.core import breaker
from weir.core.breaker import Integration
from weir.runtime.broker_time import BrokerTime
from weir.runtime.worker_integrations import FRESH_S, Integrations

SEEDS = int(os.environ.get("LIMIT_SEEDS", "20"))
SHARE = 5


async def _play(seed: int) -> list[str]:
    world = IntegrationsWorld(seed)
    await world.play()
    return await world.judge()


@pytest.mark.parametrize("first", range(0, SEEDS, SHARE))
def test_a_provider_is_called_as_it_bears(first: int) -> None:
    """No call without a permit or a probe, none while it is open, and every run succeeds."""
    for seed in range(first, min(first + SHARE, SEEDS)):
        with structlog.testing.capture_logs():
            broken = run(_play(seed))
        assert not broken, f"seed {seed}: {'; '.join(broken)}"


async def _unread(self: Integrations, known: Any) -> IntegrationStood | None:
    """Whoever comes while it is read for the first time takes it for closed."""
    now = asyncio.get_running_loop().time()
    if now - known.read_at >= FRESH_S:
        known.read_at = now
        await self._read(known)
    stood: IntegrationStood | None = known.stands
    return stood


_granted = breaker._granted


def _unspaced(state: Integration, *args: Any, **more: Any) -> list[PermitsGranted]:
    """Each block begins now, whatever was given before."""
    return _granted(state._replace(free_ms=0), *args, **more)


MUTANTS: dict[str, tuple[int, list[tuple[object, str, object]]]] = {
    "what is not read is closed": (20, [(Integrations, "_stands", _unread)]),
    "a worker goes by its own clock": (
        3,
        [
            (BrokerTime, "seen", lambda *_: None),
            (BrokerTime, "is_known", property(lambda _: True)),
        ],
    ),
    "permits are not spaced": (3, [(breaker, "_granted", _unspaced)]),
    "a breaker that is half open stays for ever": (
        11,
        [(Integration, "is_left", lambda self, _: self.opened)],
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_removed_rule_of_providers_is_noticed(name: str) -> None:
    """Each rule, taken away, breaks a promise within 200 seeds; tried first where it did."""
    first, changes = MUTANTS[name]
    with ExitStack() as stack:
        for place, attribute, instead in changes:
            stack.enter_context(patch.object(place, attribute, instead))
        for seed in sorted(range(200), key=lambda seed: seed != first):
            with structlog.testing.capture_logs():
                if run(_play(seed)):
                    return
    pytest.fail(f"nothing noticed that {name}")
