"""How an installation gets its first person: by a link that is shown where it is started."""

from __future__ import annotations

from services.identity.challenges import INVITE, Challenges
from services.identity.registration import FIRST, is_without_people
from weir.contract.messages import AccountRecord
from weir.runtime.changes import Writer
from weir.runtime.first_key import TENANT
from weir.runtime.http.route import API
from weir.runtime.platform import Platform
from weir.runtime.records import Records

LIFE_S = 86_400


async def first_link(platform: Platform, url: str) -> str | None:
    """What to show of how to become the first person, at `url`; None once there is one."""
    if not await is_without_people(platform.identity):
        return None
    accounts = Writer(Records(platform.accounts, AccountRecord), platform.clock)
    data = {FIRST: True, "tenant": TENANT}
    token = await Challenges(accounts).set(INVITE, data, "", LIFE_S)
    site = (platform.settings.public_url or url).rstrip("/")
    return (
        "Nobody has an account yet. This link makes the first administrator, once, within a "
        f"day:\n\n    {site}/accept-invite?first#{token}\n\n"
        "Without a browser:\n\n"
        f"    curl {site}{API}/auth/invitations/accept -H 'Content-Type: application/json' \\\n"
        f'      -d \'{{"token": "{token}",\n'
        '           "email": "you@example.com", "name": "You", "password": "…"}\'\n'
    )
