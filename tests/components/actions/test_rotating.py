"""A new master key changes nothing for people: they sign in as before, and the links in their old mail work."""

from __future__ import annotations

import pytest

from components.actions import mail, rotating
from store.vault import Missing
from tests.components.actions.conftest import Home


def test_people_sign_in_and_old_links_work_after_a_rotation(home: Home) -> None:
    ada = home.join("ada")
    account = home.studio.stores.accounts.of_subject(ada.subject_id)
    old = mail.unsubscribe_token(home.studio, account.id, "news")
    assert rotating.rotate(home.studio).keys == 1
    assert rotating.rotate(home.studio).version == 3
    assert home.enter("ada")[1].account_id == account.id
    assert mail.unsubscribe_token(home.studio, account.id, "news") != old
    assert mail.unsubscribe(home.studio, old) == "news"
    with pytest.raises(Missing):
        mail.unsubscribe(home.studio, old[:-1] + ("A" if old[-1] != "A" else "B"))
    assert home.studio.stores.audit.broken() is None
