"""Subjects of drafts that people draw together; part of `subjects`, where all of them are found."""

from __future__ import annotations

__all__ = [
    "COLLAB",
    "EVERY_DRAFT",
    "draft",
    "draft_answer",
    "draft_asked",
    "draft_line",
    "drafts_of",
]

COLLAB = "COLLAB"
EVERY_DRAFT = "draft.*.*"


def draft(tenant: str, workflow_id: str) -> str:
    """The document of a workflow's draft."""
    return f"draft.{tenant}.{workflow_id}"


def drafts_of(tenant: str) -> str:
    """The documents of a tenant."""
    return f"draft.{tenant}.*"


def draft_asked() -> str:
    """Core subject: asks who has a document to write the draft down."""
    return "collab.ask"


def draft_answer(ask_id: str) -> str:
    """Core subject: the answer to that."""
    return f"collab.answer.{ask_id}"


def draft_line(process: str) -> str:
    """Core subject: frames of sockets, told to one process of collab by another."""
    return f"collab.line.{process}"
