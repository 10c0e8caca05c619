"""The door port on NATS: its authorization callout.

Whoever is none of the users in the server's configuration is asked about on
`$SYS.REQ.USER.AUTH`; the answer is a JWT, signed by the issuer that the
configuration names, with the subjects that they may use. It has no end: most
clients take the end of one for the end of the connection and give up. Instead
connections are ended by the system account, once their key counts no more.
"""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import nkeys
import orjson
import structlog

from weir.adapters.jetstream.link import Link, publication
from weir.contract.errors import UnavailableError
from weir.contract.subjects import EVENT_BYTES
from weir.ports.clock import Clock
from weir.ports.door import Decide, Inside, Knock, Welcome

ASKED = "$SYS.REQ.USER.AUTH"
ACCOUNT = "$G"
SUBSCRIPTIONS = 16
PAGE = 1_024
ANSWER_S = 2.0
HEAR_S = 1.0  # for how long servers may tell who is connected
_HEAD = b'{"typ":"JWT","alg":"ed25519-nkey"}'
_log = structlog.get_logger()


class NatsDoor:
    """The door, kept through a service's connection and one to the system account."""

    def __init__(self, link: Link, issuer_seed: str, clock: Clock, system: Link | None) -> None:
        self._link = link
        self._issuer = nkeys.from_seed(bytearray(issuer_seed.encode()))
        self._clock = clock
        self._system = system
        self._asked: set[asyncio.Task[None]] = set()

    async def keep(self, decide: Decide) -> None:
        """Answer for everybody who comes."""

        def receive(_subject: bytes, reply: bytes, _header: bytes, data: bytes) -> None:
            task = asyncio.ensure_future(self._answer(decide, reply.decode(), data))
            self._asked.add(task)
            task.add_done_callback(self._asked.discard)

        self._link.listen(ASKED, receive)

    async def _answer(self, decide: Decide, reply: str, data: bytes) -> None:
        asked = _claims(data)
        options = asked["connect_opts"]
        knock = Knock(options.get("user", ""), options.get("pass", ""))
        try:
            welcome = await decide(knock)
        except UnavailableError as error:
            _log.warning("a publisher cannot be looked up", why=error.message)
            welcome = None
        told: dict[str, Any] = {"type": "authorization_response", "version": 2}
        if welcome is None:
            told["error"] = "unknown"
        else:
            told["jwt"] = self._user(asked["user_nkey"], welcome)
        token = self._sign(asked["user_nkey"], asked["server_id"]["id"], told)
        self._link.post([publication(reply, b"", b"", token.encode())])

    def _user(self, key: str, welcome: Welcome) -> str:
        return self._sign(
            key,
            ACCOUNT,
            {
                "pub": {"allow": list(welcome.publish)},
                "sub": {"allow": [f"_INBOX.{welcome.name}.>"]},
                "subs": SUBSCRIPTIONS,
                "data": -1,
                "payload": EVENT_BYTES,
                "type": "user",
                "version": 2,
            },
            name=welcome.name,
        )

    def _sign(self, subject: str, audience: str, said: Mapping[str, Any], **more: Any) -> str:
        claims = {
            "iss": self._issuer.public_key.decode(),
            "iat": self._clock.now_ms() // 1000,
            "sub": subject,
            "aud": audience,
            "nats": said,
            **more,
        }
        digest = hashlib.sha256(orjson.dumps(claims)).digest()
        claims["jti"] = b32encode(digest).decode().rstrip("=")
        signed = f"{_text(_HEAD)}.{_text(orjson.dumps(claims))}"
        return f"{signed}.{_text(self._issuer.sign(signed.encode()))}"

    # -- who is inside --

    async def inside(self) -> list[Inside]:
        """Ask every server, a page at a time."""
        system = self._through()
        found: list[Inside] = []
        offset = 0
        while True:
            pages = await self._pages(system, offset)
            for page in pages:
                found += [
                    Inside(one["authorized_user"], page["server"]["id"], int(one["cid"]))
                    for one in page["data"].get("connections") or ()
                    if one.get("authorized_user")
                ]
            offset += PAGE
            if not any(int(page["data"].get("total", 0)) > offset for page in pages):
                return found

    async def _pages(self, system: Link, offset: int) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []

        def receive(_subject: bytes, _reply: bytes, _header: bytes, data: bytes) -> None:
            page = orjson.loads(data)
            if "data" in page:
                answers.append(page)

        inbox = system.new_inbox()
        handle = system.listen(inbox, receive)
        try:
            ask = {"auth": True, "limit": PAGE, "offset": offset, "acc": ACCOUNT}
            system.tell("$SYS.REQ.SERVER.PING.CONNZ", orjson.dumps(ask), inbox)
            await asyncio.sleep(HEAR_S)  # how many servers there are nobody says
        finally:
            system.unlisten(handle)
        return answers

    async def send_away(self, one: Inside) -> None:
        """End a connection; its client comes again, and is asked about anew."""
        body = orjson.dumps({"cid": one.number})
        # Who does not ask for an answer is not listened to.
        await self._through().ask(f"$SYS.REQ.SERVER.{one.server}.KICK", body, ANSWER_S)

    def _through(self) -> Link:
        if self._system is None:
            raise UnavailableError(
                "There is no connection to NATS' system account: set WEIR_BUS_SYSTEM_SEED_FILE."
            )
        self._system.check()
        return self._system


def _claims(token: bytes) -> dict[str, Any]:
    """What the server says; it comes on a subject that the server alone can publish on."""
    body = token.split(b".")[1]
    said: dict[str, Any] = orjson.loads(urlsafe_b64decode(body + b"=" * (-len(body) % 4)))["nats"]
    return said


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
