"""The port and the address that a studio listens on, and what is said when there are none."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from components.server import HIGHEST_PORT, free_port
from store.settings import Settings, SettingsError


def listening(data: Path, **given: object) -> Settings:
    return Settings(data=data, access_token="hush hush", **given)  # type: ignore[arg-type]


def test_a_personal_home_takes_the_next_free_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(listening(tmp_path, port=port)) > port
        with pytest.raises(SettingsError, match=f"PIXCOSMOS_PORT: {port} is in use"):
            free_port(listening(tmp_path, port=port, home="hosted"))


def test_there_is_no_port_after_the_last(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", HIGHEST_PORT))
        taken.listen()
        with pytest.raises(SettingsError, match=f"PIXCOSMOS_PORT: {HIGHEST_PORT} is in use"):
            free_port(listening(tmp_path, port=HIGHEST_PORT))


@pytest.mark.parametrize("host", ["999.1.1.1", "192.0.2.1", "2001:db8::1", "nowhere.invalid"])
def test_an_address_that_is_not_this_machines_is_named(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingsError, match=f"PIXCOSMOS_HOST: '{host}' is no address of this machine"):
        free_port(listening(tmp_path, host=host, port=50_000))
