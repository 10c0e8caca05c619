"""Everything expressions can call; importing this fills the table."""

from __future__ import annotations

from weir.core.expressions.functions import (
    encoding,
    lists,
    moments,
    numbers,
    strings,
    syntax,
)
from weir.core.expressions.functions.table import FUNCTIONS, Function

__all__ = ["FUNCTIONS", "Function", "encoding", "lists", "moments", "numbers", "strings", "syntax"]
