"""Runs with containers: loops, errors that are caught, what is undone, races."""

from __future__ import annotations

from typing import Any

from tests.replay.engine import Scenario, another_owner, cancel_soon
from tests.replay.writing import HEAVY, flow, node, work


def inside(container: str, *nodes: dict[str, Any], section: str = "") -> list[dict[str, Any]]:
    """The nodes, standing in it."""
    place = {"parent": container, **({"section": section} if section else {})}
    return [{**one, **place} for one in nodes]


def each(**config: Any) -> dict[str, Any]:
    """A loop over the input's items."""
    return node("each", "for_each", {"items": "{{ input.items }}", **config})


ITEMS = {"items": [3, 1, 2, 5, 4]}
ORDER = inside("each", work("book", value="{{ item }}", seconds="{{ item * 0.3 }}"))
FAULTY = inside("each", work("try_it", value="{{ item }}", fatal="{{ item == 2 }}", seconds=0.2))
PAGES = "{{ range(40).map(i, {'n': i, 'text': input.text}) }}"
UNDONE = [
    work("flight", value="F1", more={"compensate": "drop_flight"}),
    work("drop_flight", value="{{ steps.flight }}"),
    work("hotel", value="H1", more={"compensate": "drop_hotel"}),
    work("drop_hotel", value="{{ steps.hotel }}", seconds=0.4),
    work("car", fatal=True),
]
TRIP = inside("trip", *UNDONE)
BRANCHES = inside(
    "first",
    work("slow", value="slow", seconds=5),
    node("nap", "delay", {"duration": "700ms"}),
    node("told", "set", {"values": {"by": "nap"}}),
)

