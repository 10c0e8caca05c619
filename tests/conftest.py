"""What every level of tests shares: fixtures, each in a module of its own, and the collector."""

import gc
import os

import pytest
import structlog
from hypothesis import HealthCheck, settings

# Time fails no test: other work may have the machine.
settings.register_profile("weir", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("weir")

# Tests ask more often than a tenant may: those about limits set their own.
os.environ.setdefault("WEIR_LIMITS", "off")

# Every request is a line: the colours of a terminal are a twentieth of what some tests cost.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
    ]
)

pytest_plugins = [
    "tests.command_line",
    "tests.figures",
    "tests.nats_server",
    "tests.postgres_server",
]

# As the platform's processes do: what is imported and collected stays, and is never searched for
# cycles. What a test leaves behind is.
gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Search from here on."""
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Simulations first: beside them, which never wait, run those that wait for servers."""
    items.sort(key=lambda item: "sim" not in item.path.parts)
