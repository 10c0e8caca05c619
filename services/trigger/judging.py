"""Whether a delivery starts a run: the same judge for deliveries, tests, replays and simulations.

The order of refusals is fixed: unknown or switched off (404), a method or media
type that is not taken (405, 415), not signed by who should have (401), not
readable (400), not fitting (422). What the filter drops is not refused.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

from services.trigger import arriving
from services.trigger.arriving import Arrived
from services.trigger.signatures import verify
from weir.contract import subjects
from weir.contract.errors import (
    FilterFailedError,
    MethodNotAllowedError,
    UnsupportedMediaTypeError,
    WebhookDisabledError,
    WebhookNotFoundError,
    WorkflowNotFoundError,
    WorkflowNotPublishedError,
)
from weir.contract.messages import RegistryRecord, WebhookSaved
from weir.core.expressions import INLINE_BUDGET, BudgetExceededError, EvaluationError, Scope
from weir.ports.secrets import Sealed, Secrets
from weir.runtime.hooks import Hook, signing_place, valid_secrets
from weir.runtime.plans import Plan, Plans
from weir.runtime.records import Records

OPENED = 10_000


class Judged(NamedTuple):
    """What a delivery would start. `dropped` says why it starts nothing; empty if it does."""

    delivery: str  # the sender's id of it, empty if it has none
    payload: Any
    trigger: dict[str, Any]
    dropped: str


class Judge:
    """Knows webhooks, their secrets and their filters."""

    def __init__(
        self,
        records: Records[RegistryRecord],
        plans: Plans,
        secrets: Secrets,
        env: Mapping[str, str],
    ) -> None:
        self._records = records
        self._plans = plans
        self._secrets = secrets
        self._env = dict(env)
        self._opened: OrderedDict[str, str] = OrderedDict()

    async def find(self, webhook: str, *, min_revision: int = 0) -> tuple[str, WebhookSaved]:
        """Tenant and record of a webhook; WebhookNotFoundError."""
        entry = await self._records.get(subjects.webhook(webhook), min_revision=min_revision)
        saved = entry.record.webhook_saved if entry else None
        if entry is None or saved is None:
            raise WebhookNotFoundError(
                f"There is no webhook {webhook}: copy its address from the workflow.",
                details={"webhook_id": webhook},
            )
        return entry.record.tenant, saved

    async def hook(
        self, tenant: str, saved: WebhookSaved, version: str = "", *, min_revision: int = 0
    ) -> tuple[Plan, Hook]:
        """The version that counts, the current one unless one is named, and its trigger.

        WebhookDisabledError if there is none, VersionNotFoundError.
        """
        workflow = saved.workflow_id
        try:
            if version:
                plan = await self._plans.get(tenant, workflow, version)
            else:
                plan = await self._plans.current(tenant, workflow, min_revision=min_revision)
        except (WorkflowNotFoundError, WorkflowNotPublishedError):
            raise disabled(saved.webhook_id, "its workflow was deleted") from None
        hook = plan.hooks.get(saved.node)
        if hook is None:
            which = "that version" if version else "the current version"
            raise disabled(saved.webhook_id, f"{which} has no such trigger")
        return plan, hook

    async def verified(
        self, tenant: str, saved: WebhookSaved, hook: Hook, arrived: Arrived, now_ms: int
    ) -> str:
        """The delivery's id, once it is proved to be the sender's; see `signatures.verify`."""
        secrets = await self.secrets_of(tenant, saved, now_ms) if hook.signed else []
        return verify(hook, secrets, arrived.headers, arrived.body, now_ms)

    async def secrets_of(self, tenant: str, saved: WebhookSaved, now_ms: int) -> list[str]:
        """The secrets that are accepted now, the newest first."""
        return [
            await self._open(tenant, saved.webhook_id, sealed)
            for sealed in valid_secrets(saved, now_ms)
        ]

    def judge(self, plan: Plan, hook: Hook, arrived: Arrived, delivery: str, at_ms: int) -> Judged:
        """Read it, and hold it against filter and input schema.

        InvalidJsonError, FilterFailedError, InputInvalidError.
        """
        value = arriving.payload(arrived)
        trigger = arriving.trigger(arrived, delivery, at_ms)
        dropped = self.filtered(plan, hook, value, trigger, at_ms)
        if not dropped:
            plan.check(value)
        return Judged(delivery, value, trigger, dropped)

    def scope(self, plan: Plan, payload: Any, trigger: Mapping[str, Any]) -> dict[str, Any]:
        """What the expressions of the trigger read."""
        return {
            "input": payload,
            "trigger": {**trigger, "payload": payload},
            "vars": plan.vars,
            "env": self._env,
        }

    def filtered(
        self, plan: Plan, hook: Hook, payload: Any, trigger: Mapping[str, Any], now_ms: int
    ) -> str:
        """Why the filter drops it; empty if it passes. FilterFailedError."""
        template = plan.filters.get(hook.node)
        if template is None:
            return ""
        scope = Scope(self.scope(plan, payload, trigger), now_ms, hook.node)
        try:
            passed = template.evaluate(scope, INLINE_BUDGET)
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

    async def _open(self, tenant: str, webhook: str, sealed: str) -> str:
        opened = self._opened.get(sealed)
        if opened is None:
            place = signing_place(tenant, webhook)
            opened = (await self._secrets.open(Sealed.parse(sealed), place)).decode()
            self._opened[sealed] = opened
            if len(self._opened) > OPENED:
                self._opened.popitem(last=False)
        return opened


def takes(hook: Hook, method: str, media_type: str) -> None:
    """Refuse a method or a media type that the webhook does not name."""
    if hook.methods and method not in hook.methods:
        raise MethodNotAllowedError(
            f"{method} delivers nothing here; {', '.join(sorted(hook.methods))} do.",
            details={"allow": sorted(hook.methods)},
        )
    if hook.media_types and media_type not in hook.media_types:
        raise UnsupportedMediaTypeError(
            f"This webhook takes {', '.join(sorted(hook.media_types))} and not "
            f"{media_type[:100]!r}: set Content-Type.",
            details={"accept": sorted(hook.media_types)},
        )


def disabled(webhook: str, why: str) -> WebhookDisabledError:
    """The refusal of whatever comes to a webhook that takes nothing."""
    return WebhookDisabledError(
        f"The webhook {webhook} takes no deliveries: {why}.",
        details={"webhook_id": webhook},
    )
