"""What only who opens credentials can do: testing them, asking for tokens, giving them back.

Somebody asks by a record; every worker sees it, and the first whose claim is
stored does it. An answer has a code and a sentence, with the credential's
values cut out. Beside that, tokens are renewed before they end, so that no
step has to wait for it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
import structlog

from weir.contract import times
from weir.contract.errors import ConflictError, RecordUnreadableError, WeirError
from weir.contract.messages import (
    CredentialSaved,
    ErrandAsked,
    ErrandDone,
    ErrandTaken,
    Message,
    RegistryRecord,
    Tokens,
)
from weir.ports.clock import Clock
from weir.ports.credential_types import CredentialType
from weir.ports.log import Log, Stored
from weir.ports.node_context import Http, NodeError, Terminal
from weir.ports.secrets import Sealed, Secrets
from weir.runtime import oauth, records
from weir.runtime.background import Background
from weir.runtime.records import Records
from weir.runtime.sealing import errand_place, open_fields, open_tokens
from weir.runtime.worker_mask import Mask
from weir.runtime.worker_tokens import TokenKeeper, Whose, due

KEPT_S = 600
YOUNG_MS = 60_000  # whoever asked longer ago does not wait any more
AT_ONCE = 16
LONGEST_S = 25.0
LOOK_S = 5.0
MESSAGE_CHARS = 500
FILTERS = ("registry.*.errand.*", "registry.*.credential.*")

_log = structlog.get_logger()


class GuardedProbe:
    """What a test may do, within the bounds of nodes of the tenant."""

    def __init__(self, http: Http, clock: Clock) -> None:
        self.http = http
        self._clock = clock

    @property
    def now_ms(self) -> int:
        """The time."""
        return self._clock.now_ms()


class Errands:
    """Does what is asked while this worker runs."""

    def __init__(  # noqa: PLR0913 - the ports of a worker
        self,
        *,
        registry: Log,
        secrets: Secrets,
        tokens: TokenKeeper,
        types: Mapping[str, CredentialType],
        outbound: Callable[[str], Http],
        clock: Clock,
        worker: str,
    ) -> None:
        self._registry = registry
        self._records = Records(registry, RegistryRecord)
        self._secrets = secrets
        self._tokens = tokens
        self._types = types
        self._outbound = outbound
        self._clock = clock
        self._worker = worker
        self._room = asyncio.Semaphore(AT_ONCE)
        self._granted: dict[Whose, tuple[str, Tokens]] = {}

    async def start(self, background: Background) -> None:
        """Read which credentials have tokens, then follow them and what is asked."""
        upto = await self._registry.last_seq()
        for each in FILTERS:
            async for batch in self._registry.read(each, upto=upto):
                self._seen(batch, background)
        background.spawn(self._follow(upto, background), "follow errands")
        background.spawn(self._renew(), "renew tokens")

    async def _follow(self, after: int, background: Background) -> None:
        following = self._registry.follow(FILTERS, after=after)
        try:
            async for batch in following:
                self._seen(batch, background)
        finally:
            await following.close()

    def _seen(self, batch: Sequence[Stored], background: Background) -> None:
        for stored in batch:
            try:
                record = records.read(RegistryRecord, stored)
            except RecordUnreadableError:
                continue
            if saved := record.credential_saved:
                self._keep(Whose(record.tenant, saved.name), saved)
            elif gone := record.credential_deleted:
                self._granted.pop(Whose(record.tenant, gone.name), None)
            elif (asked := record.errand_asked) and self._is_young(stored):
                work = self._take(record.tenant, asked, stored)
                background.spawn(work, f"errand {asked.errand_id}")

    def _is_young(self, stored: Stored) -> bool:
        return self._clock.now_ms() - stored.at_ms < YOUNG_MS

    def _keep(self, whose: Whose, saved: CredentialSaved) -> None:
        tokens = saved.tokens
        if tokens is not None and tokens.sealed and tokens.expires_at is not None:
            self._granted[whose] = saved.credential_id, tokens
        else:
            self._granted.pop(whose, None)

    # -- tokens --

    async def _renew(self) -> None:
        """Renew in time what nobody uses at the moment; workers look at different times."""
        while True:
            await asyncio.sleep(LOOK_S * random.uniform(0.5, 1.5))
            now_ms = self._clock.now_ms()
            wanted = [
                (whose, credential_id)
                for whose, (credential_id, tokens) in self._granted.items()
                if due(tokens, now_ms)
            ]
            for whose, credential_id in wanted:
                try:
                    await self._tokens.renewed(whose, credential_id, early=True)
                except WeirError as error:
                    _log.info("token not renewed", credential=whose.name, reason=str(error)[:200])

    # -- errands --

    async def _take(self, tenant: str, asked: ErrandAsked, stored: Stored) -> None:
        """Do it, if no other worker does."""
        async with self._room:
            subject = stored.subject
            taken = ErrandTaken(errand_id=asked.errand_id, worker=self._worker)
            try:
                revision = await self._put(tenant, subject, taken, stored.seq)
            except ConflictError:
                return
            except WeirError as error:
                _log.warning("errand not taken", errand=asked.errand_id, reason=str(error))
                return
            done = await self._done(tenant, asked)
            try:
                await self._put(tenant, subject, done, revision)
            except WeirError as error:
                _log.warning("errand's answer lost", errand=asked.errand_id, reason=str(error))

    async def _done(self, tenant: str, asked: ErrandAsked) -> ErrandDone:
        loop = asyncio.get_running_loop()
        began = loop.time()
        mask = Mask()
        code = ""
        try:
            async with asyncio.timeout(LONGEST_S):
                message = await self._do(tenant, asked, mask)
        except NodeError as error:
            code, message = error.error_code, error.message
        except WeirError as error:
            code, message = error.code, error.message
        except TimeoutError:
            code, message = "HTTP_TIMEOUT", f"it took more than {LONGEST_S:g} s"
        except Exception as error:  # noqa: BLE001 - a type's test may raise anything
            # Its words could hold what it was given in a form that no mask knows.
            code, message = "NODE_EXCEPTION", type(error).__name__
        return ErrandDone(
            errand_id=asked.errand_id,
            ok=not code,
            code=code,
            message=mask.text(message)[:MESSAGE_CHARS],
            took_ms=round((loop.time() - began) * 1000, 1),
        )

    async def _do(self, tenant: str, asked: ErrandAsked, mask: Mask) -> str:
        whose = Whose(tenant, asked.name)
        entry = await self._records.fresh(whose.subject)
        saved = entry.record.credential_saved if entry else None
        if saved is None or saved.credential_id != asked.credential_id:
            raise Terminal(
                f"there is no credential {asked.name!r} any more", code="CREDENTIAL_NOT_FOUND"
            )
        fields = await open_fields(self._secrets, tenant, saved)
        kind = self._types.get(saved.type)
        # A sentence that names hosts and users helps: only what is secret is cut out of it.
        mask.learn(fields if kind is None else kind.secrets(fields))
        mask.learn(await open_tokens(self._secrets, tenant, saved))
        match asked.action:
            case "test":
                return await self._test(whose, saved, fields, mask)
            case "begin":
                given = await self._given(tenant, asked)
                if saved.type != oauth.TYPE or oauth.grant_of(fields) != oauth.CODE:
                    raise Terminal("nobody can be asked to grant this", code=oauth.MISSING)
                return oauth.authorization_url(
                    fields, challenge=given["challenge"], redirect_uri=given["redirect_uri"]
                )
            case "exchange":
                given = await self._given(tenant, asked)
                mask.learn({"code": given["code"], "verifier": given["verifier"]})
                await self._tokens.exchange(whose, saved.credential_id, given)
                return "granted"
            case "revoke":
                return "revoked" if await self._tokens.revoke(whose, saved) else "nothing to revoke"
            case _:
                raise Terminal("this worker is too old for that", code="TASK_UNKNOWN")

    async def _test(
        self, whose: Whose, saved: CredentialSaved, fields: Mapping[str, Any], mask: Mask
    ) -> str:
        probe = GuardedProbe(self._outbound(whose.tenant), self._clock)
        if saved.type == oauth.TYPE:
            _, saved = await self._tokens.renewed(
                whose, saved.credential_id, forced=oauth.grant_of(fields) == oauth.CLIENT
            )
            tokens = await open_tokens(self._secrets, whose.tenant, saved)
            mask.learn(tokens)
            url = fields.get("test_url")
            if not url:
                return "the authorisation server gives tokens"
            bearer = {"token": tokens["access_token"], "test_url": url}
            return await self._types["bearer"].test(bearer, probe)
        kind = self._types.get(saved.type)
        if kind is None:
            raise Terminal(
                f"a credential of the type {saved.type!r} cannot be tested: save it with a type "
                "that is known",
                code="TEST_NOT_POSSIBLE",
            )
        return await kind.test(fields, probe)

    async def _given(self, tenant: str, asked: ErrandAsked) -> dict[str, str]:
        """What was sealed for the errand."""
        place = errand_place(tenant, asked.errand_id)
        value: dict[str, str] = orjson.loads(
            await self._secrets.open(Sealed.parse(asked.sealed), place)
        )
        return value

    async def _put(self, tenant: str, subject: str, kind: Message, expect: int) -> int:
        record = RegistryRecord.of(
            kind,  # type: ignore[arg-type]
            id=self._clock.new_id("rec"),
            tenant=tenant,
            at=times.from_ms(self._clock.now_ms()),
            by=self._worker,
        )
        return await self._records.put(subject, record, expect=expect, ttl_s=KEPT_S)
