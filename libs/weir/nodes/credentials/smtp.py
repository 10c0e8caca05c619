"""A mail server that takes mail from us."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Literal

import aiosmtplib
from pydantic import Field

from weir.nodes.credentials.base import Credential, FieldsModel, Secret
from weir.ports.credential_types import Probe
from weir.ports.node_context import Retryable, Terminal

TIMEOUT_S = 15.0


class Fields(FieldsModel):
    """Where it is, and who we are there."""

    host: str = Field(min_length=1, description="Name of the server.")
    port: int = Field(587, ge=1, le=65535, description="587, or 465 for TLS from the start.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="When the connection is encrypted."
    )
    username: str | None = Field(None, min_length=1, description="Empty: nobody signs in.")
    password: Secret | None = None
    sender: str | None = Field(None, description="Address that mail is sent from.")


class Smtp(Credential[Fields]):
    """A mail server: where it is, how the connection is secured, and who signs in."""

    type = "smtp"
    title = "SMTP"
    icon = "mail"

    async def try_it(self, fields: Fields, probe: Probe) -> str:
        """Connect to the checked address, sign in, NOOP."""
        address = await probe.http.address(fields.host, fields.port)
        try:
            connected = await _connected(address, fields.port)
            client = aiosmtplib.SMTP(
                hostname=fields.host,  # the certificate is to be this name's
                port=None,
                sock=connected,
                use_tls=fields.security == "tls",
                start_tls=fields.security == "starttls",
                timeout=TIMEOUT_S,
            )
            async with client:
                if fields.username is not None:
                    await client.login(fields.username, fields.password or "")
                await client.noop()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise Terminal(
                f"{fields.host} refuses the user or the password ({error.code})",
                code="SMTP_REFUSED",
            ) from None
        except (aiosmtplib.SMTPException, ssl.SSLError, ValueError) as error:
            raise Retryable(
                f"{fields.host} cannot be used: {type(error).__name__}", code="SMTP_UNREACHABLE"
            ) from None
        except (OSError, TimeoutError) as error:
            raise Retryable(
                f"{fields.host} cannot be reached: {type(error).__name__}",
                code="SMTP_UNREACHABLE",
            ) from None
        who = f"and lets {fields.username} in" if fields.username else "without a user"
        return f"{fields.host}:{fields.port} answers {who}"


async def _connected(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setblocking(False)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await asyncio.get_running_loop().sock_connect(made, (address, port))
    except BaseException:
        made.close()
        raise
    return made
