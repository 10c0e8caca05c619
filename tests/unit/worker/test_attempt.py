"""One attempt: what a node gets, and what its outcome becomes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from tests.unit.worker.bench import TENANT, Bench, FakeNode
from tests.waiting import within
from weir.contract import codec
from weir.ports.node_context import NotHere, Retryable, Terminal

SECRET = "s3cr3t-t0ken"
CREDENTIAL = orjson.dumps({"token": SECRET, "user": "reader"})
NOW = "2026-01-01T00:00:00.000Z"


def _raises(error: Exception) -> FakeNode:
    async def run(config: Any, ctx: Any) -> Any:
        raise error

    return FakeNode(run)


def _gives(output: Any) -> FakeNode:
    async def run(config: Any, ctx: Any) -> Any:
        return output

    return FakeNode(run)


async def _config(config: Any, ctx: Any) -> Any:
    return config


async def _leak(config: Any, ctx: Any) -> Any:
    token = config["auth"]["token"]
    said = f"calling with {token}"
    ctx.log.info(said, header=token)
    raise ValueError(f"401 for {config['auth']['token']}")


def _scope(**roots: Any) -> dict[str, Any]:
    return {"roots": roots, "now": NOW, "seed": "run_a/a/1", "sources": {}}


@pytest.mark.parametrize(
    ("error", "code", "retryable", "after_ms"),
    [
        (Retryable("busy", code="BUSY", after=1.5), "BUSY", True, 1500.0),
        (Retryable("busy"), "NODE_FAILED", True, None),
        (Terminal("no", code="NO"), "NO", False, None),
        (ValueError("bad"), "NODE_EXCEPTION", True, None),
    ],
)
async def test_what_a_node_raises_becomes_the_failure(
    error: Exception,
    code: str,
    retryable: bool,  # noqa: FBT001
    after_ms: float | None,
) -> None:
    """On purpose: with its code and wish. Anything else: the step's retry policy judges."""
    async with Bench(_raises(error)) as bench:
        await bench.done(await bench.deliver())
        failed = await bench.failed()
        assert failed.error is not None
        assert (failed.error.code, failed.retryable, failed.retry_after_ms) == (
            code,
            retryable,
            after_ms,
        )
        assert failed.error.step == "a"
        assert str(error) in failed.error.message


async def test_an_unexpected_exception_carries_its_trace() -> None:
    """Who debugs the step sees where it broke."""
    async with Bench(_raises(ValueError("bad"))) as bench:
        await bench.done(await bench.deliver())
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.details["type"] == "ValueError"
        assert "in run" in failed.error.details["traceback"]


async def test_a_worker_that_does_not_know_a_task_leaves_it_to_others() -> None:
    """NotHere gives the task back until the last delivery, which tells the author."""
    error = NotHere("unknown", code="TASK_UNKNOWN")
    async with Bench(_raises(error), max_deliveries=2) as bench:
        assert await bench.done(await bench.deliver()) == ["nak 2"]
        await bench.done(await bench.deliver(delivered=2))
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "TASK_UNKNOWN"


@dataclass
class Measured:
    """What orjson writes by itself."""

    value: float


@pytest.mark.parametrize(
    ("output", "place"),
    [
        (math.nan, "it is nan"),
        ([1.0, None, math.inf], "2 is inf"),
        ({"a": [{"b": -math.inf}], "c": None}, "a.0.b is -inf"),
        ({"deep": (1, (math.nan,))}, "deep.1.0 is nan"),
        (Measured(math.nan), "value is nan"),
    ],
)
async def test_a_number_that_json_does_not_have_fails_the_step(output: Any, place: str) -> None:
    """It is not quietly turned into null; the message says where it lies."""
    async with Bench(_gives(output)) as bench:
        await bench.done(await bench.deliver())
        failed = await bench.failed()
        assert failed.error is not None
        assert (failed.error.code, failed.retryable) == ("OUTPUT_INVALID", False)
        assert place in failed.error.message


