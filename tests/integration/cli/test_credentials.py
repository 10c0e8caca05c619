"""`weir credentials` on a whole platform: what goes in never comes out again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cli.conftest import Weir
from weir.cli.exits import Code

SECRET = "s3cr3t-never-shown"


def names(weir: Weir) -> dict[str, str]:
    """The type of each credential."""
    items = weir("credentials", "list", "--json").json["items"]
    return {item["name"]: item["type"] for item in items}


def test_a_credential_is_made_changed_and_deleted(weir: Weir, tmp_path: Path) -> None:
    """From standard input and from a file; no command ever prints what it holds."""
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    words = ("credentials", "set", "crm", "--type", "custom")
    made = weir(*words, given=f'{{"token": "{SECRET}", "user": "me"}}')
    assert (made.code, made.out) == (Code.OK, "crm (custom) made: holds token, user\n")
    changed = weir("credentials", "set", "crm", "--from", str(file), "--field", "token", "--json")
    assert (changed.json["created"], changed.json["type"]) == (False, "custom")
    assert names(weir)["crm"] == "custom"
    shown = weir("credentials", "list")
    assert "crm" in shown.out
    gone = weir("credentials", "delete", "crm")
    assert gone.code == Code.OK
    assert "crm" not in names(weir)
    assert all(SECRET not in told.out + told.err for told in (made, changed, shown, gone))
    again = weir("credentials", "delete", "crm", "--json")
    assert (again.code, again.json["error"]["code"]) == (Code.FAILED, "CREDENTIAL_NOT_FOUND")


def test_a_new_credential_needs_a_type(weir: Weir) -> None:
    """Nothing is guessed, and nothing made."""
    told = weir("credentials", "set", "typeless", given='{"a": "b"}')
    assert told.code == Code.USAGE
    assert "--type" in told.err
    assert "typeless" not in names(weir)


@pytest.mark.parametrize(
    "given", [f"{SECRET}", f'["{SECRET}"]', f'{{"a": 1, "b": "{SECRET}"}}', f'{{"a": "{SECRET}"']
)
def test_what_is_no_object_of_texts_is_refused_without_being_shown(weir: Weir, given: str) -> None:
    """A secret that was piped in the wrong form is in no message either."""
    told = weir("credentials", "set", "wrong", "--type", "custom", given=given)
    assert told.code == Code.USAGE
    assert SECRET not in told.out + told.err
    assert "wrong" not in names(weir)


def test_the_one_field_keeps_all_but_the_last_newline(weir: Weir) -> None:
    """A key of several lines is taken as it is."""
    words = ("credentials", "set", "key", "--type", "custom", "--field", "private", "--json")
    told = weir(*words, given="-----BEGIN-----\nabc\n-----END-----\n")
    assert told.json["created"] is True
    assert weir("credentials", "delete", "key").code == Code.OK
