"""`try`: an error inside its body leads to `catch`, and `finally` comes after either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract.messages import Error, ScopeEntered
from weir.core.control.behaviour import Enter, Outcome, Reached


def try_catch(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Begin with the body."""
    del config, reached
    return Enter(ScopeEntered(kind="try"))


def takes_code(config: Mapping[str, Any], error: Error) -> bool:
    """Whether `catch` is for errors with this code; without a list it is for all."""
    codes = config.get("codes")
    return not codes or error.code in codes
