"""Telling people that they are asked: by mail, in Slack and on their devices, once each, at least.

That a notice begins is stored before it is sent, so that of several processes
one sends it; one that has not ended after a while is sent again by whoever looks.
What cannot be sent is told in the approval's history and changes nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

import structlog

from services.approval.book import Book, Key, Said
from services.approval.post import Post
from services.approval.push import Push
from services.approval.roster import Roster
from services.approval.slack import SlackPost
from weir.contract.approval_errors import ApprovalNotFoundError
from weir.contract.errors import WeirError
from weir.contract.messages import ApprovalNotified, UserSaved
from weir.core.approvals.life import OPEN, SYSTEM, Life
from weir.core.approvals.rules import names_of
from weir.runtime import metrics
from weir.runtime.background import Background

AGAIN_MS = 120_000
TOGETHER = 4
PEOPLE = 200  # that are written to at once

_log = structlog.get_logger()


class Notice(NamedTuple):
    """Something that people are told: `what` is asked, reminder.2, escalation.1."""

    what: str
    to: tuple[str, ...]


class Notices:
    """Sends what is missing."""

    def __init__(  # noqa: PLR0913, PLR0917 - the ways to tell people
        self,
        book: Book,
        roster: Roster,
        post: Post,
        slack: SlackPost,
        push: Push,
        background: Background,
    ) -> None:
        self._book = book
        self._roster = roster
        self._post = post
        self._slack = slack
        self._push = push
        self._background = background
        self._clock = book.clock
        self._sending: set[tuple[Key, str]] = set()
        self._room = asyncio.Semaphore(TOGETHER)

    def send(self, key: Key, life: Life) -> None:
        """Begin with all that are missing."""
        for notice in self._missing(life):
            name = key, notice.what
            if name not in self._sending:
                self._sending.add(name)
                self._background.spawn(self._send(key, notice), f"notify: {notice.what}")

    def again_ms(self, life: Life) -> int:
        """When to look again at those that were begun; 0: there is none."""
        begun = [at for status, at in life.notices.values() if status == "begun"]
        return min(begun) + AGAIN_MS if begun and life.status == OPEN else 0

    def _missing(self, life: Life) -> Iterator[Notice]:
        if life.status != OPEN:
            return
        for notice in _wanted(life):
            status, at = life.notices.get(notice.what, ("", 0))
            late = status == "begun" and at + AGAIN_MS <= self._clock.now_ms()
            if late or (not status and self._reaches(life, notice)):
                yield notice

    def _reaches(self, life: Life, notice: Notice) -> bool:
        """Whether there is a way to tell anybody of it."""
        if life.asked.email or life.asked.slack:
            return True
        return self._push.reaches(life.tenant) and any(
            self._push.has(life.tenant, one.user_id) for one in self._deciders(life, notice)
        )

    async def _send(self, key: Key, notice: Notice) -> None:
        try:
            async with self._room:
                life = await self._begin(key, notice)
                if life is not None:
                    await self._sent(key, notice, life)
        except ApprovalNotFoundError:
            return
        except WeirError as error:
            _log.warning("a notice waits", approval=key.approval_id, problem=error.message)
        finally:
            self._sending.discard((key, notice.what))

    async def _begin(self, key: Key, notice: Notice) -> Life | None:
        """Take it on; None if another process has, or it is not wanted any more."""
        begun = False

        def next_of(life: Life) -> list[Said]:
            nonlocal begun
            begun = any(one.what == notice.what for one in self._missing(life))
            kind = ApprovalNotified(notice=notice.what, status="begun")
            return [Said(SYSTEM, kind)] if begun else []

        life = await self._book.change(key, next_of)
        return life if begun else None

    async def _sent(self, key: Key, notice: Notice, life: Life) -> None:
        people = self._deciders(life, notice)
        pushed = await self._push.send(life, notice.what, people)
        problems = list(pushed.problems)
        if life.asked.email:
            problems += await self._post.send(life, notice.what, people)
        if life.asked.slack is not None:
            problems += await self._slack.send(life, notice.what, life.asked.slack, people)
        kind = ApprovalNotified(
            notice=notice.what,
            status="failed" if problems else "sent",
            people=len(people),
            devices=pushed.devices,
            problem="; ".join(dict.fromkeys(problems))[:1_000],
        )
        metrics.APPROVAL_NOTICES.labels(kind.status).inc()
        await self._book.change(key, lambda _: [Said(SYSTEM, kind)])

    def _deciders(self, life: Life, notice: Notice) -> list[UserSaved]:
        """Whom it is for: who started the run is not written to for something they cannot do."""
        names = names_of(notice.to, life.project)
        barred = () if life.asked.self_approval else life.started_by
        away = {*life.given_away, *barred, *life.votes}
        found = self._roster.people(life.tenant, names)
        return [one for one in found if one.user_id not in away][:PEOPLE]


def _wanted(life: Life) -> Iterator[Notice]:
    yield Notice("asked", life.assignees)
    if life.reminded:
        yield Notice(f"reminder.{life.reminded}", life.assignees)
    for number, step in enumerate(life.asked.escalations[: life.escalated], 1):
        if to := (*step.notify, *step.reassign):
            yield Notice(f"escalation.{number}", to)
