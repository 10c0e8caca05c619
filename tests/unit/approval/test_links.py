"""Links in mails: each is one person's, for one option, once, and a look changes nothing."""

from __future__ import annotations

import asyncio
import email
import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.policy import default

import pytest
import pytest_asyncio
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.approval import links as linking
from services.approval.book import Key
from services.approval.pages import POLICY
from tests.http_house import TENANT, Answer, memory_platform
from tests.unit.approval.asking import Asking, AskingHouse, asking_house, user
from tests.waiting import eventually
from weir.adapters.mail.smtp import SmtpMailer
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.contract.messages import MemberRemoved, UserSaved

_LINK = re.compile(r"http://\S+/api/v1/approval-links/\S+")
FORM = {
    "type": "object",
    "properties": {
        "n": {"type": "integer", "title": "How <many>"},
        "sure": {"type": "boolean"},
        "size": {"enum": ["small", "large"]},
    },
    "required": ["n", "size"],
}


@pytest_asyncio.fixture
async def house() -> AsyncIterator[AskingHouse]:
    """Five people, whose mails are kept."""
    async with asking_house() as made:
        yield made


async def mailed(house: AskingHouse, approval_id: str, who: str) -> list[str]:
    """The paths of the links that somebody got, in the order of the options."""

    async def sent() -> bool:
        life = await house.asking.life(approval_id)
        return life.notices.get("asked", ("", 0))[0] == "sent"

    await eventually(sent)
    text = [mail.text for mail in house.asking.mails if mail.to == f"{who}@example.com"][-1]
    return ["/" + one.split("/", 3)[3] for one in _LINK.findall(text)]


async def press(house: AskingHouse, path: str, **fields: str) -> Answer:
    """The button of the page."""
    return await house.ask("POST", path, key=None, data=fields)


async def test_a_look_changes_nothing_and_the_button_decides(house: AskingHouse) -> None:
    """GET and HEAD as often as scanners like; POST once, without signing in."""
    one = await house.asking.ask({"message": "<b>bold</b>"})
    approve, reject = await mailed(house, one, "ann")
    for method in ("GET", "HEAD", "GET"):
        answer = await house.ask(method, approve, key=None)
        assert answer.status == 200
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert b"&lt;b&gt;bold" in answer.body
    assert b"<script" not in answer.body
    assert (await house.asking.life(one)).status == "open"
    assert (await press(house, approve)).status == 200
    told = await house.asking.until_told(one)
    assert (told.option, told.decided_by) == ("approved", user("ann"))
    assert told.output["votes"][0]["via"] == "link"
    for path in (approve, reject):
        again = await press(house, path)
        assert again.status in {409, 410}
        assert b"<html" in again.body


async def test_a_link_counts_once(house: AskingHouse) -> None:
    """Pressed again it is spent, though others are still to agree; the other one counts."""
    one = await house.asking.ask({"required": 2})
    approve, reject = await mailed(house, one, "ann")
    assert (await press(house, approve)).status == 200
    assert (await press(house, approve)).status == 410
    assert (await house.ask("GET", approve, key=None)).status == 410
    assert (await house.asking.life(one)).tally()["approved"] == 1
    assert (await press(house, reject)).status == 200
    assert (await house.asking.until_told(one)).option == "rejected"


async def test_who_started_it_gets_no_link(house: AskingHouse) -> None:
    """And one made for them all the same does not count."""
    one = await house.asking.ask()
    await mailed(house, one, "ann")
    assert "sam@example.com" not in {mail.to for mail in house.asking.mails}
    token = await house.asking.service.links.make(Key(TENANT, one), user("sam"), "approved")
    assert (await press(house, f"/api/v1/approval-links/{token}")).status == 403


async def test_who_left_has_no_link_any_more(house: AskingHouse) -> None:
    """Nor who was disabled, nor who handed their part on."""
    one = await house.asking.ask({"required": 3})
    of_ann, of_bob = [(await mailed(house, one, who))[0] for who in ("ann", "bob")]
    gone = MemberRemoved(tenant=TENANT, user_id=user("bob"))
    await house.asking.identity(subjects.member(TENANT, user("bob")), gone)
    off = UserSaved(user_id=user("ann"), email="ann@example.com", status="disabled")
    await house.asking.identity(subjects.user(user("ann")), off)

    async def refused() -> bool:
        return {(await press(house, path)).status for path in (of_ann, of_bob)} == {403}

    await eventually(refused)
    assert not (await house.asking.life(one)).votes