CONTROL = (
    Scenario(
        "for_each",
        "two items at a time, the results in the order of the items",
        flow(
            [each(concurrency=2, output="{{ [index, steps.book] }}"), *ORDER],
            "start>each",
            output="{{ steps.each }}",
        ),
        input=ITEMS,
    ),
    Scenario(
        "for_each_batch",
        "batches of two, an empty list and a loop in a loop",
        flow(
            [
                each(batch=2, output="{{ {'rows': item, 'pairs': steps.inner} }}"),
                *inside("each", node("inner", "for_each", {"items": "{{ item }}"})),
                *inside("inner", node("pair", "set", {"values": {"at": "{{ [item, index] }}"}})),
                node("none", "for_each", {"items": []}),
                *inside("none", work("never")),
            ],
            "start>each each>none",
        ),
        input=ITEMS,
    ),
    Scenario(
        "for_each_stop",
        "an item that fails stops the loop, cancels what is open, and makes no dead letter",
        flow([each(), *FAULTY], "start>each", settings={"dead_letters": False}),
        input=ITEMS,
        status="failed",
    ),
    Scenario(
        "for_each_continue",
        "null stands in the place of an item that failed",
        flow([each(on_item_error="continue", concurrency=1), *FAULTY], "start>each"),
        input=ITEMS,
    ),
    Scenario(
        "for_each_collect",
        "its error stands in the place of an item that failed",
        flow([each(on_item_error="collect"), *FAULTY], "start>each"),
        input=ITEMS,
    ),
    Scenario(
        "for_each_acc",
        "one item at a time, each reads what the one before it came to",
        flow([each(acc=0, output="{{ acc * 10 + steps.book }}"), *ORDER], "start>each"),
        input=ITEMS,
    ),
    Scenario(
        "for_each_pages",
        "a list too long for the log is written in pages by an executor",
        flow(
            [
                node("each", "for_each", {"items": PAGES, "batch": 3}),
                *inside("each", node("sum", "set", {"values": {"n": "{{ item.map(i, i.n) }}"}})),
            ],
            "start>each",
        ),
        input={"text": "x" * 2_000},
    ),
    Scenario(
        "for_each_heavy",
        "a list that takes long to make is made by an executor, and is short all the same",
        flow(
            [
                node("each", "for_each", {"items": HEAVY}),
                *inside("each", node("half", "set", {"values": {"v": "{{ item / 2 }}"}})),
            ],
            "start>each",
        ),
        input={"n": 3},
    ),
    Scenario(
        "while",
        "as long as the condition holds, with a task in each iteration; another one never begins",
        flow(
            [
                node(
                    "pages",
                    "while",
                    {
                        "initial": {"next": 1, "sum": 0},
                        "condition": "{{ acc.next < 4 }}",
                        "output": "{{ {'next': acc.next + 1, 'sum': acc.sum + steps.page} }}",
                    },
                ),
                *inside("pages", work("page", value="{{ acc.next * 100 + index }}", seconds=0.1)),
                node("never", "while", {"initial": 5, "condition": "{{ acc < 5 }}"}),
                *inside("never", work("nothing")),
            ],
            "start>pages pages>never",
        ),
    ),
    Scenario(
        "while_limit",
        "a loop that does not end by itself fails",
        flow(
            [
                node("again", "while", {"condition": "{{ true }}", "limit": 3}),
                *inside("again", node("x", "set", {"values": {"at": "{{ index }}"}})),
            ],
            "start>again",
        ),
        status="failed",
    ),
    Scenario(
        "try_caught",
        "an error with the right code is caught; what was open is cancelled; finally runs",
        flow(
            [
                node("guard", "try", {"codes": ["FATAL"], "when": "{{ error.step != '' }}"}),
                *inside("guard", work("bad", fatal=True, seconds=0.3), work("slow", seconds=30)),
                *inside("guard", work("heal", value="{{ error.code }}"), section="catch"),
                *inside("guard", work("tidy", value="{{ has(error.code) }}"), section="finally"),
            ],
            "start>guard",
        ),
    ),
    Scenario(
        "try_uncaught",
        "an error that catch is not for goes on, after finally",
        flow(
            [
                node("guard", "try", {"codes": ["OTHER"]}),
                *inside("guard", work("bad", fatal=True)),
                *inside("guard", work("heal"), section="catch"),
                *inside("guard", work("tidy"), section="finally"),
            ],
            "start>guard",
        ),
        status="failed",
    ),
    Scenario(
        "container_timeout",
        "the time of a container is over, and the flow goes on without its output",
        flow(
            [
                node("box", "scope", timeout="2s", on_error="continue"),
                *inside("box", work("slow", seconds=30)),
                node("then", "set", {"values": {"code": "{{ steps.box.error.code }}"}}),
            ],
            "start>box box>then",
        ),
    ),
    Scenario(
        "scope_undone",
        "what was done in a scope that fails is undone, last done first; a try goes on behind it",
        flow(
            [
                node("guard", "try"),
                *inside("guard", node("trip", "scope")),
                *TRIP,
                *inside("guard", work("say", value="{{ error.code }}"), section="catch"),
            ],
            "start>guard flight>hotel hotel>car",
        ),
    ),
    Scenario(
        "not_undone",
        "an undo step that fails is named at the end; the others run all the same",
        flow(
            [
                node("trip", "scope"),
                *inside("trip", *UNDONE[:3]),
                *inside("trip", work("drop_hotel", fatal=True), UNDONE[4]),
            ],
            "start>trip flight>hotel hotel>car",
        ),
        status="failed",
    ),
    Scenario(
        "cancel_undone",
        "a run that is cancelled undoes what it did, also in iterations that had ended",
        flow(
            [
                work("pay", value="P1", more={"compensate": "refund"}),
                work("refund", value="{{ steps.pay }}", seconds=0.5),
                each(concurrency=2),
                *inside("each", work("ship", value="{{ item }}", more={"compensate": "fetch"})),
                *inside("each", work("fetch", value="{{ [item, steps.ship] }}")),
                node("wait", "delay", {"duration": "1h"}),
            ],
            "start>pay pay>each each>wait",
        ),
        input={"items": ["a", "b", "c"]},
        status="cancelled",
        meanwhile=cancel_soon,
    ),
    Scenario(
        "race",
        "the first branch wins, whose last step is named; the others are cancelled",
        flow([node("first", "race"), *BRANCHES], "start>first nap>told"),
    ),
    Scenario(
        "race_lost",
        "a join of all is out with the first of its branches that failed; then the last one fails",
        flow(
            [
                node("first", "race"),
                *inside(
                    "first",
                    work("bad", fatal=True, seconds=0.2),
                    work("good", value=1, seconds=0.4),
                    work("both", value="{{ steps.good }}"),
                    work("late", fatal=True, seconds=1.0),
                ),
            ],
            "start>first bad>both good>both",
        ),
        status="failed",
    ),
    Scenario(
        "nested",
        "a race in a loop in a scope in a try, which another owner takes over on the way",
        flow(
            [
                node("guard", "try"),
                *inside("guard", node("saga", "scope")),
                *inside("saga", each(concurrency=2)),
                *inside(
                    "each",
                    work("book", value="{{ item }}", more={"compensate": "unbook"}),
                    work("unbook", value="{{ [item, steps.book] }}"),
                    node("first", "race"),
                    node("check", "if", {"condition": "{{ item > 2 }}"}),
                    node("stop", "fail", {"code": "TOO_MUCH", "message": "{{ string(item) }}"}),
                ),
                *inside(
                    "first",
                    work("quick", value="{{ item }}", seconds="{{ item * 0.6 }}"),
                    work("slow", seconds=20),
                ),
                *inside("guard", work("say", value="{{ error.message }}"), section="catch"),
            ],
            "start>guard book>first first>check check:true>stop",
        ),
        input={"items": [1, 2, 1, 3, 2]},
        meanwhile=another_owner,
    ),
)
