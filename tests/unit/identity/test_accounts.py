"""Accounts: how people get one, and that nobody gets another's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from services.identity import addresses
from services.identity.first_person import first_link
from services.identity.invitations import Invitations
from services.identity.mail import INVITED_S, RESET_S
from services.identity.recovery import MAILS_TO_ADDRESS
from tests.http_house import TENANT
from tests.unit.identity.people_house import PASSWORD, PeopleHouse, people_house
from tests.waiting import eventually
from weir.contract import subjects
from weir.contract.errors import InvalidRequestError
from weir.contract.messages import EmailClaimed, UserSaved

NEW = "another long password"
_TOKEN = re.compile(r"#([a-z2-7]{52})")


@pytest.fixture
async def opened(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PeopleHouse]:
    """An installation where everybody may register."""
    async with people_house(monkeypatch, registration="open") as house:
        yield house


async def settled(people: PeopleHouse) -> None:
    """What is done after answers is done."""

    async def idle() -> bool:
        return people.service._accounts._post._waiting == 0

    await eventually(idle)


async def invited(people: PeopleHouse, email: str, role: str = "viewer") -> str:
    """The token in the mail that an invitation sends."""
    before = len(people.mails)
    answer = await people.ask("POST", "/api/v1/users", json={"email": email, "role": role})
    assert answer.status == 201, answer.body
    return await people.mailed(before + 1)


# ---- addresses ----


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Ann@ACME.example", "ann@acme.example"),
        ("  ann@acme.example\n", "ann@acme.example"),
        ("\uff41\uff4e\uff4e@\uff41\uff43\uff4d\uff45.example", "ann@acme.example"),
        ("Ann+tag@acme.example", "ann+tag@acme.example"),
        ("m\u0075\u0308ller@acme.example", "m\u00fcller@acme.example"),
        ("M\u00dcLLER@B\u00fccher.example", "m\u00fcller@xn--bcher-kva.example"),
        ("\u212aate@acme.example", "kate@acme.example"),  # the sign for Kelvin
        ("\u0430nn@acme.example", "\u0430nn@acme.example"),  # a Cyrillic a is another letter
        ("g\u0131t@acme.example", "g\u0131t@acme.example"),  # an i without a dot as well
        ("stra\u00dfe@acme.example", "stra\u00dfe@acme.example"),
        ("a@localhost", "a@localhost"),
    ],
)
def test_an_address_has_one_form(given: str, expected: str) -> None:
    """Whatever case, width and composition it was typed in."""
    assert addresses.normal(given) == expected
    assert addresses.normal(expected) == expected


@pytest.mark.parametrize(
    "given",
    [
        "",
        "ann",
        "@acme.example",
        "ann@",
        "ann@@acme.example",
        "a@b@acme.example",
        "ann smith@acme.example",
        "ann\n@acme.example",
        "ann\r\nBcc: eve@evil.example@acme.example",
        "ann@acme..example",
        "ann@-acme.example",
        "ann@acme.example,eve@evil.example",
        '"ann"@acme.example',
        "<ann@acme.example>",
        ".ann@acme.example",
        "an..n@acme.example",
        "an\u200bn@acme.example",
        "an\u202en@acme.example",
        "\ud800@acme.example",
        "ann@\ud800.example",
        "ann@" + "a" * 64 + ".example",
        "a" * 65 + "@acme.example",
        "ann@" + "a." * 130 + "example",
        "x" * 10_000 + "@acme.example",
        "ann@[127.0.0.1]",
    ],
)
def test_what_cannot_be_an_address_is_none(given: str) -> None:
    """And nothing is raised, whatever it is."""
    assert addresses.normal(given) is None


# ---- the first person ----


async def first_token(people: PeopleHouse) -> str:
    """The token of the link that is shown where the platform is started."""
    shown = await first_link(people.platform, people.url)
    assert shown is not None
    found = _TOKEN.search(shown)
    assert found is not None
    return found[1]


async def test_the_first_person_administers_the_installation(people: PeopleHouse) -> None:
    """By a link that counts once; then there is none any more."""
    token, other = await first_token(people), await first_token(people)
    body = {"token": token, "email": "Me@Example.com", "name": "Me", "password": PASSWORD}
    answer = await people.post("invitations/accept", **body)
    assert answer.status == 200, answer.body
    me = (await people.ask("GET", "/api/v1/auth/me", key=answer.body["access_token"])).body
    assert (me["tenant"], me["role"], me["platform"]) == ("default", "admin", True)
    assert me["email"] == "me@example.com"
    for spent in (token, other):
        body = {"token": spent, "email": "eve@example.com", "password": PASSWORD}
        again = await people.post("invitations/accept", **body)
        assert (again.status, again.code) == (410, "LINK_SPENT")
    assert await first_link(people.platform, people.url) is None


async def test_the_first_person_must_say_who_they_are(people: PeopleHouse) -> None:
    """What is refused leaves the link as it is."""
    token = await first_token(people)
    no_address = await people.post("invitations/accept", token=token, password=PASSWORD)
    assert no_address.status == 422
    short = await people.post(
        "invitations/accept", token=token, email="me@example.com", password="short"
    )
    assert (short.status, short.code) == (422, "PASSWORD_REFUSED")
    good = await people.post(
        "invitations/accept", token=token, email="me@example.com", password=PASSWORD
    )
    assert good.status == 200


async def test_there_is_no_first_person_after_the_first(people: PeopleHouse) -> None:
    """An account that was only invited is nobody yet; one that was taken up is."""
    await people.person("ann", status="invited")
    assert await first_link(people.platform, people.url)
    await people.person("bob", status="disabled")
    assert await first_link(people.platform, people.url) is None


# ---- invitations ----


async def test_an_invitation_makes_a_member(people: PeopleHouse) -> None:
    """By a link that was mailed to the address and counts once."""
    token = await invited(people, "Ann@acme.example", "operator")
    assert people.mails[-1].to == "ann@acme.example"
    answer = await people.post("invitations/accept", token=token, name="Ann", password=PASSWORD)
    assert answer.status == 200
    who = (await people.ask("GET", "/who", key=answer.body["access_token"])).body
    assert (who["tenant"], who["role"]) == (TENANT, "operator")
    assert (await people.login("ann")).status == 200
    again = await people.post("invitations/accept", token=token, name="Eve", password=NEW)
    assert (again.status, again.code) == (410, "LINK_SPENT")
    assert (await people.login("ann")).status == 200


async def test_a_link_taken_many_times_at_once_makes_one_person(people: PeopleHouse) -> None:
    """With the password of the one that came first."""
    token = await invited(people, "ann@acme.example")
    answers = await asyncio.gather(
        *(
            people.post("invitations/accept", token=token, password=f"long password {n}")
            for n in range(8)
        )
    )
    assert sorted(answer.status for answer in answers) == [200] + [410] * 7
    winner = next(n for n, answer in enumerate(answers) if answer.status == 200)
    assert (await people.login("ann", f"long password {winner}")).status == 200


async def test_before_the_link_nobody_gets_in(people: PeopleHouse) -> None:
    """There is no password yet, and none can be set but by mail."""
    await invited(people, "ann@acme.example")
    for password in ("", PASSWORD, "nobody has this password"):
        assert (await people.login("ann", password)).status in {401, 422}


async def test_an_old_invitation_is_over(people: PeopleHouse) -> None:
    """After a week; another one can be sent."""
    token = await invited(people, "ann@acme.example")
    people.clock.later_ms = INVITED_S * 1000
    answer = await people.post("invitations/accept", token=token, password=PASSWORD)
    assert answer.status == 410


async def test_who_has_an_account_is_told_without_a_link(people: PeopleHouse) -> None:
    """Inviting an address that has one neither signs anybody in nor changes its password."""
    user_id = await people.person("ann", role="")
    before = len(people.mails)
    answer = await people.ask(
        "POST", "/api/v1/users", json={"email": "ANN@acme.example", "role": "editor"}
    )
    assert answer.status == 201
    assert await people.mailed(before + 1) == ""
    tokens = await people.signed_in("ann")
    assert tokens["user"] == user_id
    assert tokens["tenant"] == TENANT


@pytest.mark.parametrize("token", ["", "a" * 52, "b" * 200, "../../x", "\x00"])
async def test_what_is_no_link_opens_nothing(people: PeopleHouse, token: str) -> None:
    """And it is not said whether it ever was one."""
    for path in ("invitations/accept", "password/reset"):
        answer = await people.post(path, token=token, password=PASSWORD)
        assert (answer.status, answer.code) == (410, "LINK_SPENT")
    assert (await people.post("email/verify", token=token)).code == "LINK_SPENT"


async def test_a_link_opens_only_what_it_was_made_for(people: PeopleHouse) -> None:
    """An invitation resets no password and verifies no address."""
    await people.person("ann")
    token = await invited(people, "bob@acme.example")
    assert (await people.post("password/reset", token=token, password=NEW)).status == 410
    assert (await people.post("email/verify", token=token)).status == 410
    await people.post("password/forgot", email="ann@acme.example")
    await settled(people)
    reset = _TOKEN.search(people.mails[-1].text)[1]  # type: ignore[index]
    assert (await people.post("invitations/accept", token=reset, password=NEW)).status == 410


# ---- registration ----


async def test_nobody_registers_unless_they_may(people: PeopleHouse) -> None:
    """The setting decides; `invited` is what it is by itself."""
    answer = await people.post("register", email="ann@acme.example")
    assert (answer.status, answer.code) == (403, "REGISTRATION_CLOSED")


async def test_where_it_is_closed_no_link_makes_an_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """But the first person's."""
    async with people_house(monkeypatch, registration="closed") as people:
        token = await invited(people, "ann@acme.example")
        answer = await people.post("invitations/accept", token=token, password=PASSWORD)
        assert answer.code == "REGISTRATION_CLOSED"
        token = await first_token(people)
        body = {"token": token, "email": "me@example.com", "password": PASSWORD}
        assert (await people.post("invitations/accept", **body)).status == 200


