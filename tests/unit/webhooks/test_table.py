"""The table of deliveries: schemes by what can be right or wrong with them, over real HTTP."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.trigger.service import build
from tests.http_house import NOW, House, house_on_memory
from tests.unit.webhooks.senders import OTHERS, PROVE, SECRETS, SENDERS, SIGN, TIMED
from weir.contract import times

BODY = b'{"n": 1}'
LIMIT = 100_000
HUGE = b'{"text": "' + b"x" * LIMIT + b'"}'
GOOD, REPEATED = (202, ""), (200, "")
WRONG, STALE = (401, "SIGNATURE_INVALID"), (401, "TIMESTAMP_STALE")
TOO_LARGE, UNREAD = (413, "BODY_TOO_LARGE"), (400, "INVALID_JSON")
TYPE = (415, "UNSUPPORTED_MEDIA_TYPE")
DEEP = b"[" * 200 + b"]" * 200


@dataclass(frozen=True)
class Case:
    """A delivery, and what must come of it. `runs`: how many there are afterwards."""

    name: str
    scheme: str = "none"
    expected: tuple[int, str] = GOOD
    runs: int = 1
    body: bytes = BODY  # that is proved
    sent: bytes | None = None  # where another one is sent
    secret: str = ""  # of the sender, where it is not the webhook's
    age_s: int = 0
    times: int = 1
    config: dict[str, Any] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)  # headers
    without: str = ""  # a header
    method: str = "POST"
    overlap: str = ""  # going on, over
    chunked: bool = False
    whole: bool = True  # False: the body breaks off


def each_scheme() -> list[Case]:
    """What can happen to every scheme, or to those that sign, or sign a time."""
    cases = [Case(f"{scheme} good", scheme) for scheme in SENDERS]
    cases += [Case(f"{scheme} replayed", scheme, REPEATED, times=2) for scheme in SENDERS]
    cases += [
        Case(f"{scheme} wrong secret", scheme, WRONG, 0, secret=OTHERS[scheme]) for scheme in PROVE
    ]
    cases += [Case(f"{scheme} body changed", scheme, WRONG, 0, sent=b'{"n": 2}') for scheme in SIGN]
    cases += [Case(f"{scheme} stale", scheme, STALE, 0, age_s=301) for scheme in TIMED]
    cases += [Case(f"{scheme} early", scheme, STALE, 0, age_s=-310) for scheme in TIMED]
    cases += [
        Case(f"{scheme} rotated, the old one in time", scheme, secret=OTHERS[scheme], overlap="on")
        for scheme in PROVE
    ]
    cases += [Case(f"{scheme} rotated, the new one", scheme, overlap="on") for scheme in PROVE]
    cases += [
        Case(
            f"{scheme} rotated, the old one too late",
            scheme,
            WRONG,
            0,
            secret=OTHERS[scheme],
            overlap="over",
        )
        for scheme in PROVE
    ]
    proofs = {
        "standard": ("webhook-id", "webhook-timestamp", "webhook-signature"),
        "github": ("X-Hub-Signature-256",),
        "stripe": ("Stripe-Signature",),
        "slack": ("X-Slack-Request-Timestamp", "X-Slack-Signature"),
        "hmac": ("X-Weir-Timestamp", "X-Weir-Signature"),
        "basic": ("Authorization",),
        "bearer": ("Authorization",),
    }
    for scheme, headers in proofs.items():
        for header in headers:
            cases.append(Case(f"{scheme} without {header}", scheme, WRONG, 0, without=header))
            empty = {header: ""}
            cases.append(Case(f"{scheme} with an empty {header}", scheme, WRONG, 0, more=empty))
    return cases


def bodies() -> list[Case]:
    """What can be wrong with a body, and how it comes."""
    packed = {
        "gzip": gzip.compress(BODY),
        "deflate": zlib.compress(BODY),
        "br": b"\x0b\x02\x80",
        "zstd": b"\x28\xb5\x2f\xfd",
    }
    bomb = gzip.compress(b"\0" * 20_000_000)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    only = {"content_types": ["application/json"]}
    return [
        *(
            Case(
                f"compressed: {name}",
                expected=TYPE,
                runs=0,
                body=body,
                more={"Content-Encoding": name},
            )
            for name, body in packed.items()
        ),
        Case("a bomb", expected=TYPE, runs=0, body=bomb, more={"Content-Encoding": "gzip"}),
        Case("a bomb, signed", "github", TYPE, 0, body=bomb, more={"Content-Encoding": "gzip"}),
        Case("a bomb that says nothing", expected=UNREAD, runs=0, body=bomb),
        Case("compressed twice", expected=TYPE, runs=0, more={"Content-Encoding": "gzip, gzip"}),
        Case("encoded as itself", more={"Content-Encoding": "identity"}),
        Case("huge", expected=TOO_LARGE, runs=0, body=HUGE),
        Case("huge and signed", "standard", TOO_LARGE, 0, body=HUGE),
        Case("huge in chunks", expected=TOO_LARGE, runs=0, body=HUGE, chunked=True),
        Case("almost too large", body=b'"' + b"x" * (LIMIT - 2) + b'"'),
        Case("in chunks", chunked=True),
        Case("signed, in chunks", "standard", chunked=True),
        Case(
            "in chunks and wrongly signed",
            "standard",
            WRONG,
            0,
            secret=OTHERS["standard"],
            chunked=True,
        ),
        Case(
            "in chunks that break off",
            expected=(400, "BAD_REQUEST"),
            runs=0,
            chunked=True,
            whole=False,
        ),
        Case("no JSON", expected=UNREAD, runs=0, body=b"n=1"),
        Case("half of JSON", expected=UNREAD, runs=0, body=b'{"n":'),
        Case("no number", expected=UNREAD, runs=0, body=b'{"n": NaN}'),
        Case("JSON too deep", expected=UNREAD, runs=0, body=DEEP),
        Case("no text", expected=UNREAD, runs=0, body=b'"\xff\xfe"'),
        Case("nothing at all", body=b""),
        Case("a list", body=b"[1, 2]"),
        Case(
            "the type is not taken",
            expected=TYPE,
            runs=0,
            config=only,
            more={"Content-Type": "text/plain"},
        ),
        Case(
            "the type is taken, with its charset",
            config=only,
            more={"Content-Type": "application/json; charset=utf-8"},
        ),
        Case("a form", body=b"n=1&m=2", more=form),
        Case("a form that is signed", "slack", body=b"payload=%7B%22n%22%3A1%7D", more=form),
        Case("a form that is none", expected=UNREAD, runs=0, body=b"\xff=\xfe", more=form),
        Case(
            "too many fields",
            expected=UNREAD,
            runs=0,
            body=b"&".join(b"a=1" for _ in range(1_001)),
            more=form,
        ),
        Case(
            "a method that is not taken",
            expected=(405, "METHOD_NOT_ALLOWED"),
            runs=0,
            config={"methods": ["PUT"]},
        ),
        Case("a method that is taken", config={"methods": ["PUT"]}, method="PUT"),
        Case(
            "a method that only looks",
            expected=(405, "METHOD_NOT_ALLOWED"),
            runs=0,
            method="OPTIONS",
        ),
        Case(
            "dropped by CEL",
            expected=GOOD,
            runs=0,
            config={"filter": "{{ trigger.payload.n > 1 }}"},
        ),
        Case("dropped by JSONPath", expected=GOOD, runs=0, config={"filter": "$.n > 1"}),
        Case("passed by JSONPath", config={"filter": "$.n == 1"}),
        Case(
            "the filter has no answer",
            expected=(422, "FILTER_FAILED"),
            runs=0,
            config={"filter": "{{ trigger.payload.m }}"},
        ),
        Case("github's documented example", "github", UNREAD, 0, body=b"Hello, World!"),
        Case(
            "github with sha1 alone",
            "github",
            WRONG,
            0,
            without="X-Hub-Signature-256",
            more={"X-Hub-Signature": "sha1=00"},
        ),
        Case(
            "stripe's id in the body",
            "stripe",
            REPEATED,
            body=b'{"id": "evt_1"}',
            times=2,
            without="X-Weir-Delivery-ID",
        ),
        Case("without any id, twice", runs=2, times=2, without="X-Weir-Delivery-ID"),
        Case(
            "by Idempotency-Key",
            expected=REPEATED,
            times=2,
            without="X-Weir-Delivery-ID",
            more={"Idempotency-Key": "k"},
        ),
        Case(
            "basic where bearer is asked",
            "bearer",
            WRONG,
            0,
            more={"Authorization": "Basic " + SECRETS["bearer"]},
        ),
        Case("an hour of tolerance", "standard", age_s=3_000, config={"tolerance": "1h"}),
        Case("a minute of tolerance", "standard", STALE, 0, age_s=90, config={"tolerance": "1m"}),
    ]


CASES = [*each_scheme(), *bodies()]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A trigger behind a server."""
    async with house_on_memory(build, body_limit=LIMIT) as house:
        yield house


