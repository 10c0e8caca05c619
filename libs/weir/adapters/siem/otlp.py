"""Audit entries as OpenTelemetry log records: OTLP over HTTP, in protobuf.

What the collector has answered for is taken. Records that it refuses one by one
it would refuse again: they are counted and told, and the others go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import structlog
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs

from weir.contract.errors import UnavailableError
from weir.ports.receivers import Pushed

ANSWER_S = 10.0
_TAKEN = range(200, 300)
_INFO, _WARN = 9, 13

_log = structlog.get_logger()


class OtlpLogs:
    """See `ports.receivers.Receiver`. `endpoint` is the collector's base address."""

    name = "otlp"

    def __init__(self, endpoint: str, release: str) -> None:
        self._url = endpoint.rstrip("/") + "/v1/logs"
        self._release = release
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, entries: Sequence[Pushed]) -> None:
        """Send them in one request and wait for the answer."""
        body = request(entries, self._release).SerializeToString()
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S))
        headers = {"Content-Type": "application/x-protobuf"}
        try:
            async with self._session.post(self._url, data=body, headers=headers) as answer:
                told = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UnavailableError(
                f"The collector {self._url} does not answer ({type(error).__name__}: {error})."
            ) from None
        if answer.status not in _TAKEN:
            raise UnavailableError(f"The collector {self._url} answers {answer.status}.")
        _tell_refused(told)

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def request(entries: Sequence[Pushed], release: str) -> ExportLogsServiceRequest:
    """The entries as one request."""
    made = ExportLogsServiceRequest()
    logs: ResourceLogs = made.resource_logs.add()
    logs.resource.attributes.extend(
        [_pair("service.name", "weir"), _pair("service.version", release)]
    )
    scope: ScopeLogs = logs.scope_logs.add()
    scope.scope.name = "weir.audit"
    scope.log_records.extend(_record(one) for one in entries)
    return made


def _record(pushed: Pushed) -> LogRecord:
    entry = pushed.entry
    allowed = entry["outcome"] == "allowed"
    nanoseconds = pushed.at_ms * 1_000_000
    told = {name: value for name, value in entry.items() if value and name != "timestamp"}
    return LogRecord(
        time_unix_nano=nanoseconds,
        observed_time_unix_nano=nanoseconds,
        severity_number=_INFO if allowed else _WARN,  # type: ignore[arg-type]
        severity_text="INFO" if allowed else "WARN",
        event_name=str(entry["event"]),
        body=_value(f"{entry['event']} {entry['outcome']}"),
        attributes=[_pair(f"audit.{name}", value) for name, value in told.items()]
        + [_pair("audit.digest", pushed.digest)],
    )


def _pair(key: str, value: Any) -> KeyValue:
    return KeyValue(key=key, value=_value(value))


def _value(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, Mapping):
        pairs = [_pair(str(key), item) for key, item in value.items()]
        return AnyValue(kvlist_value=KeyValueList(values=pairs))
    return AnyValue(string_value=str(value))


def _tell_refused(told: bytes) -> None:
    try:
        refused = ExportLogsServiceResponse.FromString(told).partial_success
    except Exception:  # noqa: BLE001 - some answer with nothing, or with JSON
        return
    if refused.rejected_log_records:
        _log.error(
            "a collector refused audit entries",
            count=refused.rejected_log_records,
            problem=refused.error_message[:300],
        )
