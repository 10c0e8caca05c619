"""What a run ends with: the last event of its log is one of these, and nothing is decided after."""

from __future__ import annotations

from weir.contract.messages import RunCancelled, RunFailed, RunSucceeded

ENDS = (RunSucceeded, RunFailed, RunCancelled)
