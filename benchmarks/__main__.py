"""Measures Weir beside the limit of its broker: `python -m benchmarks --parts w1 w5 --repeat 3`.

Everything of one call runs one after the other on the same machine, and each
figure is set against what was made in the same call: the bare JetStream step
(append task → other process → append result → first process) and the skeleton of
W1, on bare nats-py clients and on Weir's own connection. Ratios are what counts;
absolute figures are this machine's of this hour. Every answer is checked, and
one that is wrong ends the benchmark.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path

import uvloop

from benchmarks import limits
from benchmarks.parts.asking import Options
from benchmarks.parts.everything import PARTS
from benchmarks.peers.everyone import everyone, measure_peers, named, settings, short
from benchmarks.report import Report
from benchmarks.sections import LIMIT, RATIOS, SECTIONS
from benchmarks.stolen import MOST, undisturbed

MODES = ("separate", "embedded")
SYNCS = ("kill-safe", "power-safe")


async def measure(asked: argparse.Namespace, report: Report) -> None:
    """Everything asked for, one after the other; after each repetition the table so far."""
    options = Options(asked.seconds, asked.warmup, asked.rounds, asked.scale, asked.stolen)
    for repetition in range(asked.repeat):
        for sync in asked.sync:
            if LIMIT in asked.parts:
                for what, limit in limits.LIMITS.items():
                    measured = partial(limit, options=options)
                    await undisturbed(LIMIT, report.row(what, sync), measured, options.stolen)
            for mode in asked.modes:
                for part in (part for part in asked.parts if part != LIMIT):
                    sys.stderr.write(f"-- {repetition + 1}: {part}, {mode}, {sync}\n")
                    measured = partial(PARTS[part], mode, options=options)
                    row = report.row(f"Weir, {mode}", sync)
                    await undisturbed(part, row, measured, options.stolen)
        await measure_peers(report, asked.parts, options, named(asked.peers))
        sys.stderr.write(f"{report.markdown()}\n\n")


def told(report: Report, asked: argparse.Namespace) -> str:
    """All tables; with peers, how many times better Weir is, and what was chosen for them."""
    peers = named(asked.peers)
    ours = [f"Weir, {mode}" for mode in asked.modes]
    ratios = report.ratios(RATIOS, ours, [peer.name for peer in peers])
    parts = [report.markdown()]
    if ratios:
        parts += ["### Times better than the peers", ratios, settings(peers)]
    return "\n\n".join(parts)


def main() -> None:
    """The command."""
    names = [LIMIT, *PARTS]
    peers = list(dict.fromkeys(map(short, everyone())))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--parts", nargs="+", default=names, choices=names)
    parser.add_argument("--modes", nargs="+", default=MODES, choices=MODES)
    parser.add_argument("--sync", nargs="+", default=SYNCS, choices=SYNCS)
    parser.add_argument("--seconds", type=float, default=20, help="of each window of a load")
    parser.add_argument("--warmup", type=float, default=5, help="before each window")
    parser.add_argument("--rounds", type=int, default=10, help="runs of which a median is taken")
    parser.add_argument("--repeat", type=int, default=1, help="of everything; medians are shown")
    parser.add_argument("--scale", type=float, default=1, help="share of the full sizes of W5-W7")
    parser.add_argument(
        "--stolen",
        type=float,
        default=MOST,
        metavar="PERCENT",
        help="a part from which the host took more of the cores' time is measured again",
    )
    parser.add_argument(
        "--peers", nargs="*", default=peers, choices=peers, help="all that are installed"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="every repetition, in figures")
    asked = parser.parse_args()
    report = Report(SECTIONS)
    try:
        uvloop.run(measure(asked, report))
    finally:  # a wrong answer ends it, and takes nothing of what was measured before
        if asked.json:
            asked.json.write_text(json.dumps(report.raw(), indent=2))
        sys.stdout.write(f"{told(report, asked)}\n")


if __name__ == "__main__":
    main()
