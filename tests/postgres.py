"""A real PostgreSQL server for the tests: made in a folder of its own, reached by a socket alone, gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
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


REMOTE = "db.pixcosmos.test"  # the name that the certificate of a server with TLS is for


class Server:
    """One role for each kind of database, none of them a superuser."""

    def __init__(self, folder: Path, port: int = 5432) -> None:
        self.folder = folder
        self.port = port
        with self._administer() as admin:
            for role in ROLES:
                admin.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(role)))
        self.usual = self.new()

    def dsn(self, database: str, role: str) -> str:
        return f"postgresql://{role}@/{database}?host={self.folder}&port={self.port}"

    def over_tls(self, dsn: str, name: str = REMOTE, **more: object) -> str:
        """The same database as from another machine: by that name, over TCP."""
        path = dsn.partition("@/")[2].partition("?")[0]
        role = dsn.removeprefix("postgresql://").partition("@")[0]
        wanted = {"hostaddr": "127.0.0.1", "sslmode": "verify-full", "sslrootcert": self.folder / "server.crt"} | more
        return f"postgresql://{role}@{name}:{self.port}/{path}?{urlencode(wanted)}"

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
def server(*, tls: bool = False) -> Iterator[Server]:
    """With `tls` it also listens on loopback, where it takes encrypted connections and no others. Skips where the
    package is not installed. Root may not run a server, so that `nobody` does it then.
    """
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
    port = 5432
    if tls:
        port = free_port()
        options = (*options, f"port={port}", "listen_addresses=127.0.0.1", *certified(folder))
    command = [*as_other, str(bin_ / "postgres"), "-D", data, *(word for one in options for word in ("-c", one))]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, cwd="/", stdout=log, stderr=log)
    try:
        ready(running, folder, port)
        yield Server(folder, port)
    finally:
        running.send_signal(signal.SIGQUIT)  # at once
        running.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def certified(folder: Path) -> tuple[str, ...]:
    """A certificate that nobody but itself vouches for, and who may come in how. Answers the server's options."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, REMOTE)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(REMOTE)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(key.private_bytes(*plain))
    (folder / "server.key").chmod(0o600)
    folder.chmod(0o755)
    (folder / "data" / "pg_hba.conf").write_text(
        "local all all trust\nhostssl all all 127.0.0.1/32 trust\nhostnossl all all all reject\n"
    )
    if os.geteuid() == 0:
        shutil.chown(folder / "server.key", "nobody", "nogroup")
    return "ssl=on", f"ssl_cert_file={folder}/server.crt", f"ssl_key_file={folder}/server.key"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ready(running: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    deadline = time.monotonic() + 120
    while running.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(f"postgresql://postgres@/postgres?host={folder}&port={port}").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError(f"the PostgreSQL server does not answer: {(folder / 'log').read_text()}")
