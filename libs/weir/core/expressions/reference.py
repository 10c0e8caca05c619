"""The reference page of expressions, printed from the table of functions.

Every example on the page is evaluated by a test in the scope shown there.
"""

# ruff: noqa: E501 - rows of tables

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from weir.core.expressions.budget import INLINE_BUDGET, TASK_BUDGET
from weir.core.expressions.functions import FUNCTIONS, Function
from weir.core.expressions.parser import MAX_DEPTH, MAX_SOURCE
from weir.core.expressions.template import Scope

EXAMPLE_ROOTS: dict[str, Any] = {
    "input": {
        "qty": 3,
        "price": 2.5,
        "tags": ["new", "vip"],
        "customer": {"name": "Ada"},
        "lines": [{"sku": "a", "qty": 1}, {"sku": "b", "qty": 2}],
    },
    "steps": {"parse": {"total": 700}},
    "trigger": {"headers": {"x-id": "7"}, "fired_at": "2026-03-01T12:30:00Z"},
}
EXAMPLE_SCOPE = Scope(EXAMPLE_ROOTS, now_ms=1_772_368_245_678, seed="run_example/check/1")

_PAGE = """\
# Expressions

Printed from the code by `make docs`; do not edit.

A string in a node's configuration may hold expressions between `{{{{` and `}}}}`. The language is
[CEL](https://cel.dev), with the functions below. Expressions are read when a workflow is published:
what is wrong with one is reported there, with its line and column.

## Where they stand

- A string that is exactly one expression yields the value, whatever its type:
  `"{{{{ input.qty * 2 }}}}"` is a number. White space around it does not count.
- In any other string the values are joined as text: a string as it is, all else as its JSON, so
  `null` reads `null`, a list `["a","b"]`.
- `${{node.output.path}}` means `{{{{ steps.node.path }}}}`. Any other `${{…}}` is plain text.
- Keys of objects take no expression. To make an object with computed keys, make the whole value one
  expression: `{{{{ {{input.key: input.value}} }}}}`.
- A literal `{{{{` is written `{{{{ '{{{{' }}}}`. A `}}}}` inside a string, or one that closes two maps,
  does not end the expression.

## Names

| name | what | where |
|---|---|---|
| `input` | the run's input | everywhere |
| `trigger` | `payload`, `headers`, `query`, `method`, `event`, `fired_at`, `delivery_id`, `scheduled_at`, `schedule_id` | everywhere |
| `steps.<id>` | that step's output | everywhere but in triggers |
| `vars` | the definition's variables | everywhere |
| `env` | variables of the environment that the settings allow | everywhere |
| `run` | `id`, `started_at`, `attempt`, `labels` | everywhere but in triggers |
| `item`, `index`, `acc` | the element, its number and what was gathered | in loops |
| `error` | `code`, `message`, `step`, `details` | in `retry_if` |
| `credentials.<name>` | a credential, put in by the executor | in secret fields |

A field whose name is no word is read with brackets: `trigger.headers['x-github-event']`.

## What is missing

A reference that leads to nothing is an error with the code `EXPRESSION_UNRESOLVED`. It names the
path and what is there instead; it is never a silent null. This holds for a missing field, a step
that was skipped or has not run, an element beyond the end of a list, and a field of null. Ask first
with `has(steps.parse.total)`, `'total' in steps.parse`, or read with a fallback:
`get(steps.parse, 'total', 0)`.

## Numbers

JSON has one kind of number, CEL has two. An integral number that is read from data is an `int` (up
to 2⁵³), any other a `double`. In arithmetic and comparison the two mix: `2 + 0.5` is `2.5`. An `int`
has 64 bits; going beyond is an error. **The quotient of two ints is an int**: `7 / 2` is `3`, and so
is `input.a / input.b` with 7 and 2 in the data. Write `double(input.a) / input.b` where the fraction
matters. Division by zero is an error, also of doubles: there is no infinity.

## Times

`timestamp(…)`, `duration(…)` and `now()` make values that are compared, added and subtracted, with
milliseconds. Leaving an expression, a timestamp becomes RFC 3339 text in UTC, a duration a text of
seconds like `90s`, bytes become base64.

## Always the same

`now()` is the time of the decision to evaluate, `uuid()` follows from the run, the step and the
attempt: evaluating again yields the same. Nothing else depends on anything but the names above.

## Limits

An expression has at most {source} characters and is nested or chained at most {depth} deep. While it
is evaluated its steps are counted (an operation, a round of a loop, 64 characters that a function
reads) and the bytes of what it creates. Beside the engine's own work {inline_steps} steps and
{inline_size} kB are allowed; what needs more is evaluated by a worker process, up to {task_steps}
million steps and {task_size} MB. Patterns are those of RE2, which take linear time: the length of
the text times that of the pattern with its repetitions written out.

## Differences from CEL

- Ints and doubles mix in arithmetic; CEL wants a conversion. An integral double that was put into a
  list or map together with data comes out as an int.
- `1u` is `1`: there are no unsigned numbers, no types as values (`type(x)` yields a string), no
  protocol buffer messages, no `dyn`, no optional values (`a.?b`).
- Division of doubles by zero, and results too large for a double, are errors.
- `has(a.b.c)` is false if anything on the way is missing or null, not only `c`. It takes an index too:
  `has(trigger.headers['x-id'])`.
- Keys of a map are strings or ints. A result with int keys has them as strings.
- `text.matches(p)` and all other functions may be called as `matches(text, p)` as well.
- `&&`, `||`, `all` and `exists` absorb errors as in CEL: `true || x` is true whatever `x` does. A
  spent budget is never absorbed.

## Functions and operators

The results are those of this scope, at {now}:

```json
{roots}
```
"""


def reference() -> str:
    """The page."""
    head = _PAGE.format(
        source=f"{MAX_SOURCE:,}",
        depth=MAX_DEPTH,
        inline_steps=f"{INLINE_BUDGET.steps:,}",
        inline_size=INLINE_BUDGET.size // 1024,
        task_steps=TASK_BUDGET.steps // 1_000_000,
        task_size=TASK_BUDGET.size // 1024**2,
        now="2026-03-01T12:30:45.678Z",
        roots=orjson.dumps(EXAMPLE_ROOTS, option=orjson.OPT_INDENT_2).decode(),
    )
    groups = dict.fromkeys(entry.group for entry in _ordered())
    return head + "".join(_section(group) for group in groups)


def _ordered() -> Iterable[Function]:
    first = ("Operators", "Asking", "Macros", "Strings", "Numbers", "Kinds", "Lists and maps")
    return sorted(
        FUNCTIONS.values(),
        key=lambda f: (first.index(f.group) if f.group in first else len(first), f.group),
    )


def _section(group: str) -> str:
    rows = [entry for entry in _ordered() if entry.group == group]
    lines = [f"\n### {group}\n\n| | | example |\n|---|---|---|\n"]
    for entry in rows:
        what = " ".join(entry.doc.split())
        examples = "<br>".join(_example(source, result) for source, result in entry.examples)
        lines.append(f"| `{_cell(entry.signature)}` | {_cell(what)} | {examples} |\n")
    return "".join(lines)


def _example(source: str, result: Any) -> str:
    return f"`{_cell(source)}` → `{_cell(orjson.dumps(result).decode())}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
