"""`weir approvals` against a house with a real HTTP server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.unit.approval.asking import AskingHouse, asking_house, user
from weir.cli import approvals
from weir.cli.exits import Code
from weir.cli.place import Named
from weir.client import ApiError


@pytest_asyncio.fixture
async def house() -> AsyncIterator[AskingHouse]:
    """Five people."""
    async with asking_house() as made:
        yield made


async def test_listed_shown_and_decided(
    house: AskingHouse, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for whose key it is is listed; a decision shows what came of it."""
    said: list[Any] = []
    monkeypatch.setattr(approvals, "tell", said.append)
    one = await house.asking.ask({"message": "to [production]"})
    await house.get(f"/approvals?min_sequence={(await house.asking.life(one)).revision}")
    ann = Named(house.url, house.keys["ann"])
    which = approvals.Which("open", mine=True, run="")
    assert await approvals.listed(ann, which, 10, as_json=True) is Code.OK
    assert [item["id"] for item in said[-1]["items"]] == [one]
    sam = Named(house.url, house.keys["sam"])
    await approvals.listed(sam, which, 10, as_json=False)
    assert "no approvals" in capsys.readouterr().out
    body = {"option": "approved", "comment": "fine", **approvals.given("")}
    assert await approvals.change(ann, one, "decision", body, as_json=False) is Code.OK
    told = capsys.readouterr().out
    assert "approved by Ann" in told
    assert "to [production]" in told
    assert await approvals.show(sam, one, as_json=True) is Code.OK
    assert said[-1]["decision"]["by"] == user("ann")
    bob = Named(house.url, house.keys["bob"])
    with pytest.raises(ApiError) as refused:
        await approvals.change(bob, one, "decision", {"option": "rejected"}, as_json=False)
    assert refused.value.code == "APPROVAL_CLOSED"
