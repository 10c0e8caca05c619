"""`weir issue-key`: an API key made by whoever holds the platform's own way into NATS."""

from __future__ import annotations

from pathlib import Path

from weir import settings as configuration
from weir.cli.exits import Code
from weir.cli.output import console, tell
from weir.cli.place import KEY_FILE
from weir.contract.errors import InvalidParameterError
from weir.contract.ids import TENANT
from weir.runtime.access import ROLES
from weir.runtime.authn import Authenticator
from weir.runtime.servers.datadir import DataDir, write_private
from weir.settings import Settings
from weir.wiring import connect

SERVICE = "registry"  # of the users that services have in NATS, the one that may write keys


async def issue_key(tenant: str, name: str, role: str, *, as_json: bool) -> Code:
    """Make a key; where commands on this machine have none, leave it for them."""
    if role not in ROLES:
        raise InvalidParameterError(f"{role!r} is no role: use one of {', '.join(ROLES)}.")
    if not TENANT.fullmatch(tenant):
        raise InvalidParameterError(f"{tenant!r} is no tenant: use a-z, 0-9 and -, at most 40.")
    settings = configuration.load()
    async with connect(_reached(settings), SERVICE) as platform:
        key_id, token = await Authenticator(platform.identity, platform.clock).issue(
            tenant=tenant, name=name, role=role, by="command line"
        )
    file = settings.data_dir / KEY_FILE
    left = not settings.nats_url and not file.exists()
    if left:
        write_private(file, token.encode())
    if as_json:
        tell({"key_id": key_id, "tenant": tenant, "role": role, "api_key": token})
        return Code.OK
    console().print(
        f"API key of the tenant {tenant}, role {role}, shown this once:\n\n    {token}\n"
    )
    if left:
        console().print(f"Commands on this machine read it from {file}.")
    return Code.OK


def _reached(settings: Settings) -> Settings:
    """The settings with the servers of the platform that runs here, unless they name others."""
    running = DataDir(settings.data_dir).running()
    if settings.nats_url or running is None:
        return settings
    places = {"nats_url": running.nats_url, "nats_seed_file": Path(running.nats_seed_file)}
    return settings.model_copy(update=places)
