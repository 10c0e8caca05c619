"""Fields of any name."""

from __future__ import annotations

from pydantic import ConfigDict

from weir.nodes.credentials.base import Credential, FieldsModel


class Fields(FieldsModel):
    """Whatever its users read."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": {
        "type": "string", "x-secret": True, "format": "password"}})  # fmt: skip


class Custom(Credential[Fields]):
    """Fields of any name, each of them a secret: steps read `{{ credentials.name.field }}`."""

    type = "custom"
    title = "Custom"
    icon = "braces"
    testable = False
