"""Push notices: a word to each browser of those who are asked, through its own push service.

A notice says what it is about, who asks and where it is decided, and nothing of
the run's data. Notices about one approval replace each other. A browser that its
push service does not know any more is forgotten; what a push service refuses for
the moment is sent again a few times within the same notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson

from services.approval import outgoing
from services.approval.kept import Kept
from services.approval.push_crypto import Target, authorization, encrypted, public_of
from services.approval.push_devices import Devices
from services.approval.roster import Roster
from services.approval.shown import title_of
from weir.contract.approval_errors import PushDeviceNotFoundError
from weir.contract.errors import WeirError
from weir.contract.messages import PushDevice, UserSaved
from weir.core.approvals.life import Life
from weir.ports.clock import Clock
from weir.ports.node_context import Http, NodeError
from weir.settings import Settings

TITLE = 150
TOGETHER = 16
PAUSES_S = (1.0, 5.0)  # before a push service is asked again
LONGEST_PAUSE_S = 20.0  # that it may ask for
ALL_S = 90.0  # for all of a notice: after two minutes another process sends it again
KEPT_S = 7 * 86_400  # by the push service, for a browser that is off
_TAKEN = range(200, 300)
_GONE = frozenset({404, 410})
_LATER = frozenset({429, *range(500, 600)})


class Pushed(NamedTuple):
    """What came of a notice: how many browsers' push services took it, and what went wrong."""

    devices: int
    problems: list[str]


class _RefusedError(Exception):
    """A push service did not take it."""


class _GoneError(Exception):
    """A push service does not know the browser any more."""


class Push:
    """Sends."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it needs to send
        self,
        devices: Devices,
        roster: Roster,
        key: Kept,
        http: Http,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._devices = devices
        self._roster = roster
        self._key = key
        self._http = http
        self._clock = clock
        self._contact = contact_of(settings)
        self._room = asyncio.Semaphore(TOGETHER)

    async def public_key(self) -> str:
        """By which browsers know who may send to them."""
        return public_of(await self._key.get())

    def reaches(self, tenant: str) -> bool:
        """Whether anybody in the tenant gets push notices."""
        return self._devices.any(tenant)

    def has(self, tenant: str, user_id: str) -> bool:
        """Whether somebody gets them."""
        return bool(self._devices.of(tenant, user_id))

    async def send(self, life: Life, notice: str, people: Sequence[UserSaved]) -> Pushed:
        """To every browser of these people."""
        owned = [
            (one.user_id, device)
            for one in people
            for device in self._devices.of(life.tenant, one.user_id)
        ]
        message = self._message(life, notice)
        left_s = (life.due_ms - self._clock.now_ms()) // 1000 if life.due_ms else KEPT_S
        headers = {"TTL": str(max(0, min(left_s, KEPT_S))), "Topic": life.approval_id}
        sending = [
            asyncio.create_task(self._one(life.tenant, user_id, device, message, headers))
            for user_id, device in owned
        ]
        if not sending:
            return Pushed(0, [])
        try:
            done, late = await asyncio.wait(sending, timeout=ALL_S)
        finally:
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)
        told = [task.result() for task in done]
        problems = [one for one in told if one]
        if late:
            problems.append("A push service did not answer in time.")
        return Pushed(told.count(""), [one for one in problems if one != _FORGOTTEN])

    async def test(self, tenant: str, user_id: str, device: PushDevice) -> str:
        """A notice that is about nothing, to one browser; what went wrong."""
        message = {
            "title": "Weir",
            "body": "Notices of approvals reach this device.",
            "url": "/approvals",
            "tag": "test",
        }
        headers = {"TTL": "60", "Topic": "test"}
        return await self._one(tenant, user_id, device, message, headers)

    async def _one(
        self,
        tenant: str,
        user_id: str,
        device: PushDevice,
        message: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> str:
        try:
            async with self._room:
                target = await self._devices.target(tenant, user_id, device)
                await self._delivered(target, orjson.dumps(message), headers)
        except _GoneError:
            return await self._forgotten(tenant, user_id, device)
        except _RefusedError as error:
            return str(error)
        except WeirError as error:
            return error.message
        return ""

    async def _forgotten(self, tenant: str, user_id: str, device: PushDevice) -> str:
        try:
            await self._devices.remove(tenant, user_id, device.id)
        except PushDeviceNotFoundError:
            pass
        except WeirError as error:
            return error.message
        return _FORGOTTEN

    async def _delivered(self, target: Target, message: bytes, more: Mapping[str, str]) -> None:
        key = await self._key.get()
        host = urlsplit(target.endpoint).hostname
        body = encrypted(message, target)
        for pause in (*PAUSES_S, None):
            headers = {
                "Authorization": authorization(
                    key, target.endpoint, self._contact, self._clock.now_ms()
                ),
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "Urgency": "high",
                **more,
            }
            answer = await self._asked(target.endpoint, body, headers)
            if isinstance(answer, str):
                problem, wished = f"The push service {host} cannot be reached: {answer}.", 0.0
            elif answer[0] in _TAKEN:
                return
            elif answer[0] in _GONE:
                raise _GoneError
            else:
                problem, wished = f"The push service {host} answers {answer[0]}.", answer[1]
                if answer[0] not in _LATER:
                    raise _RefusedError(problem)
            if pause is None:
                raise _RefusedError(problem)
            await asyncio.sleep(min(max(pause, wished), LONGEST_PAUSE_S))

    async def _asked(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, float] | str:
        """Its status and how long it wants to be left alone; or why it cannot be asked now."""
        try:
            answer = await outgoing.posted(self._http, url, body, headers)
        except NodeError as error:
            # What cannot be reached names its address, which is a secret.
            if error.retryable:
                return error.error_code
            host = urlsplit(url).hostname
            problem = f"The push service {host} cannot be called: {error.error_code}."
            raise _RefusedError(problem) from error
        wished = answer.headers.get("retry-after", "")
        return answer.status, float(wished) if wished.isascii() and wished.isdigit() else 0.0

    def _message(self, life: Life, notice: str) -> dict[str, str]:
        return {
            "title": " ".join(title_of(life).split())[:TITLE],
            "body": _WORDS[notice.partition(".")[0]] + self._asker(life),
            "url": f"/approvals?id={life.approval_id}",
            "tag": life.approval_id,
        }

    def _asker(self, life: Life) -> str:
        by = life.started_by[0] if life.started_by else ""
        called = self._roster.called(self._roster.person(by) or by)
        return f" Asked by {called[:TITLE]}." if by and called != by else ""


def contact_of(settings: Settings) -> str:
    """Whom a push service may turn to; empty: nobody is known."""
    address = parseaddr(settings.mail_from)[1]
    if address:
        return f"mailto:{address}"
    return settings.public_url if settings.public_url.startswith("https:") else ""


_FORGOTTEN = "The push service does not know the device any more: it was removed."
_WORDS = {
    "asked": "You are asked to decide.",
    "reminder": "Nobody has decided yet.",
    "escalation": "Nobody has decided yet, and you are told of it.",
}
