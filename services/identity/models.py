"""What identity's routes read and answer."""

from __future__ import annotations

from pydantic import BaseModel


class Whoami(BaseModel):
    """Who asks, and what they may."""

    id: str
    tenant: str
    role: str
    projects: dict[str, str]
    permissions: list[str]
    roles: dict[str, list[str]]
    name: str
    email: str
    platform: bool


class NamesOf(BaseModel):
    """By id; an id that has no name for who asks is left out."""

    names: dict[str, str]
