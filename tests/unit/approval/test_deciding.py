"""Who decides: n of m, nobody for themselves, the first decision counts, and everybody hears it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from tests.http_house import TENANT
from tests.unit.approval.asking import GROUP, AskingHouse, asking_house, user
from tests.waiting import eventually
from weir.contract import subjects
from weir.contract.messages import (
    Event,
    MemberRemoved,
    RunCancelled,
    RunOrigin,
    RunParent,
    SectionEntered,
    StepCompleted,
)


@pytest_asyncio.fixture
async def house() -> AsyncIterator[AskingHouse]:
    """Five people and their approvals."""
    async with asking_house() as made:
        yield made


async def test_one_decides_and_the_run_hears_it(house: AskingHouse) -> None:
    """The fact has the option, who chose it and why; the approval shows the same."""
    one = await house.asking.ask()
    answer = await house.vote("ann", one, "approved", comment="looks good")
    assert answer.status == 200, answer.body
    assert answer.body["status"] == "decided"
    assert answer.body["decision"]["by"] == user("ann")
    told = await house.asking.until_told(one)
    assert (told.outcome, told.option, told.decided_by) == ("decided", "approved", user("ann"))
    assert told.output["comment"] == "looks good"
    assert told.output["votes"][0]["by"] == user("ann")


async def test_several_have_to_agree(house: AskingHouse) -> None:
    """Two of three; one person is one voice however often they say it."""
    one = await house.asking.ask({"required": 2}, by="hook_1")
    assert (await house.vote("ann", one, "approved")).body["status"] == "open"
    again = await house.vote("ann", one, "approved")
    assert (again.status, again.body["tally"]) == (200, {"approved": 1, "rejected": 0})
    assert (await house.vote("bob", one, "approved")).body["status"] == "decided"
    assert len((await house.asking.until_told(one)).output["votes"]) == 2


async def test_one_no_is_enough_unless_said_otherwise(house: AskingHouse) -> None:
    """Rejecting needs one; a last word replaces the one before."""
    one = await house.asking.ask({"required": 2}, by="hook_1")
    await house.vote("ann", one, "approved")
    assert (await house.vote("ann", one, "rejected")).body["decision"]["option"] == "rejected"


async def test_two_at_the_same_moment(house: AskingHouse) -> None:
    """One wins; the other is told who and when."""
    for _ in range(5):
        one = await house.asking.ask()
        answers = await asyncio.gather(
            house.vote("ann", one, "approved"), house.vote("bob", one, "rejected")
        )
        assert sorted(answer.status for answer in answers) == [200, 409]
        won = next(answer.body for answer in answers if answer.status == 200)
        lost = next(answer for answer in answers if answer.status == 409)
        assert lost.code == "APPROVAL_CLOSED"
        details = lost.body["error"]["details"]
        assert details["by"] == won["decision"]["by"]
        assert details["at"] == won["decision"]["at"]
        assert details["by_name"] in {"Ann", "Bob"}
        assert (await house.asking.until_told(one)).option == won["decision"]["option"]


async def test_nobody_decides_for_themselves(house: AskingHouse) -> None:
    """Who started the run, by a key of theirs, above it, or before it was forked, is refused."""
    asking = house.asking
    key_id = "key_" + asking.keys["sam"].split("_")[2]
    above = await asking.start(user("sam"))
    for more in (
        {"by": user("sam")},
        {"by": key_id},
        {"by": above, "parent": RunParent(run_id=above, step="call", depth=1)},
        {"by": user("bob"), "origin": RunOrigin(run_id=above, step="x")},
    ):
        one = await asking.ask(**more)
        answer = await house.vote("sam", one, "approved")
        assert (answer.status, answer.code) == (403, "SELF_APPROVAL"), more
        shown = await house.get(f"/approvals/{one}", "sam")
        assert shown["you"]["why_not"] == "SELF_APPROVAL"
    one = await asking.ask({"self_approval": True})
    assert (await house.vote("sam", one, "approved")).status == 200


async def test_who_is_not_asked_does_not_decide(house: AskingHouse) -> None:
    """Not even an administrator, nor a key that is nobody's; a role asks those above it too."""
    one = await house.asking.ask()
    assert (await house.vote("boss", one, "approved")).code == "NOT_ASSIGNED"
    assert (await house.vote("admin", one, "approved")).code == "NOT_ASSIGNED"
    two = await house.asking.ask({"assignees": "role:operator"})
    assert (await house.vote("cy", two, "approved")).code == "NOT_ASSIGNED"
    assert (await house.vote("boss", two, "approved")).status == 200
    three = await house.asking.ask({"assignees": ["Cy@Example.com", "nobody@example.com"]})
    assert (await house.vote("cy", three, "approved")).status == 200


