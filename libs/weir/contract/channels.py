"""Which message lies on which subject, who writes it there and who reads it.

The reference of events and the AsyncAPI document are printed from this table,
and a test runs the services and holds it against what they do. Not in it is
what schedulers tell each other (beats, suspects) and the bare hint that a run
was cancelled: these are no messages of the contract.
"""

from __future__ import annotations

from typing import cast

from weir.contract import subjects
from weir.contract.approval_channels import APPROVAL_CHANNELS
from weir.contract.bus_channels import BUS_CHANNELS
from weir.contract.channel import Channel
from weir.contract.collab_channels import COLLAB_CHANNELS
from weir.contract.credential_channels import CREDENTIAL_CHANNELS
from weir.contract.ends import ENDS
from weir.contract.identity_channels import IDENTITY_CHANNELS
from weir.contract.messages import (
    AttributesSet,
    CallsReported,
    CancelRequested,
    CheckpointTaken,
    ChildEnded,
    ChildStarted,
    CompensationEnded,
    CompensationStarted,
    DeadLetterHandled,
    DeadlineMoved,
    DeliveryRecord,
    Envelope,
    HolderRecalled,
    IntegrationStood,
    IterationCompleted,
    LeaseTaken,
    LimitMessage,
    LimitStood,
    LogBatch,
    Message,
    PauseRequested,
    PermitsAsked,
    RegistryRecord,
    RequestRecorded,
    ResumeRequested,
    RunArchived,
    RunPaused,
    RunPurged,
    RunResumed,
    RunSegmentArchived,
    RunStarted,
    ScopeEntered,
    SectionEntered,
    SignalReceived,
    SlotAnswered,
    SlotAsked,
    SlotAwaited,
    SlotGranted,
    SlotRefused,
    SlotReturned,
    SnapshotTaken,
    StepCompensated,
    StepCompleted,
    StepDecided,
    StepEntered,
    StepFailed,
    StepSkipped,
    TaskDeferred,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
    TimerFired,
    TimerSet,
    VariablesSet,
    WaitStarted,
    WebhookSaved,
    WorkflowDeleted,
    WorkflowPublished,
    WorkflowSaved,
)
from weir.contract.schedule_channels import SCHEDULE_CHANNELS

_SHARD = cast("int", "{shard}")
_RUN = subjects.RunKey(_SHARD, "{tenant}", "{run}")
_LIMIT = subjects.LimitKey(_SHARD, "{tenant}", "{limit}")
_RESULT = subjects.result_fact("{step}", cast("int", "{attempt}"))

_WORKERS = ("executor", "worker")
_CONTAINERS = (
    *(ScopeEntered, SectionEntered, IterationCompleted),
    *(CompensationStarted, StepCompensated, CompensationEnded),
)
_INLINE = (
    *(StepEntered, StepCompleted, StepFailed, StepSkipped, TimerSet),
    *(WaitStarted, ChildStarted, VariablesSet, AttributesSet, RunResumed, SlotAwaited),
    *_CONTAINERS,
)


def _run(  # noqa: PLR0913, PLR0917 - the columns of the table
    name: str,
    address: str,
    kinds: tuple[type[Message], ...],
    writers: tuple[str, ...],
    readers: tuple[str, ...],
    what: str,
) -> Channel:
    return Channel(name, subjects.RUNS, address, Envelope, kinds, writers, readers, what)


def _limit(  # noqa: PLR0913, PLR0917 - the columns of the table
    name: str,
    address: str,
    kinds: tuple[type[Message], ...],
    writers: tuple[str, ...],
    readers: tuple[str, ...],
    what: str,
) -> Channel:
    return Channel(name, subjects.RUNS, address, LimitMessage, kinds, writers, readers, what)


def _registry(
    name: str,
    address: str,
    kinds: tuple[type[Message], ...],
    readers: tuple[str, ...],
    what: str,
) -> Channel:
    return Channel(
        name, subjects.REGISTRY, address, RegistryRecord, kinds, ("registry",), readers, what
    )