async def test_expired_forged_and_strange_links(
    house: AskingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are answered with a page, and none tells whether there is such an approval."""
    one = await house.asking.ask()
    good = (await mailed(house, one, "ann"))[0]
    data, _, signature = good.rpartition("/")[2].partition(".")
    forged = signature[:-1] + ("1" if signature.endswith("0") else "0")
    monkeypatch.setattr(linking, "LASTING_MS", -1)
    late = await house.asking.service.links.make(Key(TENANT, one), user("ann"), "approved")
    nowhere = await house.asking.service.links.make(Key("other", one), user("ann"), "approved")
    said = set()
    for token in (
        *(late, nowhere, f"{data}.{forged}", f"{data}x.{signature}", data, "x", "x.y"),
        *(f"{data}.", "%00.%ff", "." * 900),
    ):
        for method in ("GET", "POST"):
            answer = await house.ask(method, f"/api/v1/approval-links/{token}", key=None)
            assert answer.status == 410, token
            said.add(answer.body)
    assert len(said) == 1
    assert (await house.asking.life(one)).status == "open"


async def test_the_page_asks_what_the_option_asks(house: AskingHouse) -> None:
    """A comment and a flat form are filled in there; what does not fit changes nothing."""
    options = [{"value": "yes"}, {"value": "no", "comment": True, "form": False}]
    one = await house.asking.ask({"form": FORM, "options": options})
    yes, no = await mailed(house, one, "bob")
    page = (await house.ask("GET", yes, key=None)).body.decode()
    assert "How &lt;many&gt;" in page
    assert (await press(house, yes, **{"v.n": "x", "v.size": "1"})).status == 422
    assert (await press(house, no)).status == 422
    assert (await press(house, yes, **{"v.n": "3", "v.size": "1", "comment": "fine"})).status == 200
    told = await house.asking.until_told(one)
    assert told.output["values"] == {"n": 3, "sure": False, "size": "large"}
    assert told.output["comment"] == "fine"


async def test_a_form_of_many_levels_is_filled_in_in_weir(house: AskingHouse) -> None:
    """The page says where."""
    deep = {"type": "object", "properties": {"a": {"type": "object"}}}
    one = await house.asking.ask({"form": deep})
    yes, _ = await mailed(house, one, "ann")
    assert f"/approvals?id={one}" in (await house.ask("GET", yes, key=None)).body.decode()


class Taker:
    """A mail server's mind."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        read = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(read, EmailMessage)
        self.mails.append(read)
        return self.answer


@pytest.mark.parametrize("answer", ["250 OK", "550 no"])
async def test_mails_through_a_real_server(answer: str) -> None:
    """They arrive with their links; where the server refuses, the history says so."""
    taker, loop = Taker(answer), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(taker, loop=loop, hostname="localhost"), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    platform = memory_platform(Broker(SystemClock()).connect())
    mailer = SmtpMailer(f"smtp://127.0.0.1:{port}", "Weir <weir@example.com>")
    object.__setattr__(platform, "mail", mailer)
    async with AskingHouse(Asking(platform)) as house:
        one = await house.asking.ask({"title": "Größe\nändern?"})

        async def over() -> bool:
            life = await house.asking.life(one)
            return life.notices.get("asked", ("", 0))[0] in {"sent", "failed"}

        await eventually(over)
        told = [line for line in (await house.asking.life(one)).history if "status" in line][-1]
        assert told["status"] == ("sent" if answer.startswith("250") else "failed")
        assert ("did not take" in told.get("problem", "")) == answer.startswith("550")
    server.close()
    assert sorted(str(mail["To"]) for mail in taker.mails) == ["ann@example.com", "bob@example.com"]
    assert taker.mails[0]["Subject"] == "Größe ändern?"
    assert _LINK.search(taker.mails[0].get_content())
