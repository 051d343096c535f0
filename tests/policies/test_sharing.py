"""What may become public: only what was chosen and agreed to, and never the prompt by a back door."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import labels, sharing
from policies.sharing import Options

AGREED = Options(agreed=True)


@pytest.mark.promise("P41")
def test_nothing_is_published_without_agreement() -> None:
    assert sharing.check(Options()).code == "no_consent"
    assert sharing.check(AGREED).allowed


@pytest.mark.promise("P42")
def test_everything_private_stays_so_unless_it_is_chosen() -> None:
    plain = Options()
    assert not (plain.prompt or plain.metadata or plain.remix or plain.listed or plain.pseudonym or plain.title)


@given(st.booleans(), st.booleans(), st.booleans())
def test_a_hidden_prompt_is_told_by_nothing_else(prompt: bool, metadata: bool, remix: bool) -> None:
    options = Options(prompt=prompt, metadata=metadata, remix=remix, agreed=True)
    assert sharing.check(options).allowed is (prompt or not (metadata or remix))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (Options(title="x" * 121, agreed=True), "title"),
        (Options(pseudonym="a\nb", agreed=True), "pseudonym"),
        (Options(password="abc", agreed=True), "password"),
        (Options(password="abcdef", listed=True, agreed=True), "listed"),
        (Options(days=3, agreed=True), "days"),
    ],
)
def test_a_wrong_choice_is_refused_by_its_name(options: Options, field: str) -> None:
    assert sharing.check(options).field == field


@pytest.mark.parametrize("title", ["👨\u200d👩\u200d👧 at sea", "می\u200cخواهم", "Bonjour\u00a0!", "東京 🗼"])
def test_a_title_of_any_language_is_taken(title: str) -> None:
    assert sharing.check(Options(title=title, pseudonym=title, agreed=True)).allowed
    assert labels.title(title, 0).allowed and labels.tag(title, 0).allowed


@pytest.mark.parametrize("name", ["None", "ＮＯＮＥ", "a\u202eb", "a\x00b", "half \ud800"])
def test_a_name_that_a_search_or_a_reader_would_mistake_is_refused(name: str) -> None:
    assert labels.tag(name, 0).code == "bad_name"


def test_a_link_lasts_as_long_as_was_chosen() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    assert sharing.expiry(0, now) is None
    assert sharing.expiry(7, now) == datetime(2026, 11, 8, tzinfo=UTC)


@pytest.mark.promise("P65")
@pytest.mark.parametrize("place", sharing.PLACES)
@given(title=st.text(max_size=60))
def test_an_address_elsewhere_carries_link_and_title_and_nothing_more(place: str, title: str) -> None:
    link = "https://studio.example/s/abc?x=1&y=2"
    address = urlsplit(sharing.address(place, link, title))
    _, base, link_name, title_name = sharing.PLACES[place]
    values = parse_qs(address.query, keep_blank_values=True, errors="surrogatepass")
    assert values[link_name] == [link]
    assert set(values) <= {link_name, title_name}
    assert f"{address.scheme}://{address.netloc}{address.path}".startswith(base) or address.scheme == "mailto"
