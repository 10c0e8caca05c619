"""Log lines and traces of a process.

Lines are structlog events: JSON for machines, coloured text on a terminal. Keys
that name a secret and values that look like one of our tokens are masked before
anything is written. Traces cost nothing unless a collector is configured; the
trace context travels in the envelopes as a W3C `traceparent`.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, TraceFlags

from weir.settings import MASK, Settings

_SECRET_KEY = re.compile(
    r"(?i)(^|_)(password|passwd|secret|secrets|token|api_?key|authorization|credentials?|dsn|seed|"
    r"private_key|cookie)$"
)
_SECRET_TEXT = re.compile(
    r"weir_key_[a-z2-7]{26}_[a-z2-7]{52}"  # our API keys
    r"|\bS[ACNOU][A-Z2-7]{56}\b"  # nkey seeds
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"  # user:password of a URL
)
_TRACE_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")

Line = MutableMapping[str, Any]


def mask(_logger: Any, _method: str, line: Line) -> Line:
    """The processor that keeps secrets out of every line."""
    for key, value in line.items():
        line[key] = MASK if _SECRET_KEY.search(key) and value else _masked(value)
    return line


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRET_TEXT.sub(MASK, value)
    if isinstance(value, dict):
        return {
            key: MASK if _SECRET_KEY.search(str(key)) and item else _masked(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value


def _readable(_logger: Any, _method: str, line: Line) -> Line:
    """What every line has, first."""
    first = {key: line.pop(key) for key in ("timestamp", "level", "event") if key in line}
    return {**first, **line}


def _trace_ids(_logger: Any, _method: str, line: Line) -> Line:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = f"{context.trace_id:032x}"
        line["span_id"] = f"{context.span_id:016x}"
    return line


def configure(settings: Settings, service: str) -> None:
    """Set up lines and, with an endpoint, traces of this process. Called once, by its main."""
    _configure_lines(settings)
    structlog.contextvars.bind_contextvars(service=service)
    if settings.otlp_endpoint:
        _configure_traces(settings, service)


def _configure_lines(settings: Settings) -> None:
    console = settings.log_format == "console" or (
        settings.log_format == "auto" and sys.stderr.isatty()
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _trace_ids,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    # Exceptions become text first, so that what they quote is masked too.
    last: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        mask,
        _readable,
        renderer,
    ]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            foreign_pre_chain=shared,
        )
    )
    # Libraries speak through the standard module; only what they find worrying matters here.
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


def _configure_traces(settings: Settings, service: str) -> None:
    # Imported here: a start without a collector should not pay for them.
    from opentelemetry.exporter.otlp.proto.http import trace_exporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.name": f"weir-{service}", "service.version": release()})
    provider = TracerProvider(resource=resource)
    address = settings.otlp_endpoint.rstrip("/") + "/v1/traces"
    exporter = trace_exporter.OTLPSpanExporter(endpoint=address)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def flush() -> None:
    """Send the spans that are still here; called at the end of the process."""
    shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
    if shutdown is not None:
        shutdown()


def release() -> str:
    """The version of this installation."""
    return version("weir")


def tracing() -> bool:
    """Whether spans go anywhere. One that goes nowhere costs 25 µs and asking 9: ask once."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def trace_parent() -> str:
    """The current trace context for an envelope; empty outside of any span."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


@contextmanager
def span(name: str, parent: str = "", **attributes: str | float | bool) -> Iterator[Span]:
    """Work as a span; `parent` is the `trace_parent` of the message that led to it, if any."""
    match = _TRACE_PARENT.fullmatch(parent)
    context = None
    if match:
        remote = SpanContext(
            trace_id=int(match[1], 16),
            span_id=int(match[2], 16),
            is_remote=True,
            trace_flags=TraceFlags(int(match[3], 16)),
        )
        context = trace.set_span_in_context(NonRecordingSpan(remote))
    tracer = trace.get_tracer("weir")
    with tracer.start_as_current_span(name, context, attributes=attributes) as current:
        yield current


@contextmanager
def bound(**ids: str) -> Iterator[None]:
    """Every line written inside carries these: `run_id`, `step`, `tenant`."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield
