"""Making the streams, or checking those that are there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import structlog

from weir.adapters.jetstream.api import call
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.refusals import STREAM_NOT_FOUND, ApiError, passes
from weir.adapters.streams import BUS_DAYS, STREAMS, StreamSpec
from weir.contract import subjects
from weir.contract.errors import ShardsMismatchError, UnavailableError

SHARDS_KEY = "weir.shards"
LEADER_S = 60.0  # how long a fresh cluster may take to elect the leaders of its streams
_LOG = structlog.get_logger(__name__)
_LOOK_AGAIN_S = 0.25
_SECOND = 1_000_000_000
_LIVE = {
    "src": "run.*.*.*.>",
    "dest": "live.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}.>",
}


async def ensure_streams(
    link: Link,
    *,
    replicas: int = 1,
    shards: int = subjects.SHARDS,
    bus_age_s: int = BUS_DAYS * 86_400,
    patience_s: float = LEADER_S,
) -> None:
    """Make the streams that are missing; bring the settings of the others up to date.

    A stream without a leader is waited for, and that is said; UnavailableError
    after the patience. The number of shards is written down when the run log is
    made and never changes: ShardsMismatchError if another is asked for
    (log-protocol P22).
    """
    until = asyncio.get_running_loop().time() + patience_s
    for each in STREAMS:
        spec = replace(each, max_age_s=bus_age_s) if each.foreign else each
        while True:
            try:
                await _ensure(link, spec, replicas, shards)
                break
            except UnavailableError as missing:
                if not passes(missing) or asyncio.get_running_loop().time() >= until:
                    raise
                _LOG.warning("stream_has_no_leader_yet", stream=spec.name, error=str(missing))
                await asyncio.sleep(_LOOK_AGAIN_S)


async def _ensure(link: Link, spec: StreamSpec, replicas: int, shards: int) -> None:
    wanted = _config(spec, replicas, shards)
    try:
        found = (await call(link, f"STREAM.INFO.{spec.name}"))["config"]
    except ApiError as missing:
        if missing.err_code != STREAM_NOT_FOUND:
            raise
        found = (await call(link, f"STREAM.CREATE.{spec.name}", wanted))["config"]
    if spec.name == subjects.RUNS:
        _check_shards(found, shards)
    if _differs(found, wanted):
        await call(link, f"STREAM.UPDATE.{spec.name}", wanted)


async def streams_there(
    link: Link, *, shards: int = subjects.SHARDS, patience_s: float = LEADER_S
) -> None:
    """Wait until a process that may make the streams has made them.

    UnavailableError after the patience, ShardsMismatchError as `ensure_streams`.
    """
    for spec in STREAMS:
        try:
            async with asyncio.timeout(patience_s):
                found = await _found(link, spec.name)
        except TimeoutError:
            raise UnavailableError(
                f"the stream {spec.name} is not there after {patience_s:g} s: a scheduler makes "
                "it at its start, so start one"
            ) from None
        if spec.name == subjects.RUNS:
            _check_shards(found, shards)


async def _found(link: Link, name: str) -> dict[str, Any]:
    while True:
        try:
            config: dict[str, Any] = (await call(link, f"STREAM.INFO.{name}"))["config"]
        except UnavailableError as missing:
            absent = isinstance(missing, ApiError) and missing.err_code == STREAM_NOT_FOUND
            if link.is_closed or not (absent or passes(missing)):
                raise
            await asyncio.sleep(_LOOK_AGAIN_S)
        else:
            return config


def _config(spec: StreamSpec, replicas: int, shards: int) -> dict[str, Any]:
    config: dict[str, Any] = {
        "name": spec.name,
        "subjects": list(spec.subjects),
        "retention": "limits",
        # Schedules force discard "old". No limit of size is set, so nothing is ever discarded.
        "discard": "old",
        "max_age": spec.max_age_s * _SECOND,
        "max_msgs_per_subject": spec.newest or -1,
        "storage": "file",
        "num_replicas": replicas,
        "duplicate_window": int(spec.duplicates_s * _SECOND),
        "allow_atomic": not spec.foreign,
        "allow_msg_schedules": not (spec.kept or spec.foreign),
        "allow_msg_ttl": not (spec.kept or spec.foreign),
        "allow_rollup_hdrs": not (spec.kept or spec.foreign),
        "allow_direct": True,
        "deny_delete": spec.kept,
        "deny_purge": spec.kept,
    }
    if spec.live:
        config["republish"] = _LIVE
    if spec.foreign:
        config["max_msg_size"] = subjects.EVENT_BYTES
    if spec.name == subjects.RUNS:
        config["metadata"] = {SHARDS_KEY: str(shards)}
    return config


def _check_shards(found: dict[str, Any], shards: int) -> None:
    there = (found.get("metadata") or {}).get(SHARDS_KEY)
    if there != str(shards):
        raise ShardsMismatchError(
            f"the stream {subjects.RUNS} was made with {there or 'no known number of'} shards, "
            f"the settings say {shards}: set the number back, it cannot change"
        )


def _differs(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    # What is switched off the server leaves out.
    return any(
        (found.get(key) or None) != (value or None)
        for key, value in wanted.items()
        if key != "metadata"
    )
