"""The mask: a secret is cut out in the spellings that receivers say it back in."""

from __future__ import annotations

import base64
from urllib.parse import quote, quote_plus

import pytest

from weir.runtime.worker_mask import MASK, Mask

SECRET = "s3cr3t of/the+mine?"


@pytest.mark.parametrize(
    "said",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        quote(base64.b64encode(SECRET.encode()).decode(), safe=""),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        quote(base64.b64encode(f"u:{SECRET}".encode()).decode(), safe=""),
        quote(base64.b64encode(f"u:{SECRET}1".encode()).decode(), safe=""),
    ],
)
def test_a_secret_is_cut_out_however_it_is_spelt(said: str) -> None:
    """In addresses, in base64 with and without padding, and in both together."""
    mask = Mask()
    mask.learn({"username": "u", "password": SECRET})
    mask.learn({"username": "u", "password": f"{SECRET}1"})
    left = mask.text(f"before {said} after")
    assert MASK in left
    assert said not in left
    assert said.rstrip("=") not in left


def test_names_and_places_stay() -> None:
    """They help to understand what went wrong."""
    mask = Mask()
    mask.learn({"host": "db.example", "test_url": "https://api.example/me", "token": "s3cr3t-9"})
    text = "https://api.example/me of db.example"
    assert mask.text(text) == text