async def test_who_registers_shows_that_the_address_is_theirs(opened: PeopleHouse) -> None:
    """The link sets the password: whoever only knows the address gets nothing by asking."""
    assert (await opened.post("register", email="Ann@acme.example")).status == 202
    token = await opened.mailed()
    answer = await opened.post("invitations/accept", token=token, name="Ann", password=PASSWORD)
    assert answer.status == 200
    assert answer.body["tenant"] == ""
    assert (await opened.login("ann")).status == 200


async def test_registering_twice_tells_nothing(opened: PeopleHouse) -> None:
    """The answer is the same, and the mail says what there is; the account stays as it is."""
    await opened.person("ann")
    known = await opened.post("register", email="ann@acme.example")
    unknown = await opened.post("register", email="bob@acme.example")
    assert (known.status, known.body) == (unknown.status, unknown.body)
    await settled(opened)
    by_address = {mail.to: mail for mail in opened.mails}
    assert "already" in by_address["ann@acme.example"].subject
    assert _TOKEN.search(by_address["ann@acme.example"].text) is None
    assert _TOKEN.search(by_address["bob@acme.example"].text)
    assert (await opened.login("ann")).status == 200


async def test_registering_at_the_same_time_makes_one_account(opened: PeopleHouse) -> None:
    """Whatever spelling of the address each took."""
    spellings = ["ann@acme.example", "ANN@acme.example", "\uff41\uff4e\uff4e@acme.example"] * 3
    await asyncio.gather(*(opened.post("register", email=one) for one in spellings))
    await settled(opened)
    users = set()
    async for batch in opened.platform.identity.read(subjects.user("*")):
        users |= {stored.subject for stored in batch}
    assert len(users) == 1


