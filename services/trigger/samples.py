"""Trying a webhook out: a sample that takes the way of every delivery, and one that only might.

A test is signed like the sender's deliveries and judged by the same judge; its
run says `trigger.test`. A simulation is judged and goes no further.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from multidict import CIMultiDict

from services.trigger.answering import Answers, rendered
from services.trigger.arriving import Arrived
from services.trigger.history import History, Told
from services.trigger.judging import Judge, Judged, disabled, takes
from services.trigger.sample_models import Sample, Simulated
from services.trigger.signing import sign
from services.trigger.starts import Start, Starts
from weir.contract import subjects
from weir.contract.errors import WeirError
from weir.contract.messages import WebhookSaved
from weir.ports.clock import Clock
from weir.ports.log import Log
from weir.runtime.hooks import Hook
from weir.runtime.http.asked_deliveries import Hooked
from weir.runtime.http.call import Call, Reply, wrong
from weir.runtime.http.problems import shown
from weir.runtime.plans import Plan


class _Tried(NamedTuple):
    """How far a sample came. `error` says why no further."""

    plan: Plan | None
    hook: Hook | None
    arrived: Arrived
    delivery: str
    judged: Judged | None = None
    error: WeirError | None = None


class Samples:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a delivery touches
        self,
        hooked: Hooked,
        judge: Judge,
        answers: Answers,
        starts: Starts,
        runs: Log,
        history: History,
        clock: Clock,
    ) -> None:
        self._hooked = hooked
        self._judge = judge
        self._answers = answers
        self._starts = starts
        self._runs = runs
        self._history = history
        self._clock = clock

    async def test(self, call: Call) -> Reply:
        """POST /webhooks/{webhook_id}/test."""
        saved = await self._hooked.of(call)
        asked = await call.model(Sample, optional=True)
        key = call.idempotency_key()
        tried = await self._try(call, saved, asked, "", f"test/{key}" if key else "")
        tried, told, reply = await self._sent(call, saved, tried)
        record = await self._history.write(
            call.tenant, saved, tried.arrived, call.address, told._replace(kind="test")
        )
        value = _verdict(call, told, tried) | {"id": record, "answer": _said(reply)}
        call.audited(
            changes={"verdict": {"new": told.verdict}, "run_id": {"new": told.run_id or None}}
        )
        return Reply(value)

    async def simulate(self, call: Call) -> Reply:
        """POST /webhooks/{webhook_id}/simulate."""
        saved = await self._hooked.of(call)
        asked = await call.model(Simulated, optional=True)
        tried = await self._try(call, saved, asked, asked.version or "", "")
        plan, hook, judged = tried.plan, tried.hook, tried.judged
        told = _unsent(tried, "")
        scope: dict[str, Any] | None = None
        reply: Reply | None = None
        if plan is not None and hook is not None and judged is not None:
            scope = self._judge.scope(plan, judged.payload, judged.trigger)
            told, reply = await self._would(call, saved, tried, scope, told)
        value = _verdict(call, told, tried) | {"scope": scope, "answer": _said(reply)}
        return Reply(value)

    async def _try(
        self, call: Call, saved: WebhookSaved, asked: Sample, version: str, delivery: str
    ) -> _Tried:
        """Judge a sample as a delivery is judged; what refuses it is in the answer."""
        delivery = asked.delivery_id or delivery or self._clock.new_id("test")
        arrived = _arrived(asked, None)
        try:
            if not saved.enabled:
                raise disabled(saved.webhook_id, "it is switched off")
            plan, hook = await self._judge.hook(call.tenant, saved, version)
        except WeirError as error:
            return _Tried(None, None, arrived, delivery, error=error)
        now_ms = self._clock.now_ms()
        arrived = _arrived(asked, hook)
        try:
            takes(hook, arrived.method, arrived.media_type)
            if asked.sign:
                arrived = await self._signed(call.tenant, saved, hook, arrived, delivery, now_ms)
            known = await self._judge.verified(call.tenant, saved, hook, arrived, now_ms)
            judged = self._judge.judge(plan, hook, arrived, known, now_ms)
        except WeirError as error:
            return _Tried(plan, hook, arrived, delivery, error=error)
        return _Tried(plan, hook, arrived, known, judged)

    async def _signed(  # noqa: PLR0913, PLR0917 - what is signed, and for whom
        self,
        tenant: str,
        saved: WebhookSaved,
        hook: Hook,
        arrived: Arrived,
        delivery: str,
        now_ms: int,
    ) -> Arrived:
        secrets = await self._judge.secrets_of(tenant, saved, now_ms) if hook.signed else []
        secret = secrets[0] if secrets else ""
        headers = CIMultiDict(arrived.headers)
        headers.update(sign(hook, secret, arrived.body, delivery, now_ms // 1000))
        return arrived._replace(headers=headers)

    async def _sent(
        self, call: Call, saved: WebhookSaved, tried: _Tried
    ) -> tuple[_Tried, Told, Reply | None]:
        plan, hook, judged = tried.plan, tried.hook, tried.judged
        if plan is None or hook is None or judged is None or judged.dropped:
            return tried, _unsent(tried, call.principal.id), None
        start = _start(call, saved, plan, hook, judged)
        scope = self._judge.scope(plan, judged.payload, start.trigger)
        try:
            started, reply = await self._answers.give(start, hook, scope)
        except WeirError as error:
            tried = tried._replace(error=error)
            return tried, _unsent(tried, call.principal.id), None
        told = Told(
            "duplicate" if started.duplicate else "accepted",
            reply.status,
            run_id=started.key.run_id,
            version=plan.version,
            delivery=judged.delivery,
            trust="proved",
            by=call.principal.id,
        )
        return tried, told, reply

    async def _would(
        self,
        call: Call,
        saved: WebhookSaved,
        tried: _Tried,
        scope: dict[str, Any],
        told: Told,
    ) -> tuple[Told, Reply | None]:
        plan, hook, judged = tried.plan, tried.hook, tried.judged
        if plan is None or hook is None or judged is None or judged.dropped:
            return told, None
        key = self._starts.key(_start(call, saved, plan, hook, judged))
        there = await self._runs.last(key.fact(subjects.start_fact())) is not None
        # Without a sender's id nobody knows which run it would be.
        run_id = key.run_id if judged.delivery else ""
        told = told._replace(verdict="duplicate" if there else "accepted", run_id=run_id)
        template = plan.responses.get(hook.node)
        if template is None or hook.answer != "accepted":
            return told, None
        run = {
            "id": key.run_id,
            "status": "queued",
            "duplicate": there,
            "output": None,
            "error": None,
        }
        try:
            return told, rendered(template, {**scope, "run": run}, key.run_id)
        except WeirError as error:
            return told, Reply(shown(error, call.request_id), status=error.status)


def _arrived(asked: Sample, hook: Hook | None) -> Arrived:
    if asked.text is not None and asked.body is not None:
        raise wrong("text", "the body is given twice", "Give text or body.")
    body = b""
    if asked.text is not None:
        body = asked.text.encode()
    elif "body" in asked.model_fields_set:
        body = orjson.dumps(asked.body)
    headers = CIMultiDict(asked.headers)
    headers.setdefault("Content-Type", asked.content_type)
    taken = sorted(hook.methods) if hook is not None else []
    method = asked.method or ("POST" if not taken or "POST" in taken else taken[0])
    media_type = headers["Content-Type"].partition(";")[0].strip().lower()
    return Arrived(method, headers, asked.query, media_type, body)


def _start(call: Call, saved: WebhookSaved, plan: Plan, hook: Hook, judged: Judged) -> Start:
    return Start(
        tenant=call.tenant,
        plan=plan,
        trigger_node=hook.node,
        trigger_kind="webhook",
        input=judged.payload,
        trigger={**judged.trigger, "test": True},
        started_by=call.principal.id,
        source=saved.webhook_id,
        key=judged.delivery,
        trace_parent=call.trace_parent,
        who=call.principal,
    )


def _unsent(tried: _Tried, by: str) -> Told:
    """What is told of a sample that starts nothing."""
    error = tried.error
    told = Told(
        "filtered",
        202,
        reason=tried.judged.dropped if tried.judged is not None else "",
        version=tried.plan.version if tried.plan is not None else "",
        delivery=tried.delivery,
        trust="proved",
        by=by,
    )
    if error is None:
        return told
    return told._replace(
        verdict="refused", status=error.status, code=error.code, reason=error.message
    )


def _verdict(call: Call, told: Told, tried: _Tried) -> dict[str, Any]:
    return {
        "verdict": told.verdict,
        "error": None if tried.error is None else shown(tried.error, call.request_id)["error"],
        "dropped": told.reason if told.verdict == "filtered" else None,
        "version": told.version or None,
        "delivery_id": told.delivery or None,
        "run_id": told.run_id or None,
    }


def _said(reply: Reply | None) -> dict[str, Any] | None:
    if reply is None:
        return None
    body = reply.value
    if isinstance(body, bytes):
        try:
            body = orjson.loads(body)
        except ValueError:
            body = body.decode("utf-8", "replace")
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return {
        "status": reply.status,
        "headers": {**headers, "content-type": reply.media_type},
        "body": body,
    }
