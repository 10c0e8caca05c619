"""A Slack app that posts messages for us, and whose buttons come back."""

from __future__ import annotations

import orjson
from pydantic import Field

from weir.nodes.credentials.base import Address, Credential, FieldsModel, Secret, untested
from weir.nodes.credentials.http import BYTES, TIMEOUT_S
from weir.ports.credential_types import Probe
from weir.ports.node_context import Terminal


class Fields(FieldsModel):
    """How we post, and how we know that Slack calls."""

    webhook_url: Secret | None = Field(
        None, description="Incoming webhook; posts into the one channel it was made for."
    )
    bot_token: Secret | None = Field(
        None,
        description=(
            "xoxb-…, with chat:write, users:read and users:read.email: posts into any channel, "
            "and finds out who pressed a button."
        ),
    )
    signing_secret: Secret | None = Field(
        None, description="Of the app: proves that a pressed button comes from Slack."
    )
    api_url: Address = Field("https://slack.com/api", description="Where Slack's API is.")


class Slack(Credential[Fields]):
    """A Slack app: where it posts, and how we know that Slack calls.

    With a webhook alone buttons open the approval's page. With bot token and
    signing secret they decide at once: point the app's Interactivity at
    `/api/v1/approval-slack/<tenant>/<name>`.
    """

    type = "slack"
    title = "Slack"
    icon = "message-square"

    async def try_it(self, fields: Fields, probe: Probe) -> str:
        """Ask who the bot is."""
        if fields.bot_token is None:
            raise untested("`bot_token`; a webhook is tried by posting only")
        answer = await probe.http.request(
            "POST",
            f"{fields.api_url.rstrip('/')}/auth.test",
            headers={"Authorization": f"Bearer {fields.bot_token}"},
            timeout_s=TIMEOUT_S,
            max_bytes=BYTES,
            max_redirects=0,
        )
        try:
            told = orjson.loads(answer.body)
        except ValueError:
            told = {}
        if not isinstance(told, dict) or told.get("ok") is not True:
            error = told.get("error") if isinstance(told, dict) else None
            raise Terminal(f"Slack refuses: {error or answer.status}", code="SLACK_REFUSED")
        return f"Slack knows it as {told.get('user')} of {told.get('team')}"
