"""The peers, in the order of their importance, one for each row of the table."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from functools import partial

from benchmarks.parts.asking import Options
from benchmarks.peers.dbos import Dbos
from benchmarks.peers.measure import measure
from benchmarks.peers.n8n import N8n
from benchmarks.peers.prefect import Prefect
from benchmarks.peers.protocol import Peer
from benchmarks.peers.restate import Restate
from benchmarks.report import Report
from benchmarks.stolen import undisturbed


def everyone() -> list[Peer]:
    """All of them, installed or not."""
    return [
        Restate(),
        Restate(recorded=False),
        Dbos(plain=True),
        Dbos(),
        N8n(legacy=True),
        N8n(),
        Prefect(),
    ]


def named(names: Sequence[str]) -> list[Peer]:
    """Those of these short names, such as `dbos`."""
    return [peer for peer in everyone() if short(peer) in names]


def short(peer: Peer) -> str:
    """What a peer is called on the command line; its rows share it."""
    return peer.name.split()[0].lower()


async def measure_peers(
    report: Report, parts: Sequence[str], options: Options, peers: Sequence[Peer]
) -> None:
    """These parts of those that are installed, one after the other; one that fails is told."""
    for peer in peers:
        if reason := peer.missing():
            sys.stderr.write(f"-- {peer.name} is left out: {reason}; run `make bench-peers`\n")
            continue
        row = report.row(peer.name, peer.durability)
        for part in (part for part in parts if part in peer.parts):
            sys.stderr.write(f"-- {part}, {peer.name}\n")
            try:
                measured = partial(measure, peer, part, options=options)
                await undisturbed(part, row, measured, options.stolen)
            except Exception:  # noqa: BLE001 - the others are still to be measured
                sys.stderr.write(f"-- {part}, {peer.name}, failed and has no figures:\n")
                traceback.print_exc()


def settings(peers: Sequence[Peer]) -> str:
    """What was chosen for those that are installed, as a list for under the tables."""
    installed = [peer for peer in peers if peer.missing() is None]
    return "\n".join(f"- {peer.name}: {peer.settings}." for peer in installed)
