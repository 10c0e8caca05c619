"""What a provider tells of itself, and its keys, read from where its issuer says.

Both are kept for an hour. A token under a key that is not known has the keys
read anew, at most once a minute per issuer, whoever sends such tokens. The
document must name the very issuer it was asked of, and every address in it
must be as safe as the issuer's own; no redirect is followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import orjson
from joserfc.jwk import KeySet
from yarl import URL

from services.identity.oidc_tokens import TokenRefused, key_set
from weir.contract.identity_errors import ProviderFailedError
from weir.ports.node_context import Http, HttpAnswer, NodeError
from weir.runtime.worker_guard import Allowed

KEPT_S = 3600.0
AGAIN_S = 60.0
ISSUERS = 1000
PATIENCE_S = 10.0
LARGEST = 512 * 1024

_PATH = ".well-known/openid-configuration"
_OK = 200
_ADDRESS = 2000


@dataclass(frozen=True, slots=True)
class Described:
    """A provider's own description."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str
    token_auth: tuple[str, ...]
    tells_issuer: bool  # whether its answers name it (RFC 9207)


@dataclass(slots=True)
class _Known:
    described: Described
    keys: KeySet
    read_at: float
    keys_at: float


class Discovery:
    """Reads and remembers descriptions and keys by issuer."""

    def __init__(self, http: Http, private: Sequence[Allowed] = ()) -> None:
        self._http = http
        self._private = tuple(private)
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._reading: dict[str, asyncio.Task[_Known]] = {}

    async def described(self, issuer: str) -> Described:
        """What the issuer tells of itself; ProviderFailedError where it does not."""
        return (await self._get(issuer)).described

    async def keys(self, issuer: str, *, again: bool = False) -> KeySet:
        """Its keys; with `again` read anew if they were not within the last minute."""
        known = await self._get(issuer)
        if again and monotonic() - known.keys_at >= AGAIN_S:
            known.keys_at = monotonic()
            known.keys = await self._keys(known.described)
        return known.keys

    async def fresh(self, issuer: str) -> tuple[Described, KeySet]:
        """Both as they are now, for who wants to know whether it works."""
        known = await self._read(issuer)
        return known.described, known.keys

    def takes(self, address: str) -> bool:
        """Whether this address may be a provider's: https, or http at an address allowed by us."""
        try:
            url = URL(address)
        except ValueError:
            return False
        plain = url.host and not (url.user or url.password or url.fragment)
        if not plain or len(address) > _ADDRESS:
            return False
        return url.scheme == "https" or (url.scheme == "http" and self._is_private(url))

    def _is_private(self, url: URL) -> bool:
        try:
            seen = ipaddress.ip_address(url.host or "")
        except ValueError:
            return False
        return any(
            one.port in {0, url.port}
            and seen.version == one.network.version
            and seen in one.network
            for one in self._private
        )

    async def _get(self, issuer: str) -> _Known:
        known = self._known.get(issuer)
        if known is not None and monotonic() - known.read_at < KEPT_S:
            self._known.move_to_end(issuer)
            return known
        reading = self._reading.get(issuer)
        if reading is None:
            reading = asyncio.create_task(self._read(issuer), name="read a provider")
            self._reading[issuer] = reading
            reading.add_done_callback(lambda done: self._done(issuer, done))
        return await asyncio.shield(reading)

    def _done(self, issuer: str, done: asyncio.Task[_Known]) -> None:
        self._reading.pop(issuer, None)
        if not done.cancelled():
            done.exception()  # whoever waited has it

    async def _read(self, issuer: str) -> _Known:
        described = self._parsed(issuer, await self.json(f"{issuer.rstrip('/')}/{_PATH}"))
        known = _Known(described, await self._keys(described), monotonic(), monotonic())
        self._known[issuer] = known
        self._known.move_to_end(issuer)
        if len(self._known) > ISSUERS:
            self._known.popitem(last=False)
        return known

    async def _keys(self, described: Described) -> KeySet:
        try:
            return key_set(await self.json(described.keys))
        except TokenRefused as error:
            raise failed(described.issuer, str(error)) from None

    def _parsed(self, issuer: str, document: Any) -> Described:
        if not isinstance(document, Mapping) or document.get("issuer") != issuer:
            raise failed(issuer, "its description names another issuer: copy the issuer exactly")

        def place(name: str, *, needed: bool = True) -> str:
            value = document.get(name)
            if value is None and not needed:
                return ""
            if not isinstance(value, str) or not self.takes(value):
                raise failed(issuer, f"its `{name}` is missing or no https address")
            return value

        auth = document.get("token_endpoint_auth_methods_supported")
        return Described(
            issuer,
            place("authorization_endpoint"),
            place("token_endpoint"),
            place("jwks_uri"),
            place("userinfo_endpoint", needed=False),
            tuple(map(str, auth)) if isinstance(auth, list) else ("client_secret_basic",),
            document.get("authorization_response_iss_parameter_supported") is True,
        )

    async def json(self, url: str, **call: Any) -> Any:
        """A JSON document of a provider, or ProviderFailedError."""
        answer = await self.ask("GET", url, **call)
        if answer.status != _OK:
            raise failed(url, f"it answers {answer.status}")
        return parsed(url, answer)

    async def ask(self, method: str, url: str, **call: Any) -> HttpAnswer:
        """One guarded call; a redirect is an answer like any other that is not 200."""
        if not self.takes(url):
            raise failed(url, "only https addresses are asked")
        try:
            return await self._http.request(
                method, url, timeout_s=PATIENCE_S, max_bytes=LARGEST, max_redirects=0, **call
            )
        except NodeError as error:
            if error.error_code == "ADDRESS_REFUSED":
                raise failed(
                    url, "its address is private: the setting oidc_allow allows some"
                ) from None
            raise failed(url, error.message) from None


def parsed(url: str, answer: HttpAnswer) -> Any:
    """The JSON in an answer, or ProviderFailedError."""
    try:
        return orjson.loads(answer.body)
    except ValueError:
        raise failed(url, "what it answers is no JSON") from None


def failed(whose: str, why: str) -> ProviderFailedError:
    """The refusal where a provider did not do its part."""
    return ProviderFailedError(
        f"The sign-in provider {URL(whose).host or 'without a host'} did not do its part: {why}.",
        details={"provider": str(URL(whose).with_query(None))[:200]},
    )
