"""A PostgreSQL server on another machine: reached over TLS under the name of its certificate, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import ValidationError

from store.db import open_stores
from store.settings import Settings
from tests.conftest import NOON
from tests.postgres import Server, certified, server

HOW = (
    "SELECT ssl, version, client_addr FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE pid = pg_backend_pid()"
)
pytestmark = pytest.mark.promise("P20")


@pytest.fixture(scope="module")
def remote() -> Iterator[Server]:
    with server(tls=True) as running:
        yield running


def test_a_studio_keeps_everything_there_and_every_connection_is_encrypted(remote: Server, tmp_path: Path) -> None:
    dsns = {name: remote.over_tls(dsn) for name, dsn in remote.new().items()}
    stores = open_stores(Settings(data=tmp_path / "data", **dsns))  # type: ignore[arg-type]
    me = stores.subjects.owner(NOON)
    stores.preferences.write(me, {"theme": "dark"})
    assert stores.preferences.read(me) == {"theme": "dark"}
    for database in stores.databases:
        encrypted, version, address = database.execute_sql(HOW).fetchone()
        assert encrypted and version in ("TLSv1.2", "TLSv1.3")
        assert str(address) == "127.0.0.1", "it came over the network, not by the socket"
    assert list((tmp_path / "data").glob("*.db")) == []
    stores.close()


def test_who_cannot_prove_the_name_is_not_believed(remote: Server, tmp_path: Path) -> None:
    dsn = remote.usual["content_dsn"]
    stranger = tmp_path / "stranger"
    (stranger / "data").mkdir(parents=True)
    certified(stranger)
    psycopg.connect(remote.over_tls(dsn)).close()
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(remote.over_tls(dsn, "elsewhere.pixcosmos.test"))
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(remote.over_tls(dsn, sslrootcert=stranger / "server.crt"))
    with pytest.raises(psycopg.OperationalError, match="rejects connection"):
        psycopg.connect(remote.over_tls(dsn, sslmode="disable"))


@pytest.mark.parametrize("sslmode", ["disable", "allow", "prefer", "require"])
def test_a_studio_does_not_try_it_with_less(remote: Server, tmp_path: Path, sslmode: str) -> None:
    with pytest.raises(ValidationError, match="sslmode=verify-full or verify-ca"):
        Settings(data=tmp_path, content_dsn=remote.over_tls(remote.usual["content_dsn"], sslmode=sslmode))  # type: ignore[arg-type]
