"""The types of credentials of this installation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.nodes.credentials.api_key import ApiKey
from weir.nodes.credentials.aws import Aws
from weir.nodes.credentials.basic import Basic
from weir.nodes.credentials.bearer import Bearer
from weir.nodes.credentials.custom import Custom
from weir.nodes.credentials.oauth2 import OAuth2
from weir.nodes.credentials.postgres import Postgres
from weir.nodes.credentials.slack import Slack
from weir.nodes.credentials.smtp import Smtp
from weir.nodes.credentials.webhook import Webhook
from weir.ports.credential_types import CredentialType


def credential_types() -> Mapping[str, CredentialType]:
    """By name, in the order of a form's list."""
    every = (
        *(Basic(), Bearer(), ApiKey(), OAuth2(), Postgres()),
        *(Smtp(), Slack(), Aws(), Webhook(), Custom()),
    )
    return {one.type: one for one in every}


def describe_credentials() -> list[dict[str, Any]]:
    """All of them, as `GET /credential-types` gives them."""
    return [one.describe() for one in credential_types().values()]
