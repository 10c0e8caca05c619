"""Refresh tokens as text: `wrt_<session>_<generation>_<secret>`.

The secret is made from the session and the generation under a key that only
identity has. So a repetition gets the very token that got lost, and a token of
any generation can be told from a guess.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

_FORM = re.compile(r"wrt_([a-z2-7]{26})_([0-9]{1,9})_([a-z2-7]{52})")


class RefreshToken(NamedTuple):
    """One of a session's tokens."""

    session_id: str
    generation: int
    secret: str

    @property
    def text(self) -> str:
        """As the client holds it."""
        return f"wrt_{self.session_id.removeprefix('ses_')}_{self.generation}_{self.secret}"

    @property
    def hash(self) -> str:
        """As the log holds it."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def parse(text: str) -> RefreshToken | None:
    """The token in this text; None if it cannot be one."""
    found = _FORM.fullmatch(text)
    return RefreshToken(f"ses_{found[1]}", int(found[2]), found[3]) if found else None
