"""Answers whoever asks whether a webhook is served, as a delivery would find it; starts nothing."""

from __future__ import annotations

from contextlib import suppress

import orjson
import structlog

from services.trigger.judging import Judge, disabled
from weir.contract import subjects
from weir.contract.errors import WebhookNotFoundError, WeirError
from weir.ports.live import Listening, Live
from weir.runtime.background import Background

_log = structlog.get_logger()


class Probes:
    """Listens for the questions that publishing asks."""

    def __init__(self, live: Live, judge: Judge, background: Background) -> None:
        self._live = live
        self._judge = judge
        self._background = background
        self._listening: Listening | None = None

    async def start(self) -> None:
        """Listen."""
        self._listening = await self._live.listen(subjects.probe_asked(), self._heard)

    async def stop(self) -> None:
        """Hear no more."""
        if self._listening is not None:
            await self._listening.close()

    def _heard(self, _: str, data: bytes) -> None:
        self._background.spawn(self._answer(data), "answer a probe")

    async def _answer(self, data: bytes) -> None:
        try:
            asked = orjson.loads(data)
            subject = subjects.probe_answer(asked["probe"])
            told = await self._served(asked)
        except (ValueError, KeyError, TypeError) as error:
            _log.warning("a probe cannot be read", why=str(error))
            return
        with suppress(WeirError):
            await self._live.publish(subject, orjson.dumps(told))

    async def _served(self, asked: dict[str, str]) -> dict[str, object]:
        webhook = asked["webhook_id"]
        try:
            # Not older than what was published: what is remembered of before counts no more.
            tenant, saved = await self._judge.find(
                webhook, min_revision=int(asked["webhook_revision"])
            )
            if tenant != asked["tenant"]:
                raise WebhookNotFoundError(f"There is no webhook {webhook}.")
            if not saved.enabled:
                raise disabled(webhook, "it is switched off")
            plan, _ = await self._judge.hook(tenant, saved, min_revision=int(asked["revision"]))
            if plan.version != asked["version"]:
                raise disabled(webhook, f"the version {plan.version} is the current one by now")
        except WeirError as error:
            return {"served": False, "code": error.code, "message": error.message}
        return {"served": True}
