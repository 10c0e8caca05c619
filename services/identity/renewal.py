"""Refresh tokens, and the end of sessions.

A refresh token counts once. The one before it, shown again by the same client
within ten seconds, gets the answer that was lost; shown later or by somebody
else, and any older one at any time, it is what a stolen token looks like, and
ends the session for whoever holds its tokens. A guess ends nothing.
"""

from __future__ import annotations

from hmac import compare_digest
from http import HTTPStatus

import structlog

from services.identity.accounts import themselves
from services.identity.accounts_models import Refresh
from services.identity.refresh_tokens import RefreshToken, parse
from services.identity.sessions import Sessions, agent
from services.identity.tokens import Signer
from weir.contract import subjects, times
from weir.contract.errors import ConflictError, UnavailableError
from weir.contract.identity_errors import (
    PersonRequiredError,
    SessionNotFoundError,
    SessionOverError,
)
from weir.contract.messages import AccountRecord, IdentityRecord, RefreshSaved, SessionStarted
from weir.runtime.changes import Writer
from weir.runtime.http.browser import Browser, is_browser
from weir.runtime.http.call import Call, Reply

REPEATED_MS = 10_000
_TRIES = 8

_log = structlog.get_logger()


class Renewal:
    """The handlers."""

    def __init__(
        self,
        identity: Writer[IdentityRecord],
        accounts: Writer[AccountRecord],
        signer: Signer,
        sessions: Sessions,
        browser: Browser,
    ) -> None:
        self._identity = identity
        self._accounts = accounts
        self._signer = signer
        self._sessions = sessions
        self._browser = browser

    async def refresh(self, call: Call) -> Reply:
        """POST /auth/refresh."""
        token = parse(await self._given(call))
        if token is None:
            raise _over()
        for _ in range(_TRIES):
            entry = await self._accounts.records.fresh(subjects.refresh(token.session_id))
            saved = entry.record.refresh_saved if entry else None
            if entry is None or saved is None:
                raise _over()
            call.audited(actor=saved.user_id, resource=saved.session_id)
            session = await self._session(saved)
            call.audited(tenant=session.tenant)
            if compare_digest(token.hash, saved.token_hash):
                new = await self._token(saved, saved.generation + 1)
                try:
                    await self._renew(call, saved, new, entry.revision)
                except ConflictError:
                    continue  # somebody showed it at the same time: look again
                return await self._sessions.answer(call.request, session, new)
            if not await self._is_former(token, saved):
                raise _over()
            if not self._is_repetition(call, token, saved):
                await self._end(call, saved)
                raise _over()
            same = await self._token(saved, saved.generation)
            return await self._sessions.answer(call.request, session, same)
        raise UnavailableError("The session keeps changing at the same time: try again.")

    async def logout(self, call: Call) -> Reply:
        """POST /auth/logout."""
        who = call.principal
        if not who.session:
            raise person_required()
        call.audited(resource=who.session)
        await self._sessions.end(who, who.id, who.session, "signed_out")
        return self._sessions.farewell(call.request)

    async def logout_everywhere(self, call: Call) -> Reply:
        """POST /auth/logout/everywhere."""
        who = call.principal
        if not who.session:
            raise person_required()
        for session, _ in await self._of(call):
            await self._sessions.end(who, who.id, session.session_id, "signed_out")
        return self._sessions.farewell(call.request)

    async def listed(self, call: Call) -> Reply:
        """GET /auth/sessions."""
        who = call.principal
        if not who.session:
            raise person_required()
        return Reply({"items": [await self._shown(call, *one) for one in await self._of(call)]})

    async def end(self, call: Call) -> Reply:
        """DELETE /auth/sessions/{session_id}."""
        who = call.principal
        if not who.session:
            raise person_required()
        session_id = call.id("session_id", "ses", SessionNotFoundError, "session")
        known = session_id in {one.session_id for one, _ in await self._of(call)}
        if not (known and await self._sessions.end(who, who.id, session_id, "signed_out")):
            raise SessionNotFoundError(
                "You have no such session: list them at /api/v1/auth/sessions.",
                details={"session_id": session_id},
            )
        if session_id == who.session:
            return self._sessions.farewell(call.request)
        return Reply(status=HTTPStatus.NO_CONTENT)

    async def _of(self, call: Call) -> list[tuple[SessionStarted, str]]:
        """The caller's sessions, or where a tenant's provider opened this one, those like it.

        Whoever runs that provider learns nothing of the others, and ends none.
        """
        every = await self._sessions.listed(call.principal.id)
        own = next((one for one, _ in every if one.session_id == call.principal.session), None)
        if own is None:  # it ended this moment
            return []
        if not own.tenant_only:
            return every
        return [each for each in every if each[0].tenant_only and each[0].tenant == own.tenant]

    async def _shown(self, call: Call, session: SessionStarted, began: str) -> dict[str, object]:
        entry = await self._accounts.records.fresh(subjects.refresh(session.session_id))
        saved = (entry.record.refresh_saved if entry else None) or RefreshSaved()
        return {
            "id": session.session_id,
            "current": session.session_id == call.principal.session,
            "tenant": session.tenant,
            "began_at": began,
            "renewed_at": saved.renewed_at or began,
            "expires_at": session.expires_at,
            "address": saved.address,
            "agent": saved.agent,
            "methods": list(saved.methods),
        }

    async def _given(self, call: Call) -> str:
        """From the cookie of a browser's page, which must be ours, or from the body."""
        request = call.request
        if is_browser(request):
            self._sessions.own_page(request)
            return self._browser.read(request, self._browser.refresh)
        return (await call.model(Refresh)).refresh_token

    async def _session(self, saved: RefreshSaved) -> SessionStarted:
        """The session as every service sees it; SessionOverError unless it goes on."""
        entry = await self._identity.records.fresh(
            subjects.session(saved.user_id, saved.session_id)
        )
        user = await self._identity.records.fresh(subjects.user(saved.user_id))
        started = entry.record.session_started if entry else None
        person = user.record.user_saved if user else None
        if saved.ended or entry is None or started is None or person is None:
            raise _over()
        after = times.to_ms(person.sessions_after) if person.sessions_after else 0
        if times.to_ms(started.expires_at) <= self._identity.now_ms():
            raise _over()
        if person.status != "active" or times.to_ms(entry.record.at) < after:
            raise _over()
        return started

    async def _token(self, saved: RefreshSaved, generation: int) -> RefreshToken:
        secret = await self._signer.refresh_secret(saved.session_id, generation)
        return RefreshToken(saved.session_id, generation, secret)

    async def _renew(
        self, call: Call, saved: RefreshSaved, new: RefreshToken, revision: int
    ) -> None:
        renewed = saved.model_copy(
            update={
                "token_hash": new.hash,
                "before_hash": saved.token_hash,
                "generation": new.generation,
                "renewed_at": self._accounts.now(),
                "address": call.address,
                "agent": agent(call.request),
            }
        )
        await self._sessions.keep(renewed, themselves(saved.user_id), revision)

    async def _is_former(self, token: RefreshToken, saved: RefreshSaved) -> bool:
        """Whether this was the session's token once, and is no guess."""
        if token.generation >= saved.generation:
            return False
        once = await self._token(saved, token.generation)
        return compare_digest(once.secret, token.secret)

    def _is_repetition(self, call: Call, token: RefreshToken, saved: RefreshSaved) -> bool:
        """Whether the client that just renewed asks again, because the answer was lost."""
        since = self._accounts.now_ms() - times.to_ms(saved.renewed_at)
        same_client = (call.address, agent(call.request)) == (saved.address, saved.agent)
        return (
            compare_digest(token.hash, saved.before_hash) and same_client and since <= REPEATED_MS
        )

    async def _end(self, call: Call, saved: RefreshSaved) -> None:
        by = themselves(saved.user_id)
        await self._sessions.end(by, saved.user_id, saved.session_id, "reused")
        _log.warning("a refresh token came again: its session was ended", session=saved.session_id)
        call.audited(event="session.reused")


def person_required() -> PersonRequiredError:
    """The refusal of an API key."""
    return PersonRequiredError(
        "This is about a person's sessions: sign in, and ask with the access token."
    )


def _over() -> SessionOverError:
    return SessionOverError("The refresh token does not count: sign in again.")