async def test_a_null_is_a_null() -> None:
    """Nothing is wrong with it, beside numbers of every size."""
    output = {"a": None, "b": [1e308, -0.0, 5e-324, "NaN", "Infinity"]}
    async with Bench(_gives(output)) as bench:
        await bench.done(await bench.deliver())
        assert (await bench.succeeded()).output == output


async def test_what_is_said_beside_a_failure_names_such_numbers() -> None:
    """Saying why must not fail: in details and log fields they stand as texts."""
    error = Terminal("off", code="NODE_FAILED", details={"read": [math.nan, None, (math.inf,)]})
    async with Bench(_raises(error)) as bench:
        await bench.done(await bench.deliver())
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.details == {"read": ["nan", None, ["inf"]]}


@pytest.mark.parametrize("output", [{1, 2}, object(), 2**80, "\ud800"])
async def test_an_output_that_is_no_json_fails_the_step(output: Any) -> None:
    """It is not quietly turned into text."""
    async with Bench(_gives(output)) as bench:
        await bench.done(await bench.deliver())
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "OUTPUT_INVALID"
        assert not failed.retryable


PROMISE = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "deep": {"items": {"type": "string"}}},
    "required": ["n"],
}


@pytest.mark.parametrize(
    ("output", "place"),
    [
        ({"deep": []}, "the output: "),
        ({"n": "secret"}, "n: "),
        ({"n": 1, "deep": ["a", 5]}, "deep.1: "),
        ([], "the output: "),
        (None, "the output: "),
    ],
)
async def test_an_output_that_breaks_its_promise_fails_the_step(output: Any, place: str) -> None:
    """The message says where, and quotes no value; no other attempt can help."""
    async with Bench(_gives(output)) as bench:
        await bench.done(await bench.deliver(output_schema=PROMISE))
        failed = await bench.failed()
        assert failed.error is not None
        assert (failed.error.code, failed.retryable) == ("OUTPUT_INVALID", False)
        assert place in failed.error.message
        assert "secret" not in failed.error.message


async def test_an_output_that_keeps_its_promise_is_taken() -> None:
    """As it is, whether it is small or kept outside the log."""
    for output in ({"n": 5, "more": True}, {"n": 1, "text": "x" * 100_000}):
        async with Bench(_gives(output)) as bench:
            await bench.done(await bench.deliver(output_schema=PROMISE))
            succeeded = await bench.succeeded()
            assert succeeded.output == (None if "text" in output else output)


async def test_a_large_output_is_in_the_store_before_its_fact() -> None:
    """P23: the fact names a blob that is already durable."""
    output = {"text": "x" * 300_000}
    async with Bench(_gives(output)) as bench:
        bench.runs.gate.clear()
        delivery = await bench.deliver()
        await within(bench.runs.flushing.wait())
        assert len(bench.blobs._values) == 1
        bench.runs.gate.set()
        await bench.done(delivery)
        succeeded = await bench.succeeded()
        assert succeeded.output is None
        assert succeeded.output_ref is not None
        assert succeeded.output_ref.media_type == "application/json"
        assert orjson.loads(await bench.blobs.get(succeeded.output_ref.key)) == output


async def test_a_value_by_reference_is_there_for_the_node() -> None:
    """JSON kept outside the log is loaded; a file stays a reference."""
    async with Bench(FakeNode(_config)) as bench:
        key = await bench.blobs.put(TENANT, b'{"rows": [1, 2]}')
        data = {"$blob": {"key": key, "size": 16, "media_type": "application/json"}}
        file = {"$blob": {"key": key, "size": 16, "media_type": "image/png"}}
        await bench.done(await bench.deliver(config={"data": [data], "file": file}))
        assert (await bench.succeeded()).output == {"data": [{"rows": [1, 2]}], "file": file}


async def test_a_reference_into_another_tenant_is_refused() -> None:
    """Whatever a run's data says, a step reads only what its tenant stored."""
    async with Bench(FakeNode(_config)) as bench:
        key = await bench.blobs.put("other", b'"theirs"')
        data = {"$blob": {"key": key, "size": 8, "media_type": "application/json"}}
        await bench.done(await bench.deliver(config={"data": data}))
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "BLOB_NOT_FOUND"


