"""What the routes of erasure read and answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Confirm(BaseModel):
    """That it is meant: the tenant's name, the address of who signs in, or somebody's id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    confirm: Annotated[str, StringConstraints(max_length=320)]


class TenantErasure(BaseModel):
    """What is left of a tenant, by store; `left` of views is null where no database is connected.

    `kept` is what nobody can remove: links of the audit, without what was personal in them.
    """

    tenant: str
    deleted_at: str | None
    done: bool
    left: dict[str, int | None]
    kept: dict[str, int]


class PersonErasure(BaseModel):
    """What is left of somebody, by kind."""

    user_id: str
    deleted_at: str | None
    done: bool
    left: dict[str, int]
