"""Passwords: which may be one, and how they are looked at."""

from __future__ import annotations

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from services.identity import passwords
from services.identity.passwords import COST, QUEUE, THREADS, Passwords, acceptable
from tests.unit.identity.people_house import PASSWORD, PeopleHouse
from weir.contract import subjects
from weir.contract.errors import OverloadedError
from weir.contract.identity_errors import PasswordRefusedError

EMAIL = "ann.longsmith@acme.example"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    "password",
    [
        "ten-chars!",
        "four words with spaces",
        "пароль, да длинный",
        "🐎🔋📎🐴🐎🔋📎🐴🐎🔋",
        "x" * 4 + "abcdefgh" * 30,
    ],
)
def test_long_enough_is_good_enough(password: str) -> None:
    """Any characters count, and nothing else is demanded."""
    assert acceptable(password, EMAIL, "Ann") == password


@pytest.mark.parametrize(
    "password",
    [
        "",
        "nine-char",
        "x1y2" * 65,
        EMAIL,
        EMAIL.upper(),
        "Ann.LongSmith",
        "aaaaaaaaaaaa",
        "abababababab",
        "password123",
        "PassWord123",
        "qwertyuiop",
        "Ann Longname",
        "1234567890",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    """Too short, too long, common, monotonous, or what everybody knows of them."""
    with pytest.raises(PasswordRefusedError) as refused:
        acceptable(password, EMAIL, "Ann Longname")
    assert not password or password not in refused.value.message


def test_the_list_is_worth_its_place() -> None:
    """Only what is long enough to be refused by it, in the form that is compared."""
    assert len(passwords._COMMON) >= 250
    assert all(len(one) >= passwords.SHORTEST for one in passwords._COMMON)
    assert all(one == one.casefold() for one in passwords._COMMON)


def test_the_cost_is_what_is_advised() -> None:
    """argon2id, 64 MiB: more than the least that OWASP names."""
    assert COST.type.name == "ID"
    assert COST.memory_cost >= 46 * 1024
    assert COST.time_cost >= 1


async def test_a_password_fits_its_hash_alone() -> None:
    """However a keyboard composed it; an empty hash fits nothing."""
    one = Passwords(CHEAP)
    stored = await one.hash("Zo\u00eb's long password")
    assert await one.fits(stored, "Zo\u00eb's long password")
    assert await one.fits(stored, "Zoe\u0308's long password")
    assert not await one.fits(stored, "zo\u00eb's long password")
    assert not await one.fits("", "nobody has this password")
    assert not await one.fits("no hash", "x")
    one.stop()


async def test_nobodys_password_costs_as_much() -> None:
    """Unknown and wrong are looked at in the same way: once, at the same cost."""
    looked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            looked.append(str(hash).rpartition("$")[0].rpartition("$")[0])
            return bool(super().verify(hash, password))

    one = Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1))
    stored = await one.hash("somebody's password")
    await one.fits(stored, "wrong")
    await one.fits("", "wrong")
    assert len(looked) == 2
    assert looked[0] == looked[1]
    one.stop()


async def test_whoever_finds_the_queue_full_comes_back_later() -> None:
    """Two are looked at, few wait, the rest hear so at once; then all goes on."""
    began, go = threading.Event(), threading.Event()

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            began.set()
            go.wait(20)
            return super().hash(password, salt=salt)

    one = Passwords(Slow(time_cost=1, memory_cost=8, parallelism=1))
    waiting = [asyncio.create_task(one.hash("x")) for _ in range(THREADS + QUEUE)]
    await asyncio.to_thread(began.wait, 20)
    with pytest.raises(OverloadedError):
        await one.hash("x")
    go.set()
    assert len(await asyncio.gather(*waiting)) == THREADS + QUEUE
    assert await one.hash("x")
    one.stop()


