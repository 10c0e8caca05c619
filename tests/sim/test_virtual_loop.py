"""Virtual time goes on however much of it has passed."""

from __future__ import annotations

import asyncio

import pytest

from tests.sim.virtual_loop import EndlessError, run

_YEAR_S = 365 * 86_400.0


async def _naps(begin_s: float) -> float:
    await asyncio.sleep(begin_s)
    for _ in range(100):
        await asyncio.sleep(0.1)
    return asyncio.get_running_loop().time() - begin_s


@pytest.mark.timeout(20)
@pytest.mark.parametrize("years", [0, 1, 3, 12])
def test_timers_ring_after_years(years: int) -> None:
    """Floats lie further apart the larger they are; a timer rings all the same."""
    assert run(_naps(years * _YEAR_S)) == pytest.approx(10, abs=1e-3)


@pytest.mark.timeout(20)
def test_what_goes_on_for_ever_is_cut_off() -> None:
    """However little of the virtual time it takes; what it leaves may still clean up."""
    cleaned: list[str] = []

    async def for_ever() -> None:
        try:
            while True:  # noqa: ASYNC110 - that nothing ends it is what is tried
                await asyncio.sleep(0)
        finally:
            await asyncio.sleep(0)
            cleaned.append("up")

    with pytest.raises(EndlessError):
        run(for_ever(), turns=1_000)
    assert cleaned == ["up"]
