"""What signs the messages that we post to a webhook."""

from __future__ import annotations

from pydantic import Field

from weir.nodes.credentials.base import Credential, FieldsModel, Secret


class Fields(FieldsModel):
    """The secret of both sides."""

    secret: Secret = Field(description="Shared with the receiver; whsec_… or any text.")


class Webhook(Credential[Fields]):
    """The secret that signs callbacks and what `webhook_post` steps send."""

    type = "webhook"
    title = "Webhook signature"
    icon = "signature"
    testable = False
