"""A real PostgreSQL server for the tests: made in a folder of its own, reached by a socket alone, gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from store.schema import HISTORY

ROLES = ("content", "identity", "keys")
NUMBERS = count()
# Nothing here must survive a power cut; everything else is as a server has it.
OPTIONS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "shared_buffers=32MB", "max_connections=60")


def binaries() -> Path | None:
    """The newest of Debian's folders that has a server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Server:
    """One role for each kind of database, none of them a superuser."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with self._administer() as admin:
            for role in ROLES:
                admin.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(role)))
        self.usual = self.new()

    def dsn(self, database: str, role: str) -> str:
        return f"postgresql://{role}@/{database}?host={self.folder}"

    def new(self) -> dict[str, str]:
        """Three empty databases, each its role's own: settings and their values."""
        made = {role: f"{role}{next(NUMBERS)}" for role in ROLES}
        with self._administer() as admin:
            for role, name in made.items():
                admin.execute(SQL("CREATE DATABASE {} OWNER {}").format(Identifier(name), Identifier(role)))
        return {f"{role}_dsn": self.dsn(name, role) for role, name in made.items()}

    @contextmanager
    def databases(self) -> Iterator[dict[str, str]]:
        """The same three for every test, without a row in them at its end. Their tables are made once."""
        yield self.usual
        for dsn in self.usual.values():
            with psycopg.connect(dsn) as connection:
                names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
                for (name,) in names.fetchall():
                    if name != HISTORY:
                        connection.execute(SQL("DELETE FROM {}").format(Identifier(name)))

    def _administer(self) -> psycopg.Connection:
        return psycopg.connect(self.dsn("postgres", "postgres"), autocommit=True)


@contextmanager
def server() -> Iterator[Server]:
    """Skips where the package is not installed. Root may not run a server, so that `nobody` does it then."""
    bin_ = binaries()
    if bin_ is None:
        pytest.skip("no PostgreSQL server in /usr/lib/postgresql: apt-get install postgresql")
    # Whatever happens to the tests, their server ends with them.
    as_other = ["setpriv", "--pdeathsig", "INT"]
    folder = Path(tempfile.mkdtemp(prefix="pixcosmos-pg-", dir="/tmp"))  # the path of a socket must be short
    if os.geteuid() == 0:
        as_other += ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        shutil.chown(folder, "nobody", "nogroup")
    data, options = str(folder / "data"), (*OPTIONS, f"unix_socket_directories={folder}")
    initdb = [*as_other, str(bin_ / "initdb"), *f"-D {data} -U postgres -A trust -E UTF8 --locale=C -N".split()]
    made = subprocess.run(initdb, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert made.returncode == 0, made.stdout
    command = [*as_other, str(bin_ / "postgres"), "-D", data, *(word for one in options for word in ("-c", one))]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, cwd="/", stdout=log, stderr=log)
    try:
        ready(running, folder)
        yield Server(folder)
    finally:
        running.send_signal(signal.SIGQUIT)  # at once
        running.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def ready(running: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 120
    while running.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(f"postgresql://postgres@/postgres?host={folder}").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError(f"the PostgreSQL server does not answer: {(folder / 'log').read_text()}")
