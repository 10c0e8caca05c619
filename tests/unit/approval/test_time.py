"""What happens by itself, on a clock that is moved: reminders, escalation, the end of the time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from services.approval.book import Key
from services.approval.deciding import Choice
from services.approval.service import Approval, build
from tests.http_house import TENANT, memory_platform
from tests.sim.virtual_loop import run
from tests.unit.approval.asking import Asking, SlowClock, user
from weir.adapters.memory.broker import Broker
from weir.contract.approval_errors import ApprovalClosedError
from weir.contract.messages import ApprovalEscalated, ApprovalNotified, ApprovalReminded
from weir.core.approvals.life import Life
from weir.core.approvals.rules import Who

H = 3_600
ANN = Who(user("ann"), frozenset({f"user:{user('ann')}", "user:ann@example.com"}))


def play(story: Callable[[Asking], Awaitable[None]]) -> None:
    """A service whose hours pass at once."""

    async def main() -> None:
        clock = SlowClock()
        platform = replace(memory_platform(Broker(clock).connect()), clock=clock)
        asking = Asking(platform)
        await asking.people(keys=False)
        await asking.service.start()
        try:
            await story(asking)
        finally:
            await asking.service.stop()

    run(main())


def lines(life: Life, what: str) -> list[dict[str, Any]]:
    """Of the history."""
    return [dict(line) for line in life.history if line["what"] == what]


def test_it_is_rejected_after_48_hours() -> None:
    """First somebody is told, then others are asked, then it is decided; each at its hour."""

    async def story(asking: Asking) -> None:
        steps = [
            {"after": "24h", "notify": "user:boss@example.com"},
            {"after": "36h", "reassign": "user:cy@example.com"},
            {"after": "48h", "decide": "rejected"},
        ]
        one = await asking.ask({"escalation": steps, "assignees": "ann@example.com"})
        begun = asking.clock.now_ms()
        await asyncio.sleep(24 * H - 1)
        assert not lines(await asking.life(one), "escalated")
        await asyncio.sleep(2)
        assert [mail.to for mail in asking.mails] == ["ann@example.com", "boss@example.com"]
        await asyncio.sleep(12 * H)
        assert "user:cy@example.com" in (await asking.life(one)).assignees
        await asyncio.sleep(12 * H - 10)
        assert (await asking.life(one)).status == "open"
        told = await asking.until_told(one)
        assert round((asking.clock.now_ms() - begun) / 1000 / H, 2) == 48
        assert (told.outcome, told.option, told.decided_by) == ("decided", "rejected", "system")
        assert told.output["how"] == "escalation"

    play(story)


def test_reminders_come_until_somebody_decides() -> None:
    """Every four hours to those who have not voted; none after the end."""

    async def story(asking: Asking) -> None:
        two = {"remind_every": "4h", "required": 2, "timeout": "13h", "on_timeout": "rejected"}
        one = await asking.ask({**two, "assignees": ["ann@example.com", "bob@example.com"]})
        await asyncio.sleep(5 * H)
        assert [mail.to for mail in asking.mails][2:] == ["ann@example.com", "bob@example.com"]
        await asking.service.deciding.decide(Key(TENANT, one), ANN, Choice("approved"))
        await asyncio.sleep(4 * H)
        assert [mail.to for mail in asking.mails][4:] == ["bob@example.com"]
        assert asking.mails[-1].subject.startswith("Reminder: ")
        await asyncio.sleep(100 * H)
        life = await asking.life(one)
        assert (life.end.option, life.end.how) == ("rejected", "timeout") if life.end else False
        assert [line["number"] for line in lines(life, "reminded")] == [1, 2, 3]

    play(story)


def test_without_a_decision_the_step_is_told_that_the_time_is_over() -> None:
    """And a word that comes later hears so."""

    async def story(asking: Asking) -> None:
        one = await asking.ask({"timeout": "1h", "assignees": "ann@example.com"})
        await asyncio.sleep(H + 1)
        assert (await asking.until_told(one)).outcome == "expired"
        with pytest.raises(ApprovalClosedError):
            await asking.service.deciding.decide(Key(TENANT, one), ANN, Choice("approved"))

    play(story)


def test_a_word_after_the_deadline_never_counts() -> None:
    """Also where nobody has noticed yet that the time is over."""

    async def story(asking: Asking) -> None:
        one = await asking.ask({"timeout": "1h", "assignees": "ann@example.com"})
        await asking.service.stop()
        await asyncio.sleep(2 * H)
        with pytest.raises(ApprovalClosedError) as refused:
            await asking.service.deciding.decide(Key(TENANT, one), ANN, Choice("approved"))
        assert refused.value.details["status"] == "expired"

    play(story)


def test_what_was_due_while_nobody_was_there_happens_in_its_order() -> None:
    """A process that was away for three days reminds once and lets the escalation decide."""

    async def story(asking: Asking) -> None:
        config = {
            "remind_every": "1h",
            "escalation": [{"after": "48h", "decide": "rejected"}],
            "timeout": "60h",
            "on_timeout": "approved",
        }
        one = await asking.ask({**config, "assignees": "ann@example.com"})
        await asyncio.sleep(1)
        await asking.service.stop()
        await asyncio.sleep(72 * H)
        asking.service = await begun(asking)
        told = await asking.until_told(one)
        assert (told.option, told.output["how"]) == ("rejected", "escalation")
        assert len(lines(await asking.life(one), "reminded")) <= 1

    play(story)


def test_a_process_that_died_is_made_up_for() -> None:
    """What a step asked while nobody listened is known at the next start; nothing twice."""

    async def story(asking: Asking) -> None:
        one = await asking.ask({"assignees": "ann@example.com"})
        await asyncio.sleep(1)
        await asking.service.stop()
        asking.service = build(asking.platform)
        task = asyncio.ensure_future(asking.ask({"assignees": "ann@example.com"}))
        await asyncio.sleep(10)
        await asking.service.start()
        two = await task
        await asyncio.sleep(1)
        assert {life.approval_id for life in asking.service.lives.all()} == {one, two}
        assert len(asking.mails) == 2

    play(story)


def test_two_processes_do_each_thing_once() -> None:
    """One reminder, one escalation, one mail of each, whoever was first."""

    async def story(asking: Asking) -> None:
        other = await begun(asking)
        steps = [
            {"after": "5h", "notify": "boss@example.com"},
            {"after": "9h", "decide": "approved"},
        ]
        config = {"remind_every": "3h", "escalation": steps, "assignees": "ann@example.com"}
        one = await asking.ask(config)
        await asyncio.sleep(9 * H + 1)
        assert (await asking.until_told(one)).option == "approved"
        life = await asking.life(one)
        records = [
            type(kind).__name__
            for kind in (ApprovalReminded, ApprovalEscalated, ApprovalNotified)
            for _ in lines(life, kind.__name__.removeprefix("Approval").lower())
        ]
        assert len(lines(life, "escalated")) == 2
        assert len(lines(life, "reminded")) in {2, 3}
        assert len(asking.mails) == len(lines(life, "notified")), records
        await other.stop()

    play(story)


async def begun(asking: Asking) -> Approval:
    """Another process."""
    made = build(asking.platform)
    await made.start()
    return made
