"""The table of channels says what the services do."""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.proto_json import descriptors, differences, model, parse
from tests.unit.contract.spied import Spied
from tests.unit.contract.whole import BUILD, live_through, whole
from tests.unit.test_subjects_reference import examples
from weir.adapters.memory.matching import matcher
from weir.contract import messages
from weir.contract.channel import PARAMETERS, Channel
from weir.contract.channels import CHANNELS
from weir.contract.messages import Envelope, Message
from weir.ports.log import Append
from weir.runtime.servers.nats_users import USERS

# What processes tell and ask each other, and a hint without a body: no messages of the contract.
PRIVATE = (
    *("collab.", "probe.", "bus.", "beat.", "notice.", "lease.suspects.", "rate.", "use."),
    *("input.", "stream."),
)

# Parked runs and workers of the SDK do not come by here; the SDK's worker is the executor's.
RARE = {"RunPaused"}
# Read already; whoever takes them from outside, and the steps that lead to them, write them next.
AWAITED = {
    *("run.signal", "run.pause", "run.resume", "run.child", "run.decision", "run.deadline"),
    *("run.slot", "limit.ask", "limit.return", "limit.report", "limit.permits"),
    *("limit.decisions", "limit.snapshot", "registry.letter"),
    *("registry.datakeys", "registry.grant"),
}
UNWRITTEN = {
    *("SignalReceived", "PauseRequested", "ResumeRequested", "ChildEnded", "StepDecided"),
    *("DeadlineMoved", "ScopeEntered", "SectionEntered", "IterationCompleted", "WaitStarted"),
    *("CompensationStarted", "StepCompensated", "CompensationEnded", "RunResumed"),
    *("VariablesSet", "ChildStarted"),
    *("SlotAnswered", "SlotAwaited", "TaskDeferred", "LimitStood"),
    *("SlotAsked", "SlotReturned", "SlotGranted", "SlotRefused", "HolderRecalled"),
    *("CallsReported", "PermitsAsked", "IntegrationStood"),
    *("AttributesSet", "DeadLetterHandled"),
    *("DataKeysSaved", "GrantAsked", "GrantSpent"),
}
# Written and read by the approval service, likewise.
ASKING = tuple(each for each in CHANNELS if each.name.startswith(("approval", "run.approval")))
AWAITED |= {each.name for each in ASKING}
UNWRITTEN |= {kind.__name__ for each in ASKING for kind in each.kinds}
# Written and read by the identity service, which has a house of its own in its tests.
PEOPLE = tuple(
    each for each in CHANNELS if each.name.startswith(("identity.", "accounts.", "audit."))
)
AWAITED |= {each.name for each in PEOPLE}
UNWRITTEN |= {kind.__name__ for each in PEOPLE for kind in each.kinds} - {"ApiKeyCreated"}
DRAWN = tuple(each for each in CHANNELS if each.name == "drafts")  # as collab does
AWAITED |= {each.name for each in DRAWN}
UNWRITTEN |= {kind.__name__ for each in DRAWN for kind in each.kinds}
# Schedules are played in tests/sim.
TIMED = tuple(each for each in CHANNELS if each.name.startswith(("schedule.", "registry.schedule")))
AWAITED |= {each.name for each in TIMED}
UNWRITTEN |= {kind.__name__ for each in TIMED for kind in each.kinds}
ELSEWHERE = {"approval", "collab", "identity", "worker", "broker", "weir up", "weir issue-key"}
# Read only when something went wrong: a task came again, a live message was lost. Keys are read
# by the HTTP edge, which all services share here. Limits only where a definition has some.
SELDOM = {
    *(("executor", "run.result"), ("executor", "limit.decisions")),
    ("trigger", "registry.refused"),
    # The house keeps its data keys in memory.
    *(("executor", "registry.datakeys"), ("trigger", "registry.datakeys")),
}
EDGE = "identity.key"


class Written(NamedTuple):
    """A message that a service appended."""

    service: str
    append: Append
    channel: Channel
    message: Message


def pattern(channel: Channel) -> str:
    """The channel's address as a filter."""
    return re.sub(r"{\w+}", "*", channel.address)


def channels_of(subject: str) -> list[Channel]:
    """The channels that a subject belongs to: one, but for a start and its tombstone."""
    return [each for each in CHANNELS if matcher(pattern(each))(subject)]


def overlap(one: str, other: str) -> bool:
    """Whether some subject matches both filters."""
    for left, right in zip(one.split("."), other.split("."), strict=False):
        if ">" in {left, right}:
            return True
        if left != right and "*" not in {left, right}:
            return False
    return one.count(".") == other.count(".")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def spied() -> AsyncIterator[Spied]:
    """What the services did in a life that has everything in it."""
    with pytest.MonkeyPatch.context() as patch:
        async with whole(patch) as (house, spied):
            await live_through(house, spied)
            yield spied


