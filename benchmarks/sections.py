"""Which figures stand in which table, and beside which limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.limits import BARE_STEP, SKELETONS
from benchmarks.parts.everything import PARTS
from benchmarks.report import Column, Ratio

LIMIT = "limit"

SECTIONS: Mapping[str, Sequence[Column]] = {
    "W1: runs that are answered": (
        Column("runs/s at 1 / 16 / 64", "w1_per_s"),
        Column("of the two skeletons at 64", "w1_per_s", limits=tuple(SKELETONS)),
        Column("p50 ms at 1", "w1_p50_ms", 2),
        Column("p99 ms at 64", "w1_p99_ms"),
        Column("p99 ms at half load", "w1_half_p99_ms"),
        Column("CPU ms per run at 64", "w1_cpu_ms", 2),
        Column("CPU s per 1,000 pure steps", "w1_cpu_s_per_1000_steps", 2),
        Column("memory MB", "w1_memory_mb"),
        Column("bytes per run: log", "w1_bytes"),
        Column("and views", "w1_view_bytes"),
    ),
    "W2 to W4: one run at a time": (
        Column("W2 code ms", "w2_code_ms", 1),
        Column("W2 pure ms", "w2_pure_ms", 1),
        Column("W3 ms", "w3_ms", 1),
        Column("W3 bare ms", "w3_bare_ms", 1),
        Column("W4 steps ms", "w4_ms", 1),
        Column("W4 loop ms", "w4_loop_ms", 1),
    ),
    "Steps on a worker": (
        Column("one step ms", "step_ms", 2),
        Column("steps/s", "steps_per_s"),
        Column("of the bare step", "steps_per_s", limits=(BARE_STEP,)),
        Column("CPU s per 1,000 code steps", "steps_cpu_s_per_1000", 2),
        Column("begin: runs/s at half load", "start_per_s"),
        Column("accepted → begun p95 ms", "start_p95_ms"),
        Column("p99 ms", "start_p99_ms"),
    ),
    "W5: asynchronous starts": (
        Column("accepted/s", "w5_accepted_per_s"),
        Column("finished/s", "w5_finished_per_s"),
        Column("all finished after s", "w5_finished_s", 1),
        Column("bytes per run: log", "w5_bytes"),
        Column("and views", "w5_view_bytes"),
    ),
    "W6: killed and started again": (
        Column("accepted", "w6_accepted"),
        Column("lost", "w6_lost"),
        Column("repeated marks", "w6_repeated"),
        Column("restart → first step s", "w6_first_step_s", 2),
        Column("restart → all ready s", "w6_ready_s", 2),
    ),
    "Processor time that the host took from each part, %": tuple(
        Column(part, f"{part}_stolen", 1) for part in (LIMIT, *PARTS)
    ),
}

RATIOS: Sequence[Ratio] = (
    Ratio("W1 runs/s at 64", "w1_per_s"),
    Ratio("p50 at 1", "w1_p50_ms", less=True),
    Ratio("p99 at 64", "w1_p99_ms", less=True),
    Ratio("CPU per run", "w1_cpu_ms", less=True),
    Ratio("W2 code", "w2_code_ms", less=True),
    Ratio("W3", "w3_ms", less=True),
    Ratio("W4", "w4_ms", less=True),
    Ratio("W5 finished/s", "w5_finished_per_s"),
    Ratio("bytes per run, views aside", "w5_bytes", less=True),
    Ratio("W6 first step", "w6_first_step_s", less=True),
)
