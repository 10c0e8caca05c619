"""Subjects of schedules; part of the table in `channels`."""

from __future__ import annotations

from typing import cast

from weir.contract import subjects
from weir.contract.channel import Channel
from weir.contract.messages import (
    FiresAsked,
    FiresServed,
    Message,
    RegistryRecord,
    RunsReplaced,
    ScheduleAdopted,
    ScheduleDeleted,
    ScheduledRunEnded,
    ScheduledRunRefused,
    ScheduleMessage,
    ScheduleSaved,
    ScheduleStood,
    TimeFired,
    TimeQueued,
    TimesSkipped,
)

_SCHEDULE = subjects.ScheduleKey(cast("int", "{shard}"), "{tenant}", "{schedule}")
_SCHEDULER = ("scheduler",)


def _log(  # noqa: PLR0913, PLR0917 - the columns of the table
    name: str,
    address: str,
    kinds: tuple[type[Message], ...],
    writers: tuple[str, ...],
    readers: tuple[str, ...],
    what: str,
) -> Channel:
    return Channel(name, subjects.RUNS, address, ScheduleMessage, kinds, writers, readers, what)


SCHEDULE_CHANNELS: tuple[Channel, ...] = (
    _log(
        "schedule.fires",
        _SCHEDULE.fact(subjects.fires_fact("{request}")),
        (FiresAsked,),
        ("registry",),
        _SCHEDULER,
        "Somebody's wish for a run now, or for times that lie behind.",
    ),
    _log(
        "schedule.ended",
        _SCHEDULE.fact(subjects.ended_fact("{run}")),
        (ScheduledRunEnded,),
        _SCHEDULER,
        ("scheduler", "registry"),
        "The end of a run that the schedule began, told by the run's owner.",
    ),
    _log(
        "schedule.decisions",
        _SCHEDULE.events,
        (
            *(ScheduleAdopted, TimeFired, TimesSkipped, TimeQueued, RunsReplaced),
            *(FiresServed, ScheduledRunRefused),
        ),
        _SCHEDULER,
        ("scheduler", "registry"),
        "What the schedule's owner decided in one turn.",
    ),
    _log(
        "schedule.snapshot",
        _SCHEDULE.snapshot,
        (ScheduleStood,),
        _SCHEDULER,
        ("scheduler", "registry"),
        "The schedule's whole state and what became of its last times; what lies before it is "
        "removed.",
    ),
    Channel(
        "registry.schedule",
        subjects.REGISTRY,
        subjects.schedule("{tenant}", "{schedule}"),
        RegistryRecord,
        (ScheduleSaved, ScheduleDeleted),
        ("registry",),
        ("registry", "scheduler"),
        "A schedule.",
    ),
)
