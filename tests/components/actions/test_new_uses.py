"""A use of data that comes after a person: they are told once, it is off, and their answer ends the matter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.actions import choices, privacy
from components.studio import Studio
from policies import privacy as rules
from policies.actor import Actor
from policies.privacy import PURPOSES, Purpose
from tests.components.actions.conftest import Home
from tests.conftest import ON_BOTH

VOICES = Purpose("voices", "1", asks=True)


def release(monkeypatch: pytest.MonkeyPatch, studio: Studio, *purposes: Purpose) -> tuple[str, ...]:
    """The home starts with a release that knows these uses of data."""
    for module in (rules, privacy):
        monkeypatch.setattr(module, "PURPOSES", purposes)
    for module in (rules, privacy, choices):
        monkeypatch.setattr(module, "BY_ID", {one.id: one for one in purposes})
    return privacy.introduce_uses(studio)


def news(studio: Studio, actor: Actor) -> list[str]:
    found = privacy.notices(studio, actor)
    return [str(one.facts["purpose"]) for one in found if one.kind == "new_use"]


@ON_BOTH
@pytest.mark.promise("P63")
@pytest.mark.promise("P62")
def test_who_was_here_before_is_told_once_and_who_came_after_is_not(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = home.studio
    alice = home.guest()
    release(monkeypatch, studio, *PURPOSES)
    assert news(studio, alice) == [], "what a home begins with is new to nobody"
    home.clock.forward(days=1)
    bob = home.guest()
    home.clock.forward(days=1)
    assert release(monkeypatch, studio, *PURPOSES, VOICES) == ("voices",)
    assert release(monkeypatch, studio, *PURPOSES, VOICES) == ()
    home.clock.forward(days=1)
    carol = home.guest()
    for _ in range(2):
        assert (news(studio, alice), news(studio, bob), news(studio, carol)) == (["voices"], ["voices"], [])
    assert privacy.new_uses(studio, alice) == {"voices"}
    assert not choices.may(studio, alice, "voices"), "it is off until a yes"
    choices.choose(studio, alice, "voices", True, "en")
    assert choices.may(studio, alice, "voices")
    assert privacy.new_uses(studio, alice) == set()
    choices.choose(studio, bob, "voices", False, "en")
    assert privacy.new_uses(studio, bob) == set()


@pytest.mark.promise("P63")
def test_a_new_text_of_a_use_is_new_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    studio, alice = home.studio, home.guest()
    release(monkeypatch, studio, VOICES)
    choices.choose(studio, alice, "voices", True, "en")
    home.clock.forward(days=1)
    release(monkeypatch, studio, replace(VOICES, version="2"))
    assert news(studio, alice) == ["voices"]
    assert not choices.may(studio, alice, "voices"), "a yes to the older text is none to this one"


@pytest.mark.promise("P48")
@pytest.mark.parametrize(("kept", "answer"), [(False, False), (True, True), (None, True)])
def test_a_no_to_suggestions_from_before_holds_on(home: Home, kept: bool | None, answer: bool) -> None:
    """It was a preference of the page once."""
    studio, alice = home.studio, home.guest()
    values = {"theme": "dark"} | ({} if kept is None else {"recommendations": kept})
    studio.stores.preferences.write(alice.subject_id, values)
    privacy.visited(studio, alice, opted_out=False)
    assert choices.may(studio, alice, "recommendations") is answer
    assert studio.stores.preferences.read(alice.subject_id) == {"theme": "dark"}
    assert len(privacy.receipts(studio, alice)) == (0 if answer else 1)
    home.clock.forward(hours=1)
    choices.choose(studio, alice, "recommendations", True, "en")
    home.clock.forward(days=1)
    privacy.visited(studio, alice, opted_out=False)
    assert choices.may(studio, alice, "recommendations"), "the last word is the person's"
