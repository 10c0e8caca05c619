"""Fixtures that every level of tests may ask for; each lives in a module of its own."""

pytest_plugins = ["tests.figures", "tests.nats_server", "tests.postgres_server"]
