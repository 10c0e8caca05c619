"""Access that an authorisation server grants: to us, or to us in somebody's name."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from weir.nodes.credentials.base import Address, Credential, Secret
from weir.nodes.credentials.http import TestedOverHttp


class Fields(TestedOverHttp):
    """The server, and who we are there."""

    grant: Literal["authorization_code", "client_credentials"] = Field(
        "authorization_code",
        description="authorization_code: somebody agrees in a browser; client_credentials: we "
        "ask in our own name.",
    )
    authorization_url: Address | None = Field(
        None, description="Where somebody is sent to agree; not for client_credentials."
    )
    token_url: Address = Field(description="Where tokens are given out.")
    revocation_url: Address | None = Field(
        None, description="Where tokens are given back when the credential is deleted."
    )
    client_id: str = Field(min_length=1, description="As we are registered there.")
    client_secret: Secret | None = Field(None, description="Empty for public clients.")
    client_auth: Literal["basic", "body"] = Field(
        "basic", description="Where id and secret are sent: in a header or in the body."
    )
    scope: str = Field("", description="What is asked for, words with spaces between.")
    audience: str = Field("", description="For whom, where the server wants to know.")
    prompt: str = Field(
        "", pattern=r"^[a-z_ ]{0,60}$", description="What the server is to ask for, as consent."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.grant == "authorization_code" and self.authorization_url is None:
            raise ValueError("authorization_code needs authorization_url")
        if self.grant == "client_credentials" and self.client_secret is None:
            raise ValueError("client_credentials needs client_secret")
        return self


class OAuth2(Credential[Fields]):
    """Access granted by an OAuth 2 server. Steps get the access token, which is renewed in time.

    With the grant `authorization_code` somebody has to agree once: `POST
    /credentials/{name}/grant` gives the address to send their browser to.
    """

    type = "oauth2"
    title = "OAuth 2"
    icon = "shield-check"
