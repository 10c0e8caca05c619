"""`wait_signal`: waits until somebody sends the run a signal of this name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract import times
from weir.core.control.behaviour import Listen, Outcome, Reached, refuse


def wait_signal(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Wait; a signal that came before counts as well."""
    name, timeout = config["name"], config.get("timeout")
    if not isinstance(name, str) or not name or len(name) > 200:  # noqa: PLR2004 - of a name
        return refuse("SIGNAL_NAME_INVALID", "the name of a signal is a text of 1 to 200 letters")
    if timeout is None:
        return Listen(name)
    try:
        return Listen(name, reached.now_ms + round(times.duration_ms(timeout)))
    except (ValueError, OverflowError) as error:
        return refuse("DELAY_INVALID", str(error))
