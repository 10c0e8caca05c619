"""Limits in the settings: concurrency, debounce, priority, and what integrations bear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weir.contract.times import duration_ms
from weir.core.expressions.template import escape
from weir.core.validation.problems import Findings

# Defaults of a breaker that is asked for without saying more.
BREAKER = {"failures": 20, "within": "1m", "open": "30s"}


def check_limits(settings: Mapping[str, Any], findings: Findings) -> None:
    """Check the times; the form was checked by the schema, the keys with the expressions."""
    for holder, field, at in _durations(settings):
        value = holder.get(field)
        if value is None or isinstance(value, bool) or not isinstance(value, str | int | float):
            continue
        try:
            fits = duration_ms(value) >= 1
            why = "this is no time at all"
        except (ValueError, OverflowError) as error:
            fits, why = False, str(error)[:200]
        if not fits:
            advice = "Write it like 500ms, 90s, 1h30m or 2d."
            findings.error("DURATION_INVALID", f"{at}/{field}", why, advice)


def _durations(settings: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str, str]]:
    debounce = settings.get("debounce")
    if isinstance(debounce, Mapping):
        yield debounce, "for", "/settings/debounce"
    integrations = settings.get("integrations")
    for name, bears in integrations.items() if isinstance(integrations, Mapping) else ():
        at = f"/settings/integrations/{escape(name)}"
        for part, fields in (("rate", ("per",)), ("breaker", ("within", "open"))):
            inner = bears.get(part) if isinstance(bears, Mapping) else None
            if isinstance(inner, Mapping):
                for field in fields:
                    yield inner, field, f"{at}/{part}"


def keys(settings: Any) -> Iterator[tuple[str, str]]:
    """(place, template) of each key."""
    for name in ("concurrency", "debounce"):
        wish = settings.get(name) if isinstance(settings, Mapping) else None
        key = wish.get("key") if isinstance(wish, Mapping) else None
        if isinstance(key, str):
            yield f"/settings/{name}/key", key


def frozen(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Only what is set: versions without limits keep their content."""
    found: dict[str, Any] = {}
    if "priority" in settings:
        found["priority"] = settings["priority"]
    if wanted := settings.get("concurrency"):
        found["concurrency"] = {
            "key": wanted["key"],
            "limit": wanted.get("limit", 1),
            "policy": wanted.get("policy", "queue"),
        }
    if wanted := settings.get("debounce"):
        found["debounce"] = {"key": wanted["key"], "for_ms": duration_ms(wanted["for"])}
    if wanted := settings.get("integrations"):
        found["integrations"] = {name: _bears(bears) for name, bears in sorted(wanted.items())}
    return found


def _bears(bears: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if rate := bears.get("rate"):
        found["rate"] = {"limit": rate["limit"], "per_ms": duration_ms(rate["per"])}
    if "breaker" in bears:
        breaker = {**BREAKER, **bears["breaker"]}
        found["breaker"] = {
            "failures": breaker["failures"],
            "within_ms": duration_ms(breaker["within"]),
            "open_ms": duration_ms(breaker["open"]),
        }
    return found
