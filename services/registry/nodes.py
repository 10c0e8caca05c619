"""What definitions are made of: their schema, and the catalogue of node types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from weir.contract.errors import NodeTypeNotFoundError
from weir.core.definition import SCHEMA
from weir.runtime.http.call import Call, Reply


class Nodes:
    """The handlers. The catalogue is of the installation, so it is read once."""

    def __init__(self, described: Sequence[Mapping[str, Any]]) -> None:
        self._by_type = {one["type"]: dict(one) for one in described}

    async def listed(self, call: Call) -> Reply:
        """GET /nodes."""
        call.reach(call.route.permission)  # wherever they may read, they may read this
        return Reply({"items": list(self._by_type.values()), "next_cursor": None})

    async def get(self, call: Call) -> Reply:
        """GET /nodes/{type}."""
        call.reach(call.route.permission)
        name = call.segment("type")
        if name not in self._by_type:
            raise NodeTypeNotFoundError(
                f"There is no node type {name[:60]!r}: {', '.join(self._by_type)} are installed.",
                details={"type": name[:60]},
            )
        return Reply(self._by_type[name])

    async def schema(self, call: Call) -> Reply:
        """GET /schemas/definition."""
        call.reach(call.route.permission)
        return Reply(SCHEMA)
