"""`python -m tests.fault.programs --programs 1000 --seed 1`: random programs under kills.

Prints what is wrong, with the program's seed, and adds the counts to the tally
of all runs. `--only SEED` plays one program without killing anything.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from random import Random

from tests.fault.house import house
from tests.fault.programs.driving import Driver, Killer, Played
from tests.fault.programs.judging import Judge, Tally
from tests.fault.programs.keeping import keep

LOT = 400


async def play(  # noqa: PLR0913  # what a run is made of
    *,
    programs: int,
    seed: int,
    at_once: int = 40,
    minutes: float = 60.0,
    replicas: int = 1,
    kill_s: float = 15.0,
    nats_s: float = 60.0,
    say: bool = False,
) -> tuple[Tally, list[str]]:
    """Play so many programs, or as many as the time allows; the figures, and who was killed."""
    until = time.monotonic() + minutes * 60
    total = Tally()
    async with house(replicas=str(replicas), hot_period="24h") as platform:
        driver, judge = Driver(platform, seed), Judge(platform)
        await driver.open()
        killer = Killer(platform, Random(seed), kill_s, nats_s)
        room = asyncio.Semaphore(at_once)

        async def one(number: int) -> Played:
            async with room:
                return await driver.play(number)

        first = seed * 1_000_000
        while total.programs < programs and time.monotonic() < until:
            begins = first + total.programs
            count = min(LOT, programs - total.programs)
            async with killer.at_work():
                played = await asyncio.gather(*(one(begins + at) for at in range(count)))
            lot = await judge.judge(played)
            add(total, lot)
            if say:
                _say(
                    f"{total.programs} programs, {total.effects} effects, "
                    f"{total.repeated} repeated, {len(killer.killed)} kills, "
                    f"{total.stuck} stuck, {len(total.wrong)} wrong"
                )
                for line in lot.wrong[:20]:
                    _say(f"  {line}")
        await driver.close()
    return total, killer.killed


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def add(total: Tally, lot: Tally) -> None:
    """Figures on top of figures."""
    for name in ("programs", "runs", "steps", "effects", "repeated", "stuck"):
        setattr(total, name, getattr(total, name) + getattr(lot, name))
    total.most = max(total.most, lot.most)
    total.ends += lot.ends
    total.wrong += lot.wrong


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fault.programs", description=__doc__)
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--at-once", type=int, default=40)
    parser.add_argument("--replicas", type=int, choices=(1, 3), default=1)
    parser.add_argument("--kill", type=float, default=15.0, help="seconds between kills")
    parser.add_argument("--kill-nats", type=float, default=60.0, help="the same for NATS")
    parser.add_argument("--keep", action="store_true", help="add the counts to the tally")
    asked = parser.parse_args()
    began = time.monotonic()
    total, killed = asyncio.run(
        play(
            programs=asked.programs,
            seed=asked.seed,
            at_once=asked.at_once,
            minutes=asked.minutes,
            replicas=asked.replicas,
            kill_s=asked.kill,
            nats_s=asked.kill_nats,
            say=True,
        )
    )
    seconds = time.monotonic() - began
    _say(
        f"seed {asked.seed}: {total.programs} programs in {seconds:.0f} s, ends {dict(total.ends)}"
    )
    if asked.keep:
        _say(keep(asked.seed, asked.replicas, total, killed))
    return 1 if total.wrong or total.stuck else 0


if __name__ == "__main__":
    sys.exit(main())