CHANNELS: tuple[Channel, ...] = (
    _run(
        "run.start",
        _RUN.fact(subjects.start_fact()),
        (RunStarted,),
        ("trigger",),
        ("scheduler", "trigger", "query"),
        "The start fact of a run, stored once.",
    ),
    _run(
        "run.tombstone",
        _RUN.fact(subjects.start_fact()),
        (RunPurged,),
        ("scheduler",),
        ("scheduler", "trigger", "query"),
        "What a purged run leaves in the place of its start, for the idempotency horizon.",
    ),
    _run(
        "run.result",
        _RUN.fact(_RESULT),
        (TaskSucceeded, TaskFailed, TaskDeferred),
        _WORKERS,
        ("scheduler", "query", *_WORKERS),
        "The outcome of one attempt of a step, stored once.",
    ),
    _run(
        "run.timer",
        _RUN.fact(subjects.timer_fact("{timer}")),
        (TimerFired,),
        ("broker",),
        ("scheduler", "query"),
        "A timer that fired.",
    ),
    _run(
        "run.cancel",
        _RUN.fact(subjects.cancel_fact("{request}")),
        (CancelRequested,),
        ("trigger",),
        ("scheduler", "query", "trigger"),
        "A wish to cancel the run, stored once per request.",
    ),
    _run(
        "run.signal",
        _RUN.fact(subjects.signal_fact("{signal}")),
        (SignalReceived,),
        ("trigger",),
        ("scheduler", "query", "trigger"),
        "Something told to the run, stored once per signal.",
    ),
    _run(
        "run.pause",
        _RUN.fact(subjects.pause_fact("{request}")),
        (PauseRequested,),
        ("trigger",),
        ("scheduler", "query", "trigger"),
        "A wish that the run stands still, stored once per request.",
    ),
    _run(
        "run.resume",
        _RUN.fact(subjects.resume_fact("{request}")),
        (ResumeRequested,),
        ("trigger",),
        ("scheduler", "query", "trigger"),
        "A wish that the run goes on, stored once per request.",
    ),
    _run(
        "run.child",
        _RUN.fact(subjects.child_fact("{child}")),
        (ChildEnded,),
        ("scheduler",),
        ("scheduler", "query"),
        "The end of the run that a step started, told by that run's owner, stored once.",
    ),
    _run(
        "run.decision",
        _RUN.fact(subjects.decision_fact("{step}", "{request}")),
        (StepDecided,),
        ("trigger",),
        ("scheduler", "query", "trigger"),
        "What a person decided about a failed step, stored once per request.",
    ),
    _run(
        "run.deadline",
        _RUN.fact(subjects.deadline_fact("{request}")),
        (DeadlineMoved,),
        ("trigger",),
        ("scheduler", "query", "trigger"),
        "Another time for a waiting step, stored once per request.",
    ),
    _run(
        "run.archived",
        _RUN.fact(subjects.archived_fact()),
        (RunArchived,),
        ("query",),
        ("scheduler", "query"),
        "The confirmation that the archive holds the run, stored once.",
    ),
    _run(
        "run.segment",
        _RUN.fact(subjects.segment_fact()),
        (RunSegmentArchived,),
        ("query",),
        ("scheduler", "query"),
        "The confirmation that the archive holds a part of a run that goes on; each expects the "
        "one before it.",
    ),
    _run(
        "run.decisions",
        _RUN.events,
        (*_INLINE, RunPaused, *ENDS),
        ("scheduler",),
        ("query", "trigger", "scheduler"),
        "What the run's owner decided in one turn, in order.",
    ),
    _run(
        "run.task",
        _RUN.task("{queue}"),
        (*_INLINE, TaskScheduled),
        ("scheduler",),
        (*_WORKERS, "query", "scheduler"),
        "A task of the queue; its last event is the work, those before it are the inline outcomes "
        "on which it rests.",
    ),
    _run(
        "run.schedule",
        _RUN.timer("{timer}"),
        (TimerFired,),
        ("scheduler",),
        ("broker",),
        "The fact of a timer, held by the broker until it is due.",
    ),
    _run(
        "run.snapshot",
        _RUN.snapshot,
        (SnapshotTaken,),
        ("scheduler",),
        ("scheduler", "query"),
        "The run's last snapshot, in the place of the one before it.",
    ),
    _run(
        "shard.checkpoint",
        subjects.checkpoint(_SHARD),
        (CheckpointTaken,),
        ("scheduler",),
        ("scheduler",),
        "The open runs of a shard as they stood, in the place of the last such message.",
    ),
    _run(
        "shard.lease",
        subjects.lease(_SHARD, "{incarnation}"),
        (LeaseTaken,),
        ("scheduler",),
        ("scheduler",),
        "The fence of a shard: every message of an owner expects its own lease to be the last one.",
    ),
    _run(
        "run.slot",
        _RUN.fact(subjects.slot_fact("{limit}")),
        (SlotAnswered,),
        ("scheduler",),
        ("scheduler", "query"),
        "What a limit has decided about the run, told by the limit's owner, stored once.",
    ),
    _limit(
        "limit.ask",
        _LIMIT.fact(subjects.ask_fact("{run}")),
        (SlotAsked,),
        ("scheduler", "trigger"),
        ("scheduler",),
        "A run's wish to go on under a limit, told by the run's owner, or by who has started it.",
    ),
    _limit(
        "limit.return",
        _LIMIT.fact(subjects.return_fact("{run}")),
        (SlotReturned,),
        ("scheduler",),
        ("scheduler",),
        "The end of a run that a limit knows of: what it held is free.",
    ),
    _limit(
        "limit.report",
        _LIMIT.fact(subjects.report_fact("{report}")),
        (CallsReported,),
        _WORKERS,
        ("scheduler",),
        "What came of a worker's calls to an integration.",
    ),
    _limit(
        "limit.permits",
        _LIMIT.fact(subjects.permits_fact("{report}")),
        (PermitsAsked,),
        _WORKERS,
        ("scheduler",),
        "A worker's wish for permits: a block of a rate, or a probe of a breaker.",
    ),
    _limit(
        "limit.decisions",
        _LIMIT.events,
        (SlotGranted, SlotRefused, HolderRecalled, IntegrationStood),
        ("scheduler",),
        ("scheduler", *_WORKERS),
        "What the limit's owner decided in one turn.",
    ),
    _limit(
        "limit.snapshot",
        _LIMIT.snapshot,
        (LimitStood,),
        ("scheduler",),
        ("scheduler",),
        "The limit's whole state; what lies before it is removed.",
    ),
    *SCHEDULE_CHANNELS,
    Channel(
        "live",
        "",
        "live.{shard}.{tenant}.{run}.>",
        Envelope,
        (),
        ("broker",),
        ("trigger",),
        "Every message of a run once more, after it was stored; the end of the address is that of "
        "the run's own subject. May be lost.",
    ),
    Channel(
        "registry.workflow",
        subjects.REGISTRY,
        subjects.workflow("{tenant}", "{workflow}"),
        RegistryRecord,
        (WorkflowSaved, WorkflowDeleted),
        ("registry", "collab"),
        ("registry", "collab", "trigger", "query"),
        "The head of a workflow, with its draft; collab writes what people draw.",
    ),
    _registry(
        "registry.version",
        subjects.version("{tenant}", "{version}"),
        (WorkflowPublished,),
        ("registry", "trigger", "scheduler"),
        "One version, immutable.",
    ),
    _registry(
        "registry.webhook",
        subjects.webhook("{webhook}"),
        (WebhookSaved,),
        ("registry", "trigger"),
        "A webhook.",
    ),
    *CREDENTIAL_CHANNELS,
    *BUS_CHANNELS,
    Channel(
        "registry.request",
        subjects.REGISTRY,
        subjects.request("{tenant}", "{request}"),
        RegistryRecord,
        (RequestRecorded,),
        ("registry", "identity"),
        ("registry", "identity"),
        "That a request with an Idempotency-Key was made; gone after the idempotency horizon.",
    ),
    Channel(
        "registry.letter",
        subjects.REGISTRY,
        subjects.dead_letter("{tenant}", "{letter}"),
        RegistryRecord,
        (DeadLetterHandled,),
        ("trigger",),
        ("query",),
        "What somebody made of a dead letter.",
    ),
    *IDENTITY_CHANNELS,
    *COLLAB_CHANNELS,
    *APPROVAL_CHANNELS,
    Channel(
        "logs",
        subjects.LOGS,
        subjects.logs("{tenant}", "{run}"),
        LogBatch,
        (),
        _WORKERS,
        ("query",),
        "Lines of a run's steps, kept for 30 days.",
    ),
    Channel(
        "deliveries",
        subjects.DELIVERIES,
        subjects.delivery("{tenant}", "{webhook}"),
        DeliveryRecord,
        (),
        ("trigger",),
        ("query",),
        "What became of deliveries to a webhook that started no run, kept for 30 days.",
    ),
)
