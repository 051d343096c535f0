"""Roles: staff rights need a second factor, and looking at another's data needs a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from policies import access
from policies.actor import NOBODY, Actor, ActorKind, kind_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
EVERYBODY = [Actor("s", kind) for kind in get_args(ActorKind)]


@pytest.mark.promise("P22")
@pytest.mark.parametrize("role", ["moderator", "admin"])
def test_staff_without_a_second_factor_are_users(role: str) -> None:
    assert kind_of(role, second_factor=False) == "user"  # type: ignore[arg-type]
    assert kind_of(role, second_factor=True) == role  # type: ignore[arg-type]


@pytest.mark.promise("P22")
@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.kind)
def test_who_may_look_at_anothers_data(actor: Actor) -> None:
    may = actor.kind in ("moderator", "admin", "owner")
    assert access.read_of_another(actor, "an appeal of theirs").allowed is may
    assert not access.read_of_another(actor, "  because  ").allowed


@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.kind)
def test_the_levels_of_staff(actor: Actor) -> None:
    assert access.at_least(actor, "admin").allowed is (actor.kind in ("admin", "owner"))
    assert access.at_least(actor, "moderator").allowed is (actor.kind in ("moderator", "admin", "owner"))
    assert access.fetch_models(actor).allowed is (actor.kind in ("admin", "owner"))
    assert access.account(actor).allowed is actor.has_account


def test_what_cannot_be_undone_needs_the_password_a_short_while_before() -> None:
    user = Actor("s", "user")
    assert access.confirmed(user, NOW - timedelta(minutes=14), NOW).allowed
    assert not access.confirmed(user, NOW - timedelta(minutes=15), NOW).allowed
    assert not access.confirmed(user, None, NOW).allowed
    assert access.confirmed(Actor("s", "owner"), None, NOW).allowed
    assert not NOBODY.has_account
