"""Reading and checking definitions. A draft may be saved with problems; publishing refuses them.

Checking a large definition takes long (parsing expressions), so it happens in
a thread of its own, one at a time, and what it found is remembered per revision.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from services.registry.called import Others
from services.registry.models import Definition
from weir.contract.errors import InvalidRequestError
from weir.core.spec import Catalogue
from weir.core.validate import Problem, Validated
from weir.core.validation.callees import Called, Callee
from weir.runtime import yaml
from weir.runtime.access import Permission
from weir.runtime.http import body
from weir.runtime.http.call import Call, checked

YAML = ("application/yaml", "application/x-yaml", "text/yaml")
ACCEPTS = ("application/json", *YAML)

_REMEMBERED = 1_000
_LONG = 8 * 1024
_Seen = tuple[int, frozenset[str] | None]  # a revision, and the projects seen by who asks

Validate = Callable[[Any, Catalogue, Mapping[Callee, Called]], Validated]


class Drafts:
    """Reads definitions from requests and checks them against a catalogue."""

    def __init__(self, validate: Validate, catalogue: Catalogue, others: Others) -> None:
        self._validate = validate
        self._catalogue = catalogue
        self._others = others
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="weir-check")
        self._remembered: OrderedDict[_Seen, list[dict[str, Any]]] = OrderedDict()

    async def read(self, call: Call) -> dict[str, Any]:
        """The definition in the request, as its author wrote it; only its frame is checked."""
        media_type = call.accepted()
        data = await call.body()
        if media_type not in YAML:
            value = body.parse(data)
        elif len(data) > _LONG:
            value = await asyncio.get_running_loop().run_in_executor(self._thread, yaml.parse, data)
        else:
            value = yaml.parse(data)
        if not isinstance(value, dict):
            raise InvalidRequestError("A definition is an object with name, nodes and edges.")
        checked(Definition, value)
        return value

    async def startable(self, call: Call, definition: Mapping[str, Any]) -> None:
        """Go on if the caller may start all that runs of the definition start; ForbiddenError."""
        await self._others.startable(call, definition)

    async def check(self, call: Call, definition: Mapping[str, Any]) -> Validated:
        """The frozen form, or what is wrong, as far as the caller may see what it calls."""
        called = await self._others.known(call, definition)
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._validate, definition, self._catalogue, called
        )

    async def problems(
        self, call: Call, definition: Mapping[str, Any], revision: int
    ) -> list[dict[str, Any]]:
        """The errors of the draft stored under this revision; found once, then remembered.

        They do not change with other workflows: what is wrong with a current
        version is a warning. They do with what the caller may see of those.
        """
        key = revision, call.reach(Permission.WORKFLOWS_READ)
        known = self._remembered.get(key)
        if known is None:
            known = shown((await self.check(call, definition)).errors)
            self._remembered[key] = known
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return known

    def close(self) -> None:
        """Check no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def shown(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems as answers hold them."""
    return [
        {
            "code": one.code,
            "path": one.path,
            "node": one.node,
            "message": one.message,
            "advice": one.advice,
            **({"line": one.line, "column": one.column} if one.line else {}),
        }
        for one in problems
    ]
