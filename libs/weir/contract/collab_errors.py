"""Errors around drafts that people draw together; part of the list in `errors`."""

from __future__ import annotations

from weir.contract.errors import WeirError


class EpochChangedError(WeirError):
    """The document has begun anew: what is of the old one must not be merged into it."""

    code = "EPOCH_CHANGED"
    status = 410


class NotSyncedError(WeirError):
    """What the caller sees of the document has not all arrived and been stored yet."""

    code = "NOT_SYNCED"
    status = 409


class VersionMovedError(WeirError):
    """Another version is current than the one the caller compared the draft with."""

    code = "VERSION_MOVED"
    status = 409
