"""The contract as an AsyncAPI document: for people and tools, never read by the platform.

FastStream makes channels, messages and schemas of the table in
contract/channels.py. It knows one side of a channel at a time and so names an
operation after its channel; here several services are on both ends, so the
operations are made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from faststream.nats import NatsBroker
from faststream.specification import AsyncAPI

from weir.contract.channel import PARAMETERS, Channel
from weir.contract.channels import CHANNELS

_SERVER = "nats://127.0.0.1:4222"


def document(version: str) -> dict[str, Any]:
    """The document of the platform's own messages, the same at every call."""
    broker = NatsBroker(
        _SERVER,
        protocol_version="JetStream",
        description="Every process signs in with its own nkey, limited to its subjects.",
    )
    for channel in CHANNELS:
        broker.publisher(
            channel.address,
            schema=channel.message,
            title=channel.name,
            description=_description(channel),
        )
    spec = AsyncAPI(
        broker,
        title="Weir",
        version=version,
        description="What the services of Weir tell each other over NATS, in the JSON form of "
        "proto/weir/v1.",
        license={"name": "Apache-2.0"},
    ).to_specification()
    made: dict[str, Any] = spec.to_jsonable()
    made["operations"] = {name: op for each in CHANNELS for name, op in _operations(each)}
    for channel in CHANNELS:
        _finish(made, channel)
    # FastStream gives them in no order.
    made["channels"] = {each.name: made["channels"][each.name] for each in CHANNELS}
    made["components"]["schemas"] = dict(sorted(made["components"]["schemas"].items()))
    return made


def _description(channel: Channel) -> str:
    stored = f"Stream {channel.stream}." if channel.stream else "A core subject."
    kinds = ", ".join(kind.__name__ for kind in channel.kinds)
    return " ".join(filter(None, (channel.what, kinds and f"Carries {kinds}.", stored)))


def _operations(channel: Channel) -> Iterator[tuple[str, dict[str, Any]]]:
    for action, who in (("send", channel.writers), ("receive", channel.readers)):
        for one in who:
            yield (
                f"{one.replace(' ', '-')}.{action}.{channel.name}",
                {
                    "action": action,
                    "title": f"{one}: {action} {channel.name}",
                    "channel": {"$ref": f"#/channels/{channel.name}"},
                    "messages": [{"$ref": f"#/channels/{channel.name}/messages/{_name(channel)}"}],
                },
            )


def _finish(made: dict[str, Any], channel: Channel) -> None:
    """What FastStream cannot know of a channel, and what it supposes and is not so."""
    place = made["channels"][channel.name]
    del place["bindings"]  # they repeat the address
    parameters = re.findall(r"{(\w+)}", channel.address)
    place["parameters"] = {name: {"description": PARAMETERS[name]} for name in parameters}
    ((old, reference),) = place["messages"].items()
    place["messages"] = {_name(channel): reference}
    message = made["components"]["messages"].pop(f"{channel.name}:{old}")
    del message["correlationId"]  # the envelope has `cause`
    message["title"] = message["name"] = _name(channel)
    message["contentType"] = "application/json"
    made["components"]["messages"][f"{channel.name}.{_name(channel)}"] = message
    reference["$ref"] = f"#/components/messages/{channel.name}.{_name(channel)}"


def _name(channel: Channel) -> str:
    return channel.message.__name__
