"""What every answer tells the browser that it must not do with it."""

from __future__ import annotations

from collections.abc import Mapping

from multidict import CIMultiDict, istr

from weir.runtime.http.limits import Standing

# Of the API: nothing it answers is a page.
_API = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
"""The Content-Security-Policy of a page of ours: nothing inline, nothing from elsewhere."""

_YEAR_S = 31_536_000


_REQUEST_ID = istr("X-Request-ID")
_LIMIT = istr("X-RateLimit-Limit")
_REMAINING = istr("X-RateLimit-Remaining")
_RESET = istr("X-RateLimit-Reset")


def tell(headers: CIMultiDict[str], request_id: str, standing: Standing | None) -> None:
    """Put into an answer's headers which request it answers, and how its limit stands."""
    headers[_REQUEST_ID] = request_id
    if standing is not None and standing.limit:
        headers[_LIMIT] = standing.limit
        headers[_REMAINING] = str(standing.remaining)
        headers[_RESET] = standing.reset


def page_headers(*, https: bool) -> CIMultiDict[str]:
    """The headers of what browsers show and run: as of every answer, with the pages' policy."""
    headers = api_headers(https=https)
    headers["Content-Security-Policy"] = PAGE_POLICY
    return headers


def api_headers(*, https: bool) -> CIMultiDict[str]:
    """The headers of every answer; with `https` browsers never come by plain HTTP again."""
    headers: Mapping[str, str] = {
        "Server": "weir",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": _API,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cache-Control": "no-store",
    }
    lasting = {"Strict-Transport-Security": f"max-age={_YEAR_S}"} if https else {}
    return CIMultiDict({**headers, **lasting})
