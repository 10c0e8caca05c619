"""Trigger: an HTTP request to an address of its own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from weir.nodes.base import Condition, Duration, Node, NodeModel

HeaderName = Annotated[str, StringConstraints(min_length=1, max_length=64)]

Scheme = Literal["none", "standard", "github", "stripe", "slack", "hmac", "basic", "bearer"]
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}$")]


JsonPath = Annotated[
    str, StringConstraints(pattern=r"^[\s(!]*(length\()?\$([^{]|$)", max_length=2_000)
]
NodeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Response(NodeModel):
    """An answer of the author's."""

    status: int = Field(200, ge=200, le=599, description="200 to 299, or 400 to 599.")
    headers: dict[str, str] = Field(
        {},
        max_length=32,
        description="Headers; those that keep browsers safe are not to be set. Without "
        "Content-Type a text is text/plain and anything else JSON.",
    )
    body: Any = Field(None, description="A text as it is, or any value as JSON.")


class Config(NodeModel):
    """How deliveries are checked, which of them start a run, and what is answered."""

    scheme: Scheme = Field(
        "standard",
        title="Signature",
        description=(
            "standard: Standard Webhooks. github: X-Hub-Signature-256. "
            "stripe: Stripe-Signature. slack: X-Slack-Signature. "
            "hmac: HMAC-SHA256 over timestamp, a dot and body. "
            "basic, bearer: the secret (for basic `user:password`) comes in the header "
            "Authorization and nothing is signed. none: anybody may call."
        ),
        json_schema_extra={"x-ui": {"literal": True}},
    )
    signature_header: HeaderName = Field(
        "X-Weir-Signature",
        description="With `hmac`: the header that holds the signature.",
        json_schema_extra={"x-ui": {"literal": True}},
    )
    timestamp_header: HeaderName | None = Field(
        "X-Weir-Timestamp",
        description=(
            "With `hmac`: the header that holds the signed time, in seconds since 1970. "
            "Empty: the signature covers the body alone, and old deliveries can be replayed."
        ),
        json_schema_extra={"x-ui": {"literal": True}},
    )
    signature_encoding: Literal["hex", "base64"] = Field(
        "hex",
        description="With `hmac`: how the signature is written.",
        json_schema_extra={"x-ui": {"literal": True}},
    )
    tolerance: Duration = Field(
        "5m",
        validate_default=True,
        description="How far a signed time may lie from ours, either way; at most a day.",
        json_schema_extra={"x-ui": {"literal": True}},
    )
    methods: list[Literal["DELETE", "GET", "PATCH", "POST", "PUT"]] = Field(
        [],
        description="Methods that deliver; none named: all of them.",
        json_schema_extra={"x-ui": {"literal": True}},
    )
    content_types: list[MediaType] = Field(
        [],
        max_length=20,
        description="Media types that are taken, such as application/json; none named: all.",
        json_schema_extra={"x-ui": {"literal": True}},
    )
    filter: Condition | JsonPath | None = Field(
        None,
        description=(
            "Start a run only if this is true of `trigger`; all deliveries if empty. An "
            "expression, or JSONPath over the payload such as $.action == 'opened'."
        ),
    )
    answer: Literal["accepted", "finished", "node"] = Field(
        "accepted",
        description=(
            "accepted: 202 at once. finished: wait for the run and answer its output. "
            "node: wait for the step `answer_node` and answer its output."
        ),
        json_schema_extra={"x-ui": {"literal": True}},
    )
    answer_node: NodeId | None = Field(
        None,
        description="With `node`: the node, outside of containers.",
        json_schema_extra={"x-ui": {"literal": True, "widget": "node"}},
    )
    wait: Duration = Field(
        "30s",
        validate_default=True,
        description=(
            "With `finished` and `node`: after this time the answer is 202 and the run goes on."
        ),
    )
    response: Response | None = Field(
        None,
        description=(
            "Status, headers and body of the answer instead of ours. Expressions read input, "
            "trigger, vars, env and run (id, status, duplicate; output and error where `answer` "
            "waits for them)."
        ),
    )


class Webhook(Node[Config]):
    """Starts a run for each request to the webhook's own address.

    The address is made at the first publish and stays the same over versions.
    `trigger.payload` is the body, `trigger.headers`, `trigger.query` and
    `trigger.method` are the rest of the request. The same delivery id starts
    one run, however often it is delivered.
    """

    type = "webhook"
    title = "Webhook"
    kind = "trigger"
    category = "trigger"
    icon = "webhook"
