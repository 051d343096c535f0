"""What the address of a PostgreSQL database says: where it leads, as whom, and whether it travels encrypted."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a DSN leads, and as whom."""

    hosts: tuple[str, ...]
    port: str
    database: str
    role: str
    sslmode: str

    @property
    def is_near(self) -> bool:
        """On this machine: by a socket or over loopback."""
        return all(host in LOOPBACK or host.startswith("/") for host in self.hosts)


def server_of(dsn: SecretStr) -> Server | None:
    """None when it is no DSN that names a role and a database."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(dsn.get_secret_value()).items()}
    except ProgrammingError:
        return None
    if not dsn.get_secret_value().startswith("postgresql://") or not parts.get("user") or not parts.get("dbname"):
        return None
    hosts = [*parts.get("host", "").split(","), *parts.get("hostaddr", "").split(",")]
    known = tuple(host for host in hosts if host) or (("a service",) if "service" in parts else ())
    return Server(known, parts.get("port", "5432"), parts["dbname"], parts["user"], parts.get("sslmode", ""))


def shared(one: str, here: Server, other: str, there: Server) -> str:
    """What two databases may not have in common. Empty when they have nothing of it."""
    if (here.hosts, here.port, here.database) == (there.hosts, there.port, there.database):
        return f"the database {there.database!r} is also that of"
    if here.role == there.role and {one, other} == {"content_dsn", "identity_dsn"}:
        return f"the role {there.role!r} is also that of"
    return ""
