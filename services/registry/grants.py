"""Letting somebody agree at an authorisation server, in the browser that asked for it.

The state that comes back counts once, for minutes, and only together with a
cookie of the browser that began: nobody makes another agree in his name. The
code that comes with it is sealed at once and opened by a worker.
"""

from __future__ import annotations

import html
import re
import secrets as random
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from urllib.parse import urlencode

from services.registry.credential_models import BeginGrant
from services.registry.credentials import hold, name_of, saved_of
from services.registry.errands import Asking
from weir.contract import subjects, times
from weir.contract.credential_errors import GrantNotPossibleError
from weir.contract.errors import ConflictError, WeirError
from weir.contract.messages import GrantAsked, GrantSpent, RegistryRecord
from weir.ports.clock import Clock
from weir.ports.secrets import Secrets
from weir.runtime import oauth
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import API
from weir.runtime.records import Records, RegistryEntry
from weir.runtime.sealing import grant_place, open_grant, seal

CALLBACK = f"{API}/oauth/callback"
KEPT_S = 600
_STATE = re.compile(r"[A-Za-z0-9_-]{43}")
_CODE = re.compile(r"[\x21-\x7e]{1,4096}")
_ERROR = re.compile(r"[a-z_]{1,60}")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Weir</title>
<meta name="viewport" content="width=device-width"></head>
<body><main><h1>{title}</h1><p>{text}</p></main></body></html>
"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}


