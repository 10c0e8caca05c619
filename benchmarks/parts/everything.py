"""Every part by its name, each in a house of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from benchmarks.house import House
from benchmarks.parts import answered, killed, many, sizes
from benchmarks.parts.asking import Options
from benchmarks.report import Row
from tests.fault.outside import Outside

Part = Callable[..., Awaitable[None]]


async def _in_house(
    measure: Callable[[House, Row, Options], Awaitable[None]],
    mode: str,
    row: Row,
    options: Options,
) -> None:
    async with House(mode, row.sync) as house:
        await measure(house, row, options)


async def _w6(mode: str, row: Row, options: Options) -> None:
    async with Outside.open() as outside:
        allowed = f"127.0.0.1:{outside.port}"
        async with House(mode, row.sync, outbound_allow=allowed) as house:
            await killed.w6(house, outside, row, options)


async def _w7(mode: str, row: Row, options: Options) -> None:
    for measure in sizes.PARTS:
        await _in_house(measure, mode, row, options)


PARTS: Mapping[str, Part] = {
    "w1": partial(_in_house, answered.w1),
    "w2": partial(_in_house, answered.w2),
    "w3": partial(_in_house, answered.w3),
    "w4": partial(_in_house, answered.w4),
    "w5": partial(_in_house, many.w5),
    "w6": _w6,
    "w7": _w7,
    "latency": partial(_in_house, answered.latency),
    "remote": partial(_in_house, answered.remote),
}
