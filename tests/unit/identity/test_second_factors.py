"""Time-based codes and recovery codes through the routes, and attacks on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pyotp
import pytest

from services.identity.challenges import RESET
from tests.unit.identity.factor_house import PASSWORD, FactorHouse, factor_house
from tests.waiting import eventually
from weir.contract import subjects
from weir.contract.messages import UserSaved

WRONG = "000000"
STEP_MS = 30_000


@pytest.fixture
async def house() -> AsyncIterator[FactorHouse]:
    """A house, and nobody in it."""
    async with factor_house() as found:
        yield found


class Authenticator:
    """An app on a phone whose clock is the house's."""

    def __init__(self, house: FactorHouse, secret: str) -> None:
        self._house = house
        self._totp = pyotp.TOTP(secret)

    def code(self, later: int = 0) -> str:
        """The code shown now, or some steps later."""
        return self._totp.generate_otp(self._house.clock.now_ms() // STEP_MS + later)

    def fresh(self) -> str:
        """A code that was never used: time goes on by two steps."""
        self._house.clock.later_ms += 2 * STEP_MS
        return self.code()


async def enrolled(house: FactorHouse, user_id: str) -> tuple[Authenticator, list[str]]:
    """Somebody's app, and their recovery codes; they have the password of the house."""
    token = await house.session(user_id)
    begun = await house.post("totp", token, password=PASSWORD)
    assert begun.status == 200, begun.body
    app = Authenticator(house, begun.body["secret"])
    done = await house.post(
        "totp/confirm", token, enrolment=begun.body["enrolment"], code=app.code()
    )
    assert done.status == 200, done.body
    return app, done.body["recovery_codes"]


async def test_a_secret_counts_after_its_first_right_code(house: FactorHouse) -> None:
    """Before it nothing is asked at sign-in, afterwards a code is."""
    eve = await house.person("eve", password=PASSWORD)
    token = await house.session(eve)
    begun = await house.post("totp", token, password=PASSWORD)
    assert (await house.halfway(eve))["needed"] is None
    app = Authenticator(house, begun.body["secret"])
    enrolment = begun.body["enrolment"]
    wrong = await house.post("totp/confirm", token, enrolment=enrolment, code=WRONG)
    assert (wrong.status, wrong.code) == (401, "SECOND_FACTOR_WRONG")
    assert (await house.halfway(eve))["needed"] is None
    done = await house.post("totp/confirm", token, enrolment=enrolment, code=app.code())
    assert len(done.body["recovery_codes"]) == 10
    half = await house.halfway(eve)
    assert half["needed"] == {"factors": ["totp", "recovery"], "enrol": False}
    signed = await house.post(
        "second-factor/totp", None, challenge=half["challenge"], code=app.fresh()
    )
    assert signed.status == 200
    assert signed.body["user"] == eve
    known = await house.ask("GET", "/api/v1/auth/factors", key=signed.body["access_token"])
    assert known.body["totp"] is True


async def test_nothing_readable_is_stored_of_secret_and_codes(house: FactorHouse) -> None:
    """The secret lies sealed, the recovery codes hashed; no answer has either again."""
    eve = await house.person("eve", password=PASSWORD)
    token = await house.session(eve)
    begun = await house.post("totp", token, password=PASSWORD)
    app = Authenticator(house, begun.body["secret"])
    done = await house.post(
        "totp/confirm", token, enrolment=begun.body["enrolment"], code=app.code()
    )
    stored = b"".join(
        [one.data async for batch in house.platform.accounts.read(">") for one in batch]
    )
    told = b"".join([one.data async for batch in house.platform.notes.read(">") for one in batch])
    for secret in (begun.body["secret"], *done.body["recovery_codes"], PASSWORD):
        assert secret.encode() not in stored + told
        assert secret.replace("-", "").encode() not in stored + told
    shown = await house.ask("GET", "/api/v1/auth/factors", key=token)
    assert set(shown.body) == {"totp", "recovery_codes_left", "passkeys", "demanded"}


async def test_a_code_counts_once(house: FactorHouse) -> None:
    """Neither for another sign-in nor as a proof, and no earlier one after it."""
    eve = await house.person("eve", password=PASSWORD)
    app, _ = await enrolled(house, eve)
    code = app.fresh()
    first = await house.halfway(eve)
    earlier = app.code(-1)
    signed = await house.post("second-factor/totp", None, challenge=first["challenge"], code=code)
    assert signed.status == 200
    second = await house.halfway(eve)
    for again in (code, earlier):
        answer = await house.post(
            "second-factor/totp", None, challenge=second["challenge"], code=again
        )
        assert (answer.status, answer.code) == (401, "SECOND_FACTOR_WRONG")
    proof = await house.post("totp/disable", signed.body["access_token"], code=code)
    assert (proof.status, proof.code) == (401, "SECOND_FACTOR_WRONG")


async def test_of_two_that_send_one_code_at_once_one_comes_in(house: FactorHouse) -> None:
    """With a challenge each, as somebody has who read the code over a shoulder."""
    eve = await house.person("eve", password=PASSWORD)
    app, _ = await enrolled(house, eve)
    code = app.fresh()
    halves = [(await house.halfway(eve))["challenge"] for _ in range(4)]
    answers = await asyncio.gather(
        *(house.post("second-factor/totp", None, challenge=one, code=code) for one in halves)
    )
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


async def test_a_challenge_counts_once(house: FactorHouse) -> None:
    """Also with a new right code."""
    eve = await house.person("eve", password=PASSWORD)
    app, recovery = await enrolled(house, eve)
    half = (await house.halfway(eve))["challenge"]
    assert (
        await house.post("second-factor/totp", None, challenge=half, code=app.fresh())
    ).status == 200
    for path, code in (("totp", app.fresh()), ("recovery", recovery[0])):
        again = await house.post(f"second-factor/{path}", None, challenge=half, code=code)
        assert (again.status, again.code) == (400, "SIGN_IN_STALE")


async def test_a_code_of_somebody_else_is_wrong(house: FactorHouse) -> None:
    """Codes count for the account of the challenge alone, recovery codes too."""
    eve = await house.person("eve", password=PASSWORD)
    bob = await house.person("bob", password=PASSWORD)
    apps = {one: await enrolled(house, one) for one in (eve, bob)}
    half = (await house.halfway(bob))["challenge"]
    app, recovery = apps[eve]
    for path, code in (("totp", app.fresh()), ("recovery", recovery[0])):
        answer = await house.post(f"second-factor/{path}", None, challenge=half, code=code)
        assert (answer.status, answer.code) == (401, "SECOND_FACTOR_WRONG")
    mine = (await house.halfway(eve))["challenge"]
    own = await house.post("second-factor/recovery", None, challenge=mine, code=recovery[0])
    assert own.status == 200


async def test_a_challenge_for_something_else_completes_no_sign_in(house: FactorHouse) -> None:
    """Neither a link for a new password nor an enrolment is a right password."""
    eve = await house.person("eve", password=PASSWORD)
    app, _ = await enrolled(house, eve)
    reset = await house.service.challenges.set(RESET, {}, eve, 600)
    bob = await house.person("bob", password=PASSWORD)
    token = await house.session(bob)
    enrolment = (await house.post("totp", token, password=PASSWORD)).body["enrolment"]
    for other in (reset, enrolment, "", "a" * 52, "ä" * 52):
        answer = await house.post("second-factor/totp", None, challenge=other, code=app.code())
        assert (answer.status, answer.code) == (400, "SIGN_IN_STALE")


async def test_an_enrolment_of_somebody_else_is_refused(house: FactorHouse) -> None:
    """Nobody confirms for another, and nobody has another's secret put in place of theirs."""
    eve = await house.person("eve", password=PASSWORD)
    bob = await house.person("bob", password=PASSWORD)
    begun = await house.post("totp", await house.session(eve), password=PASSWORD)
    code = Authenticator(house, begun.body["secret"]).code()
    token = await house.session(bob)
    answer = await house.post("totp/confirm", token, enrolment=begun.body["enrolment"], code=code)
    assert (answer.status, answer.code) == (400, "SIGN_IN_STALE")
    assert not (await house.login(bob)).totp


async def test_a_recovery_code_signs_in_once(house: FactorHouse) -> None:
    """And no second time; new ones end all before."""
    eve = await house.person("eve", password=PASSWORD)
    _, recovery = await enrolled(house, eve)
    half = (await house.halfway(eve))["challenge"]
    first = await house.post("second-factor/recovery", None, challenge=half, code=recovery[0])
    assert first.status == 200
    half = (await house.halfway(eve))["challenge"]
    again = await house.post("second-factor/recovery", None, challenge=half, code=recovery[0])
    assert (again.status, again.code) == (401, "SECOND_FACTOR_WRONG")
    token = first.body["access_token"]
    renewed = await house.post("recovery-codes", token, password=PASSWORD)
    assert len(set(renewed.body["recovery_codes"]) - set(recovery)) == 10
    old = await house.post("second-factor/recovery", None, challenge=half, code=recovery[1])
    assert (old.status, old.code) == (401, "SECOND_FACTOR_WRONG")
    new = renewed.body["recovery_codes"][5]
    done = await house.post("second-factor/recovery", None, challenge=half, code=new)
    assert done.status == 200


async def test_guessing_codes_is_slowed_down(house: FactorHouse) -> None:
    """After five wrong ones nothing is looked at, whatever they were sent for; others go on."""
    eve = await house.person("eve", password=PASSWORD)
    bob = await house.person("bob", password=PASSWORD)
    app, recovery = await enrolled(house, eve)
    other, _ = await enrolled(house, bob)
    token = await house.session(eve)
    statuses = []
    for path in ("totp", "recovery", "totp", "recovery", "totp"):
        half = (await house.halfway(eve))["challenge"]
        answer = await house.post(f"second-factor/{path}", None, challenge=half, code=WRONG)
        statuses.append(answer.status)
    assert statuses == [401] * 5
    half = (await house.halfway(eve))["challenge"]
    right = await house.post("second-factor/totp", None, challenge=half, code=app.code(1))
    assert (right.status, right.code) == (429, "TOO_MANY_GUESSES")
    assert int(right.headers["Retry-After"]) >= 1
    proof = await house.post("totp/disable", token, code=recovery[0])
    assert proof.status == 429
    his = (await house.halfway(bob))["challenge"]
    free = await house.post("second-factor/totp", None, challenge=his, code=other.fresh())
    assert free.status == 200


async def test_changing_factors_asks_for_a_proof(house: FactorHouse) -> None:
    """A session alone is not enough, a wrong password neither, and the right one is."""
    eve = await house.person("eve", password=PASSWORD)
    token = await house.session(eve)
    for path in ("totp", "passkey-registration", "recovery-codes", "totp/disable"):
        bare = await house.post(path, token)
        assert (bare.status, bare.code) == (403, "PROOF_REQUIRED")
        wrong = await house.post(path, token, password="another horse")
        assert (wrong.status, wrong.code) == (403, "PROOF_REQUIRED")
        house.clock.later_ms += 60_000
    assert (await house.post("totp", token, password=PASSWORD)).status == 200


async def test_codes_prove_and_are_spent_by_it(house: FactorHouse) -> None:
    """Disabling by a code, after which a password is enough again and recovery codes are gone."""
    eve = await house.person("eve", password=PASSWORD)
    app, recovery = await enrolled(house, eve)
    token = await house.session(eve)
    renewed = await house.post("recovery-codes", token, code=recovery[3])
    assert renewed.status == 200
    done = await house.post("totp/disable", token, code=app.fresh())
    assert done.status == 204
    login = await house.login(eve)
    assert (login.totp, login.recovery) == ("", ())
    assert (await house.halfway(eve))["needed"] is None
    gone = await house.post("totp/disable", token, password=PASSWORD)
    assert (gone.status, gone.code) == (404, "FACTOR_NOT_FOUND")


async def test_a_second_authenticator_does_not_end_the_first_silently(house: FactorHouse) -> None:
    """Neither when it is begun nor when one that was begun before is confirmed."""
    eve = await house.person("eve", password=PASSWORD)
    token = await house.session(eve)
    other = await house.post("totp", token, password=PASSWORD)
    await enrolled(house, eve)
    again = await house.post("totp", token, password=PASSWORD)
    assert (again.status, again.code) == (409, "FACTOR_EXISTS")
    code = Authenticator(house, other.body["secret"]).code()
    late = await house.post("totp/confirm", token, enrolment=other.body["enrolment"], code=code)
    assert (late.status, late.code) == (409, "FACTOR_EXISTS")


async def test_who_has_nothing_to_prove_by_signs_in_anew(house: FactorHouse) -> None:
    """An account without password changes its factors for ten minutes after signing in."""
    eve = await house.person("eve")
    token = await house.session(eve, methods=["passkey"])
    assert (await house.post("totp", token)).status == 200
    house.clock.later_ms += 601_000
    late = await house.post("totp", token)
    assert (late.status, late.code) == (403, "PROOF_REQUIRED")


async def test_a_providers_session_changes_nothing_of_how_one_signs_in(house: FactorHouse) -> None:
    """Whoever runs the provider could otherwise keep the account."""
    eve = await house.person("eve", password=PASSWORD)
    token = await house.session(eve, methods=["oidc"], tenant_only=True)
    for method, path in (
        ("GET", "factors"),
        ("POST", "totp"),
        ("POST", "passkey-registration"),
        ("POST", "recovery-codes"),
        ("POST", "totp/disable"),
    ):
        body = {"json": {"password": PASSWORD}} if method == "POST" else {}
        answer = await house.ask(method, f"/api/v1/auth/{path}", key=token, **body)
        assert (answer.status, answer.code) == (403, "FORBIDDEN")


async def test_keys_have_no_factors(house: FactorHouse) -> None:
    """A program is no person."""
    answer = await house.ask("GET", "/api/v1/auth/factors")
    assert (answer.status, answer.code) == (403, "PERSON_REQUIRED")


async def test_a_demand_makes_enrolling_a_part_of_signing_in(house: FactorHouse) -> None:
    """Who has no second factor gets one before the session, and it counts from then on."""
    eve = await house.person("eve", password=PASSWORD)
    await house.demand()
    half = await house.halfway(eve)
    assert half["needed"] == {"factors": [], "enrol": True}
    challenge = half["challenge"]
    begun = await house.post("second-factor/enrol/totp", None, challenge=challenge)
    app = Authenticator(house, begun.body["secret"])
    confirm = {"challenge": challenge, "enrolment": begun.body["enrolment"]}
    wrong = await house.post("second-factor/enrol/totp/confirm", None, code=WRONG, **confirm)
    assert wrong.status == 401
    done = await house.post("second-factor/enrol/totp/confirm", None, code=app.code(), **confirm)
    assert done.status == 200
    assert len(done.body["recovery_codes"]) == 10
    shown = await house.ask("GET", "/api/v1/auth/factors", key=done.body["access_token"])
    assert (shown.body["totp"], shown.body["demanded"]) == (True, True)
    again = await house.post("second-factor/enrol/totp", None, challenge=challenge)
    assert (again.status, again.code) == (400, "SIGN_IN_STALE")


async def test_a_demand_is_not_met_by_enrolling_another_factor(house: FactorHouse) -> None:
    """Who has one shows that one: a stolen password does not enrol the thief's phone."""
    eve = await house.person("eve", password=PASSWORD)
    await enrolled(house, eve)
    await house.demand()
    challenge = (await house.halfway(eve))["challenge"]
    for path in ("enrol/totp", "enrol/passkey/options"):
        answer = await house.post(f"second-factor/{path}", None, challenge=challenge)
        assert (answer.status, answer.code) == (409, "FACTOR_EXISTS")


async def test_the_last_factor_stays_where_one_is_demanded(house: FactorHouse) -> None:
    """Also when the demand came after it."""
    eve = await house.person("eve", password=PASSWORD)
    await enrolled(house, eve)
    token = await house.session(eve, methods=["password", "totp"])
    await house.demand()
    refused = await house.post("totp/disable", token, password=PASSWORD)
    assert (refused.status, refused.code) == (403, "SECOND_FACTOR_REQUIRED")
    assert (await house.login(eve)).totp


async def test_a_demand_of_any_tenant_counts(house: FactorHouse) -> None:
    """Somebody is asked once, for all the tenants they are a member of."""
    eve = await house.person("eve", password=PASSWORD)
    assert (await house.halfway(eve))["needed"] is None
    await house.member(eve, "viewer", "other")
    await house.demand("other")
    assert (await house.halfway(eve))["needed"] == {"factors": [], "enrol": True}


async def test_a_session_of_one_factor_counts_for_nothing_where_two_are_demanded(
    house: FactorHouse,
) -> None:
    """From the moment of the demand on, and one of two factors does."""
    eve = await house.person("eve", password=PASSWORD, role="admin")
    weak = await house.session(eve)
    strong = await house.session(eve, methods=["password", "totp"])
    await house.demand()

    async def may(token: str) -> int:
        return (await house.ask("GET", "/api/v1/providers", key=token)).status

    async def refused() -> bool:
        return await may(weak) == 403

    await eventually(refused)
    assert await may(strong) == 200


async def test_a_new_password_ends_a_sign_in_half_done(house: FactorHouse) -> None:
    """Whoever knew the old one completes nothing with it, and enrols nothing."""
    eve = await house.person("eve", password=PASSWORD)
    bob = await house.person("bob", password=PASSWORD)
    app, _ = await enrolled(house, eve)
    await house.demand()
    halves = {one: (await house.halfway(one))["challenge"] for one in (eve, bob)}
    house.clock.later_ms += 1000
    now = house.service.identity.now()
    changed = (await house.login(eve)).model_copy(update={"password_at": now})
    await house.account(subjects.login(eve), changed)
    locked = UserSaved(user_id=bob, name="bob", status="active", sessions_after=now)
    await house.identity(subjects.user(bob), locked)
    code = app.fresh()
    for path, body in (
        ("totp", {"challenge": halves[eve], "code": code}),
        ("enrol/totp", {"challenge": halves[bob]}),
    ):
        answer = await house.post(f"second-factor/{path}", None, **body)
        assert (answer.status, answer.code) == (400, "SIGN_IN_STALE")


async def test_who_is_disabled_completes_no_sign_in(house: FactorHouse) -> None:
    """However right the code is."""
    eve = await house.person("eve", password=PASSWORD)
    app, _ = await enrolled(house, eve)
    half = (await house.halfway(eve))["challenge"]
    gone = UserSaved(user_id=eve, name="eve", status="disabled")
    await house.identity(subjects.user(eve), gone)
    answer = await house.post("second-factor/totp", None, challenge=half, code=app.fresh())
    assert answer.status == 401


@pytest.mark.parametrize(
    "body",
    [
        "text",
        [],
        {},
        {"challenge": 5, "code": WRONG},
        {"challenge": "a" * 10_000, "code": WRONG},
        {"challenge": "a" * 52},
        {"challenge": "a" * 52, "code": {"$ne": ""}},
        {"challenge": "a" * 52, "code": WRONG, "user": "usr_x"},
        {"challenge": "\ud800".encode("utf-16", "surrogatepass").hex(), "code": "\x00" * 150},
    ],
    ids=str,
)
async def test_bad_input_is_answered_clearly(house: FactorHouse, body: Any) -> None:
    """Nothing is guessed from it."""
    answer = await house.ask("POST", "/api/v1/auth/second-factor/totp", key=None, json=body)
    assert answer.status in {400, 422}
    assert answer.code in {"INVALID_REQUEST", "SIGN_IN_STALE"}


async def test_another_sites_page_completes_no_sign_in(house: FactorHouse) -> None:
    """A page elsewhere cannot sign somebody in here as somebody else."""
    eve = await house.person("eve", password=PASSWORD)
    app, _ = await enrolled(house, eve)
    half = (await house.halfway(eve))["challenge"]
    answer = await house.ask(
        "POST",
        "/api/v1/auth/second-factor/totp",
        key=None,
        json={"challenge": half, "code": app.fresh()},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert (answer.status, answer.code) == (403, "ORIGIN_FORBIDDEN")
