"""Task: one signed POST to somebody's webhook."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import Field

from weir.contract import ids
from weir.core.spec import RetryPolicy
from weir.nodes.base import Node, NodeContext, NodeModel, Retryable, Terminal
from weir.nodes.builtin.http_request import retry_after

TIMEOUT_S = 30.0
ANSWER_BYTES = 64 * 1024
SUCCESS = range(200, 300)
GONE = 410
PREFIX = "whsec_"


class Config(NodeModel):
    """Where to, and what."""

    url: str = Field(
        description="Where to; https:// or http://.", json_schema_extra={"format": "uri"}
    )
    credential: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,62}$",
        description="Name of the credential whose field `secret` signs.",
    )
    body: Any = Field(description="What is posted, as JSON.")
    id: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_.-]{0,200}$",
        description="Id of the message; without it one that is the same for every attempt.",
    )


class WebhookPost(Node[Config]):
    """Posts a JSON message to a webhook and signs it.

    Signed as Standard Webhooks says (`webhook-id`, `webhook-timestamp`,
    `webhook-signature`), and in `X-Weir-Signature` (`sha256=` and the HMAC of
    time, dot and body in hex), `X-Weir-Timestamp` and `X-Weir-Delivery-ID`.
    Every attempt has the same id, so that a careful receiver acts once. Whatever
    is not from 200 to 299 is tried again, but for 410, by which a receiver says
    that it wants no more. Redirects are not followed; addresses of private
    networks are refused unless the installation allows them.
    """

    type = "webhook_post"
    title = "Post to a webhook"
    category = "action"
    icon = "send"
    retry = RetryPolicy(max_attempts=8, initial_ms=5_000, max_ms=600_000)
    timeout_ms = 60_000
    effect = "write"

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG003 - always the same
        """What was answered, and how soon."""
        return {
            "type": "object",
            "properties": {
                "status": {"type": "integer"},
                "latency_ms": {"type": "integer"},
                "id": {"type": "string"},
            },
            "additionalProperties": False,
        }

    async def run(self, config: Config, ctx: NodeContext) -> dict[str, Any]:
        """Sign and send; the time is signed too, so each attempt has its own."""
        secret = (await ctx.secret(config.credential)).get("secret")
        if not isinstance(secret, str) or not secret:
            raise Terminal(
                f"the credential {config.credential!r} has no field `secret` to sign with",
                code="CREDENTIAL_NOT_FOUND",
            )
        message_id = config.id or ids.derived("msg", ctx.idempotency_key)
        body = orjson.dumps(config.body)
        headers = signed(secret, message_id, int(time.time()), body)
        began = time.monotonic()
        answer = await ctx.http.request(
            "POST",
            config.url,
            headers=headers,
            body=body,
            timeout_s=TIMEOUT_S,
            max_bytes=ANSWER_BYTES,
            max_redirects=0,
        )
        latency_ms = int((time.monotonic() - began) * 1000)
        ctx.log.info("answered", status=answer.status, latency_ms=latency_ms)
        if answer.status not in SUCCESS:
            message = f"{answer.url} answered {answer.status} to a message it was to take"
            details = {"status": answer.status, "latency_ms": latency_ms}
            if answer.status == GONE:
                raise Terminal(message, code=f"HTTP_{answer.status}", details=details)
            raise Retryable(
                message,
                code=f"HTTP_{answer.status}",
                details=details,
                after=retry_after(answer.headers),
            )
        return {"status": answer.status, "latency_ms": latency_ms, "id": message_id}


def signed(secret: str, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of one attempt."""
    mac = hmac.digest(key_of(secret), f"{message_id}.{seconds}.".encode() + body, "sha256")
    ours = hmac.digest(secret.encode(), f"{seconds}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
        "X-Weir-Signature": f"sha256={ours.hex()}",
        "X-Weir-Timestamp": str(seconds),
        "X-Weir-Delivery-ID": message_id,
    }


def key_of(secret: str) -> bytes:
    """The bytes a secret stands for: base64 behind `whsec_`, else the text itself."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()
