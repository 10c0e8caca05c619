"""`if` and `switch`: one outbound port is taken, the others are skipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.core.control.behaviour import Completed, Outcome, Reached, refuse
from weir.core.expressions import kind


def branch_if(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Leave by `true` or `false`; anything but a boolean is an error, not a guess."""
    del reached
    condition = config["condition"]
    if not isinstance(condition, bool):
        return refuse(
            "CONDITION_NOT_BOOLEAN",
            f"the condition gave {kind(condition)} instead of true or false:"
            " compare it with something",
        )
    return Completed({"condition": condition}, "true" if condition else "false")


def branch_switch(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Leave by the first case that matches, else by `default`."""
    del reached
    value = config.get("value")
    for case in config["cases"]:
        matched = case["when"] if "when" in case else _same(value, case.get("equals"))
        if not isinstance(matched, bool):
            return refuse(
                "CONDITION_NOT_BOOLEAN",
                f"case {case['name']!r} gave {kind(matched)} instead of true or false",
            )
        if matched:
            return Completed({"case": case["name"]}, case["name"])
    return Completed({"case": "default"}, "default")


def _same(a: Any, b: Any) -> bool:
    """Equal as JSON is: it has booleans and numbers apart, Python calls True equal to 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(item, b[key]) for key, item in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)
