"""What an event comes to: a run, nothing because of the filter, or a dead letter.

Pure: nothing is stored here. The run's id follows from the subscription, its
generation and what makes the event the same when it comes twice (source and id
of a CloudEvent, `Nats-Msg-Id`, else its place on the bus), so that however
often it is dealt with it starts one run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import orjson

from services.trigger.starts import Start
from weir.contract import subjects, times
from weir.contract.bus_errors import EventTooDeepError, OrderingKeyInvalidError
from weir.contract.errors import FilterFailedError, WeirError
from weir.contract.messages import RunOrder, SubscriptionSaved
from weir.core import cloudevents
from weir.core.expressions import INLINE_BUDGET, BudgetExceededError, EvaluationError, Scope
from weir.core.gates import limit_id
from weir.ports.log import Stored
from weir.runtime.plans import Plan

KEY_CHARS = 512
_HEADERS = 64
_HEADER_LENGTH = 2_000
_NOT_SHOWN = ("nats-", "ce-", cloudevents.DEPTH.lower())


class TooStrangeError(WeirError):
    """What no reader foresaw: the event is put down, so that it holds up no other."""


class Subscription(NamedTuple):
    """A subscription as its record has it."""

    tenant: str
    saved: SubscriptionSaved

    @property
    def id(self) -> str:
        """Its id."""
        return self.saved.subscription_id

    def key(self, *parts: str) -> str:
        """What a run of this generation is started under."""
        return orjson.dumps([self.saved.generation, *parts]).decode()


class Read(NamedTuple):
    """An event as it was read. With `refused` it starts nothing, and why; `dropped`: the filter."""

    stored: Stored
    event: cloudevents.Event | None
    trigger: Mapping[str, Any]
    order: RunOrder | None = None
    refused: WeirError | None = None
    dropped: bool = False

    @property
    def starts(self) -> bool:
        """Whether it starts a run, or is one of those that do."""
        return self.refused is None and not self.dropped


def read(of: Subscription, plan: Plan, stored: Stored, env: Mapping[str, str], now_ms: int) -> Read:
    """Look at one event."""
    event, trigger = None, dict[str, Any]()
    try:
        event = cloudevents.read(stored.headers, stored.data)
        trigger = _trigger(of, event, stored, now_ms)
        _not_too_deep(trigger)
        roots = {
            "input": event.payload,
            "trigger": {**trigger, "payload": event.payload},
            "vars": plan.vars,
            "env": env,
        }
        scope = Scope(roots, now_ms, of.saved.node)
        if not _passes(plan, of.saved.node, scope):
            return Read(stored, event, trigger, dropped=True)
        if plan.subscriptions[of.saved.node].batch is None:
            plan.check(event.payload)
        return Read(stored, event, trigger, _order(of, plan, scope))
    except WeirError as error:
        return Read(stored, event, trigger, refused=error)
    except Exception as error:  # noqa: BLE001 - one event must not hold up the others
        why = TooStrangeError(f"The event cannot be read ({type(error).__name__}: {error})."[:500])
        return Read(stored, event, trigger, refused=why)


def start_of(of: Subscription, plan: Plan, one: Read) -> Start:
    """The run that an event starts; in a batch of its own where events come in batches."""
    event = one.event
    if event is None:
        raise AssertionError("an event that was refused starts nothing")
    same = (event.key,) if event.key else ("seq", str(one.stored.seq))
    if plan.subscriptions[of.saved.node].batch is not None:
        trigger = {**one.trigger, "events": [_brief(one)], "count": 1}
        return _start(of, plan, [event.payload], trigger, of.key("alone", *same), None)
    return _start(of, plan, event.payload, one.trigger, of.key(*same), one.order)


def batch_of(of: Subscription, plan: Plan, after: int, many: Sequence[Read]) -> Start:
    """The run that events start together; `after` is where the batch begins, and names it."""
    payloads: list[Any] = []
    events: list[dict[str, Any]] = []
    seen: set[str] = set()
    for one in many:
        event = one.event
        if event is None or event.key in seen:
            continue
        if event.key:
            seen.add(event.key)
        payloads.append(event.payload)
        events.append(_brief(one))
    depth = max(int(one.trigger.get(cloudevents.DEPTH_FIELD, 0)) for one in many)
    first = many[0].trigger
    trigger = {
        **{name: first[name] for name in ("fired_at", "subscription_id", "event_time")},
        "events": events,
        "count": len(events),
        "delivery_id": of.key("batch", str(after)),
        **({cloudevents.DEPTH_FIELD: depth} if depth else {}),
    }
    return _start(of, plan, payloads, trigger, of.key("batch", str(after)), None)


def _brief(one: Read) -> dict[str, Any]:
    return {name: one.trigger[name] for name in ("event", "subject", "event_time", "sequence")}


def _start(  # noqa: PLR0913, PLR0917 - what both kinds have in common
    of: Subscription,
    plan: Plan,
    given: Any,
    trigger: Mapping[str, Any],
    key: str,
    order: RunOrder | None,
) -> Start:
    return Start(
        tenant=of.tenant,
        plan=plan,
        trigger_node=of.saved.node,
        trigger_kind="event",
        input=given,
        trigger=trigger,
        started_by=of.id,
        source=of.id,
        key=key,
        order=order,
    )


def _not_too_deep(trigger: Mapping[str, Any]) -> None:
    if trigger.get(cloudevents.DEPTH_FIELD, 0) > cloudevents.MAX_DEPTH:
        raise EventTooDeepError(
            f"Runs have made events of events {cloudevents.MAX_DEPTH} times on the way to this "
            "one: do the workflows start one another in a circle?"
        )


def _passes(plan: Plan, node: str, scope: Scope) -> bool:
    template = plan.filters.get(node)
    if template is None:
        return True
    try:
        passed = template.evaluate(scope, INLINE_BUDGET)
    except (EvaluationError, BudgetExceededError) as error:
        raise FilterFailedError(
            f"The filter of the trigger {node!r} cannot be evaluated over this event: "
            f"{error.message}",
            details={"node": node, "code": error.code},
        ) from None
    if not isinstance(passed, bool):
        raise FilterFailedError(
            f"The filter of the trigger {node!r} yields no boolean: compare something in it.",
            details={"node": node},
        )
    return passed


def _order(of: Subscription, plan: Plan, scope: Scope) -> RunOrder | None:
    node = of.saved.node
    template = plan.orders.get(node)
    if template is None:
        return None
    try:
        key = template.evaluate(scope, INLINE_BUDGET)
    except (EvaluationError, BudgetExceededError) as error:
        raise OrderingKeyInvalidError(
            f"The ordering key of the trigger {node!r} cannot be evaluated over this event: "
            f"{error.message}",
            details={"node": node, "code": error.code},
        ) from None
    if key is None or isinstance(key, dict | list) or len(str(key)) > KEY_CHARS:
        raise OrderingKeyInvalidError(
            f"The ordering key of the trigger {node!r} must be a text or a number of at most "
            f"{KEY_CHARS} characters: take a field of trigger.payload.",
            details={"node": node},
        )
    return RunOrder(limit_id=limit_id(of.tenant, "order", of.id, str(key)), key=str(key))


def _trigger(
    of: Subscription, event: cloudevents.Event, stored: Stored, now_ms: int
) -> dict[str, Any]:
    headers = {
        name.lower(): text[:_HEADER_LENGTH]
        for name, text in islice(stored.headers.items(), _HEADERS)
        if not name.lower().startswith(_NOT_SHOWN)
    }
    stored_at = times.from_ms(stored.at_ms)
    depth = cloudevents.depth_of(stored.headers)
    trigger: dict[str, Any] = {
        "event": event.attributes(),
        "subject": subjects.parse_event(stored.subject)[1],
        "event_time": times.from_ms(times.to_ms(event.time)) if event.time else stored_at,
        "stored_at": stored_at,
        "fired_at": times.from_ms(now_ms),
        "sequence": str(stored.seq),
        "delivery_id": event.id or str(stored.seq),
        "subscription_id": of.id,
        "headers": headers,
    }
    if depth:
        trigger[cloudevents.DEPTH_FIELD] = depth
    return trigger
