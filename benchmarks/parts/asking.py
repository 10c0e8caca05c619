"""Requests that start runs of Weir, and what is looked at in their answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import definitions, workloads
from benchmarks.house import House
from benchmarks.load import Check, Make, burst, expect, request
from benchmarks.workloads import WrongAnswerError

WAIT = "?wait=300s"


@dataclass(frozen=True)
class Options:
    """How long and how much. `scale` is the share of the workloads' full sizes.

    `stolen`: the percentage of processor time that a host may take from a part.
    """

    seconds: float
    warmup: float
    rounds: int
    scale: float
    stolen: float

    def of(self, size: int, least: int = 1) -> int:
        """A size of a workload at this scale."""
        return max(least, int(size * self.scale))


def webhook(house: House, answer: str = "finished") -> str:
    """Publish W1; the path of its webhook."""
    return f"/hooks/{house.publish(definitions.w1(answer))['webhooks'][0]['id']}"


def orders(path: str) -> Make:
    """W1, order after order, each answer held against what it must be."""

    def make(number: int) -> tuple[bytes, Check]:
        def look(answer: Any) -> None:
            workloads.check_w1(number, answer.get("output", answer))

        return request("POST", path, workloads.w1_input(number), {}), expect(200, look)

    return make


def starts(
    house: House,
    workflow: str,
    given: Callable[[int], Any],
    look: Callable[[int, Any], None] = lambda _number, _answer: None,
    *,
    wait: bool = True,
) -> Make:
    """Starts through the API with the input `given(n)`; `look(n, …)` sees the output.

    Without `wait` it sees the run's id, which is all there is at once.
    """
    path = f"/api/v1/workflows/{workflow}/runs{WAIT if wait else ''}"
    headers = house.authorised

    def make(number: int) -> tuple[bytes, Check]:
        def see(answer: Any) -> None:
            if wait and answer.get("status") != "succeeded":
                raise WrongAnswerError(f"run {number} of {workflow}: {json.dumps(answer)[:300]}")
            look(number, answer["output"] if wait else answer["run_id"])

        data = request("POST", path, {"input": given(number)}, headers)
        return data, expect(200 if wait else 202, see)

    return make


async def one_by_one(house: House, make: Make, rounds: int) -> list[float]:
    """The times in ms of so many requests, one at a time, after one that does not count."""
    return (await burst(house.ports["trigger"], 1, make, count=rounds + 1)).times[1:]
