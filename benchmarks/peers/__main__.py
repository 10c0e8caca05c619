"""Measures the installed peers alone: `python -m benchmarks.peers --parts w1 w2 --seconds 5`.

Beside Weir, in one run, `python -m benchmarks --peers` measures them.
"""

from __future__ import annotations

import argparse
import sys

import uvloop

from benchmarks.parts.asking import Options
from benchmarks.peers.everyone import everyone, measure_peers, named, settings, short
from benchmarks.peers.measure import PARTS
from benchmarks.report import Report
from benchmarks.sections import SECTIONS
from benchmarks.stolen import MOST


async def measure(asked: argparse.Namespace, report: Report) -> None:
    """Everything asked for; after each repetition the table so far."""
    options = Options(asked.seconds, asked.warmup, asked.rounds, asked.scale, asked.stolen)
    for _ in range(asked.repeat):
        await measure_peers(report, asked.parts, options, named(asked.peers))
        sys.stderr.write(f"{report.markdown()}\n\n")


def main() -> None:
    """The command."""
    names = list(dict.fromkeys(map(short, everyone())))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--peers", nargs="+", default=names, choices=names)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--seconds", type=float, default=20, help="of each window of W1")
    parser.add_argument("--warmup", type=float, default=5, help="before each window")
    parser.add_argument("--rounds", type=int, default=10, help="runs of which a median is taken")
    parser.add_argument("--repeat", type=int, default=1, help="of everything; medians are shown")
    parser.add_argument("--scale", type=float, default=1, help="share of the sizes of W5 and W6")
    parser.add_argument("--stolen", type=float, default=MOST, help="as in `benchmarks`")
    asked = parser.parse_args()
    report = Report(SECTIONS)
    try:
        uvloop.run(measure(asked, report))
    finally:  # as `benchmarks` does
        sys.stdout.write(f"{report.markdown()}\n\n{settings(named(asked.peers))}\n")


if __name__ == "__main__":
    main()
