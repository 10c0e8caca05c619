"""Appending: pipelined, each message valid alone, or as one atomic batch.

One future stands for all acknowledgements of a call. nats-py's
`publish_async` is not used: its futures never resolve when JetStream refuses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from secrets import token_hex

import orjson

from weir.adapters import wire
from weir.adapters.jetstream.link import Link, publication
from weir.adapters.jetstream.refusals import (
    INCOMPLETE_BATCH,
    TOO_MANY_BATCHES,
    InFlightError,
    refusal,
    sequence,
)
from weir.contract.errors import OutcomeUnknownError, UnavailableError, WeirError
from weir.ports.log import Append

TIMEOUT_S = 5.0
IN_FLIGHT_LIMIT = 2000
IN_FLIGHT_BYTES = 8 * 1024 * 1024
_PAUSES_S = (0.001, 0.004, 0.016, 0.064, 0.25)


async def publish_one(link: Link, append: Append) -> int:
    """Append one message; raises as the port says."""
    header = wire.header_block(append, limit=link.max_payload)
    pauses_s = iter(_PAUSES_S)
    while True:
        waiting, replies = link.expect(1)
        link.post([publication(append.subject, replies[0], header, append.data)])
        try:
            await link.wait(waiting, TIMEOUT_S)
        except OutcomeUnknownError as lost:
            raise _unknown(append.subject, lost.message) from lost
        result = _result(append, waiting.answers[0], "")
        if isinstance(result, int):
            return result
        pause_s = next(pauses_s, None) if isinstance(result, InFlightError) else None
        if pause_s is None:
            raise result
        await asyncio.sleep(pause_s)


async def publish(link: Link, appends: Sequence[Append]) -> list[int | Exception]:
    """Append each; one entry per append: its sequence, or why it is not known to be stored."""
    results: list[int | Exception] = []
    for start, end in _windows(appends):
        results += await _publish(link, appends[start:end])
    for pause_s in _PAUSES_S:
        again = [at for at, result in enumerate(results) if isinstance(result, InFlightError)]
        if not again:
            break
        await asyncio.sleep(pause_s)
        for at, result in zip(
            again, await _publish(link, [appends[i] for i in again]), strict=True
        ):
            results[at] = result
    return results


async def publish_batch(link: Link, appends: Sequence[Append]) -> list[int]:
    """Append all or none, contiguous; raises for the batch as a whole."""
    wire.check_batch(appends)
    async with link.batches:
        for pause_s in _PAUSES_S:
            try:
                return await _publish_batch(link, appends)
            except InFlightError:
                await asyncio.sleep(pause_s)
        return await _publish_batch(link, appends)


def _windows(appends: Sequence[Append]) -> list[tuple[int, int]]:
    windows: list[tuple[int, int]] = []
    start = size = 0
    for at, append in enumerate(appends):
        if at - start >= IN_FLIGHT_LIMIT or (size and size + len(append.data) > IN_FLIGHT_BYTES):
            windows.append((start, at))
            start, size = at, 0
        size += len(append.data)
    if start < len(appends):
        windows.append((start, len(appends)))
    return windows


async def _publish(link: Link, appends: Sequence[Append]) -> list[int | Exception]:
    headers: list[bytes | WeirError] = []
    for append in appends:
        try:
            headers.append(wire.header_block(append, limit=link.max_payload))
        except WeirError as refused:
            headers.append(refused)
    sendable = sum(1 for header in headers if isinstance(header, bytes))
    if not sendable:
        return list(headers)  # type: ignore[arg-type]  # none of them is bytes
    try:
        waiting, replies = link.expect(sendable)
    except UnavailableError as offline:
        return [
            UnavailableError(offline.message) if isinstance(header, bytes) else header
            for header in headers
        ]
    reply = iter(replies)
    link.post(
        [
            publication(append.subject, next(reply), header, append.data)
            for append, header in zip(appends, headers, strict=True)
            if isinstance(header, bytes)
        ]
    )
    unknown = ""
    try:
        await link.wait(waiting, TIMEOUT_S)
    except OutcomeUnknownError as lost:
        unknown = lost.message
    answer = iter(waiting.answers)
    return [
        _result(append, next(answer), unknown) if isinstance(header, bytes) else header
        for append, header in zip(appends, headers, strict=True)
    ]


def _result(append: Append, answer: tuple[bytes, bytes] | None, unknown: str) -> int | WeirError:
    if answer is None:
        return _unknown(append.subject, unknown)
    return sequence(append, *answer)


def _unknown(subject: str, why: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(f"whether {subject} was stored is unknown: {why}")


async def _publish_batch(link: Link, appends: Sequence[Append]) -> list[int]:
    # The first message asks for an answer too: that the broker has no room for
    # another open batch is said there alone.
    batch, last = token_hex(12), len(appends)
    headers = [
        wire.header_block(
            append,
            ("Nats-Batch-Id", batch),
            ("Nats-Batch-Sequence", str(number)),
            *((("Nats-Batch-Commit", "1"),) if number == last else ()),
            limit=link.max_payload,
        )
        for number, append in enumerate(appends, 1)
    ]
    waiting, (opened, committed) = link.expect(2)
    replies = [opened, *[b""] * (last - 2), committed]
    link.post(
        [
            publication(append.subject, reply, header, append.data)
            for append, reply, header in zip(appends, replies, headers, strict=True)
        ]
    )
    await link.wait(waiting, TIMEOUT_S)
    return _committed(appends, waiting.answers)


def _committed(
    appends: Sequence[Append], answers: Sequence[tuple[bytes, bytes] | None]
) -> list[int]:
    opened, committed = (
        orjson.loads(answer[1]) if answer and answer[1] else {} for answer in answers
    )
    subject = appends[0].subject
    for error in (opened.get("error"), committed.get("error")):
        if error is None:
            continue
        if error.get("err_code") in {TOO_MANY_BATCHES, INCOMPLETE_BATCH}:
            raise InFlightError(f"the broker has no room for the batch with {subject} now")
        raise refusal(subject, error)
    if "seq" not in committed:
        raise UnavailableError(f"no stream stores {subject}: were the streams set up?")
    end = int(committed["seq"])
    return list(range(end - len(appends) + 1, end + 1))
