"""What people write to us is opened for a reason that they can read, answered in time, taken along and deleted."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest

from components.actions import accounts, leaving, privacy, signing_in, support, taking_out
from policies.actor import OPERATOR, Actor
from policies.verdict import Refused
from store.blobs import Missing
from store.keys import KeyGone
from tests.components.actions.conftest import LAPTOP, PASSWORD, Home
from tests.conftest import ON_BOTH

MODERATOR, ADMIN = Actor("m" * 32, "moderator"), Actor("a" * 32, "admin")
REASON = "To answer this message"
WORDS = "the dragon of my daughter"


def refusal(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    return refused.value.verdict.code, refused.value.verdict.field


def ask(home: Home, actor: Actor, subject: str = "Privacy Request") -> str:
    return privacy.write_to_us(home.studio, actor, "question", subject, f"What became of {WORDS}?").id


@pytest.mark.promise("P22")
@pytest.mark.promise("P80")
def test_staff_see_that_something_waits_and_what_it_says_for_a_reason_that_is_shown(home: Home) -> None:
    alice = home.join("alice")
    ticket_id = ask(home, alice)
    for nobody in (alice, home.guest()):
        with pytest.raises(Refused, match="moderator or admin"):
            support.waiting(home.studio, nobody)
        with pytest.raises(Refused, match="moderator or admin"):
            support.look(home.studio, nobody, ticket_id, REASON)
    [waiting] = support.waiting(home.studio, MODERATOR)
    assert (waiting.id, waiting.kind) == (ticket_id, "privacy")
    assert WORDS not in repr(waiting) and "Request" not in repr(waiting)
    with pytest.raises(Refused, match="10 characters"):
        support.look(home.studio, MODERATOR, ticket_id, "because")
    assert privacy.staff_reads(home.studio, alice) == [], "who was refused has seen nothing"
    assert WORDS in support.look(home.studio, MODERATOR, ticket_id, REASON).messages[0].text
    reads = [(one["who"], one["reason"]) for one in privacy.staff_reads(home.studio, alice)]
    assert reads == [("moderator", REASON)]
    assert home.studio.stores.audit.broken() is None


@pytest.mark.promise("P11")
def test_the_answer_waits_in_the_studio_and_the_letter_repeats_nothing(home: Home) -> None:
    alice = home.join("alice")
    ticket_id = ask(home, alice, "Where is my picture")
    support.answer(home.studio, MODERATOR, ticket_id, f"On your board, {WORDS}.")
    [letter] = home.mail()
    assert letter.subject == "Your message has an answer" and WORDS not in letter.text
    [ticket] = privacy.messages(home.studio, alice)
    assert (ticket.state, ticket.answer) == ("answered", f"On your board, {WORDS}.")
    assert [one.kind for one in privacy.notices(home.studio, alice)] == ["answered"]
    assert support.waiting(home.studio, MODERATOR) == ()
    with pytest.raises(Missing):
        support.look(home.studio, MODERATOR, ticket_id, REASON)


@ON_BOTH
@pytest.mark.promise("P76")
def test_a_request_is_due_in_a_month_and_takes_longer_once_with_a_reason(home: Home) -> None:
    alice, began = home.join("alice"), home.clock()
    ticket_id = ask(home, alice)
    assert support.waiting(home.studio, MODERATOR)[0].due_at == began + timedelta(days=30)
    home.clock.forward(days=20)
    support.extend(home.studio, MODERATOR, ticket_id, "Three archives must be searched")
    [ticket] = privacy.messages(home.studio, alice)
    assert (ticket.due_at, ticket.extended) == (began + timedelta(days=90), "Three archives must be searched")
    [letter] = home.mail()
    assert "until 2027-01-30" in letter.subject and "archives" not in letter.text
    with pytest.raises(Refused) as refused:
        support.extend(home.studio, MODERATOR, ticket_id, "And one more archive")
    assert refusal(refused) == ("no_more_time", "id")


@pytest.mark.promise("P76")
def test_there_is_no_more_time_once_it_is_late_and_none_for_a_question(home: Home) -> None:
    alice = home.join("alice")
    question, late = ask(home, alice, "A question"), ask(home, alice)
    home.clock.forward(days=31)
    for ticket_id in (question, late):
        with pytest.raises(Refused) as refused:
            support.extend(home.studio, MODERATOR, ticket_id, "Three archives must be searched")
        assert refusal(refused) == ("no_more_time", "id")
    assert [one.id for one in support.waiting(home.studio, MODERATOR)] == [late, question], "the most urgent first"


@pytest.mark.promise("P76")
def test_a_request_by_mail_joins_the_one_that_was_written_here(home: Home) -> None:
    alice = home.join("alice")
    ticket_id = ask(home, alice)
    for subject in ("RE: Privacy Request", "Fwd: privacy request"):
        entered = support.enter(home.studio, MODERATOR, "ALICE@example.org", subject, "And my uploads?")
        assert (entered.id, entered.kind) == (ticket_id, "privacy")
    assert len(privacy.messages(home.studio, alice)[0].messages) == 3
    with pytest.raises(Refused) as refused:
        support.enter(home.studio, MODERATOR, "nobody@example.org", "Privacy Request", "Me?")
    assert refusal(refused) == ("account_unknown", "email")


@pytest.mark.promise("P76")
def test_a_question_that_becomes_a_request_is_due_from_then_on(home: Home) -> None:
    alice = home.join("alice")
    privacy.write_to_us(home.studio, alice, "question", "My account", "How are you?")
    home.clock.forward(days=3)
    asked = privacy.write_to_us(home.studio, alice, "privacy", "RE: My account", f"Delete {WORDS}.")
    assert (asked.kind, asked.due_at) == ("privacy", home.clock() + timedelta(days=30))
    home.clock.forward(days=3)
    again = privacy.write_to_us(home.studio, alice, "privacy", "My account", "Still here?")
    assert (len(again.messages), again.due_at) == (3, asked.due_at), "a reply wins no time"


@ON_BOTH
@pytest.mark.promise("P11")
def test_messages_and_answers_are_in_the_download_and_gone_after_a_deletion(home: Home) -> None:
    alice = home.join("alice")
    ticket_id = ask(home, alice)
    support.extend(home.studio, MODERATOR, ticket_id, f"Nobody found {WORDS}")
    support.answer(home.studio, MODERATOR, ticket_id, f"Here is {WORDS}")
    taking_out.ask(home.studio, alice)
    packed = taking_out.pack_next(home.studio)
    assert packed is not None
    [ready] = taking_out.listed(home.studio, alice)
    with zipfile.ZipFile(BytesIO(b"".join(home.studio.stores.takeouts.read(ready)))) as archive:
        name = next(name for name in archive.namelist() if name.endswith("data.json"))
        [row] = json.loads(archive.read(name))["content.ticket"]
    assert all(WORDS in str(row[column]) for column in ("message", "answer", "extended"))
    leaving.ask(home.studio, alice, 0)
    assert leaving.run_due(home.studio) == 1
    assert home.studio.stores.tickets.waiting() == ()
    assert home.studio.stores.tickets._rows.select().count() == 0


@pytest.mark.promise("P56")
def test_an_admin_ends_a_childs_account_at_once(home: Home) -> None:
    child, reason = home.join("child"), "Her mother wrote to us"
    home.enter("child")
    ask(home, child)
    for staff, why in ((MODERATOR, reason), (ADMIN, " ")):
        with pytest.raises(Refused):
            leaving.erase_child(home.studio, staff, "child@example.org", why)
    with pytest.raises(Refused) as refused:
        leaving.erase_child(home.studio, ADMIN, "nobody@example.org", reason)
    assert refusal(refused) == ("account_unknown", "email")
    assert home.studio.stores.accounts.of_email("child@example.org") is not None
    done = leaving.erase_child(home.studio, ADMIN, "child@example.org", reason)
    assert done.state == "done" and done.verified_at == home.clock()
    assert home.studio.stores.accounts.of_email("child@example.org") is None
    with pytest.raises(KeyGone):
        home.studio.stores.keys.of(child.subject_id)
    with pytest.raises(Refused):
        signing_in.sign_in(home.studio, "child", PASSWORD, LAPTOP)
    assert home.mail() == []


@pytest.mark.promise("P56")
def test_a_childs_account_that_was_waiting_waits_no_longer(home: Home) -> None:
    child = home.join("child")
    leaving.ask(home.studio, child, 7)
    done = leaving.erase_child(home.studio, OPERATOR, "child@example.org", "A form at the counter")
    assert done.verified_at == home.clock()


@pytest.mark.promise("P82")
def test_a_role_that_was_given_is_in_the_audit_log(home: Home) -> None:
    alice = home.join("alice")
    accounts.grant(home.studio, "alice@example.org", "moderator", premium=True)
    entry = home.studio.stores.audit.about(alice.subject_id)[0]
    assert (entry.action, entry.facts) == ("account.granted", {"role": "moderator", "before": "user", "premium": 1})
