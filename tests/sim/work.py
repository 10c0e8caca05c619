"""The one task of all programs, and what the world outside sees of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.sim.scripts import node_of
from weir.ports.node_context import NodeContext, Retryable, Terminal

if TYPE_CHECKING:
    from tests.sim.world import World


@dataclass
class Effect:
    """An execution of a task as the outside world sees it."""

    run_id: str
    step: str
    attempt: int
    began_seq: int  # the log's end when it began


class Work:
    """The one task of all programs: does what the script says."""

    type = "task"
    secret_fields: frozenset[str] = frozenset()

    def __init__(self, world: World) -> None:
        self._world = world

    async def execute(self, config: Any, ctx: NodeContext) -> Any:
        """Leave a mark outside, take the scripted time, end as scripted."""
        world = self._world
        if ctx.run_id not in world.programs:
            await world.meet()
        made = world.programs[ctx.run_id]
        script = made.scripts[node_of(ctx.step)]
        began = await world.log.last_seq()
        world.effects.append(Effect(ctx.run_id, ctx.step, ctx.attempt, began))
        await asyncio.sleep(script.seconds)
        if script.is_fatal(ctx.step):
            raise Terminal("as told", code="FATAL")
        if ctx.attempt <= script.failures:
            raise Retryable("as told", code="FLAKY")
        return made.result(config["input"], ctx.step)

    async def close(self) -> None:
        """Nothing is held."""
