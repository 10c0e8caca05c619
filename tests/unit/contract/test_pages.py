"""What is printed from the contract is whole, and costs the services nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs import contract
from weir.contract.channels import CHANNELS

ROOT = Path(__file__).resolve().parents[3]


def test_every_message_and_field_has_a_meaning() -> None:
    """Proto says of each what it is."""
    silent = [
        f"{message.name}.{field.name}" if field else message.name
        for message in contract.messages().values()
        for field in (None, *message.fields)
        if not (field or message).meaning
    ]
    assert silent == []


def test_every_message_is_on_the_page() -> None:
    """Each has its heading, and is there once."""
    lines = contract.events_page().splitlines()
    headings = [line.removeprefix("### ") for line in lines if line.startswith("### ")]
    assert sorted(headings) == sorted(contract.messages())


def test_the_page_points_to_files_that_are_there() -> None:
    """Examples and pages."""
    page = ROOT / "docs/reference/events.md"
    places = [part.split(")")[0] for part in page.read_text().split("](")[1:]]
    assert len(places) > 50
    assert not [place for place in places if place[0] != "#" and not (page.parent / place).exists()]


def references(value: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        yield from (ref for key, ref in value.items() if key == "$ref")
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def test_the_asyncapi_document_is_of_one_piece() -> None:
    """Every reference leads somewhere, and every channel has its writers and readers."""
    document = json.loads(contract.asyncapi_text())
    found = set(references(document))
    assert len(found) > 50
    for reference in found:
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    ends = {
        (operation["channel"]["$ref"].rpartition("/")[2], operation["action"])
        for operation in document["operations"].values()
    }
    assert ends == {(each.name, way) for each in CHANNELS for way in ("send", "receive")}
    assert len(document["operations"]) == sum(
        len(each.writers) + len(each.readers) for each in CHANNELS
    )


def test_no_service_loads_faststream() -> None:
    """The library that prints the document takes half a second to import."""
    code = (
        "import sys, services.embedded.service, weir.cli, weir.sdk;"
        "sys.exit('faststream' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60)  # noqa: S603
    assert done.returncode == 0
