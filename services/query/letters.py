"""Dead letters over HTTP: lists, and one with what it was about to do."""

from __future__ import annotations

from typing import Any

import orjson

from services.query.runs import page
from services.query.shown import value, when
from weir.contract import codec, subjects, times
from weir.contract.messages import RegistryRecord, RunStarted, TaskScheduled
from weir.ports.letters import DeadRow, Letter
from weir.ports.log import Log, Stored
from weir.ports.views import Views
from weir.runtime.archive import Archive, read_parts
from weir.runtime.http.asked import readable
from weir.runtime.http.asked_letters import letter_id, letter_query, no_letter
from weir.runtime.http.call import Call, Reply
from weir.runtime.projector.progress import Progress

_SHOWN = 64 * 1024  # characters of a message that cannot be read


class DeadLetters:
    """The handlers. `runs_at` and `handled_at` tell how far both projections have come."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a letter is put together from
        self,
        views: Views,
        runs: Log,
        registry: Log,
        archive: Archive,
        runs_at: Progress,
        handled_at: Progress,
        shards: int,
    ) -> None:
        self._views = views
        self._runs = runs
        self._registry = registry
        self._archive = archive
        self._runs_at = runs_at
        self._handled_at = handled_at
        self._shards = shards

    async def listed(self, call: Call) -> Reply:
        """GET /dead-letters."""
        readable(call)
        limit = call.limit
        query = letter_query(call, limit=limit + 1)
        await self._reached(call)
        found = await self._views.letters(call.tenant, query)
        more = None
        if len(found) > limit:
            last = found[limit - 1].dead
            more = [last.last_ms, last.letter_id]
        return Reply(page(call, [_letter(one) for one in found[:limit]], more))

    async def get(self, call: Call) -> Reply:
        """GET /dead-letters/{letter_id}."""
        asked = letter_id(call)
        await self._reached(call)
        letter = await self._views.letter(call.tenant, asked)
        if letter is None:
            raise no_letter(asked)
        call.require(call.route.permission, letter.dead.project, lambda: no_letter(asked))
        stored = await self._message(letter.dead)
        shown = _event if letter.dead.reason == "event" else _payload
        return Reply(_letter(letter) | {"payload": None if stored is None else shown(stored)})

    async def _reached(self, call: Call) -> None:
        """Wait for what the caller has written or started before."""
        sequence = call.number("min_sequence", 0, 0, 2**62)
        if sequence:
            await self._runs_at.wait(sequence)
        if call.min_revision:
            await self._handled_at.wait(call.min_revision)

    async def _message(self, dead: DeadRow) -> Stored | None:
        """The message that says what was to be done, from the log or from the archive."""
        if dead.reason == "event":
            return await self._registry.get(dead.payload_seq)
        key = subjects.run_key(dead.tenant, dead.run_id, self._shards)
        stored = await self._runs.get(dead.payload_seq)
        if stored is not None and stored.subject.startswith(f"{key.prefix}."):
            return stored
        parts = read_parts(
            self._runs, self._archive, key, after=dead.payload_seq - 1, upto=dead.payload_seq
        )
        async for part in parts:
            for message in part:
                return message
        return None


def _letter(letter: Letter) -> dict[str, Any]:
    dead, handled = letter.dead, letter.handled
    return {
        "id": dead.letter_id,
        "status": letter.status,
        "reason": dead.reason,
        "run_id": dead.run_id or None,
        "workflow_id": dead.workflow_id,
        "workflow_name": letter.workflow_name,
        "step": dead.path or None,
        "error": value(dead.error),
        "attempts": dead.attempts,
        "first_at": times.from_ms(dead.first_ms),
        "last_at": times.from_ms(dead.last_ms),
        "settled_at": when(dead.settled_ms),
        "handled": None
        if handled is None
        else {
            "action": handled.action,
            "reason": handled.note,
            "by": handled.handled_by,
            "at": times.from_ms(handled.handled_ms),
            "new_run_id": handled.new_run_id or None,
        },
    }


def _payload(stored: Stored) -> dict[str, Any]:
    """What was to be done. Secrets are not in it: a config names credentials, the log has none."""
    try:
        envelope = codec.decode(stored.data)
        kind = envelope.events[-1].kind
    except (ValueError, IndexError):
        kind = None
    if isinstance(kind, TaskScheduled):
        return {
            "kind": "task",
            "node_type": kind.node_type,
            "queue": kind.queue,
            "config": kind.config,
            "scope": kind.scope,
        }
    if isinstance(kind, RunStarted):
        reference = kind.input_ref
        given = kind.input
        if reference is not None:
            shown = {"key": reference.key, "size": reference.size}
            given = {"$blob": shown | {"media_type": reference.media_type}}
        return {"kind": "start", "input": given, "trigger": kind.trigger}
    return {"kind": "message", "subject": stored.subject, **_content(stored.data)}


def _event(stored: Stored) -> dict[str, Any] | None:
    """What was published."""
    refused = RegistryRecord.model_validate_json(stored.data).event_refused
    if refused is None:
        return None
    content = {"base64": refused.data} if refused.base64 else _content(refused.data.encode())
    return {
        "kind": "event",
        "subscription_id": refused.subscription_id,
        "subject": refused.subject,
        "sequence": refused.sequence,
        "stored_at": refused.stored_at,
        "headers": dict(refused.headers),
        **content,
    }


def _content(data: bytes) -> dict[str, Any]:
    text = data.decode("utf-8", "replace")
    try:
        whole = orjson.loads(data)
    except ValueError:
        whole = None
    if whole is not None and len(text) <= _SHOWN:
        return {"content": whole}
    return {"text": text[:_SHOWN], "truncated": len(text) > _SHOWN}