async def test_an_address_that_was_claimed_and_never_used_is_taken_up(opened: PeopleHouse) -> None:
    """A process that died between the claim and the account blocks nobody for ever."""
    lost = opened.platform.clock.new_id("usr")
    claim = subjects.email(addresses.hashed("ann@acme.example"))
    await opened.write(claim, EmailClaimed(user_id=lost))
    await opened.post("register", email="ann@acme.example")
    answer = await opened.post("invitations/accept", token=await opened.mailed(), password=PASSWORD)
    assert (answer.status, answer.body["user"]) == (200, lost)


async def test_nobody_s_letter_box_is_filled(opened: PeopleHouse) -> None:
    """A few mails an hour to one address, whoever asks how often; the answer stays the same."""
    answers = [await opened.post("register", email="ann@acme.example") for _ in range(8)]
    await settled(opened)
    assert {answer.status for answer in answers} == {202}
    assert len(opened.mails) == MAILS_TO_ADDRESS


async def test_one_caller_sends_no_flood(opened: PeopleHouse) -> None:
    """However many addresses they name."""
    answers = [
        (await opened.post("password/forgot", email=f"n{n}@acme.example")).status for n in range(35)
    ]
    assert answers == [202] * 30 + [429] * 5


# ---- forgotten passwords ----


async def test_a_forgotten_password_is_set_anew(people: PeopleHouse) -> None:
    """By the link, which ends every session, the pause after guesses, and itself."""
    await people.person("ann")
    tokens = await people.signed_in("ann")
    for n in range(6):
        await people.login("ann", f"guess {n}")
    assert (await people.login("ann")).status == 429
    assert (await people.post("password/forgot", email=" ANN@acme.example")).status == 202
    token = await people.mailed()
    assert (await people.post("password/reset", token=token, password=NEW)).status == 204
    assert (await people.login("ann", NEW)).status == 200
    assert (await people.login("ann")).status == 401
    assert (await people.post("refresh", refresh_token=tokens["refresh_token"])).status == 401
    twice = await people.post("password/reset", token=token, password="a third long password")
    assert (twice.status, twice.code) == (410, "LINK_SPENT")


async def test_the_answer_tells_nothing_of_accounts(people: PeopleHouse) -> None:
    """Known, unknown, disabled, no address at all: the same, and nobody else gets mail."""
    await people.person("ann")
    await people.person("off", status="disabled")
    answers = [
        await people.post("password/forgot", email=email)
        for email in ("ann@acme.example", "off@acme.example", "eve@acme.example", "no address")
    ]
    assert {(answer.status, answer.body) for answer in answers} == {(202, None)}
    await settled(people)
    assert [mail.to for mail in people.mails] == ["ann@acme.example"]


