"""Which credentials a definition names, and who may name them.

Seen are the forms that steps resolve: `{{ credentials.<name> }}` wherever it
stands, the credential of a `webhook_post` step, and that of a callback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from weir.contract import subjects
from weir.contract.credential_errors import CredentialForbiddenError
from weir.contract.messages import RegistryRecord
from weir.runtime.records import Records

_NAMED = re.compile(r"\bcredentials\.([a-z][a-z0-9_]{0,62})")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def named(definition: Any) -> frozenset[str]:
    """The names, in a definition as its author wrote it."""
    if not isinstance(definition, dict):
        return frozenset()
    found = set(_texts(definition))
    nodes, settings = definition.get("nodes"), definition.get("settings")
    for node in nodes if isinstance(nodes, list) else ():
        if isinstance(node, dict) and node.get("type") == "webhook_post":
            found |= _named_in(node.get("config"))
    if isinstance(settings, dict):
        found |= _named_in(settings.get("callback"))
    return frozenset(found)


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield from _NAMED.findall(one) if "credentials." in one else ()
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _named_in(value: Any) -> set[str]:
    name = value.get("credential") if isinstance(value, dict) else None
    return {name} if isinstance(name, str) and _NAME.fullmatch(name) else set()


async def admit(
    records: Records[RegistryRecord], tenant: str, project: str, definition: Any
) -> None:
    """CredentialForbiddenError if the definition names a credential of other projects alone.

    A credential that is not there yet can be made later.
    """
    refused = []
    for name in sorted(named(definition)):
        entry = await records.get(subjects.credential(tenant, name))
        saved = entry.record.credential_saved if entry is not None else None
        if saved is not None and saved.projects and project not in saved.projects:
            refused.append(name)
    if refused:
        raise CredentialForbiddenError(
            f"The workflow names {', '.join(refused)}, of other projects than its own: add its "
            "project to them, or make others for it.",
            details={"credentials": refused},
        )