async def send(house: House, path: str, case: Case) -> tuple[int, dict[str, Any]]:
    """One delivery, byte for byte; status and body of the answer."""
    secret = case.secret or SECRETS[case.scheme]
    headers = {"Host": "x", "Content-Type": "application/json", "Connection": "close"}
    headers |= SENDERS[case.scheme](secret, case.body, int(time.time()) - case.age_s, "one")
    headers |= case.more
    headers.pop(case.without, None)
    body = case.body if case.sent is None else case.sent
    if case.chunked:
        headers["Transfer-Encoding"] = "chunked"
        parts = [body[at : at + 7_000] for at in range(0, len(body), 7_000)]
        content = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        content += b"0\r\n\r\n" if case.whole else b"zz\r\n"
    else:
        headers["Content-Length"] = str(len(body))
        content = body
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    port = int(house.url.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"{case.method} {path} HTTP/1.1\r\n{head}\r\n".encode())
        writer.write(content)
        found = b""
        # A body that is refused unread may be cut off: what was answered before counts.
        while not found.partition(b"\r\n\r\n")[1] or len(found) < _length(found):
            part = await asyncio.wait_for(reader.read(65_536), 10)
            if not part:
                break
            found += part
    finally:
        writer.close()
    told, _, answer = found.partition(b"\r\n\r\n")
    return int(told.split()[1]), json.loads(answer)


def _length(found: bytes) -> int:
    head, _, _ = found.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(head) + 4 + int(line.split(b":")[1])
    return 0


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_a_delivery(house: House, case: Case) -> None:
    """It is answered as the table says, and there are as many runs; what is refused leaves none."""
    saved: dict[str, Any] = {}
    secrets = [SECRETS[case.scheme]] if case.scheme != "none" else []
    if case.overlap:
        secrets.append(OTHERS[case.scheme])
        until = house.platform.clock.now_ms() + 60_000
        saved["previous_until"] = times.from_ms(until) if case.overlap == "on" else NOW
    path = await house.webhook({"scheme": case.scheme, **case.config}, secrets=secrets, **saved)
    for _ in range(case.times):
        status, body = await send(house, path, case)
    code = body["error"]["code"] if body.get("error") else ""
    assert (status, code) == case.expected, body
    assert len(await house.facts()) == case.runs


def test_the_table_is_long_enough() -> None:
    """Every case has a name of its own."""
    assert len({case.name for case in CASES}) == len(CASES) > 100