async def test_mail_goes_to_the_address_of_the_account(people: PeopleHouse) -> None:
    """Not to one that looks the same to us and is another letter box to others."""
    await people.person("kate")
    await people.post("password/forgot", email="\u212aate@acme.example")
    await settled(people)
    assert [mail.to for mail in people.mails] == ["kate@acme.example"]
    await people.post("password/forgot", email="k\u0430te@acme.example")
    await settled(people)
    assert len(people.mails) == 1


async def test_an_old_or_overtaken_link_is_over(people: PeopleHouse) -> None:
    """After an hour, or once the password was changed in another way."""
    await people.person("ann")
    await people.post("password/forgot", email="ann@acme.example")
    old = await people.mailed(1)
    await people.post("password/forgot", email="ann@acme.example")
    other = await people.mailed(2)
    assert (await people.post("password/reset", token=other, password=NEW)).status == 204
    overtaken = await people.post("password/reset", token=old, password="a third long password")
    assert overtaken.status == 410
    assert (await people.login("ann", NEW)).status == 200
    await people.post("password/forgot", email="ann@acme.example")
    await settled(people)
    late = _TOKEN.search(people.mails[-1].text)[1]  # type: ignore[index]
    people.clock.later_ms = RESET_S * 1000
    assert (await people.post("password/reset", token=late, password=PASSWORD)).status == 410


async def test_a_poor_password_leaves_the_link(people: PeopleHouse) -> None:
    """So that whoever was refused can try another one."""
    await people.person("ann")
    await people.post("password/forgot", email="ann@acme.example")
    token = await people.mailed()
    short = await people.post("password/reset", token=token, password="short")
    assert short.code == "PASSWORD_REFUSED"
    assert (await people.post("password/reset", token=token, password=NEW)).status == 204


async def test_a_disabled_account_is_not_reset(people: PeopleHouse) -> None:
    """Though it was in order when the link was sent."""
    user_id = await people.person("ann")
    await people.post("password/forgot", email="ann@acme.example")
    token = await people.mailed()
    off = UserSaved(user_id=user_id, name="ann", email="ann@acme.example", status="disabled")
    await people.write(subjects.user(user_id), off)
    assert (await people.post("password/reset", token=token, password=NEW)).status == 410


async def test_who_was_invited_and_forgets_gets_the_link_again(people: PeopleHouse) -> None:
    """There is no password to forget yet."""
    await invited(people, "ann@acme.example")
    await people.post("password/forgot", email="ann@acme.example")
    token = await people.mailed(2)
    answer = await people.post("invitations/accept", token=token, password=PASSWORD)
    assert answer.status == 200


# ---- another address ----


async def test_an_address_moves_once_it_was_shown_to_be_theirs(people: PeopleHouse) -> None:
    """The old one is told, is nobody's, and signs nobody in."""
    await people.person("ann")
    key = (await people.signed_in("ann"))["access_token"]
    asked = await people.post("email", key=key, email="New@acme.example", password=PASSWORD)
    assert asked.status == 202
    token = await people.mailed()
    assert people.mails[-1].to == "new@acme.example"
    assert (await people.login("new")).status == 401
    assert (await people.post("email/verify", token=token)).status == 204
    assert (await people.login("new")).status == 200
    assert (await people.login("ann")).status == 401
    await settled(people)
    assert people.mails[-1].to == "ann@acme.example"
    assert (await people.post("email/verify", token=token)).status == 410


async def test_nobody_s_address_is_taken_from_them(people: PeopleHouse) -> None:
    """Even by who reads the mail there, while an account has it."""
    await people.person("ann")
    await people.person("bob")
    key = (await people.signed_in("ann"))["access_token"]
    await people.post("email", key=key, email="BOB@acme.example", password=PASSWORD)
    answer = await people.post("email/verify", token=await people.mailed())
    assert (answer.status, answer.code) == (409, "ACCOUNT_EXISTS")
    assert (await people.login("bob")).status == 200
    assert (await people.login("ann")).status == 200


async def test_an_address_moves_only_by_its_owner(people: PeopleHouse) -> None:
    """Who has the session alone, or a key, does not move it."""
    await people.person("ann")
    key = (await people.signed_in("ann"))["access_token"]
    without = await people.post("email", key=key, email="eve@acme.example")
    assert (without.status, without.code) == (403, "PROOF_REQUIRED")
    by_key = await people.post("email", key="admin", email="eve@acme.example", password="x")
    assert by_key.code == "PERSON_REQUIRED"
    await settled(people)
    assert people.mails == []


def test_invitations_need_an_address() -> None:
    """What is none is refused before anything is stored."""
    one = Invitations(None, None, None)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError):
        one.address("no address")
