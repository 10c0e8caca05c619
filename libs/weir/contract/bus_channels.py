"""Subjects around the tenants' own events; part of the table in `channels`.

The events themselves are no messages of the contract: they are the tenants'.
"""

from __future__ import annotations

from weir.contract import subjects
from weir.contract.channel import Channel
from weir.contract.messages import CursorRecord, EventRefused, RegistryRecord, SubscriptionSaved

BUS_CHANNELS: tuple[Channel, ...] = (
    Channel(
        "registry.subscription",
        subjects.REGISTRY,
        subjects.subscription("{tenant}", "{subscription}"),
        RegistryRecord,
        (SubscriptionSaved,),
        ("registry",),
        ("registry", "trigger"),
        "What the trigger node of a workflow listens to on its tenant's bus.",
    ),
    Channel(
        "registry.refused",
        subjects.REGISTRY,
        subjects.refused_event("{tenant}", "{letter}"),
        RegistryRecord,
        (EventRefused,),
        ("trigger",),
        ("query", "trigger"),
        "An event that could not start a run, as a dead letter; stored once.",
    ),
    Channel(
        "cursors",
        subjects.CURSORS,
        subjects.cursor("{tenant}", "{subscription}"),
        CursorRecord,
        (),
        ("trigger",),
        ("trigger", "registry"),
        "How far a subscription has come; each expects the one before it.",
    ),
)
