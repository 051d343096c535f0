"""Labels of Gradio's own components: keys that the browser translates."""

from __future__ import annotations

import pytest

from components import words
from components.cells.labels import label, translations


def test_a_label_is_a_key_until_it_is_shown() -> None:
    assert label("prompt_label").to_dict()["key"] == "prompt_label"
    assert translations().translations_dict["en"]["prompt_label"] == words.say("prompt_label")


@pytest.mark.parametrize("key", ["never_heard_of_label", "close"])
def test_what_would_not_travel_is_refused(key: str) -> None:
    with pytest.raises(KeyError, match=key):
        label(key)


def test_every_language_travels_and_nothing_but_labels() -> None:
    tables = translations().translations_dict
    assert set(tables) == set(words.LANGUAGES)
    assert all(key.endswith(("_label", "_placeholder")) for key in tables["en"])
