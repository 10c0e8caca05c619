"""Messages in Slack, through a credential of the tenant: what it is about, and its buttons.

What is posted and how a pressed button is known to come from Slack stand here;
the calls go through the guard of outgoing calls, like a node's.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson

from services.approval import outgoing
from services.approval.book import Key
from services.approval.post import Post
from services.approval.shown import title_of
from weir.contract.approval_errors import SlackRefusedError
from weir.contract.errors import WeirError
from weir.contract.messages import UserSaved
from weir.core.approvals.asked import Asked, Option, Slack
from weir.core.approvals.life import Life
from weir.ports.node_context import Http, NodeError
from weir.runtime.policy import Guard
from weir.runtime.worker_credentials import Credentials

TOLERANCE_S = 300
TEXT = 2_500  # of Slack's 3,000 for a section
BUTTONS = 5
JSON = "application/json; charset=utf-8"
READING = frozenset({"users.info"})
API = "https://slack.com/api"
ACTION = "weir.decide"
_NOWHERE = "The Slack credential has neither a webhook_url nor, with a channel, a bot_token."
_STYLES = {"primary": "primary", "success": "primary", "danger": "danger"}
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^)\s]+)\)")


class SlackPost:
    """Posts."""

    def __init__(self, credentials: Credentials, guard: Guard, http: Http, post: Post) -> None:
        self._credentials = credentials
        self._guard = guard
        self._http = http
        self._post = post

    async def fields(self, life: Life, slack: Slack) -> Mapping[str, Any]:
        """What the credential holds; SlackRefusedError if it may not be used, or is none."""
        try:
            await self._guard.use_credential(
                life.tenant, life.workflow_id, life.version, slack.credential
            )
            return await self._credentials.get(life.tenant, slack.credential, life.run_id)
        except (NodeError, WeirError) as error:
            raise SlackRefusedError(
                f"The credential {slack.credential!r} cannot be used for Slack: {error}."
            ) from error

    async def send(
        self, life: Life, notice: str, slack: Slack, people: Sequence[UserSaved]
    ) -> list[str]:
        """Post one message; returns what went wrong."""
        del people  # whoever of the channel is not asked is told so
        try:
            fields = await self.fields(life, slack)
            message = posted(life, notice, fields, self._post.page(life))
            if fields.get("bot_token") and slack.channel:
                await self.call(fields, "chat.postMessage", {"channel": slack.channel, **message})
            elif fields.get("webhook_url"):
                await self.post(fields["webhook_url"], message)
            else:
                return [_NOWHERE]
        except SlackRefusedError as error:
            return [error.message]
        return []

    async def call(
        self, fields: Mapping[str, Any], method: str, body: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """One method of Slack's API. Those that only read take no JSON."""
        url = f"{(fields.get('api_url') or API).rstrip('/')}/{method}"
        token = {"Authorization": f"Bearer {fields['bot_token']}"}
        reads = method in READING
        kind = "application/x-www-form-urlencoded" if reads else JSON
        sent = urlencode(body).encode() if reads else orjson.dumps(body)
        status, data = await self._sent(url, sent, {**token, "Content-Type": kind})
        try:
            told = orjson.loads(data)
        except ValueError:
            told = None
        if not isinstance(told, dict) or told.get("ok") is not True:
            why = told.get("error") if isinstance(told, dict) else status
            raise SlackRefusedError(f"Slack refuses {method}: {str(why)[:100]}.")
        return told

    async def post(self, url: str, message: Mapping[str, Any]) -> None:
        """A message to a webhook, or in answer to a pressed button."""
        status, data = await self._sent(url, orjson.dumps(message), {"Content-Type": JSON})
        if status != 200:  # noqa: PLR2004 - what Slack answers
            why = data[:100].decode(errors="replace")
            raise SlackRefusedError(f"Slack's webhook answers {status}: {why}.")

    async def _sent(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            answer = await outgoing.posted(self._http, url, body, headers)
        except NodeError as error:
            # The address of a webhook is a secret, and what cannot be reached names it.
            raise SlackRefusedError(f"Slack cannot be reached: {error.error_code}.") from error
        return answer.status, answer.body


def posted(life: Life, notice: str, fields: Mapping[str, Any], page: str) -> dict[str, Any]:
    """The message, with buttons that decide where Slack can tell who presses them."""
    title = escaped(" ".join(title_of(life).split()))[:150]
    first = {"asked": "", "reminder": "Reminder: "}.get(
        notice.partition(".")[0], "Nobody has decided yet: "
    )
    direct = bool(fields.get("signing_secret") and fields.get("bot_token"))
    ways = [one for one in life.asked.options if direct and is_plain(life.asked, one)]
    buttons = [_button(life, one) for one in ways[: BUTTONS - 1]]
    buttons.append(
        {
            "type": "button",
            "action_id": "weir.open",
            "text": {"type": "plain_text", "text": "Open in Weir"},
            "url": page,
        }
    )
    text = f"{first}*{title}*"
    if life.asked.message:
        text += f"\n{in_slack(life.asked.message)[:TEXT]}"
    return {
        "text": f"{first}{title}",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": text}},
            {"type": "actions", "block_id": life.approval_id, "elements": buttons},
        ],
    }


def is_plain(asked: Asked, option: Option) -> bool:
    """Whether nothing is to be said beside the choice itself."""
    return not option.comment and not (asked.form is not None and option.form)


def _button(life: Life, option: Option) -> dict[str, Any]:
    button = {
        "type": "button",
        "action_id": f"{ACTION}.{option.value}",
        "text": {"type": "plain_text", "text": option.label[:75]},
        "value": orjson.dumps([life.approval_id, option.value]).decode(),
    }
    if style := _STYLES.get(option.style):
        button["style"] = style
    return button


def in_slack(text: str) -> str:
    """Markdown in Slack's words: bold and links; the rest is text, and mentions nobody."""
    plain = escaped(text)
    return _LINK.sub(r"<\2|\1>", _BOLD.sub(r"*\1*", plain))


def escaped(text: str) -> str:
    """What Slack must not take for a mention, or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def is_slacks(secret: str, timestamp: str, signature: str, body: bytes, now_s: float) -> bool:
    """Whether Slack signed this body a moment ago."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:  # noqa: PLR2004
        return False
    right = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    same = hmac.compare_digest(
        f"v0={right.hexdigest()}".encode(), signature.encode(errors="replace")
    )
    return same and abs(now_s - int(timestamp)) <= TOLERANCE_S


def key_in(value: Any, tenant: str) -> tuple[Key, str] | None:
    """The approval and the option that a button stands for."""
    try:
        approval_id, option = orjson.loads(value)
    except (ValueError, TypeError):
        return None
    if not isinstance(approval_id, str) or not isinstance(option, str):
        return None
    return Key(tenant, approval_id), option
