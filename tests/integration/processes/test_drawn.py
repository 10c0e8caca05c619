"""A short form of tests/fault/test_drawing.py."""

from __future__ import annotations

from tests.fault.house import house
from tests.fault.storm import storm


async def test_a_document_survives_its_process() -> None:
    """Four edit at once, one goes offline twice, the process is killed: all have one document."""
    async with house() as platform:
        await storm(platform, operations=400, kills=1, seed=7)
