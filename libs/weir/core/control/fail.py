"""`fail`: ends the branch with an error of the author's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from weir.contract.messages import Error
from weir.core.control.behaviour import Failed, Outcome, Reached, refuse
from weir.core.expressions import kind
from weir.core.sizes import as_text

CODE = re.compile(r"[A-Z][A-Z0-9_]{0,62}")


def fail(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Fail with the given code, message and details."""
    del reached
    code = config.get("code") or "FAILED"
    message = as_text(config.get("message") or "")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        given = repr(code[:60]) if isinstance(code, str) else kind(code)
        return refuse("CONFIG_INVALID", f"code is {given}, no word in capitals; message: {message}")
    return Failed(Error(code=code, message=message, details=config.get("details")))
