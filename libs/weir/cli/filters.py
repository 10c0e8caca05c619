"""Which runs are meant: the filters that the list and the commands for many runs share."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from weir.cli.output import brief
from weir.cli.workflows import workflow_id
from weir.client import Client
from weir.contract import times
from weir.contract.errors import InvalidParameterError


@dataclass(frozen=True, slots=True)
class Filters:
    """Which runs; empty takes all."""

    workflow: str
    status: str
    trigger: str
    since: str
    labels: Sequence[str]
    search: str
    attributes: Sequence[str] = ()

    @property
    def is_anything(self) -> bool:
        """Whether it leaves any run out."""
        told = (self.workflow, self.status, self.trigger, self.since, self.search)
        return any(told) or bool(self.labels or self.attributes)

    async def query(self, client: Client) -> dict[str, str | int]:
        """As the API takes it; InvalidParameterError."""
        query: dict[str, str | int] = {
            name: value
            for name, value in (
                ("status", self.status),
                ("trigger", self.trigger),
                ("q", self.search),
            )
            if value
        }
        if self.since:
            query["started_from"] = _since(self.since)
        query |= {f"label.{name}": value for name, value in pairs(self.labels).items()}
        found_by = pairs(self.attributes, "--attribute")
        query |= {f"search.{name}": value for name, value in found_by.items()}
        if self.workflow:
            query["workflow_id"] = await workflow_id(client, self.workflow)
        return query


def pairs(given: Sequence[str], option: str = "--label") -> dict[str, str]:
    """`name=value` each; InvalidParameterError for anything else."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidParameterError(f"{option} {brief(text)} is no name=value.")
        found[name] = value
    return found


def duration_s(option: str, text: str) -> float:
    """Seconds; InvalidParameterError says what a duration looks like."""
    try:
        return times.duration_ms(text) / 1000
    except ValueError as error:
        raise InvalidParameterError(f"{option}: {error}.") from None


def _since(text: str) -> str:
    """A time as it is, or so long ago."""
    try:
        return times.from_ms(times.to_ms(text))
    except ValueError:
        return times.from_ms(int((time.time() - duration_s("--since", text)) * 1000))
