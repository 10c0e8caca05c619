"""Publishing over HTTP, for those without NATS: JSON, or CloudEvents in every mode of theirs.

What is stored is what a NATS client would have sent: CloudEvents in binary
mode, everything else as it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson

from weir.contract import subjects
from weir.contract.bus_errors import EventInvalidError
from weir.core import cloudevents
from weir.core.cloudevents import BATCH_TYPE, MEDIA_TYPE, Event
from weir.ports.log import Append, Log
from weir.runtime.http import body
from weir.runtime.http.call import Call, Reply

MANY = 100
_PREFIX = "ce-"


class Events:
    """The handler."""

    def __init__(self, bus: Log) -> None:
        self._bus = bus

    async def publish(self, call: Call) -> Reply:
        """POST /events."""
        subject = call.query("subject")
        data = await call.body()
        media_type = call.request.content_type
        if media_type == BATCH_TYPE:
            many = body.parse(data)
            if not isinstance(many, list) or not 0 < len(many) <= MANY:
                raise EventInvalidError(f"A batch is a list of 1 to {MANY} CloudEvents.")
            found = [cloudevents.structured(one) for one in many]
        elif media_type == MEDIA_TYPE:
            found = [cloudevents.structured(body.parse(data))]
        else:
            found = [self._single(call, data)]
        appends = [_append(call, subject, one) for one in found]
        stored = await self._bus.append_all(appends)
        return Reply({"items": _told(found, appends, stored)}, status=HTTPStatus.ACCEPTED)

    def _single(self, call: Call, data: bytes) -> Event:
        given = call.request.headers
        headers = {name: text for name, text in given.items() if name.lower().startswith(_PREFIX)}
        if headers:
            content = given.get("Content-Type", "application/json")
            return cloudevents.read(headers | {"Content-Type": content}, data)
        value = body.parse(data) if data else {}
        return Event(call.idempotency_key() or "", "", "", value, cloud=False)


def _append(call: Call, subject: str, event: Event) -> Append:
    name = subject or event.type
    if not subjects.EVENT_NAME.fullmatch(name):
        raise EventInvalidError(
            f"{name[:100]!r} is no subject to publish on: name one in `subject`, words joined by "
            "dots without wildcards and without `bus.<tenant>.`; a CloudEvent without one lies on "
            "its type.",
            details={"field": "subject"},
        )
    headers = cloudevents.headers_of(event) if event.cloud else {"Content-Type": "application/json"}
    return Append(
        subjects.event(call.tenant, name),
        orjson.dumps(event.payload),
        # Within the tenant alone: no other tenant's event is taken for this one.
        msg_id=f"{call.tenant}/{event.key}".replace("\n", " ") if event.key else None,
        headers=tuple(headers.items()),
    )


def _told(
    events: Sequence[Event], appends: Sequence[Append], stored: Sequence[int | Exception]
) -> list[dict[str, Any]]:
    """What lies on the bus now; raises what kept an event away: the request can be sent again."""
    for one in stored:
        if isinstance(one, Exception):
            raise one
    return [
        {
            "id": event.id or None,
            "subject": subjects.parse_event(append.subject)[1],
            "sequence": str(sequence),
        }
        for event, append, sequence in zip(events, appends, stored, strict=True)
    ]
