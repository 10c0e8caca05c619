"""How long to wait before the next attempt.

Exponential with a cap; jitter is a function of run, step and attempt, so that
the same state always decides the same, and retries of many runs still spread.
"""

from __future__ import annotations

import hashlib

from weir.core.spec import RetryPolicy


def delay_ms(
    policy: RetryPolicy, run_id: str, path: str, attempt: int, asked_ms: float | None
) -> int:
    """Pause after the failed `attempt`; never shorter than what the node asked for."""
    base = min(policy.max_ms, policy.initial_ms * policy.factor ** min(attempt - 1, 64))
    seed = hashlib.blake2b(f"{run_id}/{path}/{attempt}".encode(), digest_size=8).digest()
    spread = int.from_bytes(seed, "big") / 2**63 - 1  # -1 … 1
    pause = base * (1 + policy.jitter * spread)
    return round(max(0.0, pause, asked_ms or 0.0))
