"""Guessing: counted exactly, slowed down, and a nuisance to nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from services.identity.guessing import FREE, FREE_OF_ADDRESS, KEPT_S, LONGEST_MS, Guesses, pause_ms
from tests.unit.identity.people_house import PASSWORD, PeopleHouse
from weir.contract.errors import OverloadedError, WeirError
from weir.contract.identity_errors import SignInWrongError, TooManyGuessesError
from weir.contract.messages import AccountRecord
from weir.runtime.changes import Writer
from weir.runtime.records import Records


def process(people: PeopleHouse) -> Guesses:
    """Guesses as another process counts them."""
    platform = people.platform
    return Guesses(Writer(Records(platform.accounts, AccountRecord), platform.clock))


async def wrong(guesses: Guesses, account: str, address: str = "") -> str:
    """A wrong guess: the code that it ends by."""
    try:
        async with guesses.guarded(account, address):
            raise SignInWrongError("no")
    except WeirError as error:
        return error.code


async def right(guesses: Guesses, account: str, address: str = "") -> str:
    """The code that a right one ends by; empty if it came in."""
    try:
        async with guesses.guarded(account, address):
            return ""
    except WeirError as error:
        return error.code


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    """After a few that are free; the count is forgotten later than the longest pause ends."""
    pauses = [pause_ms(count, FREE) for count in range(1, 30)]
    assert pauses[: FREE - 1] == [0] * (FREE - 1)
    assert pauses[FREE - 1 : FREE + 3] == [1_000, 2_000, 4_000, 8_000]
    assert max(pauses) == LONGEST_MS
    assert pauses == sorted(pauses)
    assert pause_ms(10**9, FREE) == LONGEST_MS
    assert LONGEST_MS < KEPT_S * 1000


async def test_guesses_at_the_same_time_count_each_for_one(people: PeopleHouse) -> None:
    """At three processes, a hundred at once: exactly the free ones are looked at."""
    every = [process(people) for _ in range(3)]
    codes = await asyncio.gather(*(wrong(every[n % 3], "ann") for n in range(100)))
    assert Counter(codes) == {"SIGN_IN_WRONG": FREE, "TOO_MANY_GUESSES": 100 - FREE}


async def test_the_pause_is_told_and_ends(people: PeopleHouse) -> None:
    """While it lasts the right password is refused as well; after it, it counts."""
    guesses = process(people)
    for _ in range(FREE):
        await wrong(guesses, "ann")
    with pytest.raises(TooManyGuessesError) as refused:
        async with guesses.guarded("ann"):
            raise AssertionError
    assert refused.value.retry_s == 1
    people.clock.later_ms += 1_001
    assert await wrong(guesses, "ann") == "SIGN_IN_WRONG"
    people.clock.later_ms += 1_001
    assert await right(guesses, "ann") == "TOO_MANY_GUESSES"
    people.clock.later_ms += 1_001
    assert await right(guesses, "ann") == ""


async def test_a_right_one_begins_anew(people: PeopleHouse) -> None:
    """Of this account."""
    guesses = process(people)
    for _ in range(3):
        for _ in range(FREE - 1):
            assert await wrong(guesses, "ann") == "SIGN_IN_WRONG"
        assert await right(guesses, "ann") == ""


async def test_what_was_not_looked_at_was_no_guess(people: PeopleHouse) -> None:
    """An error on our side costs nobody a guess."""
    guesses = process(people)
    for _ in range(3 * FREE):
        with pytest.raises(OverloadedError):
            async with guesses.guarded("ann", "192.0.2.1"):
                raise OverloadedError("full")
    assert await right(guesses, "ann", "192.0.2.1") == ""


async def test_an_address_that_tries_account_after_account_is_slowed(people: PeopleHouse) -> None:
    """Though no account of them saw more than one guess; other addresses are not."""
    guesses = process(people)
    for n in range(FREE_OF_ADDRESS):
        assert await wrong(guesses, f"account {n}", "192.0.2.1") == "SIGN_IN_WRONG"
    assert await wrong(guesses, "one more", "192.0.2.1") == "TOO_MANY_GUESSES"
    assert await right(guesses, "one more", "192.0.2.2") == ""
    people.clock.later_ms += 3_600_000
    assert await right(guesses, "one more", "192.0.2.1") == ""


async def test_a_whole_network_of_ipv6_is_one_address(people: PeopleHouse) -> None:
    """One caller has more of them than there are guesses."""
    guesses = process(people)
    for n in range(FREE_OF_ADDRESS):
        await wrong(guesses, f"account {n}", f"2001:db8::{n:x}")
    assert await wrong(guesses, "one more", "2001:db8::ffff") == "TOO_MANY_GUESSES"
    assert await wrong(guesses, "one more", "2001:db8:0:1::1") == "SIGN_IN_WRONG"


async def test_one_s_own_account_gives_no_guesses_back(people: PeopleHouse) -> None:
    """Whoever signs in between guesses at others does not begin anew by that."""
    guesses = process(people)
    for n in range(FREE_OF_ADDRESS):
        await wrong(guesses, f"account {n}", "192.0.2.1")
        if n < FREE_OF_ADDRESS - 1:
            assert await right(guesses, "my own", "192.0.2.1") == ""
    assert await right(guesses, "my own", "192.0.2.1") == "TOO_MANY_GUESSES"


async def test_a_thousand_wrong_passwords(people: PeopleHouse) -> None:
    """Nearly all are refused unseen, and somebody else signs in from the same address meanwhile."""
    await people.person("ann")
    await people.person("bob")
    guesses = asyncio.gather(*(people.login("ann", f"guess {n}") for n in range(1_000)))
    others = [await people.login("bob") for _ in range(5)]
    answers = await guesses
    assert {answer.status for answer in others} == {200}
    counts = Counter(answer.status for answer in answers)
    assert set(counts) == {401, 429}
    assert counts[401] <= FREE + 5
    refused = [answer for answer in answers if answer.status == 429]
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    assert (await people.login("ann")).status == 429
    assert (await people.login("bob")).status == 200


async def test_unknown_and_wrong_are_the_same(people: PeopleHouse) -> None:
    """Answer, headers and the pause after a few: nobody learns which accounts there are."""
    await people.person("ann")
    await people.person("off", status="disabled")
    for name in ("ann", "off", "nobody"):
        answers = [await people.login(name, f"guess {n}") for n in range(FREE + 1)]
        assert [answer.status for answer in answers] == [401] * FREE + [429]
        told = answers[0].body["error"] | {"request_id": ""}
        assert told == {
            "code": "SIGN_IN_WRONG",
            "message": "Address and password do not belong together: check both, or ask for a "
            "new password.",
            "details": {},
            "request_id": "",
        }


async def test_another_spelling_gives_no_more_guesses(people: PeopleHouse) -> None:
    """Case, width and space make no other account."""
    await people.person("ann")
    spellings = ["ann", "ANN", "Ann", " ann", "\uff41\uff4e\uff4e", "AnN"]
    answers = [await people.login(name, "guess") for name in spellings]
    assert [answer.status for answer in answers] == [401] * FREE + [429]
    people.clock.later_ms += 1_001
    assert (await people.login("ANN", PASSWORD)).status == 200
