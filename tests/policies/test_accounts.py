"""Names, passwords, ages and locks as rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import accounts

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@given(st.dates(date(1910, 1, 1), date(2026, 11, 1)))
@pytest.mark.promise("P55")
def test_thirteen_birthdays_must_have_passed(birth: date) -> None:
    today = date(2026, 11, 1)
    birthdays = sum((year, birth.month, birth.day) <= (2026, 11, 1) for year in range(birth.year + 1, 2027))
    verdict = accounts.born(birth.year, birth.month, birth.day, today)
    assert verdict.allowed is (birthdays >= 13)
    assert verdict.allowed or verdict.code == "account_age"


@given(st.integers(-5, 5000), st.integers(-5, 40), st.integers(-5, 40))
def test_any_numbers_get_an_answer_that_names_no_age(year: int, month: int, day: int) -> None:
    verdict = accounts.born(year, month, day, date(2026, 11, 1))
    assert "13" not in verdict.expected
    assert verdict.code in ("ok", "account_birth", "account_age")


@pytest.mark.parametrize("name", ["abc", "a-b_c", "x" * 30, "ABC", "4you"])
def test_usernames_that_fit(name: str) -> None:
    assert accounts.username(name).allowed


@pytest.mark.parametrize("name", ["", "ab", "-abc", "abc_", "a b", "x" * 31, "äbc", "a@b", "Admin", "ｒｏｏｔ"])
def test_usernames_that_do_not(name: str) -> None:
    assert not accounts.username(name).allowed


def test_a_refused_password_is_not_repeated() -> None:
    for password, score in (("hunter2", 4), ("hunter2hunter2", 0), ("x" * 129, 4)):
        verdict = accounts.password(password, score)
        assert not verdict.allowed
        assert password not in verdict.reason


@given(st.lists(st.integers(0, 1000), max_size=60))
def test_a_name_is_locked_exactly_when_ten_tries_fell_into_one_window(pauses: list[int]) -> None:
    now, failures, since = NOON, 0, NOON
    starts, counted = NOON, 0
    for pause in pauses:
        now += timedelta(seconds=pause)
        if now - starts >= accounts.WINDOW:
            starts, counted = now, 0
        counted += 1
        failures, since, locked = accounts.failed(failures, since, now)
        assert (locked is not None) is (counted >= accounts.FAILURES)
        assert locked is None or locked - now == accounts.LOCKED_FOR


def test_two_spellings_of_one_name_are_one() -> None:
    assert accounts.folded(" ＡdA@Example.ORG ") == "ada@example.org"
