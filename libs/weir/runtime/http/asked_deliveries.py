"""Which webhook's deliveries are meant, and which of them: what lists and replays share."""

from __future__ import annotations

from typing import get_args

from weir.contract import ids, subjects
from weir.contract.errors import InvalidParameterError, WebhookNotFoundError
from weir.contract.messages import RegistryRecord, WebhookSaved
from weir.contract.webhook_errors import DeliveryNotFoundError
from weir.ports.deliveries import DeliveryQuery, Verdict
from weir.runtime.http.asked import moment, pattern_of, place_of, words
from weir.runtime.http.call import Call
from weir.runtime.http.route import Parameter
from weir.runtime.records import Records

VERDICTS: tuple[str, ...] = get_args(Verdict)
KINDS = ("delivery", "test", "replay")
_CODES = 20

FILTERS = (
    pattern_of("verdict", "Only deliveries of which this became", VERDICTS),
    Parameter("code", "Only those refused with these codes, separated by commas."),
    pattern_of("kind", "Only those that came from outside, or that people sent", KINDS),
    Parameter("delivery_id", "Only those with this id of the sender's."),
    Parameter("replay_of", "Only replays of this delivery."),
    Parameter("from", "Only those that arrived at this time or later.", {"type": "string"}),
    Parameter("before", "Only those that arrived before this time.", {"type": "string"}),
)


class Hooked:
    """Finds the webhook that a request names."""

    def __init__(self, records: Records[RegistryRecord]) -> None:
        self._records = records

    async def of(self, call: Call) -> WebhookSaved:
        """The webhook of the path, for a caller whose role counts for its workflow.

        WebhookNotFoundError, also for one of a project that is closed to them; ForbiddenError.
        """
        webhook = call.id("webhook_id", "hook", WebhookNotFoundError, "webhook")
        entry = await self._records.get(subjects.webhook(webhook))
        saved = entry.record.webhook_saved if entry is not None else None
        if entry is None or saved is None or entry.record.tenant != call.tenant:
            raise _missing(webhook)
        if call.reach(call.route.permission) is not None:
            project = await self._project(call.tenant, saved.workflow_id)
            call.require(call.route.permission, project, lambda: _missing(webhook))
        return saved

    async def _project(self, tenant: str, workflow: str) -> str:
        entry = await self._records.get(subjects.workflow(tenant, workflow))
        if entry is None:
            return ""
        head = entry.record.workflow_saved or entry.record.workflow_deleted
        return head.project if head is not None else ""


def _missing(webhook: str) -> WebhookNotFoundError:
    return WebhookNotFoundError(
        f"There is no webhook {webhook}: list them at /api/v1/webhooks.",
        details={"webhook_id": webhook},
    )


def delivery_query(call: Call, webhook: str, *, since_ms: int, limit: int) -> DeliveryQuery:
    """The deliveries a request means; InvalidParameterError."""
    codes = [code for code in call.query("code").split(",") if code]
    if len(codes) > _CODES:
        raise InvalidParameterError(
            f"At most {_CODES} codes are looked for at once.", details={"parameter": "code"}
        )
    delivery = call.query("delivery_id")
    return DeliveryQuery(
        webhook_id=webhook,
        since_ms=since_ms,
        verdicts=words(call, "verdict", VERDICTS),
        codes=codes,
        kinds=words(call, "kind", KINDS),
        delivery_id=delivery,
        run_id=ids.derived("run", call.tenant, webhook, delivery) if delivery else "",
        replay_of=call.query("replay_of"),
        from_ms=moment(call, "from"),
        before_ms=moment(call, "before"),
        after=place_of(call, "dlv"),
        limit=limit,
    )


def record_id(call: Call) -> str:
    """The delivery of the path; DeliveryNotFoundError if there can be none."""
    return call.id("delivery_id", "dlv", DeliveryNotFoundError, "delivery")


def no_delivery(record: str, webhook: str) -> DeliveryNotFoundError:
    """What is said of a delivery that is not there."""
    return DeliveryNotFoundError(
        f"The webhook {webhook} has no delivery {record}: list them at "
        f"/api/v1/webhooks/{webhook}/deliveries.",
        details={"delivery_id": record, "webhook_id": webhook},
    )
