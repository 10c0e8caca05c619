"""The history of a webhook over HTTP: lists, and one delivery with its body and its replays."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import orjson

from services.query.runs import page
from services.query.shown import value
from weir.contract import times
from weir.contract.messages import DeliveryRecord
from weir.ports.clock import Clock
from weir.ports.deliveries import VERDICTS, DeliveryQuery, DeliveryRow, run_of, started
from weir.ports.views import RunRow, Views
from weir.runtime.deliveries import masked
from weir.runtime.http.asked import flag, readable
from weir.runtime.http.asked_deliveries import Hooked, delivery_query, no_delivery, record_id
from weir.runtime.http.call import Call, Reply
from weir.runtime.projector.progress import Progress

_REPLAYS = 20


class Deliveries:
    """The handlers. `runs_at` tells how far the projection of runs has come."""

    def __init__(
        self, hooked: Hooked, views: Views, clock: Clock, runs_at: Progress, retention_ms: int
    ) -> None:
        self._hooked = hooked
        self._views = views
        self._clock = clock
        self._runs_at = runs_at
        self._retention_ms = retention_ms

    async def listed(self, call: Call) -> Reply:
        """GET /webhooks/{webhook_id}/deliveries."""
        readable(call)
        hook, limit, counted = await self._hooked.of(call), call.limit, flag(call, "counts")
        query = delivery_query(call, hook.webhook_id, since_ms=self._since_ms(), limit=limit + 1)
        await self._reached(call)
        found = await self._views.deliveries(call.tenant, query)
        more = None
        if len(found) > limit:
            more = [found[limit - 1].at_ms, found[limit - 1].record_id]
        told = page(call, [_shown(row) for row in found[:limit]], more)
        if counted:
            counts = await self._views.count_deliveries(call.tenant, query)
            told["counts"] = {verdict: counts.get(verdict, 0) for verdict in VERDICTS}
        return Reply(told)

    async def get(self, call: Call) -> Reply:
        """GET /webhooks/{webhook_id}/deliveries/{delivery_id}."""
        hook, asked = await self._hooked.of(call), record_id(call)
        await self._reached(call)
        row = await self._views.delivery(call.tenant, asked)
        if row is not None and row.webhook_id == hook.webhook_id and row.record is not None:
            whole = _shown(row) | _of_record(DeliveryRecord.model_validate_json(row.record))
        else:
            found = await self._views.run(call.tenant, run_of(asked))
            if found is None or found[0].started_by != hook.webhook_id:
                raise no_delivery(asked, hook.webhook_id)
            whole = _of_run(found[0])
        query = DeliveryQuery(hook.webhook_id, self._since_ms(), replay_of=asked, limit=_REPLAYS)
        replays = await self._views.deliveries(call.tenant, query)
        return Reply(whole | {"replays": [_shown(one) for one in replays]})

    def _since_ms(self) -> int:
        return self._clock.now_ms() - self._retention_ms

    async def _reached(self, call: Call) -> None:
        """Wait for the run that the caller has started before."""
        sequence = call.number("min_sequence", 0, 0, 2**62)
        if sequence:
            await self._runs_at.wait(sequence)


def _shown(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": row.record_id,
        "webhook_id": row.webhook_id,
        "at": times.from_ms(row.at_ms),
        "verdict": row.verdict,
        "code": row.code or None,
        "reason": row.reason or None,
        "run_id": row.run_id or None,
        "version": row.version or None,
        "delivery_id": row.delivery_id or None,
        "method": row.method,
        "status": row.status,
        "size": row.size,
        "kind": row.kind or "delivery",
        "replay_of": row.replay_of or None,
        "by": row.by or None,
        "untold": row.untold,
    }


def _of_record(record: DeliveryRecord) -> dict[str, Any]:
    payload, text = None, None
    body = b64decode(record.body)
    if record.body_ref is not None:
        payload = {"$blob": record.body_ref.model_dump()}
    elif body:
        try:
            payload = orjson.loads(body)
        except ValueError:
            text = body.decode("utf-8", "replace")
    return {
        "headers": record.headers,
        "query": record.query,
        "address": record.address or None,
        "verified": record.verified,
        "truncated": record.truncated,
        "payload": payload,
        "text": text,
    }


def _of_run(run: RunRow) -> dict[str, Any]:
    size = None if run.input is None else len(run.input.encode())
    row = started(
        run.tenant,
        run.run_id,
        run.started_by,
        run.started_ms,
        run.version,
        run.trigger,
        size,
        run.seq,
    )
    trigger = orjson.loads(run.trigger) if run.trigger else {}
    return _shown(row) | {
        "headers": masked(trigger.get("headers") or {}),
        "query": masked(trigger.get("query") or {}),
        "address": None,
        "verified": True,
        "truncated": False,
        "payload": value(run.input),
        "text": None,
    }
