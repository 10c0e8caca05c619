"""Programs, drawn at random: trees of acts whose outcome does not depend on time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

DEPTH = 3
_LEAVES = (
    *("set", "effect", "effect", "effect", "flaky", "slow", "bad", "bad", "sleep"),
    *("signal", "late", "variable"),
)
_BOXES = ("if", "parallel", "for_each", "for_each", "while", "try", "try", "scope", "scope", "race")


@dataclass(frozen=True, slots=True)
class Act:
    """One statement. `parts` are the chains inside it."""

    kind: str
    name: str
    given: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Chain] = field(default_factory=dict)


Chain = tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A program: what it does, and the programs it calls by their place in the library."""

    chain: Chain

    def acts(self) -> Iterator[Act]:
        """All of them, however deep."""
        yield from _acts(self.chain)


def _acts(chain: Chain) -> Iterator[Act]:
    for act in chain:
        yield act
        for part in act.parts.values():
            yield from _acts(part)


@dataclass(frozen=True, slots=True)
class _Place:
    """What may stand somewhere.

    `serial`: nothing runs beside it, so order and variables are certain. `calm`: nothing may fail
    there. `root`: an endless wait may stand there, to be cancelled.
    """

    depth: int = 0
    serial: bool = True
    calm: bool = False
    root: bool = True


class Maker:
    """Draws programs. `library` is how many programs there are to be called."""

    def __init__(
        self, random: Random, *, budget: int, library: int = 0, child: bool = False
    ) -> None:
        self._random = random
        self._left = budget
        self._library = library
        self._child = child
        self._made = 0
        self._cancels = not child and random.random() < 0.3

    def code(self) -> Code:
        """A program."""
        return Code(self._chain(_Place(), most=6))

    def _name(self) -> str:
        self._made += 1
        return f"n{self._made}"

    def _chain(self, place: _Place, most: int = 3) -> Chain:
        """Begins and ends with a pure act: what comes of a chain is `v` of its last."""
        inner = [self._act(place) for _ in range(self._random.randint(1, most))]
        return (self._set(), *inner, self._set())

    def _set(self) -> Act:
        return Act("set", self._name(), {"k": self._random.randint(1, 99)})

    def _act(self, place: _Place) -> Act:
        random = self._random
        self._left -= 1
        if self._left > 0 and place.depth < DEPTH and random.random() < 0.45:
            return self._box(random.choice(_BOXES), place)
        if self._library and not random.randint(0, 7) and not place.calm:
            return Act("call", self._name(), {"program": random.randrange(self._library)})
        if self._cancels and place.root and place.serial and self._left < 9:
            self._cancels = False
            return Act("park", self._name())
        return self._leaf(random.choice(_LEAVES), place)

    def _leaf(self, kind: str, place: _Place) -> Act:
        random = self._random
        if kind == "signal" and self._child:
            kind = "effect"
        if kind == "bad" and place.calm:
            kind = "effect"
        if kind == "variable" and not place.serial:
            kind = "set"
        given: dict[str, Any] = {"k": random.randint(1, 99)}
        if kind in {"effect", "flaky", "slow"}:
            given["undo"] = place.serial and random.random() < 0.4
            given["failures"] = random.randint(1, 3) if kind == "flaky" else 0
            given["ms"] = random.randint(200, 1500) if kind == "slow" else random.choice((0, 0, 20))
        if kind == "bad":
            given |= {"modulus": random.choice((1, 2, 2, 3))}
            given["policy"] = random.choice(("fail", "fail", "continue", "route"))
        if kind == "sleep":
            given["ms"] = random.choice((50, 300, 1000, 2500))
        return Act(kind, self._name(), given)

    def _box(self, kind: str, place: _Place) -> Act:
        random = self._random
        name = self._name()
        within = _Place(place.depth + 1, place.serial, place.calm, root=False)
        if kind == "if":
            return Act(
                kind,
                name,
                {"modulus": random.choice((2, 3))},
                {"then": self._chain(within, 2), "else": self._chain(within, 2)},
            )
        if kind == "parallel":
            beside = _Place(within.depth, serial=False, calm=True, root=False)
            count = random.choice((2, 3))
            parts = {f"b{number}": self._chain(beside, 2) for number in range(count)}
            return Act(kind, name, {}, parts)
        if kind == "for_each":
            return self._loop(name, within)
        if kind == "while":
            return Act(kind, name, {"times": random.randint(0, 3)}, {"body": self._chain(within)})
        if kind == "try":
            daring = _Place(within.depth, within.serial, calm=False, root=False)
            parts = {"body": self._chain(daring)}
            given: dict[str, Any] = {"codes": []}
            if place.calm or random.random() < 0.7:
                calm = _Place(within.depth, within.serial, calm=place.calm, root=False)
                parts["catch"] = self._chain(calm, 2)
                if not place.calm:
                    given["codes"] = random.choice(([], [], ["HTTP_422"], ["OTHER"]))
            if random.random() < 0.5:
                parts["finally"] = self._chain(within, 1)
            return Act(kind, name, given, parts)
        if kind == "race":
            calm = _Place(within.depth, serial=False, calm=True, root=False)
            return Act(kind, name, {}, {"first": self._chain(calm, 2)})
        inside = _Place(within.depth, within.serial, within.calm, root=place.root)
        return Act(kind, name, {}, {"body": self._chain(inside)})

    def _loop(self, name: str, within: _Place) -> Act:
        random = self._random
        given: dict[str, Any] = {
            "items": random.randint(0, 4),
            "concurrency": random.choice((1, 3)),
            "policy": random.choice(("stop", "continue", "collect")),
            "gathers": within.serial and random.random() < 0.3,
        }
        alone = given["gathers"] or given["concurrency"] == 1
        if given["gathers"]:
            given["policy"] = "stop"
        calm = within.calm if given["policy"] == "stop" else False
        if given["policy"] == "stop" and not alone:
            calm = True  # which of several failures was first would be a matter of time
        body = _Place(within.depth, within.serial and alone, calm, root=False)
        return Act("for_each", name, given, {"body": self._chain(body)})
