"""A chain tells of every change to it."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.audit_chain import Broken, Head, Verifier, digest, head_of, link
from weir.contract import codec
from weir.contract.messages import AuditEntry, AuditSealed

TENANT = "acme"
AT = "2026-01-01T00:00:00.000Z"


def chain(count: int, tenant: str = TENANT) -> list[bytes]:
    """Links of three entries each."""
    head, links = Head(), []
    for number in range(count):
        entries = tuple(
            AuditEntry(
                id=f"aud_{number}_{each}",
                at=AT,
                event="workflow.updated",
                tenant=tenant,
                actor="usr_a",
                outcome="allowed",
                changes={"n": {"old": 1.5, "new": "é\u001f"}},
            )
            for each in range(3)
        )
        sealed = AuditSealed(entries=entries, through=str(number + 1), incarnation="i")
        data, head = link(tenant, head, sealed, record_id=f"aur_{number}", at=AT)
        assert head == head_of(tenant, data)
        links.append(data)
    return links


LINKS = chain(4)


def verdict(
    links: list[bytes], tenant: str = TENANT, told: dict[int, str] | None = None
) -> Broken | None:
    """What is wrong with these links."""
    verifier = Verifier(tenant, told or {})
    for sequence, data in enumerate(links, 1):
        if broken := verifier.check(data, sequence):
            return broken
    return verifier.missing()


def test_an_untouched_chain_is_right() -> None:
    """And knows how many entries it holds."""
    verifier = Verifier(TENANT)
    assert [verifier.check(data, 1) for data in LINKS] == [None] * 4
    assert (verifier.number, verifier.entries) == (4, 12)


@given(st.integers(0, 3), st.data())
def test_any_byte_that_is_changed_is_found(number: int, data: st.DataObject) -> None:
    """In any link, at any place, to any other value: that link is named."""
    link_bytes = bytearray(LINKS[number])
    at = data.draw(st.integers(0, len(link_bytes) - 1))
    link_bytes[at] ^= data.draw(st.integers(1, 255))
    links = [*LINKS[:number], bytes(link_bytes), *LINKS[number + 1 :]]
    broken = verdict(links)
    assert broken is not None
    assert broken.number == number + 1


def test_every_byte_of_a_link_counts() -> None:
    """Its lowest bit turned over, one byte after the other."""
    for at in range(len(LINKS[1])):
        changed = bytearray(LINKS[1])
        changed[at] ^= 1
        assert verdict([LINKS[0], bytes(changed), *LINKS[2:]]) is not None, at


def test_a_missing_link_is_found() -> None:
    """The first one, and one in the middle."""
    first, middle = verdict(LINKS[1:]), verdict([LINKS[0], *LINKS[2:]])
    assert first is not None
    assert "missing" in first.reason
    assert middle is not None
    assert middle[:2] == (2, 2)
    assert "missing" in middle.reason


def test_swapped_and_replayed_links_are_found() -> None:
    """Two in each other's place, and one that comes twice."""
    swapped = verdict([LINKS[0], LINKS[2], LINKS[1], LINKS[3]])
    replayed = verdict([*LINKS[:2], LINKS[1], *LINKS[2:]])
    assert swapped is not None
    assert swapped.number == 2
    assert replayed is not None
    assert "comes again" in replayed.reason


def test_a_link_that_was_made_anew_is_found_by_the_next() -> None:
    """Whoever changes an entry and its digest has to change all that follow."""
    raw = orjson.loads(LINKS[1])
    raw["audit_sealed"]["entries"][0]["outcome"] = "denied"
    raw["audit_sealed"]["digest"] = digest(TENANT, raw)
    broken = verdict([LINKS[0], codec.canonical(raw), *LINKS[2:]])
    assert broken == Broken(3, 3, "it follows another link than the one before it")


def test_what_was_told_outside_finds_a_chain_that_was_made_anew_or_cut() -> None:
    """An anchor names a number and its digest: another digest, or no such link, is found."""
    told = {4: head_of(TENANT, LINKS[3]).digest}
    assert verdict(LINKS, told=told) is None
    cut = verdict(LINKS[:3], told=told)
    assert cut is not None
    assert "ends at number 3" in cut.reason
    anew = verdict([*LINKS[:3], _other()], told=told)
    assert anew is not None
    assert "told outside" in anew.reason


def _other() -> bytes:
    head = head_of(TENANT, LINKS[2])
    entry = AuditEntry(id="aud_x", at=AT, event="a.b", tenant=TENANT)
    sealed = AuditSealed(entries=(entry,), through="4", incarnation="i")
    return link(TENANT, head, sealed, record_id="aur_x", at=AT)[0]


def test_another_tenants_link_is_no_link_here() -> None:
    """A whole chain of somebody else does not pass as one's own."""
    assert verdict(chain(2, "other")) is not None
    assert verdict(chain(2, "other"), "other") is None


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'{"audit_sealed":{}}', b"\xff"])
def test_what_is_no_link_is_said_to_be_none(data: bytes) -> None:
    """Whatever lies there."""
    assert verdict([data]) is not None
