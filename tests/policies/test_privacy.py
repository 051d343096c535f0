"""What a person's silence, yes and no mean, and which subject lines are one request."""

from __future__ import annotations

import pytest

from policies.privacy import BY_ID, PURPOSES, Purpose, Said, allowed, bare, is_privacy_request


@pytest.mark.promise("P62")
@pytest.mark.promise("P73")
def test_what_needs_consent_is_off_until_a_yes_to_this_very_text() -> None:
    purpose = Purpose("new_thing", "2", asks=True)
    assert not allowed(purpose, None)
    assert not allowed(purpose, Said("1", True)), "a yes to an older text is no yes"
    assert allowed(purpose, Said("2", True))
    assert not allowed(purpose, Said("2", False))


@pytest.mark.promise("P62")
def test_only_the_uses_of_the_first_policy_begin_without_a_yes() -> None:
    """Whatever comes later asks first, and is off until then."""
    assert {one.id for one in PURPOSES if not one.asks} == {"analytics", "recommendations"}
    assert all(one.version == "1" for one in PURPOSES if not one.asks)


@pytest.mark.promise("P48")
def test_an_objection_holds_whatever_the_text_becomes() -> None:
    purpose = Purpose("counting", "3", asks=False)
    assert allowed(purpose, None)
    assert not allowed(purpose, Said("1", False))
    assert allowed(purpose, Said("1", True))


@pytest.mark.promise("P81")
@pytest.mark.parametrize("purpose", PURPOSES, ids=lambda one: one.id)
def test_global_privacy_control_switches_everything_off(purpose: Purpose) -> None:
    assert not allowed(purpose, Said(purpose.version, True), opted_out_everywhere=True)


@pytest.mark.promise("P14")
def test_nothing_is_used_for_models_unasked() -> None:
    assert BY_ID["model_improvement"].asks


@pytest.mark.promise("P76")
@pytest.mark.parametrize(
    "subject",
    [
        "Privacy Request",
        "privacy request",
        "RE: Privacy Request",
        "Fwd: RE: PRIVACY REQUEST",
        "FW: privacy  request",
        "Aw: Privacy-Request",
        "re[2]: Privacy request: delete my data",
    ],
)
def test_a_privacy_request_is_known_however_it_is_written(subject: str) -> None:
    assert is_privacy_request(subject)


@pytest.mark.promise("P76")
def test_answers_and_forwards_of_one_subject_are_one() -> None:
    assert {bare(text) for text in ("Privacy Request", "RE: privacy request", "Fw: Re:  PRIVACY  Request ")} == {
        "privacy request"
    }
    assert bare("Request for privacy glass") != bare("Privacy Request")
