"""What a run ends with: the last event of its log is one of these, and nothing is decided after."""

from __future__ import annotations

from weir.contract.messages import RunCancelled, RunFailed, RunSucceeded

ENDS = (RunSucceeded, RunFailed, RunCancelled)
# The status of a run by the field that such an event fills: for who reads a message as it lies.
STATUS_BY_FIELD = {
    "run_succeeded": "succeeded",
    "run_failed": "failed",
    "run_cancelled": "cancelled",
}