async def test_who_left_decides_no_more(house: AskingHouse) -> None:
    """Membership counts as it stands when they decide."""
    one = await house.asking.ask()
    gone = MemberRemoved(tenant=TENANT, user_id=user("bob"))
    await house.asking.identity(subjects.member(TENANT, user("bob")), gone)

    async def refused() -> bool:
        return (await house.vote("bob", one, "approved")).status in {401, 403}

    await eventually(refused)
    assert (await house.asking.life(one)).status == "open"


async def test_a_decision_must_fit(house: AskingHouse) -> None:
    """Unknown option, missing comment, form: each place is named, values are not repeated."""
    form = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    options = [{"value": "yes"}, {"value": "no", "comment": True, "form": False}]
    one = await house.asking.ask({"form": form, "options": options})
    for body, place in (
        ({"option": "maybe"}, "option"),
        ({"option": "yes"}, "values"),
        ({"option": "yes", "values": {"n": "secret"}}, "values.n"),
        ({"option": "no"}, "comment"),
    ):
        answer = await house.vote("ann", one, **body)
        assert (answer.status, answer.code) == (422, "DECISION_INVALID"), body
        assert answer.body["error"]["details"]["errors"][0]["path"] == place
        assert "secret" not in str(answer.body)
    done = await house.vote("ann", one, "yes", values={"n": 3})
    assert done.status == 200
    assert (await house.asking.until_told(one)).output["values"] == {"n": 3}


async def test_user_input_is_one_option(house: AskingHouse) -> None:
    """What was filled in is the output."""
    form = {"type": "object", "properties": {"name": {"type": "string"}}}
    one = await house.asking.ask({"form": form}, kind="user_input")
    await house.vote("ann", one, "submitted", values={"name": "x"})
    told = await house.asking.until_told(one)
    assert (told.option, told.output["values"]) == ("submitted", {"name": "x"})


async def test_handing_on(house: AskingHouse) -> None:
    """Who delegates decides no more, whom they name does; who started it can be named by nobody."""
    one = await house.asking.ask()
    path = f"/api/v1/approvals/{one}/delegation"
    to = {"to": "sam@example.com"}
    assert (await house.ask("POST", path, key="ann", json=to)).code == "SELF_APPROVAL"
    to = {"to": "cy@example.com"}
    assert (await house.ask("POST", path, key="boss", json=to)).code == "NOT_ASSIGNED"
    assert (await house.ask("POST", path, key="ann", json={"to": "x@y"})).status == 404
    assert (await house.ask("POST", path, key="ann", json=to)).status == 200
    assert (await house.vote("ann", one, "approved")).code == "NOT_ASSIGNED"
    assert (await house.vote("cy", one, "approved")).status == 200


async def test_steering(house: AskingHouse) -> None:
    """Who may steer the run asks others or withdraws; who may not is refused."""
    one, two = await house.asking.ask(), await house.asking.ask()
    path = f"/api/v1/approvals/{one}/assignees"
    others = {"assignees": ["user:cy@example.com"]}
    assert (await house.ask("POST", path, key="cy", json=others)).status == 403
    assert (await house.ask("POST", path, key="boss", json={"assignees": ["x"]})).status == 422
    assert (await house.ask("POST", path, key="boss", json=others)).status == 200
    assert (await house.vote("ann", one, "approved")).code == "NOT_ASSIGNED"
    assert (await house.vote("cy", one, "rejected")).status == 200
    path = f"/api/v1/approvals/{two}/withdrawal"
    answer = await house.ask("POST", path, key="boss", json={"reason": "by mistake"})
    assert answer.body["status"] == "withdrawn"
    told = await house.asking.until_told(two)
    assert (told.outcome, told.reason) == ("withdrawn", "by mistake")
    assert (await house.vote("ann", two, "approved")).code == "APPROVAL_CLOSED"
    said = await house.ask(
        "POST", f"/api/v1/approvals/{two}/comments", key="ann", json={"text": "why?"}
    )
    assert said.body["history"][-1]["text"] == "why?"


