"""The page of subjects says what the code says."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from weir.adapters.streams import STREAMS
from weir.contract import subjects

PAGE = Path(__file__).parents[2] / "docs/reference/subjects.md"

# These give a word that stands in a subject of a run, not a subject.
WORDS = {
    "start_fact",
    "result_fact",
    "timer_fact",
    "cancel_fact",
    "archived_fact",
    "segment_fact",
    "signal_fact",
    "pause_fact",
    "resume_fact",
    "child_fact",
    "decision_fact",
    "deadline_fact",
    "ask_fact",
    "return_fact",
    "report_fact",
    "permits_fact",
    "slot_fact",
    "fires_fact",
    "ended_fact",
    "approval_fact",
}


def rows() -> list[str]:
    """Every subject that the page lists."""
    return re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(), re.MULTILINE)


def patterns() -> list[re.Pattern[str]]:
    """The rows as patterns: a name in angle brackets stands for one token."""
    return [re.compile(re.sub(r"<[a-z]+>", r"[^.]+", row.replace(".", r"\."))) for row in rows()]


def examples() -> dict[str, str]:
    """One subject of each kind that the code can spell, by the name of its function."""
    key = subjects.run_key("acme", "run_a")
    limit = subjects.limit_key("acme", "lim_1")
    schedule = subjects.schedule_key("acme", "sch_1")
    found = {
        "start": key.fact(subjects.start_fact()),
        "result": key.fact(subjects.result_fact("each[3]/notify", 2)),
        "fired": key.fact(subjects.timer_fact("t1")),
        "cancel": key.fact(subjects.cancel_fact("c1")),
        "signal": key.fact(subjects.signal_fact("s1")),
        "pause": key.fact(subjects.pause_fact("p1")),
        "resume": key.fact(subjects.resume_fact("r1")),
        "child": key.fact(subjects.child_fact("run_2")),
        "decision": key.fact(subjects.decision_fact("each[3]/notify", "d1")),
        "deadline": key.fact(subjects.deadline_fact("m1")),
        "archived": key.fact(subjects.archived_fact()),
        "segment": key.fact(subjects.segment_fact()),
        "events": key.events,
        "task": key.task("default"),
        "timer": key.timer("t1"),
        "snapshot": key.snapshot,
        "checkpoint": subjects.checkpoint(3),
        "decided": key.fact(subjects.approval_fact("apr_1")),
        "slot": key.fact(subjects.slot_fact("lim_1")),
        "ask": limit.fact(subjects.ask_fact("run_a")),
        "return": limit.fact(subjects.return_fact("run_a")),
        "report": limit.fact(subjects.report_fact("evt_a")),
        "permits": limit.fact(subjects.permits_fact("evt_a")),
        "limit": limit.events,
        "limit snapshot": limit.snapshot,
        "fires": schedule.fact(subjects.fires_fact("req_a")),
        "ended": schedule.fact(subjects.ended_fact("run_a")),
        "schedule log": schedule.events,
        "schedule snapshot": schedule.snapshot,
    }
    for name, function in inspect.getmembers(subjects, inspect.isfunction):
        signature = inspect.signature(function)
        if signature.return_annotation != "str" or name in WORDS:
            continue
        subject = function(*(3 if name == "shard" else "x" for name in signature.parameters))
        if "*" not in subject and not subject.endswith(">"):
            found[name] = subject
    return found


def test_every_subject_of_the_code_is_on_the_page() -> None:
    """Each kind of message matches a row; filters are made of the same words."""
    found = examples()
    assert {"lease", "logs", "workflow", "api_key", "beat"} <= found.keys()
    missing = {
        name
        for name, subject in found.items()
        if not any(pattern.fullmatch(subject) for pattern in patterns())
    }
    assert missing == set()


def test_every_row_is_a_subject_of_the_code() -> None:
    """Nothing on the page is only there."""
    spelled = [*examples().values(), "queue_default", "reading_0a1b"]
    stale = [
        row
        for row, pattern in zip(rows(), patterns(), strict=True)
        if not any(pattern.fullmatch(subject) for subject in spelled)
    ]
    assert stale == ["live.<shard>.<tenant>.<run>.>"]  # told by the broker, never spelled whole


def test_every_stream_is_on_the_page() -> None:
    """Each has its section."""
    headings = re.findall(r"^## Stream (\w+)$", PAGE.read_text(), re.MULTILINE)
    assert headings == [spec.name for spec in STREAMS]
