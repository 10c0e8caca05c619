"""Access tokens on a worker: renewed before they end, by one worker at a time.

Whoever renews them first writes that into the credential, expecting its last
revision: of many one is stored, and the others wait for what that one brings.
So a refresh token that counts once is used once. What went wrong stands in the
credential, where its owner sees it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import structlog

from weir.contract import subjects, times
from weir.contract.errors import ConflictError, WeirError
from weir.contract.messages import CredentialSaved, RegistryRecord, Tokens
from weir.ports.clock import Clock
from weir.ports.node_context import Http, HttpAnswer, NodeError, Retryable, Terminal
from weir.ports.secrets import Secrets
from weir.runtime import metrics, oauth
from weir.runtime.records import Records, RegistryEntry
from weir.runtime.sealing import open_fields, open_tokens, seal, tokens_place

CALL_S = 15.0
CLAIM_MS = 30_000  # longer than a call, so that nobody else begins while one is under way
PATIENCE_S = 40.0
BYTES = 64 * 1024
SOON_MS = 30_000  # how long before its end a token is not used any more
PAUSE_MS = 30_000  # after a failure, before a use tries again
_LOOK_S = 0.1

_log = structlog.get_logger()


class Whose(NamedTuple):
    """A credential."""

    tenant: str
    name: str

    @property
    def subject(self) -> str:
        """Where it lies."""
        return subjects.credential(self.tenant, self.name)


class TokenKeeper:
    """Gives access tokens, and renews them."""

    def __init__(
        self,
        records: Records[RegistryRecord],
        secrets: Secrets,
        clock: Clock,
        outbound: Callable[[str], Http],
        worker: str,
    ) -> None:
        self._records = records
        self._secrets = secrets
        self._clock = clock
        self._outbound = outbound
        self._worker = worker

    async def access(self, whose: Whose, saved: CredentialSaved) -> dict[str, Any]:
        """What a step gets: a token that counts for a while yet.

        Raises Terminal (GRANT_MISSING, OAUTH_REFUSED), Retryable (OAUTH_UNAVAILABLE).
        """
        if usable(saved.tokens, self._clock.now_ms()):
            return _shown(await open_tokens(self._secrets, whose.tenant, saved))
        _, saved = await self.renewed(whose, saved.credential_id)
        return _shown(await open_tokens(self._secrets, whose.tenant, saved))

    async def renewed(
        self, whose: Whose, credential_id: str, *, early: bool = False, forced: bool = False
    ) -> tuple[RegistryEntry, CredentialSaved]:
        """The credential with tokens that are usable, by this worker's work or another's.

        `early` renews also what ends soon, `forced` whatever there is.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._renewed(whose, credential_id, early=early, forced=forced)
        except TimeoutError:
            raise Retryable(
                f"the tokens of the credential {whose.name!r} were not renewed in time",
                code=oauth.UNAVAILABLE,
            ) from None

    async def _renewed(
        self, whose: Whose, credential_id: str, *, early: bool, forced: bool
    ) -> tuple[RegistryEntry, CredentialSaved]:
        first = 0
        while True:
            entry, saved = await self._fresh(whose, credential_id)
            first = first or entry.revision
            tokens = saved.tokens
            now_ms = self._clock.now_ms()
            if (entry.revision > first if forced else not early) and usable(tokens, now_ms):
                return entry, saved
            if early and not due(tokens, now_ms):
                return entry, saved
            if tokens is not None and _claimed(tokens, now_ms):
                await asyncio.sleep(_LOOK_S)
                continue
            if not forced:
                _judge_failure(tokens, now_ms)
            taken = await self._claim(whose, entry, saved, now_ms)
            if taken is not None:
                return await self._renew(whose, *taken)

    async def exchange(self, whose: Whose, credential_id: str, given: Mapping[str, str]) -> None:
        """The code that a browser brought back for tokens."""
        _, saved = await self._fresh(whose, credential_id)
        fields = await open_fields(self._secrets, whose.tenant, saved)
        asked = oauth.code_request(
            fields,
            code=given["code"],
            verifier=given["verifier"],
            redirect_uri=given["redirect_uri"],
        )
        await self._store(whose, saved, await self._ask(whose, asked))

    async def revoke(self, whose: Whose, saved: CredentialSaved) -> bool:
        """Give the tokens back; False where there are none, or the server takes none back."""
        fields = await open_fields(self._secrets, whose.tenant, saved)
        tokens = await open_tokens(self._secrets, whose.tenant, saved)
        if not tokens or not fields.get("revocation_url"):
            return False
        asked = oauth.revoke_request(fields, tokens)
        answer = await self._post(whose, asked)
        if answer.status >= 300:  # noqa: PLR2004 - RFC 7009 answers 200 for all that it takes
            raise oauth.refused(answer, {})
        return True

    # -- renewing --

    async def _claim(
        self, whose: Whose, entry: RegistryEntry, saved: CredentialSaved, now_ms: int
    ) -> tuple[int, CredentialSaved] | None:
        """Say that this worker renews them; None if somebody was faster."""
        tokens = saved.tokens or Tokens(tried_at=times.from_ms(now_ms))
        claimed = saved.model_copy(
            update={
                "tokens": tokens.model_copy(
                    update={"renewing_until": times.from_ms(now_ms + CLAIM_MS)}
                )
            }
        )
        try:
            return await self._put(whose, claimed, entry.revision), claimed
        except ConflictError:
            return None

    async def _renew(
        self, whose: Whose, revision: int, saved: CredentialSaved
    ) -> tuple[RegistryEntry, CredentialSaved]:
        fields = await open_fields(self._secrets, whose.tenant, saved)
        tokens = await open_tokens(self._secrets, whose.tenant, saved)
        refresh = tokens.get("refresh_token", "")
        try:
            if oauth.grant_of(fields) == oauth.CLIENT:
                found = await self._ask(whose, oauth.client_request(fields))
            elif refresh:
                found = await self._ask(whose, oauth.refresh_request(fields, refresh), refresh)
            else:
                raise Terminal(
                    f"nobody has granted anything to the credential {whose.name!r} yet, or not "
                    "for so long: let somebody agree again",
                    code=oauth.MISSING,
                )
        except NodeError as error:
            metrics.TOKEN_RENEWALS.labels("failed").inc()
            await self._failed(whose, saved.credential_id, error)
            raise
        metrics.TOKEN_RENEWALS.labels("renewed").inc()
        return await self._store(whose, saved, found, over=revision)

    async def _ask(self, whose: Whose, asked: oauth.Asked, before: str = "") -> oauth.Granted:
        return oauth.granted(await self._post(whose, asked), before)

    async def _post(self, whose: Whose, asked: oauth.Asked) -> HttpAnswer:
        return await self._outbound(whose.tenant).request(
            "POST",
            asked.url,
            headers=asked.headers,
            body=asked.body,
            timeout_s=CALL_S,
            max_bytes=BYTES,
            max_redirects=0,
        )

    # -- storing --

    async def _store(
        self,
        whose: Whose,
        saved: CredentialSaved,
        found: oauth.Granted,
        over: int = 0,
    ) -> tuple[RegistryEntry, CredentialSaved]:
        """Put what was granted into the credential, whoever sealed it anew meanwhile.

        With other fields it may be another server's: then what was granted is dropped.
        """
        kept = {"access_token": found.access_token, "refresh_token": found.refresh_token}
        credential_id, given_at = saved.credential_id, saved.given_at
        now_ms = self._clock.now_ms()
        while True:
            if not over:
                entry, saved = await self._fresh(whose, credential_id)
                if saved.given_at != given_at:
                    raise _gone(whose)
                over = entry.revision
            version = (saved.tokens.version if saved.tokens else 0) + 1
            place = tokens_place(whose.tenant, credential_id, version)
            sealed = await seal(self._secrets, kept, place)
            tokens = Tokens(
                sealed=sealed.text,
                version=version,
                scope=found.scope,
                tried_at=times.from_ms(now_ms),
                expires_at=None
                if found.expires_in_s is None
                else times.from_ms(now_ms + round(found.expires_in_s * 1000)),
            )
            made = saved.model_copy(update={"tokens": tokens})
            try:
                stored = await self._put(whose, made, over)
            except ConflictError:
                over = 0
                continue
            there = await self._records.get(whose.subject, min_revision=stored)
            if there is None:
                raise _gone(whose)
            return there, made

    async def _failed(self, whose: Whose, credential_id: str, error: NodeError) -> None:
        """Write down that they could not be renewed; for people, so losing it is no harm."""
        _log.warning(
            "tokens not renewed",
            tenant=whose.tenant,
            credential=whose.name,
            code=error.error_code,
        )
        try:
            entry, saved = await self._fresh(whose, credential_id)
            now = times.from_ms(self._clock.now_ms())
            tokens = (saved.tokens or Tokens(tried_at=now)).model_copy(
                update={"problem": error.error_code, "tried_at": now, "renewing_until": None}
            )
            await self._put(whose, saved.model_copy(update={"tokens": tokens}), entry.revision)
        except WeirError as lost:
            _log.info("problem of tokens not stored", reason=str(lost))

    async def _fresh(
        self, whose: Whose, credential_id: str
    ) -> tuple[RegistryEntry, CredentialSaved]:
        entry = await self._records.fresh(whose.subject)
        saved = entry.record.credential_saved if entry else None
        if entry is None or saved is None or saved.credential_id != credential_id:
            raise _gone(whose)
        return entry, saved

    async def _put(self, whose: Whose, saved: CredentialSaved, expect: int) -> int:
        record = RegistryRecord.of(
            saved,
            id=self._clock.new_id("rec"),
            tenant=whose.tenant,
            at=times.from_ms(self._clock.now_ms()),
            by=self._worker,
        )
        return await self._records.put(whose.subject, record, expect=expect)