async def test_a_secret_is_resolved_only_in_its_field() -> None:
    """The field gets the credential, or the part that its path names; other text stays text."""
    node = FakeNode(_seen, ["auth", "token"])
    async with Bench(node) as bench:
        await bench.save_credential("api", CREDENTIAL)
        config = {
            "auth": "{{ credentials.api }}",
            "token": "{{credentials.api.token}}",
            "text": "{{ credentials.api.token }}",
        }
        await bench.done(await bench.deliver(config=config))
        assert (await bench.succeeded()).output == {
            "auth": {"token": len(SECRET), "user": len("reader")},
            "token": len(SECRET),
            "text": config["text"],
        }


async def _seen(config: Any, ctx: Any) -> Any:
    return {
        "auth": {name: len(value) for name, value in config["auth"].items()},
        "token": len(config["token"]),
        "text": config["text"],
    }


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("{{ credentials.nobody }}", "CREDENTIAL_NOT_FOUND"),
        ("{{ credentials.api.nothing }}", "CREDENTIAL_NOT_FOUND"),
        ("a plain secret", "CONFIG_INVALID"),
        ({"token": "x"}, "CONFIG_INVALID"),
    ],
)
async def test_a_secret_that_cannot_be_resolved_fails_the_step(written: Any, code: str) -> None:
    """The error says which, and never quotes what was written."""
    async with Bench(FakeNode(_config, ["auth"])) as bench:
        await bench.save_credential("api", CREDENTIAL)
        await bench.done(await bench.deliver(config={"auth": written}))
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == code
        assert not failed.retryable
        assert "plain secret" not in failed.error.message


async def test_secrets_leave_the_worker_nowhere() -> None:
    """Log lines, error messages, traces and the log itself are free of them."""
    async with Bench(FakeNode(_leak, ["auth"])) as bench:
        await bench.save_credential("api", CREDENTIAL)
        await bench.done(await bench.deliver(config={"auth": "{{ credentials.api }}"}))
        failed = await bench.failed()
        lines = await bench.lines()
        said = codec.encode(failed) + b"".join(codec.encode(line) for line in lines)
        assert SECRET.encode() not in said
        assert b"401 for ********" in said
        assert lines[0].message == "calling with ********"


async def test_a_secret_that_a_node_gives_out_is_masked() -> None:
    """A service that echoes what it was sent does not bring a secret into the log."""
    async with Bench(FakeNode(_config, ["auth"])) as bench:
        await bench.save_credential("api", CREDENTIAL)
        await bench.done(await bench.deliver(config={"auth": "{{ credentials.api }}"}))
        assert (await bench.succeeded()).output == {"auth": {"token": "********", "user": "reader"}}


async def test_a_heavy_configuration_is_evaluated_here() -> None:
    """With a scope the config still holds expressions; secrets stay for the credentials."""
    async with Bench(FakeNode(_config, ["auth"])) as bench:
        await bench.save_credential("api", CREDENTIAL)
        config = {"n": "{{ steps.a.n + 1 }}", "auth": "{{ credentials.api.user }}"}
        await bench.done(
            await bench.deliver(step="b", config=config, scope=_scope(steps={"a": {"n": 41}}))
        )
        assert (await bench.succeeded("b")).output == {"n": 42, "auth": "reader"}


async def test_a_heavy_expression_reads_values_by_reference() -> None:
    """The references in its scope are loaded before it is evaluated."""
    async with Bench(FakeNode(_config)) as bench:
        key = await bench.blobs.put(TENANT, b'{"n": 41}')
        value = {"$blob": {"key": key, "size": 9, "media_type": "application/json"}}
        await bench.done(
            await bench.deliver(
                step="b", config={"n": "{{ steps.a.n }}"}, scope=_scope(steps={"a": value})
            )
        )
        assert (await bench.succeeded("b")).output == {"n": 41}


