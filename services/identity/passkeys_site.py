"""The origin that passkeys are bound to."""

from __future__ import annotations

from urllib.parse import urlsplit

from services.identity.passkeys_ceremony import Site
from weir.contract.errors import OriginForbiddenError
from weir.runtime.http.call import Call


class Sites:
    """Knows it from the setting `public_url`; without one there is only this machine's own name."""

    def __init__(self, public_url: str) -> None:
        address = urlsplit(public_url)
        self._site = Site(f"{address.scheme}://{address.netloc}".lower()) if public_url else None

    def of(self, call: Call) -> Site:
        """OriginForbiddenError where browsers would make no passkeys."""
        if self._site is not None:
            return self._site
        site = Site(f"http://{call.request.host}".lower())
        if site.relying_party != "localhost":
            raise OriginForbiddenError(
                "Passkeys are bound to an address: set public_url, or open this at localhost."
            )
        return site
