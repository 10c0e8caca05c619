"""Every node type keeps what the base promises for all of them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import jsonschema_rs
import pytest

from tests.unit.nodes.fake_context import FakeContext
from tests.waiting import within
from weir.core.control.catalogue import BEHAVIOURS
from weir.core.state import CONTAINERS
from weir.nodes.base import Node
from weir.nodes.registry import catalogue, describe, node_types
from weir.ports.node_context import NodeError

TYPES = node_types()
TASKS = [name for name, cls in TYPES.items() if cls.kind == "task"]
SECRET = "hunter2-hunter2"

# A whole config as an author writes it, and as a worker resolves it where that is another.
WRITTEN: dict[str, dict[str, Any]] = {
    "webhook": {"scheme": "github", "filter": "{{ trigger.payload.ok }}"},
    "manual": {},
    "schedule": {"cron": "30 2 * * *", "timezone": "Europe/Berlin", "overlap": "buffer_one"},
    "event": {
        "subject": "orders.*.created",
        "filter": "{{ trigger.payload.total > 10 }}",
        "ordering_key": "{{ trigger.payload.customer }}",
        "deliver": "time",
        "time": "2026-03-01T12:00:00Z",
    },
    "set": {"values": {"total": "{{ input.qty * 2 }}"}},
    "if": {"condition": "{{ input.qty > 1 }}"},
    "switch": {"value": "{{ input.kind }}", "cases": [{"name": "a", "equals": "x"}]},
    "merge": {"mode": "first"},
    "delay": {"duration": "1h30m"},
    "fail": {"code": "OUT_OF_STOCK", "message": "none left of {{ input.sku }}"},
    "output": {"value": "{{ steps.a }}"},
    "for_each": {
        "items": "{{ input.orders }}",
        "concurrency": 5,
        "batch": "{{ vars.batch }}",
        "on_item_error": "collect",
        "output": "{{ steps.ship.status }}",
    },
    "while": {"condition": "{{ acc < 10 }}", "initial": 0, "limit": 20, "output": "{{ acc + 1 }}"},
    "try": {"codes": ["HTTP_503"], "when": "{{ error.message != '' }}", "output": 1},
    "scope": {"output": "{{ steps.book.id }}"},
    "race": {},
    "wait_signal": {"name": "order.{{ input.id }}", "timeout": "2d"},
    "approval": {
        "title": "Deploy {{ input.release }}?",
        "message": "**{{ input.release }}** goes to production",
        "context": "{{ input }}",
        "assignees": ["group:release", "user:{{ input.owner }}"],
        "required": 2,
        "options": [{"value": "yes", "style": "success"}, {"value": "no", "required": 1}],
        "timeout": "2d",
        "on_timeout": "no",
        "remind_every": "4h",
        "escalation": [{"after": "1d", "notify": "role:admin"}],
        "slack": {"credential": "team_slack", "channel": "#releases"},
    },
    "user_input": {
        "assignees": "{{ input.people }}",
        "form": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
    "sub_workflow": {"workflow": "wf_1", "version": "ver_1", "input": {"order": "{{ item }}"}},
    "set_variables": {"values": {"count": "{{ vars.count + 1 }}"}},
    "set_labels": {"labels": {"team": "{{ input.team }}"}, "search": {"repo": "{{ input.repo }}"}},
    "task": {"task": "resize-image", "input": {"url": "{{ input.url }}"}},
    "http_request": {
        "method": "POST",
        "url": "https://example.com/{{ input.id }}",
        "body": "{{ input }}",
        "auth": "{{ credentials.site }}",
        "timeout": "{{ vars.patience }}",
    },
    "webhook_post": {
        "url": "https://example.com/hooks",
        "credential": "hooks",
        "body": "{{ input }}",
    },
    "publish_event": {
        "subject": "orders.shipped",
        "data": {"id": "{{ input.id }}"},
        "about": "{{ input.id }}",
        "extensions": {"priority": 3},
    },
    "postgres_query": {
        "connection": "{{ credentials.database }}",
        "query": "select $1::int",
        "parameters": ["{{ input.id }}"],
    },
}
RESOLVED: dict[str, dict[str, Any]] = {
    "task": {"task": "resize-image"},
    "http_request": {"url": "https://example.com/1", "auth": {"token": SECRET}},
    "webhook_post": {"url": "https://example.com/1", "credential": "hooks", "body": {}},
    "publish_event": {"subject": "orders.shipped", "data": {"id": 1}},
    "postgres_query": {
        "connection": {"dsn": f"postgresql://weir:{SECRET}@198.51.100.1:5432/weir"},
        "query": "select 1",
    },
}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_is_described_whole(name: str) -> None:
    """Palette, form and reference page have what they show."""
    cls = TYPES[name]
    assert cls.__doc__
    assert len(cls.__doc__.strip().splitlines()) > 1, "say more than one line: it is the help"
    assert cls.title
    assert cls.icon == cls.icon.lower()
    assert cls.category in {"trigger", "ai", "action", "control", "data", "human"}
    assert cls.kind in {"trigger", "inline", "task", "container"}
    assert bool(cls.sections) == (cls.kind == "container")
    assert cls.effect in {"none", "read", "write"}
    json.dumps(cls.describe())


@pytest.mark.parametrize("name", TYPES)
def test_every_field_of_a_config_can_be_understood(name: str) -> None:
    """A form shows a title for each field; a word of help where that does not say it all."""
    schema = TYPES[name].config_model().model_json_schema()
    jsonschema_rs.meta.validate(schema)
    for field, described in schema.get("properties", {}).items():
        assert described.get("title") or "$ref" in described or described.get("description"), field


@pytest.mark.parametrize("name", TYPES)
def test_the_authoring_schema_takes_what_authors_write(name: str) -> None:
    """Expressions anywhere, credentials by name, and nothing that is misspelt."""
    schema = catalogue()[name].config_schema
    jsonschema_rs.meta.validate(schema)
    validator = jsonschema_rs.validator_for(schema)
    assert [error.message for error in validator.iter_errors(WRITTEN[name])] == []
    assert not validator.is_valid({**WRITTEN[name], "no_such_field": 1})


@pytest.mark.parametrize("name", TYPES)
def test_required_fields_are_asked_for(name: str) -> None:
    """Leaving out a required field is found at publish."""
    schema = catalogue()[name].config_schema
    validator = jsonschema_rs.validator_for(schema)
    for field in schema.get("required", []):
        lacking = {key: value for key, value in WRITTEN[name].items() if key != field}
        assert not validator.is_valid(lacking), field


@pytest.mark.parametrize("name", TYPES)
def test_ports_are_sane(name: str) -> None:
    """Each once, `error` left to the engine, whatever the config is so far."""
    cls = TYPES[name]
    for config in ({}, WRITTEN[name], {"cases": "{{ input.cases }}"}, {"cases": [{}, 1, None]}):
        ports = cls.ports(config)
        assert ports or name == "fail", "only a step that ends in an error leads nowhere"
        assert len(set(ports)) == len(ports)
        assert "error" not in ports
        assert all(isinstance(port, str) and port for port in ports)


@pytest.mark.parametrize("name", TYPES)
def test_retry_and_limits_are_sane(name: str) -> None:
    """A default that a definition need not mend."""
    spec = catalogue()[name]
    assert 1 <= spec.retry.max_attempts <= 10
    assert 0 < spec.retry.initial_ms <= spec.retry.max_ms
    assert (spec.timeout_ms > 0) == (spec.kind != "container"), "a container takes its time"
    assert spec.queue


def test_every_pure_type_has_its_behaviour() -> None:
    """What runs in the owner of a run is there, and nothing else pretends to be."""
    pure = {name for name, cls in TYPES.items() if cls.kind in {"inline", "container"}}
    assert set(BEHAVIOURS) == pure
    assert {name for name, cls in TYPES.items() if cls.kind == "container"} == CONTAINERS


STATIC = {"for_each": ("on_item_error",), "while": ("limit",), "try": ("codes",)}


def test_what_is_read_as_it_is_written_takes_no_expression() -> None:
    """The engine reads these from the definition and evaluates nothing there."""
    for name, fields in STATIC.items():
        validator = jsonschema_rs.validator_for(catalogue()[name].config_schema)
        for field in fields:
            for value in ("{{ input.x }}", ["{{ input.x }}"]):
                assert not validator.is_valid({**WRITTEN[name], field: value}), (name, field)


@pytest.mark.parametrize("name", TYPES)
def test_what_is_known_of_an_output_is_a_schema(name: str) -> None:
    """Readers are checked by it, whatever the config is so far."""
    for config in ({}, WRITTEN[name], {"values": "{{ input }}"}, {"values": {1: [], "a": None}}):
        schema = TYPES[name].output(config)
        if schema is not None:
            jsonschema_rs.meta.validate(dict(schema))


def test_secret_fields_take_nothing_but_a_credential() -> None:
    """No secret is ever written into a definition."""
    for name, spec in catalogue().items():
        validator = jsonschema_rs.validator_for(spec.config_schema)
        for field in spec.secret_fields:
            for value in (SECRET, {"token": SECRET}, "{{ input.secret }}", "x {{ credentials.a }}"):
                assert not validator.is_valid({**WRITTEN[name], field: value}), (name, field, value)


def test_the_catalogue_and_its_description_name_the_same_types() -> None:
    """`GET /nodes` shows what publishing accepts."""
    assert [one["type"] for one in describe()] == list(catalogue())


def _node(name: str) -> Node[Any]:
    return TYPES[name]()


@pytest.mark.parametrize("name", TASKS)
async def test_cancellation_ends_a_task(name: str) -> None:
    """A node that waits for the outside stops when it is told to."""
    node = _node(name)
    running = asyncio.create_task(node.execute(RESOLVED[name], FakeContext()))
    await asyncio.wait([running], timeout=0.05)
    running.cancel()
    try:
        await within(running)
    except asyncio.CancelledError:
        pass
    except NodeError:
        pass  # it had come to an end before
    finally:
        await node.close()


@pytest.mark.parametrize("name", TASKS)
async def test_a_refused_config_quotes_no_values(name: str) -> None:
    """They may come from a credential."""
    node = _node(name)
    fields = node.config_model().model_fields
    wrong = {field: [[SECRET]] for field in fields} | {"no_such_field": SECRET}
    with pytest.raises(NodeError) as refused:
        await node.execute(wrong, FakeContext())
    assert refused.value.error_code == "CONFIG_INVALID"
    assert not refused.value.retryable
    assert SECRET not in refused.value.message
    assert SECRET not in repr(refused.value.details)
    await node.close()