class Grants:
    """The handlers."""

    def __init__(
        self,
        records: Records[RegistryRecord],
        secrets: Secrets,
        clock: Clock,
        asking: Asking,
        public_url: str,
    ) -> None:
        self._records = records
        self._secrets = secrets
        self._clock = clock
        self._asking = asking
        self._public_url = public_url.rstrip("/")

    async def begin(self, call: Call) -> Reply:
        """POST /credentials/{name}/grant."""
        name = name_of(call)
        asked = await call.model(BeginGrant, optional=True)
        entry = await self._records.fresh(subjects.credential(call.tenant, name))
        saved = saved_of(entry, name)
        hold(call, saved)
        if saved.type != oauth.TYPE:
            raise GrantNotPossibleError(
                f"The credential {name!r} is of the type {saved.type}: only oauth2 is granted.",
                details={"type": saved.type},
            )
        verifier = oauth.verifier_of(random.token_bytes(32))
        redirect_uri = self._redirect_uri(call)
        given = {"challenge": oauth.challenge_of(verifier), "redirect_uri": redirect_uri}
        done = await self._asking.ask(call.principal, "begin", saved, given)
        if not done.ok:
            raise GrantNotPossibleError(
                f"Nobody can be asked to grant {name!r}: {done.message}.",
                details={"code": done.code},
            )
        state, browser = random.token_urlsafe(32), random.token_urlsafe(32)
        until = times.from_ms(self._clock.now_ms() + KEPT_S * 1000)
        kept = {"verifier": verifier, "redirect_uri": redirect_uri}
        place = grant_place(call.tenant, saved.credential_id)
        grant = GrantAsked(
            credential_id=saved.credential_id,
            name=name,
            browser_hash=_hash(browser),
            sealed=(await seal(self._secrets, kept, place)).text,
            return_to=asked.return_to,
            until=until,
        )
        await self._put(call.tenant, call.principal.id, _hash(state), grant, 0)
        joined = "&" if "?" in done.message else "?"
        return Reply(
            {"url": f"{done.message}{joined}{urlencode({'state': state})}", "until": until},
            headers={
                "Set-Cookie": _cookie(state, browser, KEPT_S, secure=_is_secure(redirect_uri)),
                "Cache-Control": "no-store",
            },
        )

    async def callback(self, call: Call) -> Reply:
        """GET /oauth/callback."""
        state = call.query("state")
        found = await self._asked(call, state)
        if found is None:
            return _page(
                HTTPStatus.BAD_REQUEST,
                "This request is not known here",
                "It came too late, a second time, or from another browser than the one that "
                "began. Begin again.",
            )
        entry, asked = found
        record = entry.record
        try:
            spent = GrantSpent(credential_id=asked.credential_id)
            await self._put(record.tenant, record.by, _hash(state), spent, entry.revision)
        except ConflictError:
            return _page(HTTPStatus.BAD_REQUEST, "This request was used already", "Begin again.")
        problem = await self._exchange(call, entry, asked)
        secure = _is_secure(self._redirect_uri(call))
        gone = {"Set-Cookie": _cookie(state, "", 0, secure=secure)}
        if asked.return_to:
            told = urlencode({"credential": asked.name, "problem": problem})
            joined = "&" if "?" in asked.return_to else "?"
            return Reply(
                b"",
                status=HTTPStatus.SEE_OTHER,
                headers={**_HEADERS, **gone, "Location": f"{asked.return_to}{joined}{told}"},
                media_type="text/html; charset=utf-8",
            )
        if problem:
            return _page(
                HTTPStatus.BAD_REQUEST,
                "Nothing was granted",
                f"The credential {asked.name} has no new token ({problem}).",
                gone,
            )
        return _page(
            HTTPStatus.OK,
            "Granted",
            f"The credential {asked.name} can be used now. You can close this window.",
            gone,
        )

    async def _exchange(self, call: Call, entry: RegistryEntry, asked: GrantAsked) -> str:
        """The code of what went wrong; empty if a worker has stored tokens."""
        code = call.query("code")
        if not _CODE.fullmatch(code):
            error = call.query("error")
            return error if _ERROR.fullmatch(error) else oauth.REFUSED
        tenant = entry.record.tenant
        try:
            kept = await open_grant(self._secrets, tenant, asked)
            there = await self._records.fresh(subjects.credential(tenant, asked.name))
            saved = saved_of(there, asked.name)
            if saved.credential_id != asked.credential_id:
                return GrantNotPossibleError.code
            done = await self._asking.ask_for(
                tenant, entry.record.by, "exchange", saved, {**kept, "code": code}
            )
        except WeirError as error:
            return error.code
        finally:
            self._records.forget(subjects.credential(tenant, asked.name))
        return done.code

    async def _asked(self, call: Call, state: str) -> tuple[RegistryEntry, GrantAsked] | None:
        """What was asked under this state, by this browser and nobody else signed in there."""
        if not _STATE.fullmatch(state):
            return None
        entry = await self._records.fresh(subjects.grant(_hash(state)))
        asked = entry.record.grant_asked if entry is not None else None
        if entry is None or asked is None or self._clock.now_ms() > times.to_ms(asked.until):
            return None
        browser = call.request.cookies.get(_cookie_name(state), "")
        if not compare_digest(_hash(browser), asked.browser_hash):
            return None
        who = call.known_principal
        if who is not None and who.id != entry.record.by:
            return None
        return entry, asked

    def _redirect_uri(self, call: Call) -> str:
        base = self._public_url or f"{call.request.scheme}://{call.request.host}"
        return base + CALLBACK

    async def _put(
        self, tenant: str, by: str, state_hash: str, kind: GrantAsked | GrantSpent, expect: int
    ) -> None:
        record = RegistryRecord.of(
            kind,
            id=self._clock.new_id("rec"),
            tenant=tenant,
            at=times.from_ms(self._clock.now_ms()),
            by=by,
        )
        subject = subjects.grant(state_hash)
        await self._records.put(subject, record, expect=expect, ttl_s=KEPT_S)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _is_secure(url: str) -> bool:
    return url.startswith("https://")


def _cookie_name(state: str) -> str:
    # Several can be under way in one browser.
    return f"weir_grant_{_hash(state)[:12]}"


def _cookie(state: str, value: str, age_s: int, *, secure: bool) -> str:
    return (
        f"{_cookie_name(state)}={value}; Max-Age={age_s}; Path={CALLBACK}; HttpOnly; SameSite=Lax"
        + ("; Secure" if secure else "")
    )


def _page(status: int, title: str, text: str, headers: dict[str, str] | None = None) -> Reply:
    shown = _PAGE.format(title=html.escape(title), text=html.escape(text))
    return Reply(
        shown.encode(),
        status=status,
        headers={**_HEADERS, **(headers or {})},
        media_type="text/html; charset=utf-8",
    )
