"""Making a delivery once more: a new run of what was delivered, linked to it.

What is replayed is held against filter and input schema of the version that is
asked for, as if it came now. Nobody proves anything: who replays vouches for
it, and says so where the delivery was never proved to be the sender's.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson

from services.trigger import arriving
from services.trigger.api import version_asked
from services.trigger.arriving import Arrived
from services.trigger.history import History, Told
from services.trigger.judging import Judge
from services.trigger.many import each
from services.trigger.sample_models import Replay, ReplayMany
from services.trigger.starts import Start, Starts
from weir.contract.errors import UnavailableError
from weir.contract.messages import DeliveryRecord, WebhookSaved
from weir.contract.webhook_errors import DeliveryNotReplayableError
from weir.ports.blobs import Blobs
from weir.ports.clock import Clock
from weir.ports.deliveries import record_of, run_of
from weir.ports.views import RunRow, Views
from weir.runtime.deliveries import unmasked
from weir.runtime.hooks import Hook
from weir.runtime.http.asked import readable
from weir.runtime.http.asked_deliveries import Hooked, delivery_query, no_delivery, record_id
from weir.runtime.http.call import Call, Reply
from weir.runtime.plans import Plan


class _Again(NamedTuple):
    """What is to be delivered once more."""

    record: str
    payload: Any
    trigger: Mapping[str, Any]
    version: str  # it was held against; empty if it came not so far
    started: bool  # it had passed the filter of that version
    doubtful: bool  # refused before it was proved to be the sender's


class Replays:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - where deliveries lie, and what one starts
        self,
        hooked: Hooked,
        judge: Judge,
        starts: Starts,
        views: Views | None,
        blobs: Blobs,
        history: History,
        clock: Clock,
        retention_ms: int,
    ) -> None:
        self._hooked = hooked
        self._judge = judge
        self._starts = starts
        self._views = views
        self._blobs = blobs
        self._history = history
        self._clock = clock
        self._retention_ms = retention_ms

    async def replay(self, call: Call) -> Reply:
        """POST /webhooks/{webhook_id}/deliveries/{delivery_id}/replay."""
        saved, record = await self._hooked.of(call), record_id(call)
        asked = await call.model(Replay, optional=True)
        told = await self._replay(call, saved, asked, record)
        call.audited(changes=_audited(asked, run_id=told["run_id"], version=told["version"]))
        return Reply(told, HTTPStatus.ACCEPTED)

    async def replay_many(self, call: Call) -> Reply:
        """POST /webhooks/{webhook_id}/deliveries:replay."""
        readable(call)
        saved = await self._hooked.of(call)
        asked = await call.model(ReplayMany, optional=True)
        query = delivery_query(
            call,
            saved.webhook_id,
            since_ms=self._clock.now_ms() - self._retention_ms,
            limit=asked.limit + 1,
        )
        found = await self._read().deliveries(call.tenant, query)
        if asked.dry_run:
            call.audited(changes=_audited(asked, dry_run=True))
        else:
            call.audited(changes=_audited(asked, deliveries=len(found[: asked.limit])))
        return await each(
            call,
            asked,
            found,
            lambda row: {"delivery_id": row.record_id},
            lambda row: self._replay(call, saved, asked, row.record_id),
        )

    async def _replay(
        self, call: Call, saved: WebhookSaved, asked: Replay, record: str
    ) -> dict[str, Any]:
        again = await self._found(call, saved, record)
        version = again.version if asked.version == "original" else asked.version
        if version in {"", "current"}:
            version = ""
        else:
            version_asked(version)
        plan, hook = await self._judge.hook(call.tenant, saved, version)
        if again.doubtful and hook.signed and not asked.unverified:
            raise DeliveryNotReplayableError(
                f"It was never proved that the sender sent {record}: look at it, and replay it "
                "with unverified if you vouch for it.",
                details={"delivery_id": record, "why": "unverified"},
            )
        dropped = self._dropped(plan, hook, again, asked)
        told = {"replay_of": again.record, "version": plan.version, "duplicate": False}
        if dropped:
            kept = await self._write(call, saved, again, plan, "filtered", dropped, "")
            return told | {"id": kept, "verdict": "filtered", "run_id": None, "dropped": dropped}
        plan.check(again.payload)
        start = _start(call, saved, plan, hook, again)
        started = await self._starts.start(start, self._starts.key(start))
        told |= {"run_id": started.key.run_id, "dropped": None, "verdict": "accepted"}
        if started.duplicate:
            return told | {"id": None, "duplicate": True}
        run_id = started.key.run_id
        kept = await self._write(call, saved, again, plan, "accepted", "", run_id)
        return told | {"id": kept}

    def _dropped(self, plan: Plan, hook: Hook, again: _Again, asked: Replay) -> str:
        """Why the filter drops it now; what it let pass it is not asked about again."""
        if asked.ignore_filter or (again.started and plan.version == again.version):
            return ""
        now_ms = self._clock.now_ms()
        return self._judge.filtered(plan, hook, again.payload, again.trigger, now_ms)

    async def _found(self, call: Call, saved: WebhookSaved, record: str) -> _Again:
        views = self._read()
        row = await views.delivery(call.tenant, record)
        if row is None:
            run = await self._started(call, saved, record)
        elif row.webhook_id != saved.webhook_id or row.record is None:
            raise no_delivery(record, saved.webhook_id)
        elif row.verdict == "duplicate":
            record = record_of(row.run_id)
            run = await self._started(call, saved, record)
        else:
            return await self._of_record(DeliveryRecord.model_validate_json(row.record))
        trigger = orjson.loads(run.trigger) if run.trigger else {}
        payload = await self._value(record, orjson.loads(run.input or "null"))
        return _Again(record, payload, trigger, run.version, started=True, doubtful=False)

    async def _started(self, call: Call, saved: WebhookSaved, record: str) -> RunRow:
        """The run that a delivery started."""
        found = await self._read().run(call.tenant, run_of(record))
        if found is None or found[0].started_by != saved.webhook_id:
            raise no_delivery(record, saved.webhook_id)
        return found[0]

    async def _of_record(self, record: DeliveryRecord) -> _Again:
        if record.truncated:
            raise _bodiless(record.id, "only the beginning of its body was kept")
        body = b64decode(record.body)
        if record.body_ref is not None:
            body = await self._content(record.id, record.body_ref.key)
        elif record.size and not body:
            raise _bodiless(record.id, "its body was never read")
        headers = unmasked(record.headers)
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        query = unmasked(record.query)
        arrived = Arrived(record.method, headers, query, media_type, body)
        trigger = arriving.trigger(arrived, record.delivery_id, self._clock.now_ms())
        return _Again(
            record.id,
            arriving.payload(arrived),
            {**trigger, "fired_at": record.at},
            record.version,
            started=record.verdict == "accepted",
            doubtful=record.verdict == "refused" and not record.verified,
        )

    async def _value(self, record: str, value: Any) -> Any:
        """A run's input, fetched if it lies outside of the log."""
        if isinstance(value, dict) and value.keys() == {"$blob"}:
            return orjson.loads(await self._content(record, value["$blob"]["key"]))
        return value

    async def _content(self, record: str, key: str) -> bytes:
        try:
            return await self._blobs.get(key)
        except KeyError:
            raise _bodiless(record, "its body is gone") from None

    async def _write(  # noqa: PLR0913, PLR0917 - what became of it
        self,
        call: Call,
        saved: WebhookSaved,
        again: _Again,
        plan: Plan,
        verdict: str,
        reason: str,
        run_id: str,
    ) -> str:
        body = b"" if run_id else orjson.dumps(again.payload)
        arrived = Arrived(
            str(again.trigger.get("method", "")),
            {**(again.trigger.get("headers") or {}), "content-type": "application/json"},
            again.trigger.get("query") or {},
            "application/json",
            body,
        )
        told = Told(
            verdict,
            HTTPStatus.ACCEPTED,
            reason=reason,
            run_id=run_id,
            version=plan.version,
            delivery=str(again.trigger.get("delivery_id", "")),
            trust="proved",
            kind="replay",
            replay_of=again.record,
            by=call.principal.id,
        )
        return await self._history.write(call.tenant, saved, arrived, call.address, told)

    def _read(self) -> Views:
        if self._views is None:
            raise UnavailableError(
                "This process reads no views, so it cannot tell which deliveries are meant: set "
                "WEIR_POSTGRES_DSN for the trigger."
            )
        return self._views


def _start(call: Call, saved: WebhookSaved, plan: Plan, hook: Hook, again: _Again) -> Start:
    key = call.idempotency_key()
    return Start(
        tenant=call.tenant,
        plan=plan,
        trigger_node=hook.node,
        trigger_kind="webhook",
        input=again.payload,
        trigger={**again.trigger, "replay_of": again.record},
        started_by=call.principal.id,
        source=saved.webhook_id,
        key=f"replay/{again.record}/{key}" if key else "",
        trace_parent=call.trace_parent,
        who=call.principal,
    )


def _audited(asked: Replay, **known: Any) -> dict[str, Any]:
    """What the audit is told of a replay."""
    said = {**known, "reason": asked.reason, "unverified": asked.unverified}
    return {name: {"new": value} for name, value in said.items() if value}


def _bodiless(record: str, why: str) -> DeliveryNotReplayableError:
    return DeliveryNotReplayableError(
        f"The delivery {record} cannot be replayed: {why}. Have the sender deliver it again.",
        details={"delivery_id": record, "why": "body"},
    )
