"""Deliveries to webhooks: checked before they are read, one run per delivery id.

The order of refusals is fixed: unknown or switched off (404), too large (413),
not signed by who should have (401), not readable (400), not fitting (422); and
only then is anything stored.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import parse_qs

from services.trigger.api import finish
from services.trigger.results import Results
from services.trigger.signatures import plain, verify
from services.trigger.starts import Start, Started, Starts
from weir.contract import subjects, times
from weir.contract.errors import (
    FilterFailedError,
    InvalidJsonError,
    MethodNotAllowedError,
    UnsupportedMediaTypeError,
    WebhookDisabledError,
    WebhookNotFoundError,
    WeirError,
    WorkflowNotFoundError,
    WorkflowNotPublishedError,
)
from weir.contract.messages import RegistryRecord, WebhookSaved
from weir.core.expressions import INLINE_BUDGET, BudgetExceededError, EvaluationError, Scope
from weir.ports.clock import Clock
from weir.ports.secrets import Sealed, Secrets
from weir.runtime.hooks import Hook, signing_place, valid_secrets
from weir.runtime.http import body
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.gate import HOOKS
from weir.runtime.http.route import API
from weir.runtime.metrics import WEBHOOKS
from weir.runtime.plans import Plan, Plans
from weir.runtime.records import Records

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
FORM = "application/x-www-form-urlencoded"
OPENED = 10_000

_OK, _ACCEPTED = HTTPStatus.OK.value, HTTPStatus.ACCEPTED.value
_HIDDEN = frozenset({"authorization", "cookie", "proxy-authorization"})
_HEADERS = 64
_HEADER_LENGTH = 2_000
_QUERY = 100


class Hooks:
    """The handler of deliveries."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a delivery touches
        self,
        records: Records[RegistryRecord],
        plans: Plans,
        starts: Starts,
        results: Results,
        secrets: Secrets,
        clock: Clock,
        env: Mapping[str, str],
    ) -> None:
        self._records = records
        self._plans = plans
        self._starts = starts
        self._results = results
        self._secrets = secrets
        self._clock = clock
        self._env = dict(env)
        self._opened: OrderedDict[str, str] = OrderedDict()

    async def deliver(self, call: Call) -> Reply:
        """ANY /hooks/{webhook_id}."""
        try:
            return await self._deliver(call)
        except WeirError:
            WEBHOOKS.labels("refused").inc()
            raise

    async def _deliver(self, call: Call) -> Reply:
        if call.request.method not in METHODS:
            # Browsers ask before they send, and pages that preview links look: neither delivers.
            raise MethodNotAllowedError(
                f"{call.request.method[:20]} delivers nothing; {', '.join(METHODS)} do.",
                details={"allow": list(METHODS)},
            )
        webhook = call.id("webhook_id", "hook", WebhookNotFoundError, "webhook")
        tenant, saved = await self._find(webhook)
        await call.counted(tenant, HOOKS)
        if not saved.enabled:
            raise _disabled(webhook, "it is switched off")
        plan, hook = await self._hook(tenant, saved)
        _takes(hook, call)
        data = await call.body()
        now_ms = self._clock.now_ms()
        secrets = await self._secrets_of(tenant, saved, now_ms) if hook.signed else []
        delivery = verify(hook, secrets, call.request.headers, data, now_ms)
        payload = _payload(call, data)
        trigger = _trigger(call, delivery, now_ms)
        dropped = self._filtered(plan, hook, payload, trigger, now_ms)
        if dropped:
            WEBHOOKS.labels("dropped").inc()
            return Reply({"dropped": dropped}, status=HTTPStatus.ACCEPTED)
        plan.check(payload)
        start = Start(
            tenant=tenant,
            plan=plan,
            trigger_node=hook.node,
            trigger_kind="webhook",
            input=payload,
            trigger=trigger,
            started_by=webhook,
            source=webhook,
            key=delivery,
            trace_parent=call.trace_parent,
        )
        if hook.finished:
            started, end = await finish(self._starts, self._results, start, hook.wait_ms / 1000)
            return _answer(started, end)
        started = await self._starts.start(start, self._starts.key(start))
        if not started.duplicate or started.purged:
            return _answer(started, None)
        # Who delivers again learns how the run ended; its output is for those who may read runs.
        known = await self._results.known(started.key)
        return _answer(started, {"status": known.get("status", "queued")})

    async def _find(self, webhook: str) -> tuple[str, WebhookSaved]:
        entry = await self._records.get(subjects.webhook(webhook))
        saved = entry.record.webhook_saved if entry else None
        if entry is None or saved is None:
            raise WebhookNotFoundError(
                f"There is no webhook {webhook}: copy its address from the workflow.",
                details={"webhook_id": webhook},
            )
        return entry.record.tenant, saved

    async def _hook(self, tenant: str, saved: WebhookSaved) -> tuple[Plan, Hook]:
        try:
            plan = await self._plans.current(tenant, saved.workflow_id)
        except (WorkflowNotFoundError, WorkflowNotPublishedError):
            raise _disabled(saved.webhook_id, "its workflow was deleted") from None
        hook = plan.hooks.get(saved.node)
        if hook is None:
            raise _disabled(saved.webhook_id, "the current version has no such trigger")
        return plan, hook

    async def _secrets_of(self, tenant: str, saved: WebhookSaved, now_ms: int) -> list[str]:
        return [
            await self._open(tenant, saved.webhook_id, sealed)
            for sealed in valid_secrets(saved, now_ms)
        ]

    async def _open(self, tenant: str, webhook: str, sealed: str) -> str:
        opened = self._opened.get(sealed)
        if opened is None:
            place = signing_place(tenant, webhook)
            opened = (await self._secrets.open(Sealed.parse(sealed), place)).decode()
            self._opened[sealed] = opened
            if len(self._opened) > OPENED:
                self._opened.popitem(last=False)
        return opened

    def _filtered(
        self, plan: Plan, hook: Hook, payload: Any, trigger: Mapping[str, Any], now_ms: int
    ) -> str:
        """Why the delivery starts nothing; empty if it does."""
        template = plan.filters.get(hook.node)
        if template is None:
            return ""
        roots = {
            "input": payload,
            "trigger": {**trigger, "payload": payload},
            "vars": plan.vars,
            "env": self._env,
        }
        try:
            passed = template.evaluate(Scope(roots, now_ms, hook.node), INLINE_BUDGET)
        except (EvaluationError, BudgetExceededError) as error:
            raise FilterFailedError(
                f"The filter of the trigger {hook.node!r} cannot be evaluated over this delivery: "
                f"{error.message}",
                details={"node": hook.node, "code": error.code},
            ) from None
        if passed is True:
            return ""
        if passed is False:
            return f"the filter of {hook.node!r} is false"
        raise FilterFailedError(
            f"The filter of the trigger {hook.node!r} yields no boolean: compare something in it.",
            details={"node": hook.node},
        )


