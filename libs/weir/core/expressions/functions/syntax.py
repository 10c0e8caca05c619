"""Operators and macros: known to the compiler, entered here for the reference and the editor."""

from __future__ import annotations

from functools import partial

from weir.core.expressions.functions.table import known

_operator = partial(known, "operator")
_macro = partial(known, "macro")

_operator(
    "+",
    "a + b",
    "Operators",
    "Sum of numbers, of a timestamp or duration and a duration; joins strings, lists, bytes.",
    ("2 + 3", 5),
    ("2 + 0.5", 2.5),
    ("'a' + 'b'", "ab"),
    ("[1] + [2]", [1, 2]),
)
_operator("-", "a - b, -a", "Operators", "Difference.", ("2 - 3", -1), ("-input.qty", -3))
_operator("*", "a * b", "Operators", "Product.", ("input.qty * input.price", 7.5))
_operator(
    "/",
    "a / b",
    "Operators",
    "Quotient. Of two ints the whole part, towards zero: write `double(a) / b` for all of it.",
    ("7 / 2", 3),
    ("-7 / 2", -3),
    ("7.0 / 2", 3.5),
    ("double(input.qty) / 2", 1.5),
)
_operator(
    "%",
    "a % b",
    "Operators",
    "Remainder of two ints, with the sign of `a`.",
    ("7 % 3", 1),
    ("-7 % 3", -1),
)
_operator(
    "==",
    "a == b, a != b",
    "Operators",
    "Equality, deep; numbers by value, other values are equal only to their own kind.",
    ("1 == 1.0", True),
    ("1 == '1'", False),
    ("[1, {'a': 2}] != [1, {'a': 3}]", True),
)
_operator(
    "<",
    "a < b, a <= b, a > b, a >= b",
    "Operators",
    "Order of numbers, strings (by code point), bools, bytes, timestamps, durations.",
    ("2 < 2.5", True),
    ("'a' >= 'b'", False),
)
_operator(
    "in",
    "x in list, key in map",
    "Operators",
    "Whether a list has the element or a map the key.",
    ("2 in [1, 2]", True),
    ("'vip' in input.tags", True),
    ("'qty' in input", True),
)
_operator(
    "&&",
    "a && b, a || b, !a",
    "Operators",
    "Logic. A side that decides the answer absorbs an error of the other.",
    ("true || input.nothing == 1", True),
    ("input.nothing == 1 && false", False),
    ("!true", False),
)
_operator(
    "?:",
    "test ? a : b",
    "Operators",
    "One of two; only that one is evaluated.",
    ("input.qty > 2 ? 'many' : 'few'", "many"),
)
_operator(
    "[]",
    "list[i], map[key], map.key",
    "Operators",
    "An element. What is missing is an error that names it, never a silent null.",
    ("input.tags[0]", "new"),
    ("trigger.headers['x-id']", "7"),
    ("{'a': 1}.a", 1),
)

_macro(
    "has",
    "has(a.b.c)",
    "Asking",
    "Whether the reference leads to something; false if anything on the way is missing or null.",
    ("has(input.customer.name)", True),
    ("has(input.customer.phone)", False),
    ("has(steps.skipped.id)", False),
)
_macro(
    "get",
    "get(value, 'a.b[0].c', fallback)",
    "Asking",
    "What lies at the path, else the fallback; also if `value` itself leads to nothing. "
    "A null at the end is what lies there. A list of keys serves where a key has a dot.",
    ("get(input, 'customer.name', 'nobody')", "Ada"),
    ("get(steps.skipped, 'id', 0)", 0),
    ("get(input, 'tags[1]', '')", "vip"),
    ("get(input, ['customer', 'name'], '')", "Ada"),
)
_macro(
    "all",
    "list.all(x, test)",
    "Macros",
    "Whether the test holds for all elements, or keys of a map.",
    ("[1, 2].all(n, n > 0)", True),
)
_macro(
    "exists",
    "list.exists(x, test)",
    "Macros",
    "Whether it holds for one or more.",
    ("input.tags.exists(t, t == 'vip')", True),
)
_macro(
    "exists_one",
    "list.exists_one(x, test)",
    "Macros",
    "Whether it holds for exactly one.",
    ("[1, 2, 2].exists_one(n, n == 2)", False),
)
_macro(
    "filter",
    "list.filter(x, test)",
    "Macros",
    "The elements for which it holds.",
    ("input.lines.filter(l, l.qty > 1).map(l, l.sku)", ["b"]),
)
_macro(
    "map",
    "list.map(x, value), list.map(x, test, value)",
    "Macros",
    "A value for each element, or for each that passes the test.",
    ("[1, 2, 3].map(n, n * n)", [1, 4, 9]),
    ("[1, 2, 3].map(n, n > 1, n * n)", [4, 9]),
)
_macro(
    "sortBy",
    "list.sortBy(x, key)",
    "Macros",
    "The elements in ascending order of their keys.",
    ("input.lines.sortBy(l, -l.qty).map(l, l.sku)", ["b", "a"]),
)
