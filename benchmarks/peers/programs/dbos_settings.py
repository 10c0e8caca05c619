"""The settings of DBOS, the same for both ways of writing its workflows."""

from __future__ import annotations

import os

from dbos import DBOSConfig, WorkflowSerializationFormat

THREADS = 64
JSON = WorkflowSerializationFormat.PORTABLE
"""Instead of pickles, so that outputs can be checked from outside; it is no slower."""


def settings() -> DBOSConfig:
    """Its database, a connection for as many runs as are under way, nothing sent anywhere."""
    return {
        "name": "bench",
        "system_database_url": os.environ["BENCH_DSN"],
        "sys_db_pool_size": THREADS,
        "max_executor_threads": THREADS,
        "application_version": "bench",
        "executor_id": "bench",
        "log_level": "ERROR",
        "enable_otlp": False,
    }
