"""`weir tenants`: shown, changed, suspended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from weir.cli import administering
from weir.cli.exits import Code
from weir.cli.output import console, tell
from weir.cli.place import Named, platform
from weir.client import API
from weir.contract.errors import InvalidParameterError
from weir.core.rates import parse_quotas, parse_rate


@dataclass(frozen=True, slots=True)
class Asked:
    """What changes; empty stays as it is."""

    name: str
    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    limits: tuple[str, ...]
    quotas: tuple[str, ...]
    second_factor: str

    def body(self) -> dict[str, Any]:
        """As the API takes it; InvalidParameterError for a limit or quota that says nothing."""
        told: dict[str, Any] = {
            "name": self.name,
            "allowed_hosts": self.hosts,
            "origins": self.origins,
            "second_factor": self.second_factor,
        }
        try:
            told["limits"] = [_limit(word) for word in self.limits]
            told["quotas"] = parse_quotas(self.quotas)
        except ValueError as error:
            raise InvalidParameterError(f"{error}.") from None
        found = {name: value for name, value in told.items() if value}
        if not found:
            raise InvalidParameterError("Name what changes: `weir tenants change --help` says how.")
        return found


async def show(where: Named, tenant: str, *, as_json: bool) -> Code:
    """One."""
    return await administering.show(where, _path(tenant), as_json=as_json)


async def change(where: Named, tenant: str, asked: Asked, *, as_json: bool) -> Code:
    """Change it."""
    return await _ask(where, "PUT", _path(tenant), asked.body(), "changed", as_json=as_json)


async def switch(where: Named, tenant: str, way: str, *, as_json: bool) -> Code:
    """Suspend or resume it."""
    return await _ask(where, "POST", f"{_path(tenant)}/{way}", None, "", as_json=as_json)


async def _ask(  # noqa: PLR0913 - a request, and how it is told
    where: Named, method: str, path: str, body: Any, done: str, *, as_json: bool
) -> Code:
    async with platform(where) as client:
        answer = await client.ask(method, API + path, body=body, headers={"If-Match": "*"})
    if as_json:
        tell(answer.body)
    else:
        console().print(f"{answer.body['id']} {done or 'is ' + answer.body['status']}")
    return Code.OK


def _path(tenant: str) -> str:
    return f"/tenants/{quote(tenant, safe='')}"


def _limit(word: str) -> dict[str, Any]:
    name, told, text = word.partition("=")
    if not told:
        raise ValueError(f"{word!r} is no limit: write api=2000/1m")
    rate = parse_rate(text)
    if rate is None:
        return {"name": name, "count": 0}
    return {"name": name, "count": rate.count, "window_ms": round(rate.window_ms)}
