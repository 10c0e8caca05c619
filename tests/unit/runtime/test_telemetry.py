"""Log lines and traces: what they hold, and what they must never hold."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from weir import settings
from weir.runtime import telemetry

TOKEN = f"weir_key_{'a' * 26}_{'b' * 52}"
SEED = "SU" + "A" * 56


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The logging of the test run as it was."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.basicConfig(handlers=handlers, level=level, force=True)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was written."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_says_when_what_and_for_which_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Machines read JSON with the service, the level and the ids that are bound."""
    telemetry.configure(settings.load(log_format="json"), "scheduler")
    with telemetry.bound(run_id="run_1", tenant="acme"):
        structlog.get_logger().info("decided", events=3)
    structlog.get_logger().debug("too detailed")
    [line] = lines(capsys)
    assert list(line)[:3] == ["timestamp", "level", "event"]
    assert line["event"] == "decided"
    assert (line["service"], line["run_id"], line["tenant"]) == ("scheduler", "run_1", "acme")


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_are_masked_wherever_they_hide(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """By the key's name, by the value's look, deep inside, in exceptions, from libraries."""
    telemetry.configure(settings.load(log_format=form), "test")
    log = structlog.get_logger()
    hidden = "hunter2"
    log.info("x", password=hidden, webhook_secret=hidden, headers={"Authorization": hidden})
    log.info("x", dsn=f"postgresql://weir:{hidden}@db/weir", list=[{"api_key": hidden}])
    log.info(" ".join(["connecting to", f"postgresql://weir:{hidden}@db/weir", TOKEN, SEED]))
    log.error("failed", exc_info=RuntimeError(f"refused: nats://user:{hidden}@host {TOKEN}"))
    logging.getLogger("library").warning("got %s", TOKEN)
    written = capsys.readouterr().err
    assert "refused: nats://" in written
    assert written.count(settings.MASK) >= 9
    for secret in (hidden, TOKEN, SEED):
        assert secret not in written


def test_a_trace_goes_on_across_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent that travelled in an envelope is the parent of the work it led to."""
    # Not the process's provider: with one, no other test would play the same twice.
    monkeypatch.setattr(trace, "get_tracer", TracerProvider().get_tracer)
    with telemetry.span("start"):
        parent = telemetry.trace_parent()
    assert parent.startswith("00-")
    with telemetry.span("decide", parent, run="run_1") as span:
        there = telemetry.trace_parent()
        assert span.is_recording()
    assert there.split("-")[1] == parent.split("-")[1]
    assert there.split("-")[2] != parent.split("-")[2]
    assert telemetry.trace_parent() == ""


@pytest.mark.parametrize("parent", ["", "garbage", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_missing_or_broken_parent_is_no_obstacle(parent: str) -> None:
    """Whatever an envelope holds, the work is done."""
    with telemetry.span("decide", parent):
        pass


def test_each_line_in_a_span_names_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    """From a line to its trace."""
    telemetry.configure(settings.load(log_format="json"), "test")
    with telemetry.span("work", f"00-{'1' * 32}-{'2' * 16}-01"):
        structlog.get_logger().info("inside")
    assert lines(capsys)[0]["trace_id"] == "1" * 32
