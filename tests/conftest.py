"""Fixtures that every level of tests may ask for; each lives in a module of its own."""

import os

# Tests ask more often than a tenant may: those about limits set their own.
os.environ.setdefault("WEIR_LIMITS", "off")

pytest_plugins = ["tests.figures", "tests.nats_server", "tests.postgres_server"]
