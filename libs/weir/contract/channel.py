"""A kind of subject, as the tables of channels list them."""

from __future__ import annotations

from typing import NamedTuple

from weir.contract.messages import Message


class Channel(NamedTuple):
    """A kind of subject; `{…}` stands for one token of its address."""

    name: str
    stream: str  # empty: a core subject
    address: str
    message: type[Message]
    kinds: tuple[type[Message], ...]  # members of the message's `kind` that it carries here
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    what: str


PARAMETERS = {
    "shard": "crc32 of the run's id, modulo the number of shards",
    "tenant": "slug of the tenant",
    "run": "id of the run",
    "step": "path of the step",
    "attempt": "counts from 1",
    "timer": "id of the timer",
    "request": "id of the request",
    "child": "id of the run that ended",
    "signal": "id of the signal",
    "queue": "name of the queue",
    "limit": "id of the limit",
    "schedule": "id of the schedule",
    "report": "id of the report",
    "incarnation": "of the broker",
    "workflow": "id of the workflow",
    "version": "content hash of the version",
    "webhook": "id of the webhook",
    "letter": "id of the dead letter",
    "errand": "id of the errand",
    "subscription": "id of the subscription",
    "approval": "id of the approval",
    "name": "as definitions use it",
    "key": "id of the API key",
    "project": "id of the project",
    "user": "id of the user",
    "group": "id of the group",
    "session": "id of the session",
    "hash": "of what may not be read here",
    "provider": "id of the sign-in provider",
    "person": "id of who acts, or a tenant for those unknown there",
    "reader": "runs, or a receiver outside",
}