async def test_a_hash_of_other_parameters_is_made_anew(
    people: PeopleHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the next sign-in, and the password stays the same."""
    user_id = await people.person("ann")
    records = people.service._accounts.accounts.records
    before = await records.fresh(subjects.login(user_id))
    dearer = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(people.service._accounts.passwords, "_cost", dearer)
    assert (await people.login("ann")).status == 200
    after = await records.fresh(subjects.login(user_id))
    assert before is not None
    assert after is not None
    assert "m=8,t=1" in before.record.login_saved.password_hash  # type: ignore[union-attr]
    assert "m=16,t=2" in after.record.login_saved.password_hash  # type: ignore[union-attr]
    assert (await people.login("ann")).status == 200
    again = await records.fresh(subjects.login(user_id))
    assert again is not None
    assert again.revision == after.revision


async def test_a_full_queue_is_no_wrong_guess(
    people: PeopleHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was not looked at was not wrong: 503 with Retry-After, and nothing is counted."""
    await people.person("ann")
    monkeypatch.setattr(people.service._accounts.passwords, "_asked", THREADS + QUEUE)
    for _ in range(10):
        answer = await people.login("ann")
        assert (answer.status, answer.code) == (503, "OVERLOADED")
        assert int(answer.headers["Retry-After"]) >= 1
    monkeypatch.setattr(people.service._accounts.passwords, "_asked", 0)
    assert (await people.login("ann")).status == 200


async def change(people: PeopleHouse, key: str, **body: str) -> tuple[int, str]:
    """A change of the password."""
    answer = await people.ask("PUT", "/api/v1/auth/password", key=key, json=body)
    return answer.status, answer.body.get("error", {}).get("code", "")


async def test_a_new_password_ends_every_other_session(people: PeopleHouse) -> None:
    """Who changed it goes on in a new one; the old password is none any more."""
    await people.person("ann")
    here, there = await people.signed_in("ann"), await people.signed_in("ann")
    body = {"current": PASSWORD, "new": "another long password"}
    answer = await people.ask("PUT", "/api/v1/auth/password", key=here["access_token"], json=body)
    assert answer.status == 200
    for old in (here, there):
        assert (await people.post("refresh", refresh_token=old["refresh_token"])).status == 401
    assert (await people.ask("GET", "/who", key=answer.body["access_token"])).status == 200
    assert (await people.login("ann")).status == 401
    assert (await people.login("ann", "another long password")).status == 200
    assert "was changed" in people.mails[-1].subject


async def test_a_change_needs_the_password_that_counts(people: PeopleHouse) -> None:
    """Whoever finds a screen unlocked cannot change it; a poor one is refused; keys have none."""
    await people.person("ann")
    key = (await people.signed_in("ann"))["access_token"]
    new = "another long password"
    assert await change(people, key, new=new) == (403, "PROOF_REQUIRED")
    assert await change(people, key, current="wrong", new=new) == (403, "PROOF_REQUIRED")
    short = await change(people, key, current=PASSWORD, new="short")
    assert short == (422, "PASSWORD_REFUSED")
    own = await change(people, key, current=PASSWORD, new="ANN@acme.example")
    assert own == (422, "PASSWORD_REFUSED")
    assert await change(people, "admin", current="x", new=new) == (403, "PERSON_REQUIRED")
    assert (await people.login("ann")).status == 200


async def test_the_password_cannot_be_guessed_by_changing_it(people: PeopleHouse) -> None:
    """Who took over a session has no more guesses than anybody else."""
    await people.person("ann")
    key = (await people.signed_in("ann"))["access_token"]
    answers = [
        await change(people, key, current=f"guess {n}", new="another long password")
        for n in range(8)
    ]
    assert answers[:5] == [(403, "PROOF_REQUIRED")] * 5
    assert set(answers[5:]) == {(429, "TOO_MANY_GUESSES")}


@pytest.mark.parametrize("size", [1_025, 16_000])
async def test_a_huge_password_is_not_looked_at(people: PeopleHouse, size: int) -> None:
    """It is refused by its length alone."""
    await people.person("ann")
    answer = await people.login("ann", "x" * size)
    assert answer.status in {413, 422}


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"email": "ann@acme.example"},
        {"email": ["ann@acme.example"], "password": PASSWORD},
        {"email": "ann@acme.example", "password": None},
        {"email": "ann@acme.example", "password": 12345678901},
        {"email": "", "password": PASSWORD},
        {"email": "ann@acme.example", "password": PASSWORD, "role": "admin"},
    ],
)
async def test_what_is_no_sign_in_is_said_to_be_none(people: PeopleHouse, body: object) -> None:
    """By the place of what is wrong, and never with the password in the answer."""
    answer = await people.ask("POST", "/api/v1/auth/login", key=None, json=body)
    assert answer.status in {400, 415, 422}
    assert PASSWORD not in str(answer.body)
