"""What limits stand on, on every broker: a subject's newest messages, and blocks that add up."""

from __future__ import annotations

import asyncio

from tests.conformance.conftest import Ports
from tests.waiting import everything
from weir.adapters.streams import RATES_NEWEST
from weir.contract import subjects
from weir.core.rates import Rate
from weir.ports.log import Append
from weir.runtime.shared_rates import SharedRates

SUBJECT = subjects.rate("acme", "api")
HOUR_MS = 3_600_000


async def test_a_subject_keeps_its_newest_messages(ports: Ports) -> None:
    """So many of each; those of another subject stay."""
    other = await ports.rates.append(Append(subjects.rate("other", "api"), b"[]"))
    for number in range(RATES_NEWEST + 5):
        await ports.rates.append(Append(SUBJECT, str(number).encode()))
    kept = await everything(ports.rates.read(SUBJECT))
    assert [message.data for message in kept] == [
        str(number).encode() for number in range(5, RATES_NEWEST + 5)
    ]
    assert await ports.rates.get(other) is not None


async def test_blocks_that_are_drawn_at_once_add_up_to_the_limit(ports: Ports) -> None:
    """Whoever is overtaken asks again; nobody gets what another one got."""
    rate = Rate(100, HOUR_MS)
    several = [SharedRates(ports.rates) for _ in range(4)]
    drawn = await asyncio.gather(*(one.draw(SUBJECT, rate, 30) for one in several))
    assert sum(one.permits for one in drawn) == 100
    assert {one.left for one in drawn} >= {0, 10, 40, 70}
    more = await several[0].draw(SUBJECT, rate, 30)
    assert more.permits == 0
    assert more.at_ms >= max(one.at_ms for one in drawn)


async def test_runs_of_a_day_that_are_counted_at_once_add_up_to_the_quota(ports: Ports) -> None:
    """The same for a day."""
    several = [SharedRates(ports.rates) for _ in range(4)]
    drawn = await asyncio.gather(*(one.count(SUBJECT, 50, 20) for one in several))
    assert sorted(one.permits for one in drawn) == [0, 10, 20, 20]


async def test_a_wish_whose_time_is_gone_gives_nothing(ports: Ports) -> None:
    """Overtaken by so many that it lies no more: it is made again, and the first one is lost."""
    shared, rate = SharedRates(ports.rates), Rate(100, HOUR_MS)
    first = await shared.draw(SUBJECT, rate, 10)
    assert first.left == 90

    class Forgetful:
        """A log that has removed a message between its append and the look at it, once."""

        gone = False

        async def get(self, seq: int) -> object:
            if not self.gone:
                self.gone = True
                return None
            return await ports.rates.get(seq)

        def __getattr__(self, name: str) -> object:
            return getattr(ports.rates, name)

    again = await SharedRates(Forgetful()).draw(SUBJECT, rate, 10)  # type: ignore[arg-type]
    assert (again.permits, again.left) == (10, 70)
