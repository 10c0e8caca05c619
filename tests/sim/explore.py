"""Plays seeds: `python -m tests.sim.explore --seeds 2000 --first 0` or `--seed 123`.

Prints how often which fault struck, so that a green run also says what it went through.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

import structlog

from tests.replayed import Owners
from tests.sim.judge import BrokenPromiseError, Judge
from tests.sim.virtual_loop import EndlessError, run
from tests.sim.world import World
from weir.contract.errors import ArchiveDamagedError

SHARE = 10  # seeds that one test plays
TURNS = 30_000  # of the loop; a seed takes five to twenty thousand
TOLD = 100  # shares after which a long exploration tells how far it is


async def _play(seed: int) -> World:
    world, owners = World(seed), Owners()
    with owners.watching():
        await world.play()
    await Judge(world, owners).all()
    return world


def one(seed: int) -> World:
    """Play a seed; BrokenPromiseError says what did not hold."""
    with structlog.testing.capture_logs():
        try:
            return run(_play(seed), turns=TURNS)
        except (ArchiveDamagedError, EndlessError) as error:
            raise BrokenPromiseError(f"seed {seed}: {error}") from error


def explore(seeds: Iterable[int]) -> Counter[str]:
    """Play many; what they went through. The first broken promise is raised with its seed."""
    struck: Counter[str] = Counter()
    for seed in seeds:
        try:
            world = one(seed)
        except BrokenPromiseError as error:
            error.add_note(f"play it again: make sim SEED={seed}")
            raise
        struck.update(world.faults.counts)
        struck.update(world.kills)
        struck["runs purged"] += world.purged
        struck["runs truncated"] += world.truncated
        struck["runs"] += len(world.programs)
        struck["runs that runs called"] += len(world.parents)
    return struck


def explore_on_all_cores(seeds: range) -> Counter[str]:
    """The same, in as many processes as there are cores; tells how far it is as it goes."""
    struck: Counter[str] = Counter()
    shares = [seeds[at : at + SHARE] for at in range(0, len(seeds), SHARE)]
    with ProcessPoolExecutor(initializer=_be_quiet) as processes:
        for count, played in enumerate(processes.map(explore, shares), 1):
            struck.update(played)
            if count % TOLD == 0:
                sys.stderr.write(f"every promise held before seed {shares[count - 1].stop}\n")
    return struck


def _be_quiet() -> None:
    logging.disable(logging.CRITICAL)


def mark(world: World) -> str:
    """A hash over everything that was stored, in order."""
    seen = hashlib.sha256()
    for run_id in sorted(world.archived):
        for message in world.archived[run_id]:
            seen.update(f"{message.seq} {message.subject} ".encode() + message.data)
    return seen.hexdigest()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the seed to begin with")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--mark", action="store_true", help="print a hash of the seed's history")
    asked = parser.parse_args()
    _be_quiet()
    if asked.mark:
        sys.stdout.write(mark(one(asked.seed)) + "\n")
        return
    first = asked.first
    seeds = range(first, first + asked.seeds) if asked.seed is None else [asked.seed]
    struck = explore_on_all_cores(seeds) if isinstance(seeds, range) else explore(seeds)
    for name, times in sorted(struck.items()):
        sys.stdout.write(f"{times:8}  {name}\n")
    sys.stdout.write(f"{len(seeds)} seeds: every promise held\n")


if __name__ == "__main__":
    main()
