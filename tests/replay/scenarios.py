"""Runs that show every way a run can take: those of plain steps stand here."""

from __future__ import annotations

from tests.replay.control import CONTROL
from tests.replay.engine import Scenario, another_owner, cancel_soon
from tests.replay.life import LIFE
from tests.replay.writing import HEAVY, RETRY, flow, node, work

PLAIN = (
    Scenario(
        "inline",
        "one turn from start to end: values, helpers that are recorded, an output",
        flow(
            [
                node(
                    "values",
                    "set",
                    {"values": {"double": "{{ input.n * 2 }}", "by": "{{ uuid() }}"}},
                ),
                node(
                    "told", "output", {"value": "{{ steps.values.double }} at {{ string(now()) }}"}
                ),
            ],
            "start>values values>told",
            vars={"greeting": "hello"},
        ),
        input={"n": 21},
    ),
    Scenario(
        "branch",
        "if and switch; what is not taken is skipped, and so is what hangs on it",
        flow(
            [
                node("big", "if", {"condition": "{{ input.n > 10 }}"}),
                work("small", value="small"),
                node(
                    "kind",
                    "switch",
                    {
                        "value": "{{ input.kind }}",
                        "cases": [
                            {"name": "gold", "equals": "gold"},
                            {"name": "large", "when": "{{ input.n > 100 }}"},
                        ],
                    },
                ),
                node("gold", "set", {"values": {"discount": 0.25}}),
                work("large", value="large"),
                work("other", value="other"),
                node("joined", "merge"),
            ],
            "start>big big:false>small big:true>kind kind:gold>gold kind:large>large "
            "kind:default>other gold>joined large>joined other>joined small>joined",
        ),
        input={"n": 20, "kind": "gold"},
    ),
    Scenario(
        "join_all",
        "three tasks side by side, joined when all are there",
        flow(
            [
                work("a", value=1, seconds=0.3),
                work("b", value=2, seconds=0.1),
                work("c", value=3, seconds=0.2),
                node("joined", "merge"),
                node(
                    "sum",
                    "set",
                    {"values": {"sum": "{{ steps.a + steps.b + steps.c }}"}},
                ),
            ],
            "start>a start>b start>c a>joined b>joined c>joined joined>sum",
        ),
    ),
    Scenario(
        "join_any",
        "the first of three goes on; the run ends when all have",
        flow(
            [
                work("a", value="a", seconds=0.3),
                work("b", value="b", seconds=0.1),
                work("c", value="c", seconds=2.5),
                node("first", "merge", {"mode": "first"}, join="any"),
                work("then", value="{{ steps.first }}"),
            ],
            "start>a start>b start>c a>first b>first c>first first>then",
        ),
    ),
    Scenario(
        "join_two",
        "two of three, one of which fails and is caught",
        flow(
            [
                work("a", value="a", seconds=0.3),
                work("b", fatal=True, seconds=0.1, more={"on_error": "continue"}),
                work("c", value="c", seconds=1.5),
                node("two", "merge", join=2),
                work("then", value="{{ steps.two }}"),
            ],
            "start>a start>b start>c a>two b>two c>two two>then",
        ),
    ),
    Scenario(
        "retry",
        "short and long pauses, one that the task asks for, then success",
        flow(
            [
                work("flaky", failures=3, value="at last", more={"retry": RETRY}),
                work(
                    "polite",
                    failures=1,
                    after=5,
                    value="later",
                    more={"retry": {**RETRY, "retry_if": "{{ error.code == 'NOT_YET' }}"}},
                ),
            ],
            "start>flaky flaky>polite",
        ),
    ),
    Scenario(
        "retry_exhausted",
        "no attempt helps: the run fails with the last error",
        flow(
            [work("flaky", failures=9, more={"retry": {**RETRY, "max_attempts": 2}})], "start>flaky"
        ),
        status="failed",
    ),
    Scenario(
        "delay",
        "short, long and already over: a timer of the broker, one of the owner, none",
        flow(
            [
                node("short", "delay", {"duration": "300ms"}),
                node("long", "delay", {"duration": "2h"}),
                node("past", "delay", {"until": "2020-01-01T00:00:00Z"}),
                work("then", value="{{ steps.long.due_at }}"),
            ],
            "start>short short>long long>past past>then",
        ),
    ),
    Scenario(
        "failure",
        "a failed step fails the run; what runs beside it is cancelled, its result comes late",
        flow(
            [work("bad", fatal=True, seconds=0.5), work("slow", value="late", seconds=30)],
            "start>bad start>slow",
        ),
        status="failed",
    ),
    Scenario(
        "caught",
        "on_error continue: the error is the step's output",
        flow(
            [
                work("bad", fatal=True, more={"on_error": "continue"}),
                node("then", "set", {"values": {"code": "{{ steps.bad.error.code }}"}}),
            ],
            "start>bad bad>then",
        ),
    ),
    Scenario(
        "routed",
        "on_error route: the flow goes on by the port error, the other way is skipped",
        flow(
            [
                work("bad", fatal=True, more={"on_error": "route"}),
                work("fine", value="not reached"),
                work("mended", value="{{ steps.bad.error.message }}"),
                node(
                    "stop", "fail", {"code": "MENDED", "message": "on purpose"}, on_error="continue"
                ),
            ],
            "start>bad bad>fine bad:error>mended mended>stop",
        ),
    ),
    Scenario(
        "unresolved",
        "an expression finds nothing: the step fails with the path",
        flow([node("read", "set", {"values": {"x": "{{ input.missing.deep }}"}})], "start>read"),
        status="failed",
    ),
    Scenario(
        "cancel",
        "cancelled while one step waits and another runs",
        flow(
            [node("wait", "delay", {"duration": "1h"}), work("slow", value="late", seconds=30)],
            "start>wait start>slow",
        ),
        status="cancelled",
        meanwhile=cancel_soon,
    ),
    Scenario(
        "run_timeout",
        "the run's own time is over",
        flow([work("slow", seconds=50)], "start>slow", settings={"timeout": "10s"}),
        status="failed",
    ),
    Scenario(
        "step_timeout",
        "an attempt hangs, the next one too: given up by the worker, then by the run",
        flow(
            [
                work(
                    "hangs",
                    seconds=3600,
                    more={"timeout": "2s", "retry": {"max_attempts": 2, "initial": "1500ms"}},
                )
            ],
            "start>hangs",
        ),
        status="failed",
    ),
    Scenario(
        "by_reference",
        "a large input and a large output stay outside the log; steps read them all the same",
        flow(
            [
                work("large", size=100_000),
                node(
                    "size",
                    "set",
                    {
                        "values": {
                            "sizes": ["{{ steps.large.text.size() }}", "{{ input.text.size() }}"]
                        }
                    },
                ),
                node("joined", "merge"),
            ],
            "start>large large>size large>joined size>joined",
            output="{{ steps.large }}",
        ),
        input={"text": "y" * 70_000},
    ),
    Scenario(
        "heavy",
        "expressions beyond the owner's budget are evaluated by an executor",
        flow(
            [
                node("found", "set", {"values": {"found": HEAVY}}),
                node("many", "if", {"condition": f"{HEAVY[:-3]}.size() > 5 }}}}"}),
                work("yes", value=f"{HEAVY}"),
                work("no", value="no"),
            ],
            "start>found found>many many:true>yes many:false>no",
            output=HEAVY,
        ),
        input={"n": 3},
    ),
    Scenario(
        "two_owners",
        "another owner takes over while a step waits and another runs; the first is fenced",
        flow(
            [
                node("wait", "delay", {"duration": "4s"}),
                work("slow", value="there", seconds=3),
                node("joined", "merge"),
                work("then", value="{{ steps.joined }}"),
            ],
            "start>wait start>slow wait>joined slow>joined joined>then",
        ),
        meanwhile=another_owner,
    ),
    Scenario(
        "webhook",
        "started by a delivery, whose payload, headers and query expressions read",
        {
            "schema": "weir/v1",
            "name": "golden",
            "nodes": [
                node("hook", "webhook", {"scheme": "github"}),
                node(
                    "seen",
                    "set",
                    {
                        "values": {
                            "repo": "{{ trigger.payload.repository.full_name }}",
                            "event": "{{ trigger.headers['x-github-event'] }}",
                            "page": "{{ get(trigger, 'query.page', 'none') }}",
                        }
                    },
                ),
            ],
            "edges": [{"source": "hook", "target": "seen"}],
            "settings": {"labels": {"team": "ops"}},
        },
        input={"repository": {"full_name": "acme/rocket"}},
        trigger={
            "headers": {"x-github-event": "deployment"},
            "query": {},
            "method": "POST",
            "delivery_id": "d-1",
        },
    ),
)

SCENARIOS = (*PLAIN, *CONTROL, *LIFE)
