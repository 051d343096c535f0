"""Settings: documented, checked at the start, and named when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.settings import PREFIX, Settings, SettingsError, table

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_readme_lists_them_all_with_their_defaults() -> None:
    assert table() in README.read_text()


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("HOME", "castle", "'personal', 'hosted' or 'space'"),
        ("PORT", "80000", "less than or equal to 65535"),
        ("PORT", "many", "a valid integer"),
        ("DEVICE", "abacus", "'auto', 'cpu' or 'cuda'"),
        ("PUBLIC_URL", "studio.example", "http:// or https://"),
        ("OPEN_BROWSER", "perhaps", "a valid boolean"),
        ("MAX_COUNT", "0", "greater than or equal to 1"),
        ("DATA", "", "the path of a folder"),
        ("DATA", "~nobody-of-this-machine/x", "a path, or ~ for a user of this machine"),
        ("PUBLIC_URL", "https://", "http:// or https://"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    monkeypatch: pytest.MonkeyPatch, key: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(PREFIX + key, value)
    with pytest.raises(SettingsError) as error:
        Settings.load()
    assert f"{PREFIX}{key}: {value!r}" in str(error.value)
    assert expected in str(error.value)


def test_a_personal_home_opens_to_others_only_with_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXCOSMOS_HOST", "0.0.0.0")
    with pytest.raises(SettingsError, match=r"PIXCOSMOS_HOST: '0\.0\.0\.0'.*PIXCOSMOS_ACCESS_TOKEN"):
        Settings.load()
    monkeypatch.setenv("PIXCOSMOS_ACCESS_TOKEN", "hush hush")
    settings = Settings.load()
    assert settings.host == "0.0.0.0"
    assert "hush" not in repr(settings)
    for weak in ("", "hush"):
        monkeypatch.setenv("PIXCOSMOS_ACCESS_TOKEN", weak)
        with pytest.raises(SettingsError, match="PIXCOSMOS_ACCESS_TOKEN: the value is not allowed"):
            Settings.load()


def test_a_space_is_recognised_and_reached_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings.load().home, Settings.load().host) == ("personal", "127.0.0.1")
    monkeypatch.setenv("SPACE_ID", "somebody/studio")
    assert (Settings.load().home, Settings.load().host) == ("space", "0.0.0.0")
    monkeypatch.setenv("PIXCOSMOS_HOST", "10.1.2.3")
    assert Settings.load().host == "10.1.2.3"


def test_an_empty_path_is_none_and_not_the_folder_of_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MODELS", "CERTIFICATE", "CERTIFICATE_KEY", "PUBLIC_URL"):
        monkeypatch.setenv(PREFIX + name, "")
    settings = Settings.load()
    assert settings.models_dir == settings.data / "models"
    assert (settings.certificate, settings.certificate_key, settings.public_url) == (None, None, None)


def test_folders_are_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXCOSMOS_DATA", "~/elsewhere")
    settings = Settings.load()
    assert settings.data == Path.home() / "elsewhere"
    assert settings.models_dir == settings.data / "models"
