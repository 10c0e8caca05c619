"""The client: what it refuses to send."""

from __future__ import annotations

import math

import pytest

from weir.client import connect
from weir.contract.errors import InvalidJsonError


@pytest.mark.parametrize("number", [math.nan, math.inf])
async def test_a_number_that_json_does_not_have_is_not_sent_as_null(number: float) -> None:
    """The caller learns where it lies; nobody is asked."""
    async with connect("http://127.0.0.1:1") as client:
        with pytest.raises(InvalidJsonError, match=r"input\.a\.1 is"):
            await client.post("/workflows/w/runs", {"input": {"a": [None, number]}})
