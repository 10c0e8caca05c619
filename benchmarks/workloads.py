"""W1 to W6: what goes in, what must come out, and how that is told. The same for every engine.

Only the standard library is needed, so that an engine's own processes can
import this, whatever interpreter they run in. How an engine says a workload is
its own matter (Weir's way is `definitions.py`); what it is asked and what it
must answer is here. A check raises WrongAnswerError.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

CONNECTIONS = (1, 16, 64)
"""W1: requests under way at once."""


class WrongAnswerError(Exception):
    """The engine answered something else than it should, or lost or repeated something."""


def fib(n: int) -> int:
    """The slow way."""
    return n if n < 2 else fib(n - 1) + fib(n - 2)


# -- W1: parse, if/else, transform, finish, answered in the same request --

W1_STEPS = 3
"""Steps of a run of W1: total; is it big; the answer."""


def w1_input(number: int) -> dict[str, Any]:
    """Every second order is a big one."""
    price = 250 if number % 2 else 19
    return {"id": number, "qty": 3, "price": price, "customer": "acme"}


def w1_answer(number: int) -> dict[str, Any]:
    """The total is qty x price; from 500 on the order is big, and net a tenth less."""
    given = w1_input(number)
    total = given["qty"] * given["price"]
    tier, net = ("big", total - total // 10) if total >= 500 else ("small", total)
    return {"id": number, "tier": tier, "net": net}


def check_w1(number: int, answer: Any) -> None:
    """The answer must hold the id, the tier and the net sum."""
    same(w1_answer(number), answer, f"W1, order {number}")


# -- W2, W3, W4: a run of so many steps of fib(n); the answer is the sum of them all --


@dataclass(frozen=True)
class Fibs:
    """`steps` steps of fib(`n`), one after the other or, if `parallel`, side by side and joined."""

    name: str
    steps: int
    n: int
    parallel: bool = False

    @property
    def total(self) -> int:
        """What the run must answer."""
        return self.steps * fib(self.n)

    def check(self, answer: Any) -> None:
        """The answer must be the sum."""
        same(self.total, answer, self.name)

    def bare(self) -> int:
        """The same without any engine."""
        return sum(fib(self.n) for _ in range(self.steps))


W2 = Fibs("W2", steps=40, n=10)
W3 = Fibs("W3", steps=10, n=25)
W4 = Fibs("W4", steps=100, n=10, parallel=True)


# -- W5: asynchronous starts of W1, until the engine itself says that all are finished --

W5_RUNS = 10_000
W5_CONNECTIONS = 64


# -- W6: mark A, sleep, mark B, mark C; everything of the engine killed after the first A --

W6_RUNS = 200
W6_CONNECTIONS = 64
W6_STEPS = ("a", "b", "c")
W6_SLEEP_S = 2
W6_KILL_AFTER_S = 1.0
"""From the first mark A to kill -9 of everything of the engine; it is started again at once.

A mark is `POST <url>/marks` with the body {"run": …, "step": …} and the header
`Idempotency-Key: <one for each step of each run>`."""


@dataclass(frozen=True)
class Verdict:
    """What came of W6."""

    accepted: int
    lost: int
    """Accepted runs that have not made all their marks."""
    repeated: int
    """Marks that were made again: allowed only for calls that were under way at the kill."""


def judge_w6(accepted: Iterable[str], marks: Iterable[tuple[str, str]]) -> Verdict:
    """Hold the marks, as (run, step), against the runs whose start was answered before the kill."""
    made = Counter(marks)
    runs = set(accepted)
    lost = sum(any(not made[run, step] for step in W6_STEPS) for run in runs)
    repeated = sum(count - 1 for count in made.values())
    return Verdict(accepted=len(runs), lost=lost, repeated=repeated)


def same(wanted: Any, got: Any, what: str) -> None:
    """WrongAnswerError unless they are."""
    if got != wanted:
        raise WrongAnswerError(f"{what}: wanted {wanted!r}, got {repr(got)[:300]}")