async def test_a_run_that_ends_asks_nobody_any_more(house: AskingHouse) -> None:
    """Cancelled runs, closed containers, also where that rides with a task: out of the inbox."""
    asking = house.asking
    run = await asking.start(user("sam"))
    one = await asking.ask(run_id=run)
    two = await asking.ask(run_id=run, step="guard/ask")
    three = await asking.ask(run_id=run, step="race/ask")

    async def withdrawn(approval_id: str) -> bool:
        return (await asking.life(approval_id)).status == "withdrawn"

    await asking.decide(run, Event.of(SectionEntered(section="catch"), step="guard"))
    await eventually(lambda: withdrawn(two))
    await asking.decide(run, Event.of(StepCompleted(output=1), step="race"), task="default")
    await eventually(lambda: withdrawn(three))
    assert not await withdrawn(one)
    await asking.decide(run, Event.of(RunCancelled()))
    await eventually(lambda: withdrawn(one))
    assert (await house.vote("ann", one, "approved")).code == "APPROVAL_CLOSED"
    assert await asking.told(one) is None

    async def empty() -> bool:
        found = await house.get("/approvals?status=open&mine=true", "ann")
        return not found["items"]

    await eventually(empty)


async def test_the_inbox(house: AskingHouse) -> None:
    """Each sees what waits for them, counts, filters and pages; strangers see nothing."""
    asking = house.asking
    many = [await asking.ask({"title": f"Deploy {n}"}) for n in range(5)]
    done = await house.vote("ann", many[0], "approved")
    after = done.headers["Weir-Sequence"]
    mine = await house.get(f"/approvals?mine=true&status=open&limit=3&min_sequence={after}", "ann")
    assert len(mine["items"]) == 3
    rest = await house.get(
        f"/approvals?mine=true&status=open&limit=3&cursor={mine['next_cursor']}"
        f"&min_sequence={after}",
        "ann",
    )
    assert rest["next_cursor"] is None
    seen = [one["id"] for one in (*mine["items"], *rest["items"])]
    assert seen == sorted(many[1:], key=seen.index)
    assert set(seen) == set(many[1:])
    counts = await house.get("/approvals/counts", "ann")
    assert (counts["mine"], counts["open"], counts["decided"]) == (4, 4, 1)
    assert (await house.get("/approvals/counts", "sam"))["mine"] == 0
    assert (await house.get("/approvals?voted=true", "ann"))["items"][0]["id"] == many[0]
    assert len((await house.get("/approvals?q=deploy%203", "cy"))["items"]) == 1
    answer = await house.ask("GET", "/api/v1/approvals?status=x")
    assert answer.status == 400
    assert GROUP


async def test_other_tenants_see_nothing(house: AskingHouse) -> None:
    """Neither list nor id leads there."""
    one = await house.asking.ask(tenant="other")
    assert (await house.get("/approvals"))["items"] == []
    assert (await house.ask("GET", f"/api/v1/approvals/{one}")).code == "APPROVAL_NOT_FOUND"
    assert (await house.vote("ann", one, "approved")).code == "APPROVAL_NOT_FOUND"


async def test_a_decision_is_in_the_audit(house: AskingHouse) -> None:
    """What was decided, by whom, and what they had seen; noted before the run is told."""
    one = await house.asking.ask({"message": "the whole story", "context": {"n": 1}})
    await house.vote("ann", one, "approved")
    await house.asking.until_told(one)
    notes = [stored.data async for batch in house.platform.notes.read("note.*") for stored in batch]
    told = b"".join(notes)
    assert b'"approval.decided"' in told
    assert b"the whole story" in told
    assert b'"approval.voted"' in told