def usable(tokens: Tokens | None, now_ms: int) -> bool:
    """Whether there is an access token that counts for a while yet."""
    return (
        tokens is not None
        and bool(tokens.sealed)
        and (tokens.expires_at is None or now_ms < _end_ms(tokens) - _margin_ms(tokens, SOON_MS))
    )


def due(tokens: Tokens | None, now_ms: int) -> bool:
    """Whether a worker without other work may renew them: a tenth of their time is left."""
    return (
        tokens is not None
        and bool(tokens.sealed)
        and tokens.expires_at is not None
        and now_ms >= _end_ms(tokens) - _margin_ms(tokens, 10 * SOON_MS)
        and now_ms >= times.to_ms(tokens.tried_at) + (PAUSE_MS if tokens.problem else 0)
        and tokens.problem not in {oauth.REFUSED, oauth.MISSING}
    )


def _end_ms(tokens: Tokens) -> int:
    return times.to_ms(tokens.expires_at) if tokens.expires_at else 0


def _margin_ms(tokens: Tokens, most: int) -> float:
    """Of tokens that count for moments only a part of these."""
    lifetime = _end_ms(tokens) - times.to_ms(tokens.tried_at)
    return min(most, max(0, lifetime) / (4 if most == SOON_MS else 2))


def _claimed(tokens: Tokens, now_ms: int) -> bool:
    return tokens.renewing_until is not None and now_ms < times.to_ms(tokens.renewing_until)


def _judge_failure(tokens: Tokens | None, now_ms: int) -> None:
    """What failed a moment ago is not tried again by every step that comes by."""
    if tokens is None or not tokens.problem:
        return
    if now_ms < times.to_ms(tokens.tried_at) + PAUSE_MS:
        kind = Terminal if tokens.problem in {oauth.REFUSED, oauth.MISSING} else Retryable
        raise kind(
            "the tokens of the credential could not be renewed a moment ago", code=tokens.problem
        )


def _shown(tokens: Mapping[str, str]) -> dict[str, Any]:
    return {"token": tokens["access_token"]}


def _gone(whose: Whose) -> Terminal:
    return Terminal(
        f"the credential {whose.name!r} was deleted or made anew meanwhile",
        code="CREDENTIAL_NOT_FOUND",
    )
