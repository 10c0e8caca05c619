"""Subjects of schedules; part of `subjects`, where all of them are found."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "EVERY_SCHEDULE",
    "EVERY_SCHEDULE_LOG",
    "ScheduleKey",
    "ended_fact",
    "fires_fact",
    "is_schedule",
    "parse_schedule",
    "schedule",
    "schedules_of",
    "shard_schedule_facts",
    "shard_schedules",
]

EVERY_SCHEDULE = "registry.*.schedule.*"
EVERY_SCHEDULE_LOG = "schedule.>"


class ScheduleKey(NamedTuple):
    """Names the log of one schedule."""

    shard: int
    tenant: str
    schedule_id: str

    @property
    def prefix(self) -> str:
        """The beginning of all its subjects: `schedule.<shard>.<tenant>.<schedule>`."""
        return f"schedule.{self.shard}.{self.tenant}.{self.schedule_id}"

    def fact(self, name: str) -> str:
        """The literal subject of one fact, e.g. `fires.req_…`."""
        return f"{self.prefix}.in.{name}"

    @property
    def facts(self) -> str:
        """Filter over its facts."""
        return f"{self.prefix}.in.>"

    @property
    def events(self) -> str:
        """Decisions of the owner."""
        return f"{self.prefix}.ev"

    @property
    def snapshot(self) -> str:
        """The schedule's last snapshot."""
        return f"{self.prefix}.snap"

    @property
    def everything(self) -> str:
        """Filter over the whole log of the schedule."""
        return f"{self.prefix}.>"


def parse_schedule(subject: str) -> tuple[ScheduleKey, str, str]:
    """(key, class, rest): class is `in`, `ev` or `snap`; rest what follows it."""
    _, shard, tenant, schedule_id, kind, *rest = subject.split(".", 5)
    return ScheduleKey(int(shard), tenant, schedule_id), kind, rest[0] if rest else ""


def is_schedule(subject: str) -> bool:
    """Whether a subject of the run log belongs to a schedule."""
    return subject.startswith("schedule.")


def shard_schedules(shard: int) -> str:
    """Everything of the schedules of one shard."""
    return f"schedule.{shard}.>"


def shard_schedule_facts(shard: int) -> str:
    """The facts of the schedules of one shard: what its owner listens to."""
    return f"schedule.{shard}.*.*.in.>"


def schedules_of(tenant: str, shard: int | str = "*") -> str:
    """Everything of the logs of a tenant's schedules, on one shard or on all."""
    return f"schedule.{shard}.{tenant}.>"


def fires_fact(request_id: str) -> str:
    """Somebody's wish for a run now, or for times that lie behind."""
    return f"fires.{request_id}"


def ended_fact(run_id: str) -> str:
    """The end of a run that the schedule began."""
    return f"ended.{run_id}"


def schedule(tenant: str, schedule_id: str) -> str:
    """A schedule, as the registry has it."""
    return f"registry.{tenant}.schedule.{schedule_id}"
