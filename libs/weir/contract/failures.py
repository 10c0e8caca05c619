"""What steps and runs fail with: codes that no exception class has. Each has its page."""

from __future__ import annotations

STEP_CODES = frozenset(
    {
        "ADDRESS_REFUSED",
        "CALL_DEFERRED",
        "CHILD_CANCELLED",
        "CHILD_INPUT_TOO_LARGE",
        "CHILD_NOT_STARTED",
        "CHILD_RESULT_GONE",
        "CHILD_TOO_DEEP",
        "CONDITION_NOT_BOOLEAN",
        "CONCURRENCY_LIMIT",
        "CONFIG_INVALID",
        "CONTROL_TOO_HEAVY",
        "DELAY_INVALID",
        "DELAY_TOO_HEAVY",
        "HTTP_STATUS",  # stands for HTTP_<status>
        "HTTP_TIMEOUT",
        "HTTP_UNREACHABLE",
        "ITEMS_NOT_A_LIST",
        "LIMIT_KEY_INVALID",
        "LOOP_LIMIT",
        "LOOP_OPTION_INVALID",
        "NODE_EXCEPTION",
        "NODE_FAILED",
        "OUTPUT_INVALID",
        "POISON_TASK",
        "POSTGRES_UNREACHABLE",
        "RACE_LOST",
        "RESPONSE_INVALID",
        "RESPONSE_TOO_LARGE",
        "RESULT_TOO_LARGE",
        "RUN_CANCELLED",
        "RUN_PARKED",
        "RUN_QUARANTINED",
        "RUN_TIMEOUT",
        "SIGNAL_NAME_INVALID",
        "SIGNAL_TIMEOUT",
        "SQLSTATE",  # stands for SQLSTATE_<state>
        "STEP_FAILED",
        "STEP_TIMEOUT",
        "TASK_INPUT_INVALID",
        "TASK_UNKNOWN",
        "TLS_REFUSED",
        "TOO_MANY_REDIRECTS",
        "URL_INVALID",
        "VALUE_TOO_DEEP",
        "VALUE_TOO_LARGE",
    }
)
