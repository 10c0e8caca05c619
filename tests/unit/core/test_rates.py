"""How much of a rate and of a day's quota a block gives."""

from __future__ import annotations

import random

import pytest

from weir.core.rates import (
    DAY_MS,
    LIMITS,
    Counted,
    Paced,
    Rate,
    left,
    next_ms,
    parse_limits,
    parse_quotas,
    parse_rate,
)

MINUTE = Rate(1000, 60_000)


def test_a_whole_limit_can_come_at_once_and_then_evenly() -> None:
    """All of it is there at first; then one more each sixtieth of a second's worth."""
    first = Paced(MINUTE, 0.0, 5_000)
    assert first.given(1e12) == 1000
    full = first.full_after_ms(1e12)
    assert Paced(MINUTE, full, 5).given(1e12) == 0
    assert Paced(MINUTE, full, 5).given(1e12 + 120) == 2
    assert next_ms(MINUTE, full, 1e12) == pytest.approx(60)
    assert left(MINUTE, full, 1e12 + 60_000) == 1000


@pytest.mark.parametrize("seed", range(20))
def test_no_span_of_time_sees_more_than_the_limit_and_what_the_span_adds(seed: int) -> None:
    """Whatever is asked for whenever: the bound of the page holds for each pair of moments."""
    chance = random.Random(seed)
    rate = Rate(chance.randrange(1, 200), chance.randrange(1, 100_000))
    at_ms, full, given = 1e12, 0.0, []
    for _ in range(200):
        at_ms += chance.choice((0, 1, rate.interval_ms / 3, rate.window_ms / 7))
        wish = Paced(rate, full, chance.randrange(1, 50))
        given.append((at_ms, wish.given(at_ms)))
        full = wish.full_after_ms(at_ms)
    for first, (began, _) in enumerate(given):
        passed = 0
        for ended, permits in given[first:]:
            passed += permits
            assert passed <= rate.count + (ended - began) / rate.interval_ms + 1e-3


def test_a_clock_that_was_set_back_or_a_narrower_rate_holds_nobody_off_for_longer() -> None:
    """At most one window passes until one is there, whatever was written before."""
    assert next_ms(MINUTE, 1e15, 1e12) <= MINUTE.window_ms


def test_a_day_has_its_quota_and_the_next_one_its_own() -> None:
    """What is over is not given; at midnight (UTC) all of it is there again."""
    noon = 20_000 * DAY_MS + DAY_MS // 2
    wish = Counted(10, 20_000 * DAY_MS, 7, 5)
    assert (wish.given(noon), wish.used_after(noon)) == (3, 10)
    tomorrow = noon + DAY_MS
    assert (wish.given(tomorrow), wish.used_after(tomorrow)) == (5, 5)
    assert Counted(2, 20_000 * DAY_MS, 7, 5).given(noon) == 0


def test_limits_are_written_as_people_say_them() -> None:
    """Names that are not mentioned keep what they have; `off` takes away."""
    found = parse_limits(["api=20/1s", "hooks=off"])
    assert (found["api"], found["hooks"]) == (Rate(20, 1000), None)
    assert found["start"] == LIMITS["start"] == Rate(100, 60_000)
    assert set(parse_limits(["off"]).values()) == {None}
    assert parse_quotas(["workflows=5", "runs_per_day=0"]) == {"workflows": 5, "runs_per_day": 0}


@pytest.mark.parametrize("text", ["", "0/1m", "10", "10/0s", "10/2d", "-1/1m", "1e3/1m", "10/1m "])
def test_a_rate_that_says_nothing_is_named(text: str) -> None:
    """At the start, and not when the first request comes."""
    with pytest.raises(ValueError, match=r"written like|window|duration"):
        parse_rate(text)


@pytest.mark.parametrize("word", ["speed=1/1m", "api", "=1/1m"])
def test_a_limit_that_nobody_has_is_named(word: str) -> None:
    """A slip of the pen does not leave a limit unset in silence."""
    with pytest.raises(ValueError, match=r"written like|names none"):
        parse_limits([word])


@pytest.mark.parametrize("word", ["runs=5", "workflows", "workflows=-1", "workflows=many"])
def test_a_quota_that_nobody_has_is_named(word: str) -> None:
    """The same for quotas."""
    with pytest.raises(ValueError, match="no quota"):
        parse_quotas([word])
