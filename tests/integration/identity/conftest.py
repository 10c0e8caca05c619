"""The provider program and a house that may ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.integration.identity.provider_program import Provider, running
from tests.unit.identity.factor_house import FactorHouse, factor_house


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """The provider program, one for all tests here."""
    with running() as found:
        yield found


@pytest.fixture
async def house() -> AsyncIterator[FactorHouse]:
    """A house that may ask providers on this machine."""
    async with factor_house(oidc_allow=("127.0.0.1",)) as found:
        yield found
