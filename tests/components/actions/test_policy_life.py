"""A new text of the policy: announced by mail and banner, in force after 30 days, accepted by use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import app
from components.actions import doctor, housekeeping, policy_life, privacy, trust
from components.studio import Studio
from components.web.account_pages import sign_up_of
from policies.actor import Actor
from policies.privacy import PURPOSES
from policies.verdict import Refused
from store.receipts import POLICY
from store.settings import Settings
from tests.components.actions.conftest import Home
from tests.conftest import ON_BOTH

MIDNIGHT = datetime(2026, 12, 2, tzinfo=UTC)  # the first after 30 days from noon of 1 November


@pytest.fixture(autouse=True)
def second_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = (policy_life.TEXTS / "privacy-1.txt").read_text()
    (tmp_path / "privacy-1.txt").write_text(first)
    (tmp_path / "privacy-2.txt").write_text(first.replace("up to 2 years", "up to 1 year"))
    found = policy_life.versions(tmp_path)
    monkeypatch.setattr(policy_life, "versions", lambda: found)


def says(studio: Studio) -> str:
    """What the Trust page says of how long analytics are kept."""
    text = str(trust.policy(studio)["blocks"])
    return "1 year" if "up to 1 year" in text else "2 years"


def come_back(home: Home, actor: Actor, **time: float) -> None:
    home.clock.forward(**time)
    policy_life.accept_by_use(home.studio, actor, "de")


def accepted(home: Home, name: str = "alice") -> list[tuple[str, str, str]]:
    account = home.studio.stores.accounts.of_email(f"{name}@example.org")
    assert account is not None
    found = home.studio.stores.receipts.of_account(account.id)
    return [(one.version, one.how, one.locale) for one in found if one.purpose == POLICY]


@ON_BOTH
@pytest.mark.promise("P71")
def test_everybody_is_told_once_by_mail_and_by_a_banner(home: Home) -> None:
    alice, bob = home.join("alice"), home.join("bob")
    home.sign_up("carol")  # has not confirmed the address: nobody may be written to there
    home.mail()
    done = policy_life.announce(home.studio)
    letters = home.mail()
    assert done.letters == len(letters) == 2
    assert {one.to for one in letters} == {"alice@example.org", "bob@example.org"}
    assert all("2026-12-02" in one.text and "/trust#v2" in one.text and not one.unsubscribe for one in letters)
    assert policy_life.announce(home.studio) == policy_life.Announced(done.notice, 0)
    assert home.mail() == []
    for actor in (alice, bob, home.guest()):
        [banner] = [one for one in privacy.notices(home.studio, actor) if one.kind == "policy"]
        assert banner.facts == {"version": 2, "effective": MIDNIGHT.isoformat()}
        privacy.read_notice(home.studio, actor, banner.id)
        assert privacy.notices(home.studio, actor) == ()
        assert len(home.studio.stores.notices.of(actor.subject_id)) == 1, "that it was shown stays written down"
    entries = home.studio.stores.audit._rows.select().order_by(home.studio.stores.audit._rows.number)
    assert [row.facts for row in entries if row.action == "policy.announced"][0] == '{"letters": 2, "version": 2}'


@pytest.mark.promise("P71")
def test_the_letter_speaks_the_language_of_the_account(home: Home) -> None:
    guest = home.sign_up("alice", locale="de")
    [letter] = home.mail()
    assert letter.subject == "Bestätige deine Adresse"
    account = home.studio.stores.accounts.of_subject(guest.subject_id)
    home.studio.stores.accounts.update(account, verified_at=home.clock())
    policy_life.announce(home.studio)
    [letter] = home.mail()
    assert letter.subject == "Unsere Datenschutzerklärung ändert sich am 2026-12-02"


@pytest.mark.promise("P72")
def test_on_day_29_the_old_text_holds_and_after_30_days_the_new_one(home: Home) -> None:
    assert says(home.studio) == "2 years"
    policy_life.announce(home.studio)
    states = [(one["state"], one["effective"]) for one in trust.versions_view(home.studio)]
    assert states == [("in_force", None), ("announced", "2026-12-02")]
    home.clock.forward(days=29)
    assert (says(home.studio), policy_life.in_force(home.studio)) == ("2 years", 1)
    home.clock.now = MIDNIGHT
    assert (says(home.studio), policy_life.in_force(home.studio)) == ("1 year", 2)
    assert [one["state"] for one in trust.versions_view(home.studio)] == ["past", "in_force"]
    said = [sentence["text"] for block in trust.policy(home.studio)["blocks"] for sentence in block["sentences"]]
    assert "This privacy policy is effective as of December 2, 2026 and was last updated on November 1, 2026." in said


@pytest.mark.promise("P72")
def test_without_a_notice_nothing_changes(home: Home) -> None:
    home.clock.forward(days=400)
    assert (says(home.studio), policy_life.in_force(home.studio)) == ("2 years", 1)
    assert trust.versions_view(home.studio)[1]["state"] == "draft"
    assert privacy.notices(home.studio, home.guest()) == ()


@pytest.mark.promise("P72")
def test_sooner_only_with_the_law_that_demands_it_and_it_is_published(home: Home) -> None:
    soon = datetime(2026, 11, 8, tzinfo=UTC)
    for day, law, field in ((soon, " ", "because"), (home.clock() - timedelta(days=1), "a law", "sooner")):
        with pytest.raises(Refused) as refused:
            policy_life.announce(home.studio, day, law)
        assert refused.value.verdict.field == field
    assert policy_life.notices(home.studio) == {}
    policy_life.announce(home.studio, soon, "GDPR, Article 17")
    home.clock.now = soon
    assert trust.versions_view(home.studio)[1] == {
        "number": 2,
        "state": "in_force",
        "effective": "2026-11-08",
        "noticed": "2026-11-01",
        "reason": "GDPR, Article 17",
    }


@ON_BOTH
@pytest.mark.promise("P73")
def test_going_on_accepts_the_text_with_a_receipt(home: Home) -> None:
    alice = home.join("alice")
    policy_life.announce(home.studio)
    come_back(home, alice, days=29)
    assert accepted(home) == [("1", "box", "en")]
    for _ in range(3):
        come_back(home, alice, days=3)
    assert accepted(home) == [("1", "box", "en"), ("2", "use", "de")]
    assert '"how": "use"' in str(privacy.my_data(home.studio, alice)).replace("'", '"')
    assert sign_up_of(home.studio, {}, "en").policy_version == "2", "who comes later agrees to what holds then"


@pytest.mark.promise("P73")
def test_a_page_that_was_left_open_accepts_nothing_and_opening_one_does(home: Home) -> None:
    home.join("alice")
    policy_life.announce(home.studio)
    home.clock.now = MIDNIGHT
    token, _ = home.enter("alice")
    browser = TestClient(app.build(home.studio), base_url="http://studio.example", cookies={"pixcosmos": token})
    for path in ("/api/images", "/api/privacy/notices", "/api/account"):
        assert browser.get(path).status_code == 200
    assert accepted(home) == [("1", "box", "en")]
    browser.get("/", headers={"accept": "text/html", "accept-language": "fr"})
    assert accepted(home) == [("1", "box", "en"), ("2", "use", "fr")]


@pytest.mark.promise("P73")
@pytest.mark.promise("P62")
def test_going_on_switches_no_use_of_data_on(home: Home) -> None:
    alice = home.join("alice")
    before = privacy.switches(home.studio, alice)
    policy_life.announce(home.studio)
    come_back(home, alice, days=60)
    assert accepted(home)[-1][0] == "2"
    assert privacy.switches(home.studio, alice) == before
    asked = [one.id for one in PURPOSES if one.asks]
    assert asked and not any(before[purpose] for purpose in asked)
    assert privacy.receipts(home.studio, alice) == ()


@pytest.mark.promise("P71")
def test_a_personal_studio_shows_the_banner_by_itself(studio: Studio) -> None:
    owner = studio.owner
    assert privacy.notices(studio, owner) == ()
    housekeeping.sweep(studio, dry_run=True)
    assert privacy.notices(studio, owner) == ()
    housekeeping.sweep(studio)
    assert [one.kind for one in privacy.notices(studio, owner)] == ["policy"]
    assert studio.stores.outbox.counts()["waiting"] == 0


def test_a_home_with_accounts_is_never_announced_to_by_itself(home: Home) -> None:
    home.join("alice")
    housekeeping.sweep(home.studio)
    assert policy_life.notices(home.studio) == {}


def test_there_is_nothing_to_announce_while_there_is_one_text(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    only = policy_life.versions()[:1]
    monkeypatch.setattr(policy_life, "versions", lambda: only)
    with pytest.raises(Refused, match="version: 1 is not allowed. Expected a second text"):
        policy_life.announce(home.studio)


@ON_BOTH
@pytest.mark.promise("P71")
def test_the_doctor_reminds_of_a_text_that_nobody_was_told_of(home: Home, settings: Settings) -> None:
    settings = settings.model_copy(update={"home": "hosted"})
    assert doctor.policy(settings.model_copy(update={"data": settings.data / "new", "content_dsn": None}))[0]
    fine, said = doctor.policy(settings)
    assert not fine and "policy announce" in said
    assert doctor.policy(settings.model_copy(update={"home": "personal"}))[0], "it announces by itself"
    policy_life.announce(home.studio)
    assert doctor.policy(settings) == (True, "version 2")


def test_somebody_who_is_being_deleted_keeps_nobody_from_their_letter(home: Home) -> None:
    alice, _ = home.join("alice"), home.join("bob")
    home.mail()
    home.studio.stores.keys.destroy(alice.subject_id)
    assert policy_life.announce(home.studio).letters == 1
    assert [mail.to for mail in home.mail()] == ["bob@example.org"]
