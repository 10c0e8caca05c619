"""A house with people for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.unit.identity.people_house import PeopleHouse, people_house


@pytest.fixture
async def people(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PeopleHouse]:
    """The identity service, and nobody in it."""
    async with people_house(monkeypatch) as house:
        yield house
