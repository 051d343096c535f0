"""What goes by itself, with a clock that the test turns: and what stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from components.actions import housekeeping, privacy
from components.studio import Studio
from policies.actor import Actor
from tests.components.actions.conftest import Home
from tests.components.actions.people import clocked, draw
from tests.conftest import NOON

DAY = timedelta(days=1)


@pytest.fixture
def carol(studio: Studio) -> Actor:
    """Somebody with an account: what they make stays until they are long gone."""
    subject_id = studio.stores.subjects.new_guest(NOON)[1]
    studio.stores.subjects.set_kind(subject_id, "user")
    carol = Actor(subject_id, "user")
    privacy.visited(clocked(studio, NOON), carol, opted_out=False)
    return carol


def pictures(studio: Studio, actor: Actor) -> int:
    return len(studio.stores.gallery.some_of(actor.subject_id, 100))


def daily(studio: Studio, first: int, last: int) -> None:
    for day in range(first, last + 1):
        housekeeping.sweep(clocked(studio, NOON + day * DAY))


@pytest.mark.promise("P27")
def test_day_89_is_kept_and_day_90_is_deleted_after_four_warnings(studio: Studio, carol: Actor) -> None:
    draw(clocked(studio, NOON), carol)
    daily(studio, 58, 89)
    assert pictures(studio, carol) == 1
    notices = studio.stores.notices.of(carol.subject_id)
    assert sorted(one.facts["days"] for one in notices if one.kind == "inactive") == [60, 76, 83, 89]
    daily(studio, 90, 91)
    assert pictures(studio, carol) == 0
    told = studio.stores.notices.of(carol.subject_id)[0]
    assert (told.kind, told.facts["pictures"]) == ("inactive_deleted", 1), "whoever comes back reads what happened"
    actions = [one.action for one in studio.stores.audit.about(carol.subject_id)]
    assert actions == ["retention.deleted", *["retention.warned"] * 4]


@pytest.mark.promise("P27")
def test_a_visit_resets_the_clock(studio: Studio, carol: Actor) -> None:
    draw(clocked(studio, NOON), carol)
    daily(studio, 60, 89)
    privacy.visited(clocked(studio, NOON + 89 * DAY), carol, opted_out=False)
    daily(studio, 90, 140)
    assert pictures(studio, carol) == 1


@pytest.mark.promise("P27")
def test_premium_is_kept_also_when_it_was_bought_a_moment_ago(
    studio: Studio, carol: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(clocked(studio, NOON), carol)
    daily(studio, 60, 89)
    asked = []

    def bought_while_sweeping(*_: object) -> bool:
        """No plan when the sweep looks first, a plan inside the transaction that would delete."""
        asked.append(True)
        return len(asked) > 1

    monkeypatch.setattr(housekeeping, "exempt", bought_while_sweeping)
    daily(studio, 90, 90)
    assert len(asked) > 1
    assert pictures(studio, carol) == 1


@pytest.mark.promise("P27")
def test_a_dry_run_says_it_and_changes_nothing(studio: Studio, carol: Actor) -> None:
    draw(clocked(studio, NOON), carol)
    daily(studio, 60, 89)
    later = clocked(studio, NOON + 90 * DAY)
    found = {one.rule: one for one in housekeeping.sweep(later, dry_run=True)}
    assert found["inactivity"].deleted == 1
    assert pictures(studio, carol) == 1


@pytest.mark.promise("P27")
def test_the_owner_of_a_personal_studio_is_never_tidied_away(studio: Studio) -> None:
    draw(clocked(studio, NOON), studio.owner)
    daily(studio, 2000, 2001)
    assert pictures(studio, studio.owner) == 1


def test_what_a_guest_makes_is_gone_after_a_day(studio: Studio, alice: Actor, carol: Actor) -> None:
    draw(clocked(studio, NOON), alice)
    draw(clocked(studio, NOON), carol)
    daily(studio, 0, 0)
    assert pictures(studio, alice) == 1
    housekeeping.sweep(clocked(studio, NOON + DAY + timedelta(minutes=1)))
    assert (pictures(studio, alice), pictures(studio, carol)) == (0, 1)


@pytest.mark.promise("P31")
def test_counts_of_use_go_after_two_years(studio: Studio, carol: Actor) -> None:
    studio.stores.usage.count(carol.subject_id, "upscale", NOON)
    daily(studio, 729, 729)
    assert studio.stores.usage.totals(NOON - DAY)
    daily(studio, 731, 731)
    assert not studio.stores.usage.totals(NOON - DAY)


def test_visits_that_ended_leave_no_session(studio: Studio) -> None:
    studio.stores.subjects.new_guest(NOON)
    for days, left in ((29, 1), (31, 0)):
        housekeeping.sweep(clocked(studio, NOON + days * DAY))
        assert studio.stores.subjects._sessions.select().count() == left


def test_a_rule_that_fails_keeps_no_other_from_its_turn(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> housekeeping.Swept:
        raise OSError("the disk")

    monkeypatch.setitem(housekeeping.RULES, "inactivity", (stumble, DAY))
    with pytest.raises(OSError, match="the disk"):
        housekeeping.sweep(studio)
    assert studio.stores.sweeps.ran_at("inactivity") is None
    assert studio.stores.sweeps.ran_at("backups") is not None


def test_somebody_who_is_being_deleted_stops_no_rule(home: Home) -> None:
    """Their keys are gone and their rows are not yet: nothing of theirs opens."""
    alice = home.join("alice")
    draw(home.studio, alice)
    home.studio.stores.keys.destroy(alice.subject_id)
    home.clock.forward(days=60)
    assert not housekeeping.exempt(home.studio, home.studio.stores.activity.quiet_since(home.clock())[0])
    housekeeping.sweep(home.studio)
