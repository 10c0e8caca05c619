"""Slack: what is posted, and whose button counts. The server speaks Slack's protocol."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest_asyncio
from aiohttp import web

from services.approval.slack import in_slack, is_slacks
from tests.http_house import NOW, TENANT, Answer
from tests.unit.approval.asking import AskingHouse, asking_house, user
from tests.waiting import eventually
from weir.contract import ids, subjects
from weir.contract.messages import CredentialSaved
from weir.runtime.sealing import fields_place, seal

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SLACK = {"slack": {"credential": "team", "channel": "#ops"}, "email": False}


class Slack:
    """A server like Slack's."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, Any]] = []
        self.answer: dict[str, Any] = {"ok": True}
        self.people = {"U1": "ann@example.com", "U2": "sam@example.com", "U3": "who@example.com"}
        self.url = ""

    async def start(self) -> None:
        """On a free port."""
        app = web.Application()
        app.router.add_post("/api/chat.postMessage", self._post)
        app.router.add_post("/api/users.info", self._info)
        app.router.add_post("/services/T1/B1/x", self._hook)
        app.router.add_post("/actions/1", self._hook)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """End."""
        await self._runner.cleanup()

    async def _post(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer xoxb-1"
        self.posts.append((request.path, await request.json()))
        return web.json_response(self.answer)

    async def _info(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/x-www-form-urlencoded"
        found = self.people.get(str((await request.post())["user"]))
        if found is None:
            return web.json_response({"ok": False, "error": "user_not_found"})
        return web.json_response({"ok": True, "user": {"profile": {"email": found}}})

    async def _hook(self, request: web.Request) -> web.Response:
        self.posts.append((request.path, await request.json()))
        return web.Response(text="ok")


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[Slack]:
    """Running."""
    made = Slack()
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture
async def house(slack: Slack) -> AsyncIterator[AskingHouse]:
    """With a credential for it."""
    async with asking_house(outbound_allow=("127.0.0.0/8",)) as made:
        await credential(
            made,
            {"bot_token": "xoxb-1", "signing_secret": SECRET, "api_url": f"{slack.url}/api"},
        )
        yield made


async def credential(house: AskingHouse, fields: Mapping[str, Any], name: str = "team") -> None:
    """Store one."""
    place = fields_place(TENANT, ids.derived("cred", name), name, 1)
    sealed = await seal(house.platform.secrets, fields, place)
    saved = CredentialSaved(
        credential_id=place.record_id,
        name=name,
        type="slack",
        key_id=sealed.key_id,
        sealed=sealed.data,
        version=1,
        created_at=NOW,
    )
    await house.record(subjects.credential(TENANT, name), saved)


async def posted(slack: Slack, count: int = 1) -> Any:
    """What was posted last."""

    async def there() -> bool:
        return len(slack.posts) >= count

    await eventually(there)
    return slack.posts[-1][1]


async def press(
    house: AskingHouse, slack: Slack, value: str, who: str = "U1", **change: Any
) -> Answer:
    """A button, as Slack tells of it."""
    payload = {
        "type": "block_actions",
        "user": {"id": who},
        "actions": [{"action_id": "weir.decide.x", "value": value}],
        "response_url": f"{slack.url}/actions/1",
    }
    body = urlencode({"payload": orjson.dumps(payload).decode()}).encode()
    stamp = str(change.get("stamp", int(time.time())))
    key = change.get("secret", SECRET).encode()
    digest = hmac.new(key, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return await house.ask(
        "POST",
        f"/api/v1/approval-slack/{TENANT}/{change.get('name', 'team')}",
        key=None,
        data=body + change.get("more", b""),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}",
        },
    )


async def test_a_button_decides_in_the_name_of_who_pressed_it(
    house: AskingHouse, slack: Slack
) -> None:
    """Whom Slack's address names; the message then says what came of it."""
    one = await house.asking.ask({**SLACK, "message": "**bold** <!channel>"})
    message = await posted(slack)
    assert message["channel"] == "#ops"
    text = message["blocks"][0]["text"]["text"]
    assert "*bold* &lt;!channel&gt;" in text
    buttons = message["blocks"][1]["elements"]
    assert [one["text"]["text"] for one in buttons] == ["Approve", "Reject", "Open in Weir"]
    assert (await press(house, slack, buttons[0]["value"])).status == 200
    told = await house.asking.until_told(one)
    assert (told.option, told.decided_by) == ("approved", user("ann"))
    assert told.output["votes"][0]["via"] == "slack"
    said = await posted(slack, 2)
    assert said["replace_original"] is True
    assert "approved by Ann" in said["text"]


async def test_who_may_not_is_told_so_in_slack(house: AskingHouse, slack: Slack) -> None:
    """Who started the run, whom nobody knows, and who comes too late."""
    one = await house.asking.ask(SLACK)
    value = (await posted(slack))["blocks"][1]["elements"][0]["value"]
    for count, who in enumerate(("U2", "U3", "U9"), 2):
        assert (await press(house, slack, value, who)).status == 200
        assert (await posted(slack, count))["response_type"] == "ephemeral"
    assert (await house.asking.life(one)).status == "open"
    await house.vote("bob", one, "rejected")
    assert (await press(house, slack, value)).status == 200
    assert "rejected by Bob" in (await posted(slack, 5))["text"]


async def test_only_slack_presses(house: AskingHouse, slack: Slack) -> None:
    """A wrong secret, an old stamp, another body, another credential: nothing happens."""
    one = await house.asking.ask(SLACK)
    value = (await posted(slack))["blocks"][1]["elements"][0]["value"]
    await credential(house, {"bot_token": "xoxb-1", "signing_secret": "mine"}, "mine")
    for change in (
        {"secret": "wrong"},
        {"stamp": int(time.time()) - 400},
        {"stamp": "now"},
        {"more": b"&x=1"},
        {"name": "mine", "secret": "mine"},
        {"name": "none"},
    ):
        answer = await press(house, slack, value, **change)
        assert (answer.status, answer.code) == (401, "SIGNATURE_INVALID"), change
    for junk in ("", "[]", "[1,2]", '["apr_x","approved"]'):
        assert (await press(house, slack, junk)).status == 401
    assert (await house.asking.life(one)).status == "open"


async def test_a_webhook_alone_opens_the_page(house: AskingHouse, slack: Slack) -> None:
    """Nobody could tell who presses; what asks for a comment is opened too."""
    await credential(house, {"webhook_url": f"{slack.url}/services/T1/B1/x"}, "hook")
    await house.asking.ask({"slack": {"credential": "hook"}, "email": False})
    message = await posted(slack)
    assert slack.posts[-1][0] == "/services/T1/B1/x"
    assert [one["action_id"] for one in message["blocks"][1]["elements"]] == ["weir.open"]
    options = [{"value": "yes"}, {"value": "no", "comment": True}]
    await house.asking.ask({**SLACK, "options": options})
    message = await posted(slack, 2)
    ways = [one["action_id"] for one in message["blocks"][1]["elements"]]
    assert ways == ["weir.decide.yes", "weir.open"]


async def test_what_slack_refuses_is_told(house: AskingHouse, slack: Slack) -> None:
    """In the history, without the credential; deciding goes on without it."""
    slack.answer = {"ok": False, "error": "channel_not_found"}
    one = await house.asking.ask(SLACK)
    two = await house.asking.ask({"slack": {"credential": "nobody"}, "email": False})

    async def failed() -> bool:
        lives = [await house.asking.life(name) for name in (one, two)]
        return all(life.notices.get("asked", ("", 0))[0] == "failed" for life in lives)

    await eventually(failed)
    told = [line for line in (await house.asking.life(one)).history if "problem" in line][-1]
    assert "channel_not_found" in told["problem"]
    assert "xoxb" not in str(told)
    assert (await house.vote("ann", one, "approved")).status == 200


async def test_calls_go_through_the_guard(slack: Slack) -> None:
    """An address that is not public is refused unless the installation allows it."""
    async with asking_house() as house:
        await credential(house, {"webhook_url": f"{slack.url}/services/T1/B1/x"})
        one = await house.asking.ask({"slack": {"credential": "team"}, "email": False})

        async def failed() -> bool:
            life = await house.asking.life(one)
            return life.notices.get("asked", ("", 0))[0] == "failed"

        await eventually(failed)
    assert slack.posts == []


def test_slacks_own_example() -> None:
    """The vector of Slack's documentation."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id="
        b"G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command="
        b"%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J"
        b"%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
        b"803a0bc887a14d10d2c447fce8b6703c"
    )
    right = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert is_slacks(SECRET, "1531420618", right, body, 1531420618)
    assert not is_slacks(SECRET, "1531420618", right, body, 1531420618 + 301)
    assert not is_slacks(SECRET, "1531420619", right, body, 1531420618)


def test_markdown_in_slacks_words() -> None:
    """Bold and links; nobody is mentioned."""
    assert in_slack("**a** [b](https://c.d) <@U1> & <!here>") == (
        "*a* <https://c.d|b> &lt;@U1&gt; &amp; &lt;!here&gt;"
    )
