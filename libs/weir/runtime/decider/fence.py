"""What keeps two owners of a shard apart."""

from __future__ import annotations

from typing import NamedTuple


class Fence(NamedTuple):
    """An owner's lease: every append of the owner expects it to be the last on its subject."""

    subject: str
    seq: int


class FencedError(Exception):
    """Another owner has taken the shard."""


class DoubtError(Exception):
    """What was appended is not known: the lease must be renewed before anything else."""
