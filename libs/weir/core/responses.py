"""The answer that a webhook's `response` makes: what it may hold.

It goes out on the origin of Weir itself, so it sets no cookie, touches none of
the headers that keep a browser safe, and sends nobody anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

STATUSES = frozenset({*range(200, 300), *range(400, 600)})
HEADERS = 32
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_VALUE = re.compile(r"[\x20-\x7e\x80-\uffff]{0,2000}")
_OURS = re.compile(
    r"set-cookie2?|content-length|content-encoding|transfer-encoding|connection|keep-alive|upgrade"
    r"|trailer|date|server|location|refresh|link|clear-site-data|strict-transport-security"
    r"|content-security-policy.*|x-content-type-options|x-frame-options|permissions-policy"
    r"|referrer-policy|service-worker-allowed|www-authenticate|proxy-.*|cross-origin-.*"
    r"|access-control-.*|x-ratelimit-.*|x-request-id|weir-.*",
    re.IGNORECASE,
)


def may_set(header: str) -> bool:
    """Whether a response may set this header."""
    return _NAME.fullmatch(header) is not None and _OURS.fullmatch(header) is None


def response_problem(made: Any) -> str:
    """What is wrong with a response after its expressions were evaluated; empty if nothing."""
    if not isinstance(made, Mapping):
        return "the response is no object with status, headers and body"
    status = made.get("status")
    if status is not None and (isinstance(status, bool) or status not in STATUSES):
        return f"status is {str(status)[:40]}, and not a number from 200 to 299 or 400 to 599"
    headers = made.get("headers") or {}
    if not isinstance(headers, Mapping) or len(headers) > HEADERS:
        return f"headers are no object of at most {HEADERS} texts"
    for name, value in headers.items():
        if not may_set(str(name)):
            return f"the header {str(name)[:64]} is not a response's to set"
        if isinstance(value, Mapping | list) or not _VALUE.fullmatch(str(value)):
            return f"the header {name} is no text of one line"
    return ""
