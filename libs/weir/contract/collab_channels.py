"""Subjects of drafts that people draw together; part of the table in `channels`.

What processes of collab and the registry ask each other, and the frames they
hand on, are no messages of the contract.
"""

from __future__ import annotations

from weir.contract import subjects
from weir.contract.channel import Channel
from weir.contract.messages import DraftCompacted, DraftEdited, DraftRecord

COLLAB_CHANNELS: tuple[Channel, ...] = (
    Channel(
        "drafts",
        subjects.COLLAB,
        subjects.draft("{tenant}", "{workflow}"),
        DraftRecord,
        (DraftEdited, DraftCompacted),
        ("collab",),
        ("collab",),
        "Changes of the document of a draft; each expects the one before it.",
    ),
)
