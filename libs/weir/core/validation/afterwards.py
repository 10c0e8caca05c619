"""Settings about what becomes of runs: how they are found, who hears of their end, dead letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weir.core.callback import ENDS, callable_url
from weir.core.validation.problems import Findings


def check_afterwards(settings: Mapping[str, Any], findings: Findings) -> None:
    """Check the address; the form was checked by the schema, expressions with the others."""
    callback = settings.get("callback")
    url = callback.get("url") if isinstance(callback, Mapping) else None
    if isinstance(url, str) and not callable_url(url):
        findings.error(
            "CONFIG_INVALID",
            "/settings/callback/url",
            "this is no address that could be called",
            "Write a whole address that begins with https:// or http://, without an expression.",
        )


def attributes(settings: Any) -> Iterator[tuple[str, str]]:
    """(place, template) of each search attribute."""
    search = settings.get("search") if isinstance(settings, Mapping) else None
    for name, text in search.items() if isinstance(search, Mapping) else ():
        if isinstance(text, str):
            yield f"/settings/search/{name}", text


def frozen(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Only what is set: versions without it keep their content."""
    found: dict[str, Any] = {"search": settings.get("search") or {}}
    if callback := settings.get("callback"):
        found["callback"] = {
            "url": callback["url"],
            "credential": callback["secret"]
            .strip()
            .strip("{}")
            .strip()
            .removeprefix("credentials."),
            "events": sorted(callback.get("events") or ENDS),
        }
    if settings.get("dead_letters") is False:
        found["dead_letters"] = False
    return found
