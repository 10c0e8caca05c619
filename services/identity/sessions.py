"""Sessions: somebody is signed in, for 24 hours at most.

IDENTITY says that a session is; every service looks there at each request, so
one that ended counts nowhere a second later. ACCOUNTS holds the hash of its
refresh token. A browser's page gets cookies and never sees a token; a program
gets tokens and never a cookie.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from services.identity.refresh_tokens import RefreshToken
from services.identity.tokens import Signer
from weir.contract import subjects, times
from weir.contract.errors import ConflictError, OriginForbiddenError
from weir.contract.identity_errors import SignInWrongError
from weir.contract.messages import (
    AccountRecord,
    IdentityRecord,
    RefreshSaved,
    SessionEnded,
    SessionStarted,
)
from weir.runtime.access import Principal
from weir.runtime.changes import Writer
from weir.runtime.http.browser import SAFE, Browser, csrf_value, is_browser
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import API
from weir.runtime.platform import Platform
from weir.runtime.records import Entry, read

REFRESH_PATH = f"{API}/auth/refresh"
LONGEST_S = 24 * 3_600
# The last word on a session outlives the ones before it: they must not count again.
_KEPT_S = LONGEST_S + 3_600
_AGENT = 200
_STRONG = frozenset({"passkey", "oidc"})  # count as two factors, or answer for them


class Sessions:
    """Opens, lists and ends them."""

    def __init__(
        self,
        identity: Writer[IdentityRecord],
        accounts: Writer[AccountRecord],
        signer: Signer,
        browser: Browser,
        platform: Platform,
    ) -> None:
        self._identity = identity
        self._accounts = accounts
        self._signer = signer
        self._browser = browser
        self._log = platform.identity
        self._clock = platform.clock

    async def open(
        self,
        call: Call,
        user_id: str,
        methods: tuple[str, ...],
        tenant: str,
        *,
        tenant_only: bool = False,
    ) -> Reply:
        """Sign somebody in who proved who they are by these methods; answers cookies or tokens.

        `tenant` is what the tokens mean where a request names none; empty: one
        of theirs. Raises OriginForbiddenError if another site's page asks,
        SignInWrongError if the account is not active.
        """
        request = call.request
        if is_browser(request) and request.method not in SAFE:
            self.own_page(request)
        user = await self._identity.records.fresh(subjects.user(user_id))
        saved = user.record.user_saved if user else None
        if saved is None or saved.status != "active":
            raise wrong()
        by = Principal(id=user_id, tenant=tenant or "-", role="")
        now = self._identity.now_ms()
        session_id, until = self._clock.new_id("ses"), now + LONGEST_S * 1000
        token = RefreshToken(session_id, 0, await self._signer.refresh_secret(session_id, 0))
        refresh = RefreshSaved(
            session_id=session_id,
            user_id=user_id,
            token_hash=token.hash,
            generation=0,
            renewed_at=times.from_ms(now),
            expires_at=times.from_ms(until),
            address=call.address,
            agent=agent(request),
            methods=methods,
        )
        started = SessionStarted(
            session_id=session_id,
            user_id=user_id,
            expires_at=times.from_ms(until),
            tenant=tenant or next(iter(await self.tenants(user_id)), ""),
            tenant_only=tenant_only,
            strong=len(set(methods)) > 1 or not _STRONG.isdisjoint(methods),
        )
        await self.keep(refresh, by, 0)
        call.audited(actor=user_id, tenant=started.tenant, resource=session_id)
        record = self._identity.record(started, by)
        subject = subjects.session(user_id, session_id)
        await self._identity.records.put(subject, record, expect=0, ttl_s=_KEPT_S)
        return await self.answer(request, started, token)

    def now(self) -> str:
        """The time as records hold it."""
        return self._identity.now()

    def now_ms(self) -> int:
        """The time in ms."""
        return self._identity.now_ms()

    async def methods(self, session_id: str) -> tuple[str, ...]:
        """How the session was proved."""
        entry = await self._accounts.records.fresh(subjects.refresh(session_id))
        saved = entry.record.refresh_saved if entry else None
        return saved.methods if saved else ()

    async def answer(
        self, request: web.BaseRequest, session: SessionStarted, token: RefreshToken
    ) -> Reply:
        """A new access token and this refresh token, as the caller may have them."""
        until = times.to_ms(session.expires_at)
        access, life_s = await self._signer.access(session.user_id, session.session_id, until)
        value: dict[str, Any] = {
            "user": session.user_id,
            "session": session.session_id,
            "tenant": session.tenant,
            "expires_in": life_s,
            "session_expires_at": session.expires_at,
        }
        # Whoever is sent here by a link is a browser, also one that says nothing of itself.
        if not is_browser(request) and request.method not in SAFE:
            tokens = {"access_token": access, "token_type": "Bearer", "refresh_token": token.text}
            return Reply(value | tokens)
        csrf = csrf_value(access)
        left_s = max(1, (until - self._identity.now_ms()) // 1000)
        return Reply(
            value | {"csrf": csrf},
            headers=self._cookies((access, life_s), (csrf, life_s), (token.text, left_s)),
        )

    def farewell(self, request: web.BaseRequest) -> Reply:
        """The answer to who signed out: a browser forgets its cookies."""
        nothing = ("", 0)
        gone = self._cookies(nothing, nothing, nothing) if is_browser(request) else {}
        return Reply(status=HTTPStatus.NO_CONTENT, headers=gone)

    def _cookies(
        self, access: tuple[str, int], csrf: tuple[str, int], refresh: tuple[str, int]
    ) -> CIMultiDict[str]:
        browser = self._browser
        headers: CIMultiDict[str] = CIMultiDict()
        headers.add("Set-Cookie", browser.set(browser.access, *access))
        headers.add("Set-Cookie", browser.set(browser.csrf, *csrf))
        headers.add("Set-Cookie", browser.set(browser.refresh, *refresh))
        return headers

    def own_page(self, request: web.BaseRequest) -> None:
        """OriginForbiddenError unless the browser says that a page of ours asks."""
        if not self._browser.is_own_page(request):
            raise OriginForbiddenError("A page of another site may not sign anybody in here.")

    async def keep(self, refresh: RefreshSaved, by: Principal, expect: int) -> None:
        """Store a session's refresh token; ConflictError if it changed meanwhile."""
        record = self._accounts.record(refresh, by)
        subject = subjects.refresh(refresh.session_id)
        await self._accounts.records.put(subject, record, expect=expect, ttl_s=_KEPT_S)

    async def end(self, by: Principal, user_id: str, session_id: str, reason: str) -> bool:
        """End a session; False if there is none that still counts."""
        subject = subjects.session(user_id, session_id)
        entry = await self._identity.records.fresh(subject)
        if entry is None or entry.record.session_started is None:
            return False
        ended = SessionEnded(session_id=session_id, user_id=user_id, reason=reason)
        record = self._identity.record(ended, by)
        await self._identity.records.put(subject, record, ttl_s=_KEPT_S)
        await self._end_refresh(by, session_id)
        return True

    async def _end_refresh(self, by: Principal, session_id: str) -> None:
        """So that it is refused without a look at IDENTITY; what counts is written already."""
        entry = await self._accounts.records.fresh(subjects.refresh(session_id))
        saved = entry.record.refresh_saved if entry else None
        if entry is None or saved is None or saved.ended:
            return
        try:
            await self.keep(saved.model_copy(update={"ended": True}), by, entry.revision)
        except ConflictError:
            return  # it was renewed in this moment, and will be refused at its next use

    async def move(
        self, entry: Entry[IdentityRecord], session: SessionStarted, tenant: str, by: Principal
    ) -> None:
        """Let a session mean another tenant from now on; ConflictError if it changed meanwhile."""
        record = self._identity.record(session.model_copy(update={"tenant": tenant}), by)
        # When it began decides whether it counts, so that stays.
        kept = record.model_copy(update={"at": entry.record.at})
        subject = subjects.session(session.user_id, session.session_id)
        await self._identity.records.put(subject, kept, expect=entry.revision, ttl_s=_KEPT_S)

    async def end_all(self, by: Principal, user_id: str, reason: str) -> int:
        """End every session of somebody; returns how many there were."""
        every = [one.session_id for one, _ in await self.listed(user_id)]
        return sum([await self.end(by, user_id, one, reason) for one in every])

    async def listed(self, user_id: str) -> list[tuple[SessionStarted, str]]:
        """Sessions of somebody that still count, newest first, each with when it began."""
        found: dict[str, tuple[SessionStarted, str] | None] = {}
        async for batch in self._log.read(subjects.session(user_id, "*")):
            for stored in batch:
                record = read(IdentityRecord, stored)
                started = record.session_started
                found[stored.subject] = (started, record.at) if started else None
        now = self._identity.now_ms()
        live = [one for one in found.values() if one and times.to_ms(one[0].expires_at) > now]
        return sorted(live, key=lambda one: one[1], reverse=True)

    async def tenants(self, user_id: str) -> Sequence[str]:
        """The tenants somebody is a member of, the oldest membership first."""
        found: dict[str, str] = {}
        async for batch in self._log.read(subjects.member("*", user_id)):
            for stored in batch:
                member = read(IdentityRecord, stored).member_saved
                found.pop(stored.subject, None)
                if member is not None:
                    found[stored.subject] = member.tenant
        return list(found.values())


def wrong() -> SignInWrongError:
    """The one answer to whoever does not prove who they are."""
    return SignInWrongError(
        "Address and password do not belong together: check both, or ask for a new password."
    )


def agent(request: web.BaseRequest) -> str:
    """How the caller calls itself, as far as it is kept."""
    said = request.headers.get("User-Agent", "")[:_AGENT]
    return said.encode(errors="replace").decode()
