"""A policy between a step and its credential."""

from __future__ import annotations

import pytest

from tests.unit.worker.bench import TENANT, Bench, FakeNode
from weir.contract import codec, subjects
from weir.contract.messages import (
    IdentityRecord,
    PoliciesSaved,
    RegistryRecord,
    WorkflowPublished,
)
from weir.ports.log import Append

NOBODY = (
    '@id("api-for-billing") @advice("Use another.") '
    'forbid(principal, action == Action::"use_credential", resource == Credential::"api") '
    'unless { principal.name like "billing*" };'
)


async def prepare(bench: Bench, name: str, text: str) -> None:
    """A credential, the run's version of this name, and policies."""
    await bench.save_credential("api", b'{"token": "t"}')
    frozen = {"name": name, "nodes": [], "settings": {}}
    made = WorkflowPublished(workflow_id="wf_a", version="ver_a", number=1, frozen=frozen)
    version = RegistryRecord.of(made, id="rec_1", tenant=TENANT)
    subject = subjects.version(TENANT, "ver_a")
    await bench.registry.append(Append(subject, codec.encode(version)))
    policies = IdentityRecord.of(PoliciesSaved(tenant=TENANT, text=text), id="idr_1")
    await bench.identity.append(Append(subjects.policies(TENANT), codec.encode(policies)))


@pytest.mark.parametrize("by_name", [False, True])
async def test_a_forbidden_credential_is_not_opened(*, by_name: bool) -> None:
    """Neither a field that names it nor a node that asks for it gets it, and the step says why."""

    async def run(config: object, ctx: object) -> str:
        if by_name:
            await ctx.secret("api")  # type: ignore[attr-defined]
        return "done"

    node = FakeNode(run, ["auth"])
    async with Bench(node) as bench:
        await prepare(bench, "other", NOBODY)
        config = {} if by_name else {"auth": "{{ credentials.api.token }}"}
        await bench.done(await bench.deliver(config=config))
        failed = await bench.failed()
        assert failed.error is not None
        assert (failed.error.code, failed.retryable) == ("POLICY_DENIED", False)
        assert "'api-for-billing'. Use another." in failed.error.message
        assert node.runs == int(by_name)


async def test_an_allowed_one_is_opened() -> None:
    """What the policy leaves alone works as before."""

    async def run(config: dict[str, str], _: object) -> int:
        return len(config["auth"])

    async with Bench(FakeNode(run, ["auth"])) as bench:
        await prepare(bench, "billing run", NOBODY)
        auth = {"auth": "{{ credentials.api.token }}"}
        await bench.done(await bench.deliver(config=auth))
        assert (await bench.succeeded()).output == 1


async def test_policies_that_cannot_be_used_let_the_step_wait() -> None:
    """The attempt fails and may be tried again: somebody will mend them."""

    async def run(config: object, ctx: object) -> None:
        await ctx.secret("api")  # type: ignore[attr-defined]

    async with Bench(FakeNode(run)) as bench:
        await prepare(bench, "other", "no policies")
        await bench.done(await bench.deliver())
        failed = await bench.failed()
        assert failed.error is not None
        assert (failed.error.code, failed.retryable) == ("POLICIES_UNREADABLE", True)
