"""Deliveries to webhooks over HTTP: judged before anything is stored, one run per delivery id.

A webhook that is not known (404) or has used up its tenant's limit (429) reads
nothing of the body; the other refusals are the judge's, in its order. What
became of a delivery is written down after the answer (see `history`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.trigger.answering import Answers
from services.trigger.arriving import Arrived
from services.trigger.history import History, Told, Trust
from services.trigger.judging import Judge, Judged, disabled, takes
from services.trigger.starts import Start
from weir.contract.errors import MethodNotAllowedError, WebhookNotFoundError, WeirError
from weir.contract.messages import WebhookSaved
from weir.ports.clock import Clock
from weir.runtime.hooks import Hook
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.gate import HOOKS
from weir.runtime.metrics import WEBHOOKS
from weir.runtime.plans import Plan

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")


class _Seen:
    """How far a delivery has come, for what is written down when it comes no further."""

    __slots__ = ("body", "delivery", "tenant", "trust", "version", "webhook")

    def __init__(self) -> None:
        self.tenant = self.version = self.delivery = ""
        self.webhook: WebhookSaved | None = None
        self.body = b""
        self.trust: Trust = "none"


class Hooks:
    """The handler of deliveries."""

    def __init__(self, judge: Judge, answers: Answers, history: History, clock: Clock) -> None:
        self._judge = judge
        self._answers = answers
        self._history = history
        self._clock = clock

    async def deliver(self, call: Call) -> Reply:
        """ANY /hooks/{webhook_id}."""
        seen = _Seen()
        try:
            return await self._deliver(call, seen)
        except WeirError as error:
            WEBHOOKS.labels("refused").inc()
            self._note(call, seen, "refused", error.status, code=error.code, reason=error.message)
            raise

    async def _deliver(self, call: Call, seen: _Seen) -> Reply:
        request = call.request
        if request.method not in METHODS:
            # Browsers ask before they send, and pages that preview links look: neither delivers.
            raise MethodNotAllowedError(
                f"{request.method[:20]} delivers nothing; {', '.join(METHODS)} do.",
                details={"allow": list(METHODS)},
            )
        webhook = call.id("webhook_id", "hook", WebhookNotFoundError, "webhook")
        tenant, saved = await self._judge.find(webhook)
        seen.tenant, seen.webhook = tenant, saved
        await call.counted(tenant, HOOKS)
        if not saved.enabled:
            raise disabled(webhook, "it is switched off")
        plan, hook = await self._judge.hook(tenant, saved)
        seen.version = plan.version
        takes(hook, request.method, request.content_type)
        body = seen.body = await call.body()
        arrived = Arrived(
            request.method, request.headers, request.query, request.content_type, body
        )
        now_ms = self._clock.now_ms()
        delivery = await self._judge.verified(tenant, saved, hook, arrived, now_ms)
        seen.delivery, seen.trust = delivery, "proved" if hook.signed else "open"
        judged = self._judge.judge(plan, hook, arrived, delivery, now_ms)
        if judged.dropped:
            WEBHOOKS.labels("dropped").inc()
            self._note(call, seen, "filtered", 202, reason=judged.dropped)
            return Reply({"dropped": judged.dropped}, status=202)
        start = _start(tenant, webhook, plan, hook, judged, call.trace_parent)
        scope: Mapping[str, Any] = {}
        if hook.response is not None:
            scope = self._judge.scope(plan, judged.payload, judged.trigger)
        started, reply = await self._answers.give(start, hook, scope)
        if started.duplicate:
            WEBHOOKS.labels("duplicate").inc()
            run_id = started.key.run_id
            self._note(call, seen, "duplicate", reply.status, run_id=run_id, bodiless=True)
        else:
            WEBHOOKS.labels("accepted").inc()
        return reply

    def _note(  # noqa: PLR0913 - what became of it
        self,
        call: Call,
        seen: _Seen,
        verdict: str,
        status: int,
        *,
        code: str = "",
        reason: str = "",
        run_id: str = "",
        bodiless: bool = False,
    ) -> None:
        if seen.webhook is None:
            return  # nobody's: the address that asks is counted instead
        request = call.request
        arrived = Arrived(
            request.method[:20], request.headers, request.query, request.content_type, seen.body
        )
        told = Told(
            verdict,
            status,
            code,
            reason,
            run_id,
            seen.version,
            seen.delivery,
            trust=seen.trust,
            bodiless=bodiless,
        )
        self._history.note(seen.tenant, seen.webhook, arrived, call.address, told)


def _start(  # noqa: PLR0913, PLR0917 - what a delivery starts
    tenant: str, webhook: str, plan: Plan, hook: Hook, judged: Judged, trace_parent: str
) -> Start:
    return Start(
        tenant=tenant,
        plan=plan,
        trigger_node=hook.node,
        trigger_kind="webhook",
        input=judged.payload,
        trigger=judged.trigger,
        started_by=webhook,
        source=webhook,
        key=judged.delivery,
        trace_parent=trace_parent,
    )
