"""A public studio speaks HTTPS: to its visitors, and to the services that it uses itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import app
from components.studio import Studio
from components.web.session import COOKIE
from store.blobs import open_blobs
from store.settings import Settings, SettingsError
from tests.components.web.public import served

PAGE = {"accept": "text/html"}


@pytest.fixture
def public(studio: Studio) -> Studio:
    settings = Settings(data=studio.settings.data, home="hosted", public_url="https://studio.example")
    return replace(studio, settings=settings)


def over(public: Studio, scheme: str) -> TestClient:
    return served(public, f"{scheme}://studio.example")


@pytest.mark.promise("P20")
@pytest.mark.parametrize("path", ["/", "/api/images", "/s/some-link", "/trust"])
def test_plain_text_is_sent_to_the_encrypted_address_and_served_nothing(public: Studio, path: str) -> None:
    answer = over(public, "http").get(path, headers=PAGE, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://studio.example{path}")
    assert "set-cookie" not in answer.headers
    proxied = over(public, "https").get(path, headers=PAGE | {"x-forwarded-proto": "http"}, follow_redirects=False)
    assert proxied.status_code == 308


@pytest.mark.promise("P20")
def test_an_encrypted_visit_is_told_to_stay_so_for_a_year(public: Studio) -> None:
    browser = over(public, "http")
    for path in ("/", "/api/images", "/s/some-link"):
        answer = browser.get(path, headers=PAGE | {"x-forwarded-proto": "https"}, follow_redirects=False)
        assert answer.status_code != 308
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "; Secure" in over(public, "https").get("/", headers=PAGE).headers["set-cookie"]
    assert COOKIE in over(public, "https").get("/", headers=PAGE).headers["set-cookie"]


def test_a_home_on_this_machine_is_not_forced(studio: Studio) -> None:
    answer = served(studio).get("/api/images")
    assert answer.status_code == 200
    assert "strict-transport-security" not in answer.headers


@pytest.mark.promise("P20")
@pytest.mark.parametrize("address", [None, "http://studio.example"])
def test_a_public_studio_without_an_encrypted_address_does_not_start(tmp_path: Path, address: str | None) -> None:
    filled = {"policy_effective": "2026-12-01", "contact_email": "privacy@studio.example"}
    settings = Settings(data=tmp_path, home="hosted", host="0.0.0.0", public_url=address, **filled)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="PIXCOSMOS_PUBLIC_URL: .* Expected the https:// address"):
        app.serve(settings)
    Settings(data=tmp_path, home="hosted").require_encrypted_way()
    Settings(data=tmp_path, home="space").require_encrypted_way()


@pytest.mark.promise("P20")
@pytest.mark.parametrize("place", ["http://blobs.example/pictures", "ftp://blobs.example/pictures"])
def test_pictures_do_not_travel_in_plain_text(tmp_path: Path, place: str) -> None:
    with pytest.raises(SettingsError, match="PIXCOSMOS_BLOBS: .* would travel in plain text"):
        open_blobs(place, tmp_path)


@pytest.mark.promise("P20")
@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_nor_do_they_to_another_place_for_buckets(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://minio.example:9000")
    with pytest.raises(SettingsError, match=f"{name}: .* plain text. Expected https"):
        open_blobs("s3://bucket/pictures", tmp_path)


@pytest.mark.promise("P20")
@pytest.mark.parametrize("server", ["smtp://mail.example", "smtp://me:secret-7@10.0.0.7:25", "http://mail.example"])
def test_mail_does_not_travel_in_plain_text(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXCOSMOS_SMTP", server)
    with pytest.raises(SettingsError, match="PIXCOSMOS_SMTP: the value is not allowed. Expected smtps://") as error:
        Settings.load()
    assert "secret-7" not in str(error.value)