def _takes(hook: Hook, call: Call) -> None:
    """Refuse a method or a media type that the webhook does not name."""
    if hook.methods and call.request.method not in hook.methods:
        raise MethodNotAllowedError(
            f"{call.request.method} delivers nothing here; {', '.join(sorted(hook.methods))} do.",
            details={"allow": sorted(hook.methods)},
        )
    if hook.media_types and call.request.content_type not in hook.media_types:
        raise UnsupportedMediaTypeError(
            f"This webhook takes {', '.join(sorted(hook.media_types))} and not "
            f"{call.request.content_type[:100]!r}: set Content-Type.",
            details={"accept": sorted(hook.media_types)},
        )


def _answer(started: Started, end: Mapping[str, Any] | None) -> Reply:
    WEBHOOKS.labels("duplicate" if started.duplicate else "accepted").inc()
    run_id = started.key.run_id
    value = {
        "run_id": run_id,
        "status": started.purged or "queued",
        "duplicate": started.duplicate,
        **(end or {}),
    }
    return Reply(
        value,
        status=_ACCEPTED if end is None and not started.duplicate else _OK,
        headers={"Location": f"{API}/runs/{run_id}"},
        sequence=started.sequence,
    )


def _payload(call: Call, data: bytes) -> Any:
    if not data:
        return {}
    if call.request.content_type == FORM:
        return _form(data)
    return body.parse(data)


def _form(data: bytes) -> Any:
    try:
        fields = parse_qs(
            data.decode(), keep_blank_values=True, max_num_fields=1_000, errors="strict"
        )
    except ValueError as error:
        raise InvalidJsonError(f"The form cannot be read: {error}.") from None
    plain_fields = {
        name: values[0] if len(values) == 1 else values for name, values in fields.items()
    }
    # GitHub and Slack can send their JSON in a field of this name.
    if isinstance(plain_fields.get("payload"), str) and len(plain_fields) == 1:
        return body.parse(str(plain_fields["payload"]).encode())
    return plain_fields


def _trigger(call: Call, delivery: str, now_ms: int) -> dict[str, Any]:
    request = call.request
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        lower = name.lower()
        if lower not in _HIDDEN and len(headers) < _HEADERS:
            headers[lower] = plain(value)[:_HEADER_LENGTH]
    trigger: dict[str, Any] = {
        "headers": headers,
        "query": dict(islice(request.query.items(), _QUERY)),
        "method": request.method,
        "fired_at": times.from_ms(now_ms),
        "delivery_id": delivery,
    }
    event = headers.get("x-github-event")
    if event:
        trigger["event"] = event
    return trigger


def _disabled(webhook: str, why: str) -> WebhookDisabledError:
    return WebhookDisabledError(
        f"The webhook {webhook} takes no deliveries: {why}.",
        details={"webhook_id": webhook},
    )
