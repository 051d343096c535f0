"""Opens the databases, brings their tables up to date, and hands out the stores. Where each lies is a setting."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from store import sqlite
from store.accounts import Accounts
from store.activity import Activities
from store.ages import Ages
from store.allowances import Allowances
from store.attempts import Attempts
from store.audit import Audit
from store.backend import Backend
from store.backups import Backups
from store.bin import Bin
from store.blobs import LocalBlobs, open_blobs
from store.boards import Boards
from store.checks import Checks
from store.choices import Choices
from store.consents import Consents
from store.erasures import Erasures
from store.exports import Exports
from store.gallery import Gallery
from store.inputs import Inputs
from store.jobs import JobStore
from store.keys import Keys, open_keys
from store.lock import KeyUse, one_at_a_time
from store.models import content_tables, identity_tables, key_tables
from store.notebook_ages import NotebookAges
from store.notebooks import NotebookStore
from store.notices import Notices
from store.outbox import Outbox
from store.outgoing import Outgoing
from store.past_prompts import PastPrompts
from store.person import Person
from store.policy_notices import PolicyNotices
from store.preferences import Preferences
from store.receipts import Receipts
from store.reports import Reports
from store.rotation import Rotation
from store.series import SeriesStore
from store.sessions import Sessions
from store.settings import Settings
from store.shares import Shares
from store.sqlite import SQLite
from store.styles import Styles
from store.subjects import Subjects
from store.sweeps import Sweeps
from store.tags import Tags
from store.takeouts import Takeouts
from store.tickets import Tickets
from store.usage import Usage
from store.uses import Uses
from store.vault import Vault


@dataclass(frozen=True, slots=True)
class Stores:
    jobs: JobStore
    allowances: Allowances
    ages: Ages
    notebook_ages: NotebookAges
    gallery: Gallery
    inputs: Inputs
    notebooks: NotebookStore
    bin: Bin
    boards: Boards
    tags: Tags
    exports: Exports
    subjects: Subjects
    preferences: Preferences
    accounts: Accounts
    sessions: Sessions
    attempts: Attempts
    receipts: Receipts
    outbox: Outbox
    styles: Styles
    past_prompts: PastPrompts
    series: SeriesStore
    shares: Shares
    checks: Checks
    reports: Reports
    consents: Consents
    activity: Activities
    audit: Audit
    choices: Choices
    erasures: Erasures
    takeouts: Takeouts
    notices: Notices
    person: Person
    policy_notices: PolicyNotices
    sweeps: Sweeps
    tickets: Tickets
    usage: Usage
    uses: Uses
    backups: Backups
    vault: Vault
    keys: Keys
    rotation: Rotation
    databases: tuple[Backend, ...]
    use: KeyUse

    def close(self) -> None:
        for database in self.databases:
            database.end()
        self.use.release()


def open_stores(settings: Settings, *, alone: bool = False) -> Stores:
    """Makes the data folder (mode 0700) and its tables when they are not there yet.

    `alone` when keys will change: raises Locked while anybody else has the folder open.
    """
    folder = settings.data
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    use = KeyUse(folder, alone=alone)
    try:
        return stores_of(settings, use)
    except BaseException:
        use.release()
        raise


def stores_of(settings: Settings, use: KeyUse) -> Stores:
    folder = settings.data
    with one_at_a_time(folder / "opening"):
        content = open_database(settings.content_dsn, folder / "content.db", "content")
        identity = open_database(settings.identity_dsn, folder / "identity.db", "identity")
        secrets = open_database(settings.keys_dsn, folder / "keys.db", "keys")
        keep_apart(content, identity)
        keys = open_keys(secrets, folder / "keyring.json")
    vault = Vault(open_blobs(settings.blobs, folder / "blobs"), keys)
    tables, people = content_tables(content), identity_tables(identity)
    checks = Checks(content, tables, vault)
    gallery, inputs = Gallery(content, tables, vault, checks), Inputs(content, tables, vault)
    notebooks = NotebookStore(content, tables, vault, inputs)
    usage = Usage(content, tables, keys)
    packed = Vault(LocalBlobs(folder / "takeouts"), keys)
    named: dict[str, Any] = {"content": content, "identity": identity, "keys": secrets}
    accounts, outbox = Accounts(identity, people, vault), Outbox(identity, people, keys)
    attempts = Attempts(identity, people, keys)
    backups = Backups({"content": content, "identity": identity}, key_tables(secrets), keys, vault.blobs)
    return Stores(
        jobs=JobStore(content, tables, vault, gallery, inputs),
        allowances=Allowances(tables),
        ages=Ages(content, tables, gallery),
        notebook_ages=NotebookAges(content, tables, vault, inputs, notebooks),
        gallery=gallery,
        inputs=inputs,
        notebooks=notebooks,
        bin=Bin(content, tables, gallery),
        boards=Boards(content, tables, vault),
        tags=Tags(content, tables, vault),
        exports=Exports(tables, vault, Outgoing(folder / "outgoing", keys)),
        subjects=Subjects(content, tables, settings.guest_days),
        preferences=Preferences(tables, vault),
        accounts=accounts,
        sessions=Sessions(identity, people, vault),
        attempts=attempts,
        receipts=Receipts(people),
        outbox=outbox,
        styles=Styles(tables, vault),
        past_prompts=PastPrompts(content, tables, vault),
        series=SeriesStore(content, tables, vault),
        shares=Shares(content, tables, vault),
        checks=checks,
        reports=Reports(tables, vault),
        consents=Consents(tables),
        activity=Activities(content, tables),
        audit=Audit(content, tables, vault),
        choices=Choices(tables),
        erasures=Erasures(content, tables),
        takeouts=Takeouts(content, tables, packed),
        notices=Notices(tables),
        person=Person(named, vault, usage),
        policy_notices=PolicyNotices(tables),
        sweeps=Sweeps(content, tables),
        tickets=Tickets(tables, vault, keys),
        usage=usage,
        uses=Uses(content, tables),
        backups=backups,
        vault=vault,
        keys=keys,
        rotation=Rotation(keys, accounts, outbox, attempts, backups),
        databases=(content, secrets, identity),
        use=use,
    )


def open_database(dsn: SecretStr | None, file: Path, name: str) -> Backend:
    """The server's when there is a DSN, else a file of the data folder."""
    if dsn is None:
        return sqlite.open_file(file, name)
    from store import postgres

    return postgres.open_server(dsn.get_secret_value(), name)


def versions(settings: Settings) -> tuple[bool, str]:
    """Whether what keeps the databases is recent enough, in words."""
    found = [sqlite.version()]
    for dsn in (settings.content_dsn, settings.identity_dsn, settings.keys_dsn):
        if dsn is not None:
            from store import postgres

            found.append(postgres.version(dsn.get_secret_value()))
    return all(ok for ok, _ in found), "; ".join(dict.fromkeys(said for _, said in found))


def announced(settings: Settings) -> tuple[int, ...] | None:
    """Versions of the policy that people were told of; None before the first start. Changes nothing."""
    query = "SELECT version FROM policy_notice ORDER BY version"
    if settings.content_dsn is not None:
        from store import postgres

        return postgres.looked_up(settings.content_dsn.get_secret_value(), query)
    file = settings.data / "content.db"
    return sqlite.looked_up(file, query) if file.exists() else None


def keep_apart(content: Backend, identity: Backend) -> None:
    """Who reads pictures' rows cannot read names. Raises SettingsError."""
    if not isinstance(content, SQLite) and not isinstance(identity, SQLite):
        content.refuse_reader(identity)
        identity.refuse_reader(content)