@pytest.fixture
def written(spied: Spied) -> list[Written]:
    """Every message of the contract that was written."""
    found = []
    for service, append in spied.appends:
        if not append.subject.startswith(PRIVATE):
            channels = channels_of(append.subject)
            message = channels[0].message.model_validate_json(append.data)
            kinds = set(kinds_in(message))
            fitting = [c for c in channels if kinds <= {kind.__name__ for kind in c.kinds}]
            found.append(Written(service, append, [*fitting, *channels][0], message))
    return found


def kinds_in(message: Message) -> Iterator[str]:
    """What a message carries, by name."""
    for part in message.events if isinstance(message, Envelope) else (message,):
        kind = getattr(part, "kind", None)
        if kind is not None:
            yield type(kind).__name__


def test_each_service_writes_where_the_table_says(written: list[Written]) -> None:
    """No message lies on a channel without its writer and its kind in the table."""
    assert len(written) > 50
    wrong = [
        (one.service, one.channel.name, kind)
        for one in written
        for kind in kinds_in(one.message)
        if one.service not in one.channel.writers
        or kind not in {each.__name__ for each in one.channel.kinds}
    ]
    assert wrong == []


def test_everything_in_the_table_is_written(written: list[Written]) -> None:
    """No writer and no kind is only there."""
    seen = {(one.service, one.channel.name) for one in written}
    told = {(who, each.name) for each in CHANNELS for who in each.writers if who not in ELSEWHERE}
    assert told - seen == {
        (who, each.name)
        for each in CHANNELS
        if each.name in AWAITED
        for who in each.writers
        if who not in ELSEWHERE
    }
    kinds = {kind for one in written for kind in kinds_in(one.message)}
    from_outside = {kind.__name__ for each in CHANNELS if each.name == EDGE for kind in each.kinds}
    told_kinds = {kind.__name__ for each in CHANNELS for kind in each.kinds}
    from_outside -= UNWRITTEN
    assert told_kinds - kinds == RARE | UNWRITTEN | from_outside


def test_each_service_reads_what_the_table_says(spied: Spied) -> None:
    """Every reader has a filter that meets the channel, and reads no other by name."""
    told = {
        (who, each.name)
        for each in CHANNELS
        for who in each.readers
        if who not in ELSEWHERE and each not in (*PEOPLE, *TIMED)
    }
    met = {
        (who, each.name)
        for who in BUILD
        for each in CHANNELS
        for asked in spied.reads[who]
        if overlap(asked, pattern(each))
    }
    repeated = {one for one in told if one[0] == "trigger" and one[1] in AWAITED}
    assert told - met == SELDOM | repeated
    literal = {
        (who, channel.name)
        for who in BUILD
        for asked in spied.reads[who]
        for channel in channels_of(asked)
        if not asked.startswith(PRIVATE) and "*" not in asked and ">" not in asked
    }
    assert literal - {(who, each.name) for each in CHANNELS for who in each.readers} == set()


def test_what_services_write_is_proto3_json(written: list[Written]) -> None:
    """Protobuf reads every message that was written, whole and with the same meaning."""
    for one in written:
        name = type(one.message).__name__
        assert differences(one.message, parse(name, one.append.data)) == [], one.append.subject


def test_who_writes_may_write() -> None:
    """The broker's permissions allow each service its channels."""
    refused = [
        (who, each.name)
        for each in CHANNELS
        for who in each.writers
        if who in USERS
        and not any(matcher(allowed)(each.address) for allowed in USERS[who].publish)
    ]
    assert refused == []


def test_every_subject_has_a_channel() -> None:
    """What contract/subjects.py can spell is in the table, but for what is private."""
    for name, subject in examples().items():
        if not subject.startswith(PRIVATE):
            assert channels_of(subject), name


def test_every_parameter_is_explained() -> None:
    """No placeholder without a meaning, no meaning without a placeholder."""
    used = {name for each in CHANNELS for name in re.findall(r"{(\w+)}", each.address)}
    assert used == PARAMETERS.keys()


def test_every_model_comes_from_proto() -> None:
    """The generated module and the descriptors hold the same messages."""
    models = {
        name
        for name, kind in inspect.getmembers(messages, inspect.isclass)
        if issubclass(kind, Message) and kind not in {Message, messages.Holder}
    }
    assert models == descriptors().keys()
    assert all(model(name).model_fields.keys() == fields(name) for name in models)


def fields(name: str) -> set[str]:
    """The names of a message's fields in proto."""
    return {field.name for field in descriptors()[name].fields}