async def test_what_a_node_was_given_is_never_evaluated_again() -> None:
    """Text of a run that looks like an expression stays text: the config is resolved already."""
    async with Bench(FakeNode(_config)) as bench:
        await bench.done(await bench.deliver(config={"text": "{{ 1 + 1 }}"}))
        assert (await bench.succeeded()).output == {"text": "{{ 1 + 1 }}"}


async def test_an_expression_that_fails_here_has_the_code_it_has_everywhere() -> None:
    """A missing reference is EXPRESSION_UNRESOLVED with its path, and not tried again."""
    async with Bench(FakeNode(_config)) as bench:
        config = {"n": "{{ steps.a.missing }}"}
        await bench.done(await bench.deliver(config=config, scope=_scope(steps={"a": {}})))
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "EXPRESSION_UNRESOLVED"
        assert failed.error.details["path"] == "steps.a.missing"
        assert not failed.retryable


@pytest.mark.parametrize(
    ("node_type", "config", "output", "port"),
    [
        ("set", {"values": {"n": "{{ input.n + 1 }}"}}, {"n": 2}, ""),
        ("if", {"condition": "{{ input.n == 2 }}"}, {"condition": False}, "false"),
        ("output", {"value": ["{{ input.n }}"]}, [1], ""),
    ],
)
async def test_a_heavy_pure_node_has_the_same_outcome_here(
    node_type: str, config: Any, output: Any, port: str
) -> None:
    """The executor applies the behaviour that the owner would have applied."""
    async with Bench() as bench:
        await bench.done(
            await bench.deliver(node_type=node_type, config=config, scope=_scope(input={"n": 1}))
        )
        succeeded = await bench.succeeded()
        assert (succeeded.output, succeeded.port) == (output, port)


async def test_a_heavy_merge_gets_its_sources() -> None:
    """The outputs that came together are loaded and put under their names."""
    async with Bench() as bench:
        key = await bench.blobs.put(TENANT, b'"large"')
        large = {"$blob": {"key": key, "size": 7, "media_type": "application/json"}}
        scope = {**_scope(), "sources": {"x": large, "y": 2}}
        await bench.done(await bench.deliver(node_type="merge", config={}, scope=scope))
        assert (await bench.succeeded()).output == {"x": "large", "y": 2}


async def test_a_heavy_fail_fails_with_its_own_code() -> None:
    """What the author wrote is what the run shows."""
    async with Bench() as bench:
        config = {"code": "OUT_OF_STOCK", "message": "none left of {{ input.sku }}"}
        await bench.done(
            await bench.deliver(node_type="fail", config=config, scope=_scope(input={"sku": "x1"}))
        )
        failed = await bench.failed()
        assert failed.error is not None
        assert (failed.error.code, failed.error.message) == ("OUT_OF_STOCK", "none left of x1")
        assert not failed.retryable


async def test_the_trace_goes_on() -> None:
    """The result carries the trace of its task."""
    parent = f"00-{'ab' * 16}-{'cd' * 8}-01"
    async with Bench(FakeNode(_config)) as bench:
        await bench.done(await bench.deliver(trace_parent=parent))
        fact = await bench.fact()
        assert fact is not None
        assert fact.trace_parent.split("-")[1] == "ab" * 16


async def test_a_node_is_a_span_of_its_runs_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a collector the result continues the trace from the node's own span."""
    monkeypatch.setattr(trace, "get_tracer_provider", TracerProvider().__class__)
    monkeypatch.setattr(trace, "get_tracer", TracerProvider().get_tracer)
    parent = f"00-{'ab' * 16}-{'cd' * 8}-01"
    async with Bench(FakeNode(_config)) as bench:
        await bench.done(await bench.deliver(trace_parent=parent))
        fact = await bench.fact()
        assert fact is not None
        assert fact.trace_parent.split("-")[1] == "ab" * 16
        assert fact.trace_parent.split("-")[2] != "cd" * 8
