"""The inbox, and what people do with what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from services.approval import models
from services.approval.book import Book, Key, missing
from services.approval.deciding import Choice, Deciding
from services.approval.lives import Lives
from services.approval.roster import Roster
from services.approval.shown import whole
from weir.contract.approval_errors import ApprovalNotFoundError, NotAssignedError
from weir.contract.errors import InvalidParameterError
from weir.contract.identity_errors import MemberNotFoundError
from weir.core.approvals import asked
from weir.core.approvals.life import DECIDED, EXPIRED, STATUSES, WITHDRAWN, Life
from weir.core.approvals.rules import Who, is_asked
from weir.ports.inbox import Inbox, InboxQuery, InboxReader
from weir.runtime.access import Permission
from weir.runtime.http import cursor
from weir.runtime.http.call import Call, Reply, forbidden, wrong

COUNTED_MS = 30 * 86_400_000
_NOBODY = Who("", frozenset())
_OVER = (DECIDED, EXPIRED, WITHDRAWN)


class Approvals:
    """The handlers."""

    def __init__(
        self, book: Book, lives: Lives, inbox: Inbox, roster: Roster, deciding: Deciding
    ) -> None:
        self._book = book
        self._lives = lives
        self._inbox = inbox
        self._roster = roster
        self._deciding = deciding

    # -- the inbox --

    async def listed(self, call: Call) -> Reply:
        """GET /approvals."""
        query, scope = _query(call), [call.tenant, "approvals", sorted(call.request.query.items())]
        scope[2] = [one for one in scope[2] if one[0] not in {"limit", "cursor", "min_sequence"}]
        if given := call.query("cursor"):
            at_ms, approval_id = _place(cursor.read(scope, given))
            query = query._replace(after=(at_ms, approval_id))
        await self._reach(call)
        limit = call.limit
        found = await self._inbox.find(
            call.tenant, self._reader(call), query._replace(limit=limit + 1)
        )
        last = found[limit - 1] if len(found) > limit else None
        return Reply(
            {
                "items": [orjson.loads(row.shown) for row in found[:limit]],
                "next_cursor": cursor.write(scope, [last.asked_ms, last.approval_id])
                if last
                else None,
            }
        )

    async def counted(self, call: Call) -> Reply:
        """GET /approvals/counts."""
        query = _query(call)._replace(statuses=())
        await self._reach(call)
        since = self._book.clock.now_ms() - COUNTED_MS
        found = await self._inbox.counts(call.tenant, self._reader(call), query, since)
        return Reply({name: found.get(name, 0) for name in ("mine", *STATUSES)})

    async def shown(self, call: Call) -> Reply:
        """GET /approvals/{approval_id}."""
        return self._answer(call, await self._seen(call))

    # -- what people do --

    async def decide(self, call: Call) -> Reply:
        """POST /approvals/{approval_id}/decision."""
        life, who = await self._seen(call), self._person(call)
        given = await call.model(models.Decide)
        choice = Choice(given.option, given.comment, given.values)
        told: Mapping[str, Any] = {"option": {"new": given.option}, "via": {"new": "app"}}
        call.audited(changes=told)
        return self._answer(call, await self._deciding.decide(_key(life), who, choice))

    async def comment(self, call: Call) -> Reply:
        """POST /approvals/{approval_id}/comments."""
        life = await self._seen(call)
        given = await call.model(models.Comment)
        by = self._roster.person(call.principal.id) or call.principal.id
        return self._answer(call, await self._deciding.comment(_key(life), by, given.text))

    async def delegate(self, call: Call) -> Reply:
        """POST /approvals/{approval_id}/delegation."""
        life, who = await self._seen(call), self._person(call)
        given = await call.model(models.Delegate)
        to = self._roster.find(call.tenant, given.to)
        if not to:
            raise MemberNotFoundError(
                "Nobody of that id or address is an active member of the tenant.",
                details={"user_id": given.to[:60]},
            )
        if to == who.id:
            raise wrong("to", "this is yourself", "Name somebody else.")
        call.audited(changes={"to": {"new": to}})
        return self._answer(call, await self._deciding.delegate(_key(life), who, to, given.comment))

    async def reassign(self, call: Call) -> Reply:
        """POST /approvals/{approval_id}/assignees."""
        life = await self._steered(call)
        given = await call.model(models.Reassign)
        try:
            assignees = asked.people(given.assignees, "assignees")
        except ValueError as error:
            raise wrong("assignees", str(error), "Write user:…, group:… or role:….") from None
        if not assignees:
            raise wrong("assignees", "it names nobody", "Write user:…, group:… or role:….")
        changes = {"assignees": {"old": ", ".join(life.assignees), "new": ", ".join(assignees)}}
        call.audited(changes=changes)
        by = self._roster.person(call.principal.id) or call.principal.id
        return self._answer(
            call, await self._deciding.reassign(_key(life), by, assignees, given.comment)
        )

    async def withdraw(self, call: Call) -> Reply:
        """POST /approvals/{approval_id}/withdrawal."""
        life = await self._steered(call)
        given = await call.model(models.Withdraw, optional=True)
        call.audited(changes={"reason": {"new": given.reason}})
        by = self._roster.person(call.principal.id) or call.principal.id
        return self._answer(call, await self._deciding.withdraw(_key(life), by, given.reason))

    # -- who may --

    def reads(self, call: Call, life: Life) -> bool:
        """Whether the caller may see it: by their role, or because they are asked."""
        reach = call.reach(Permission.RUNS_READ)
        who = self._roster.caller(call.principal)
        return reach is None or life.project in reach or (who is not None and is_asked(life, who))

    async def _seen(self, call: Call) -> Life:
        approval_id = call.id("approval_id", "apr", ApprovalNotFoundError, "approval")
        call.reach(Permission.RUNS_READ)
        life = await self._book.read(Key(call.tenant, approval_id))
        if not self.reads(call, life):
            raise missing(approval_id)
        call.audited(resource=life.approval_id)
        return life

    async def _steered(self, call: Call) -> Life:
        """One that the caller may hand to others or withdraw, as they may steer its run."""
        life = await self._seen(call)
        if not call.principal.may(Permission.RUNS_START, life.project):
            raise forbidden(call.principal, Permission.RUNS_START, life.project)
        return life

    def _person(self, call: Call) -> Who:
        """Who the caller is, to decide in their own name."""
        scopes = call.principal.scopes
        if scopes is not None and Permission.RUNS_START not in scopes:
            raise forbidden(call.principal, Permission.RUNS_START)
        who = self._roster.caller(call.principal)
        if who is None:
            raise NotAssignedError(
                "People decide: the API key has no owner, so nobody decides by it. Sign in, or "
                "use a key that is somebody's."
            )
        return who

    def _reader(self, call: Call) -> InboxReader:
        who = self._roster.caller(call.principal) or _NOBODY
        return InboxReader(who.id, who.names, call.reach(Permission.RUNS_READ))

    async def _reach(self, call: Call) -> None:
        await self._lives.reach(call.number("min_sequence", 0, 0, 2**62))

    def _answer(self, call: Call, life: Life) -> Reply:
        who = self._roster.caller(call.principal)
        return Reply(whole(life, who, self._roster.called), sequence=life.revision)


def _query(call: Call) -> InboxQuery:
    statuses = tuple(one for one in call.query("status").split(",") if one)
    for one in statuses:
        if one not in {*STATUSES, "over"}:
            raise InvalidParameterError(
                f"status={one[:40]!r}: use {', '.join(STATUSES)} or over.",
                details={"parameter": "status"},
            )
    if "over" in statuses:
        statuses = tuple({*statuses, *_OVER} - {"over"})
    return InboxQuery(
        statuses=statuses,
        kind=call.query("kind")[:40],
        workflow_id=call.query("workflow_id")[:60],
        run_id=call.query("run_id")[:60],
        text=call.query("q")[:200],
        mine=_yes(call, "mine"),
        voted=_yes(call, "voted"),
    )


def _yes(call: Call, name: str) -> bool:
    given = call.query(name, "false")
    if given not in {"true", "false"}:
        raise InvalidParameterError(
            f"{name}={given[:40]!r} is neither true nor false.", details={"parameter": name}
        )
    return given == "true"


def _place(given: list[Any]) -> tuple[int, str]:
    at_ms, approval_id = [*given, 0, ""][:2]
    if type(at_ms) is not int or not isinstance(approval_id, str):
        raise cursor.refused()
    return at_ms, approval_id


def _key(life: Life) -> Key:
    return Key(life.tenant, life.approval_id)
