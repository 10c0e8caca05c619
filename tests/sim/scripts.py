"""What a task of a simulated program does."""

from __future__ import annotations

import re
from dataclasses import dataclass

_INDEX = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class Script:
    """Fails this often in a way that can be retried, then ends as told.

    `only`: it is fatal in every other iteration of the loop around it, beginning with this one.
    """

    failures: int
    fatal: bool
    seconds: float
    only: int = -1

    def is_fatal(self, path: str) -> bool:
        """Whether it ends badly at this place."""
        if not self.fatal or self.only < 0:
            return self.fatal
        found = _INDEX.findall(path)
        return bool(found) and int(found[-1]) % 2 == self.only


def node_of(path: str) -> str:
    """The node of a step's path."""
    return path.rpartition("/")[2]
