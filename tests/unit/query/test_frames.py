"""What each event is to those who watch a run, read off the golden examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from services.query.frames import TYPES, Frame, frames_of
from weir.contract import codec, times
from weir.contract.messages import Event
from weir.core.runlog import Transition

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "proto/examples/v1/envelope").glob("*.json"))

# Of no interest to those who watch: how the platform keeps the run.
KEPT = {
    *("run_archived", "run_segment_archived", "run_purged"),
    *("snapshot_taken", "lease_taken", "checkpoint_taken"),
}
UNSHOWN = {*KEPT, "timer_cancelled"}


def shown(file: Path) -> list[Frame]:
    """The frames of an example, as if all of it counted."""
    envelope = codec.decode(orjson.dumps(orjson.loads(file.read_bytes())))
    at_ms = times.to_ms(envelope.at)
    transitions = [Transition(7, n, at_ms, event) for n, event in enumerate(envelope.events)]
    return [each.frame for each in frames_of(envelope.run_id, 7, envelope, transitions)]


def kinds() -> Iterator[tuple[str, Path]]:
    """Each kind of event with its own example."""
    for name in Event.model_fields:
        file = ROOT / f"proto/examples/v1/envelope/{name}.json"
        if name not in {"step", "attempt"} | UNSHOWN and file.exists():
            yield name, file


@pytest.mark.parametrize(("name", "file"), list(kinds()))
def test_an_event_shows(name: str, file: Path) -> None:
    """None is forgotten; its frame can be sent and its type is in the list."""
    events = orjson.loads(file.read_bytes())["events"]
    frames = [one for one in shown(file) if not one["type"].startswith("input:")]
    assert len(frames) == len(events), name
    for frame, event in zip(frames, events, strict=True):
        assert frame["step"] == event.get("step")
        assert frame["type"] in TYPES
        assert orjson.loads(orjson.dumps(frame)) == frame


@pytest.mark.parametrize(
    ("example", "place", "type_", "data"),
    [
        ("wait_started_for_a_person", 0, "step:waiting", {"for": "ask", "until": None}),
        ("wait_started", 0, "step:waiting", {"for": "signal:payment"}),
        ("iteration_completed_by_source", 0, "step:iteration_completed", {"source": "fetch"}),
        ("scope_entered", 0, "step:entered", {"kind": "for_each", "count": 4}),
        ("step_compensated_in_vain", 0, "step:not_compensated", {}),
        ("step_failed_while_undoing", 0, "step:failed", {"handling": "undo"}),
        ("wait_started_for_people", 1, "input:required", {"title": "Deploy 1.4.2?"}),
        ("wait_started_for_a_person", 1, "input:required", {"kind": "ask", "what": None}),
        ("wait_started", 1, "input:required", {"kind": "signal", "what": "payment"}),
        ("step_decided", 1, "input:response", {"kind": "ask", "what": None}),
        ("approval_decided", 1, "input:response", {"kind": "approval"}),
        ("signal_received", 0, "run:signalled", {"payload": {"paid": True, "amount": 640.5}}),
    ],
)
def test_what_a_frame_says(example: str, place: int, type_: str, data: dict[str, object]) -> None:
    """Those whose type or data hang on the event's own fields."""
    frame = shown(ROOT / f"proto/examples/v1/envelope/{example}.json")[place]
    assert frame["type"] == type_
    assert data.items() <= frame["data"].items()


def test_an_output_outside_the_log_is_shown_by_reference() -> None:
    """Of inline steps too."""
    (frame,) = shown(ROOT / "proto/examples/v1/envelope/step_completed_by_reference.json")
    assert frame["data"]["output"]["$blob"]["size"] == 91204


def test_the_page_of_sockets_lists_every_type() -> None:
    """No frame without its row, and no row without its frame; logs have their own."""
    page = (ROOT / "docs/reference/sockets.md").read_text()
    rows = set(re.findall(r"^\| `((?:run|step|input):\w+)` \|", page, re.MULTILINE))
    assert rows == set(TYPES)
    assert {frame["type"] for file in EXAMPLES for frame in shown(file)} <= set(TYPES)
