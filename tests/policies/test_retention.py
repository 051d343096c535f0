"""The calendar of deletion: four warnings, deletion at 90 days, never unwarned, never with a premium plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.retention import DELETE_AFTER, KEEP, WARN_AFTER, Step, effective_from, in_force, inactive

START = datetime(2026, 1, 1, tzinfo=UTC)


def after(days: int, warned: int = 0, exempt: bool = False) -> Step:
    return inactive(START, START + timedelta(days=days), warned=warned, exempt=exempt)


@pytest.mark.promise("P27")
def test_day_by_day_four_warnings_then_the_end() -> None:
    warned, told = 0, []
    for day in range(120):
        step = after(day, warned)
        if step.what == "warn":
            told.append((day, step.days))
            warned = step.days
        elif step.what == "delete":
            assert day == DELETE_AFTER
            break
    assert told == [(mark, mark) for mark in WARN_AFTER] == [(60, 60), (76, 76), (83, 83), (89, 89)]


@pytest.mark.promise("P27")
def test_day_89_is_kept_and_premium_always() -> None:
    assert after(89, warned=89) == KEEP
    assert after(90, warned=89).what == "delete"
    assert after(1000, warned=89, exempt=True) == KEEP


@pytest.mark.promise("P27")
@given(days=st.integers(0, 4000), warned=st.sampled_from([0, *WARN_AFTER]))
def test_nobody_loses_a_picture_who_was_not_warned(days: int, warned: int) -> None:
    step = after(days, warned)
    if step.what == "delete":
        assert days >= 90 and warned == 89
    if days < 60:
        assert step == KEEP


@pytest.mark.promise("P72")
def test_a_version_holds_30_days_after_its_notice() -> None:
    starts = effective_from(START)
    assert in_force(2, {2: starts}, START + timedelta(days=29)) == 1
    assert in_force(2, {2: starts}, START + timedelta(days=30, seconds=1)) == 2


@pytest.mark.promise("P72")
def test_sooner_needs_a_law() -> None:
    soon = START + timedelta(days=3)
    with pytest.raises(ValueError, match="reason"):
        effective_from(START, soon)
    assert effective_from(START, soon, "Court order") == soon
    assert effective_from(START, START + timedelta(days=99)) == START + timedelta(days=30)
