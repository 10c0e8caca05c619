"""Subjects of approvals; part of the table in `channels`."""

from __future__ import annotations

from typing import cast

from weir.contract import subjects
from weir.contract.channel import Channel
from weir.contract.messages import (
    ApprovalAsked,
    ApprovalCommented,
    ApprovalDecided,
    ApprovalDelegated,
    ApprovalDevicesSaved,
    ApprovalEscalated,
    ApprovalExpired,
    ApprovalLinksKeyed,
    ApprovalNotified,
    ApprovalPushKeyed,
    ApprovalReassigned,
    ApprovalRecord,
    ApprovalReminded,
    ApprovalsReadTo,
    ApprovalTold,
    ApprovalVoted,
    ApprovalWithdrawn,
    Envelope,
    Message,
)

_RUN = subjects.RunKey(cast("int", "{shard}"), "{tenant}", "{run}")


def _own(name: str, address: str, kinds: tuple[type[Message], ...], what: str) -> Channel:
    stream, owner = subjects.APPROVALS, ("approval",)
    return Channel(name, stream, address, ApprovalRecord, kinds, owner, owner, what)


APPROVAL_CHANNELS = (
    Channel(
        "run.approval",
        subjects.RUNS,
        _RUN.fact(subjects.approval_fact("{approval}")),
        Envelope,
        (ApprovalDecided,),
        ("approval",),
        ("scheduler", "query", "approval"),
        "What people have decided for a step that waits for them, stored once.",
    ),
    _own(
        "approval",
        subjects.approval("{tenant}", "{approval}"),
        (
            *(ApprovalAsked, ApprovalVoted, ApprovalCommented, ApprovalDelegated),
            *(ApprovalReassigned, ApprovalReminded, ApprovalEscalated, ApprovalExpired),
            *(ApprovalWithdrawn, ApprovalTold, ApprovalNotified),
        ),
        "The life of an approval: each message expects the one before it.",
    ),
    _own(
        "approval.position",
        subjects.approval_position(),
        (ApprovalsReadTo,),
        "How far the run log was read; the last message alone is kept.",
    ),
    _own(
        "approval.links",
        subjects.approval_links(),
        (ApprovalLinksKeyed,),
        "The key that signs links, made once.",
    ),
    _own(
        "approval.push",
        subjects.approval_push(),
        (ApprovalPushKeyed,),
        "The key by which push services know this installation, made once.",
    ),
    _own(
        "approval.devices",
        subjects.approval_devices("{tenant}", "{user}"),
        (ApprovalDevicesSaved,),
        "The browsers in which somebody gets push notices; the last message alone is kept.",
    ),
)
