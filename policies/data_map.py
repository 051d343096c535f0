"""The map of data: every column of every database, what it is for, how long it stays, how it leaves and how it goes.

The page "My data", the download, the erasure and the processing record are made from it. Knows names, never values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "number", "moment", "flag", "json"]
Erase = Literal["rows", "kept", "nobody"]
Key = Literal["content", "pii", "public"]

LAWFUL = {
    "contract": "Needed for what you asked for (GDPR Art. 6(1)(b))",
    "consent": "Your consent (GDPR Art. 6(1)(a))",
    "law": "Required by law (GDPR Art. 6(1)(c))",
    "interest": "Keeping the studio safe and working (GDPR Art. 6(1)(f))",
}


@dataclass(frozen=True, slots=True)
class Column:
    """`sealed` is the field's name under which the vault sealed it, with other columns in braces; empty when it is not.

    `shown` False: it is said that it exists, and its value stays here, because it opens or proves something, or
    is somebody else's word.
    """

    name: str
    means: str
    kind: Kind = "text"
    sealed: str = ""
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """`owner` is the column that says whose row it is; `input_id>input` leads to a table that does; empty: nobody's.

    `object` is what the vault bound a sealed field to: a column, or a fixed word in quotation marks. `key` is the
    one of the owner's keys that opens it.
    """

    database: str
    name: str
    title: str
    purpose: str
    lawful: str
    retention: str
    columns: tuple[Column, ...]
    owner: str = "subject_id"
    object: str = "id"
    key: Key = "content"
    erase: Erase = "rows"
    kept_because: str = ""
    export: bool = True

    @property
    def id(self) -> str:
        return f"{self.database}.{self.name}"

    def column(self, name: str) -> Column:
        return next(one for one in self.columns if one.name == name)


def columns(**meanings: str) -> tuple[Column, ...]:
    """`name="what it means"`; a meaning may end in `|moment`, `|number`, `|flag`, `|json`, `|sealed`, `|secret`.

    `|sealed=field` names the field that the vault sealed it under, where that is not the column's own name.
    """
    return tuple(read(name, meaning) for name, meaning in meanings.items())


def read(name: str, meaning: str) -> Column:
    words, *marks = meaning.split("|")
    kind: Any = next((mark for mark in marks if mark in ("number", "moment", "flag", "json")), "text")
    sealed = next((mark.partition("=")[2] or name for mark in marks if mark.startswith("sealed")), "")
    return Column(name, words, kind, sealed, "secret" not in marks)


MAKING = "until you delete it, or 90 days of inactivity without a premium plan"
ACCOUNT = "until you delete your account"

CONTENT = (
    Table(
        "content",
        "subject",
        "You, as a number",
        "Ties together what you make, without a name.",
        "contract",
        ACCOUNT,
        columns(
            id="Your random number", kind="Owner, visitor or account", created_at="When it began|moment"
        ),
        owner="id",
    ),
    Table(
        "content",
        "guest_session",
        "Visits without an account",
        "Knows the browser of a visitor again.",
        "contract",
        "30 days, unless the home says otherwise",
        columns(
            token_hash="Fingerprint of the cookie|secret",
            subject_id="Whose it is",
            expires_at="When it ends|moment",
        ),
    ),
    Table(
        "content",
        "job",
        "Jobs",
        "Draws what you ask for, in fair turns.",
        "contract",
        MAKING,
        columns(
            id="Number of the job",
            subject_id="Whose it is",
            state="How it stands",
            created_at="Asked for|moment",
            started_at="Begun|moment",
            finished_at="Ended|moment",
            cost="Estimated seconds|number",
            weight="Share of your plan|number",
            seconds="Seconds it took|number",
            attempts="Tries|number",
            lease_owner="Process that draws it",
            lease_until="Until when that process holds it|moment",
            cancel_requested="Cancellation asked for|flag",
            error_code="Kind of failure",
            draft="Prompt and settings|json|sealed",
            reason="Reason of the failure|sealed",
        ),
    ),
    Table(
        "content",
        "image",
        "Pictures",
        "Keeps what was made for you.",
        "contract",
        MAKING,
        columns(
            id="Number of the picture",
            subject_id="Whose it is",
            job_id="Job that made it",
            number="Place in its job|number",
            created_at="Made|moment",
            model="Model",
            width="Width|number",
            height="Height|number",
            native_width="Width as drawn|number",
            native_height="Height as drawn|number",
            size_bytes="Size of the file|number",
            draft="Prompt and settings|json|sealed",
            facts="What was measured|json|sealed",
            kind="How it was made",
            starred="Starred|flag",
            board_id="Board it is on",
            fingerprint="Fingerprint of the file, which finds it again",
        ),
    ),
    Table(
        "content",
        "board",
        "Boards",
        "Groups pictures as you like.",
        "contract",
        "until you delete it",
        columns(
            id="Number",
            subject_id="Whose it is",
            created_at="Made|moment",
            title="Title|sealed",
            cover_id="Picture on its cover",
        ),
    ),
    Table(
        "content",
        "tag",
        "Tags",
        "Finds pictures by words of yours.",
        "contract",
        "until you delete it",
        columns(id="Number", subject_id="Whose it is", name="Name|sealed"),
    ),
    Table(
        "content",
        "image_tag",
        "Tags of pictures",
        "Says which picture has which tag.",
        "contract",
        MAKING,
        columns(tag_id="Tag", image_id="Picture", subject_id="Whose it is"),
        object="tag_id",
    ),
    Table(
        "content",
        "discarded",
        "Pictures just deleted",
        "Lets you bring back a picture for a moment.",
        "contract",
        "a minute or so",
        columns(
            id="Number of the picture",
            subject_id="Whose it is",
            job_id="Job that made it",
            until="Gone for good|moment",
            row="Its entry, sealed as it was|secret",
        ),
    ),
    Table(
        "content",
        "export",
        "Downloads of pictures",
        "Packs the pictures that you selected.",
        "contract",
        "an hour",
        columns(
            id="Number",
            subject_id="Whose it is",
            expires_at="Ends|moment",
            plan="Which pictures, and how|json|sealed",
        ),
    ),
    Table(
        "content",
        "doomed_blob",
        "Files about to go",
        "Finishes deletions that were interrupted.",
        "interest",
        "seconds",
        columns(name="Scrambled name of a file that is being deleted"),
        owner="",
        erase="nobody",
    ),
    Table(
        "content",
        "preference",
        "What the page remembers",
        "Keeps the page as you like it.",
        "contract",
        ACCOUNT,
        columns(subject_id="Whose it is", value="Settings of the page|json|sealed"),
        object="'preference'",
    ),
    Table(
        "content",
        "input",
        "Pictures and masks you brought",
        "Draws from what you uploaded or painted.",
        "contract",
        "a week after nothing needs it any more",
        columns(
            id="Number",
            subject_id="Whose it is",
            kind="Upload or mask",
            created_at="Brought|moment",
            touched_at="Last looked for|moment",
            width="Width|number",
            height="Height|number",
            size_bytes="Size of the file|number",
        ),
    ),
    Table(
        "content",
        "input_use",
        "What needs them",
        "Keeps an upload as long as a picture or a cell needs it.",
        "contract",
        "as long as that picture or cell",
        columns(input_id="Upload or mask", holder_id="What needs it", holder="Job or cell"),
        owner="input_id>input",
        object="input_id",
    ),
    Table(
        "content",
        "style",
        "Your styles",
        "Offers the looks that you saved.",
        "contract",
        "until you delete it",
        columns(
            id="Number",
            subject_id="Whose it is",
            created_at="Saved|moment",
            value="Name and words of the style|json|sealed=style",
        ),
    ),
    Table(
        "content",
        "past_prompt",
        "Your past prompts",
        "Suggests what you drew before, while you want a history.",
        "contract",
        "until you switch the history off",
        columns(
            id="Number",
            subject_id="Whose it is",
            used_at="Last used|moment",
            uses="How often|number",
            value="Prompt and model|json|sealed=prompt",
        ),
    ),
    Table(
        "content",
        "series",
        "Grids and batches",
        "Shows together what was asked for together.",
        "contract",
        MAKING,
        columns(
            id="Number",
            subject_id="Whose it is",
            created_at="Asked for|moment",
            kind="Grid or variants",
            value="Template and axes|json|sealed=series",
        ),
    ),
    Table(
        "content",
        "series_job",
        "Jobs of grids and batches",
        "Says which job stands where.",
        "contract",
        MAKING,
        columns(job_id="Job", series_id="Grid or batch", place="Place|number"),
        owner="series_id>series",
        object="job_id",
    ),
    Table(
        "content",
        "notebook",
        "Notebooks",
        "Keeps your work in order.",
        "contract",
        "until you delete it",
        columns(
            id="Number",
            subject_id="Whose it is",
            created_at="Begun|moment",
            changed_at="Changed|moment",
            opened_at="Opened|moment",
            deleted_at="Deleted, for a while to take back|moment",
            version="Version|number",
            title="Title|sealed",
        ),
    ),
    Table(
        "content",
        "notebook_cell",
        "Cells of notebooks",
        "Keeps what you asked for, to edit and run again.",
        "contract",
        "until you delete it",
        columns(
            id="Number",
            subject_id="Whose it is",
            notebook_id="Notebook",
            place="Place|number",
            content="The cell|json|sealed",
        ),
    ),
    Table(
        "content",
        "notebook_change",
        "Steps that can be undone",
        "Undoes and redoes changes of a notebook.",
        "contract",
        "as long as the notebook",
        columns(
            notebook_id="Notebook",
            number="Step|number",
            subject_id="Whose it is",
            undone="Undone|flag",
            gesture="Gesture it belongs to",
            content="What changed|json|sealed=change{number}",
        ),
        object="notebook_id",
    ),
    Table(
        "content",
        "cell_run",
        "Runs of cells",
        "Says which job was run for which cell.",
        "contract",
        MAKING,
        columns(
            job_id="Job",
            subject_id="Whose it is",
            notebook_id="Notebook",
            cell_id="Cell",
            created_at="Run|moment",
            count="Pictures|number",
            content="The cell as it was|json|sealed=run",
        ),
        object="job_id",
    ),
    Table(
        "content",
        "planned_cell",
        "Cells that wait",
        "Runs a cell when what it is made from is there.",
        "contract",
        "until it has run",
        columns(cell_id="Cell", subject_id="Whose it is", notebook_id="Notebook", created_at="Planned|moment"),
        object="cell_id",
    ),
    Table(
        "content",
        "image_parent",
        "What pictures were made from",
        "Draws the lineage of a picture.",
        "contract",
        MAKING,
        columns(image_id="Picture", parent_id="Made from", subject_id="Whose it is"),
        object="image_id",
    ),
    Table(
        "content",
        "activity",
        "When you were last here",
        "Starts the 90 days of inactivity, and tells which warnings went out.",
        "contract",
        ACCOUNT,
        columns(
            subject_id="Whose it is", active_at="Last visit, to the day|moment", warned="Last warning, in days|number"
        ),
    ),
    Table(
        "content",
        "choice",
        "Your choices about your data",
        "Proves each consent and each withdrawal.",
        "law",
        ACCOUNT,
        columns(
            id="Number of the receipt",
            subject_id="Whose it is",
            purpose="What for",
            version="Version of the text",
            given="Given or withdrawn|flag",
            locale="Language it was read in",
            at="When|moment",
        ),
    ),
    Table(
        "content",
        "consent",
        "What you agreed to when you published",
        "Proves what you agreed to for each public link, and when it was taken back.",
        "law",
        ACCOUNT,
        columns(
            id="Number of the receipt",
            subject_id="Whose it is",
            purpose="What for",
            version="Version of the text",
            scope="Public link it is about",
            locale="Language it was read in",
            given_at="Given|moment",
            withdrawn_at="Taken back|moment",
        ),
    ),
    Table(
        "content",
        "share",
        "Public links",
        "Shows a picture to whoever has its link.",
        "consent",
        "the page until you take it back or it ends; the fingerprint of its link until you delete your account",
        columns(
            id="Number of the link",
            token_hash="Fingerprint of the link|secret",
            subject_id="Whose it is",
            image_id="Picture",
            notebook_id="Notebook, where a whole one is public",
            state="Live or taken back",
            created_at="Published|moment",
            expires_at="Ends|moment",
            listed="In the public gallery|flag",
            views="How often it was opened|number",
            password_hash="Fingerprint of its password|secret",
            card="What its page says|json|sealed",
        ),
        key="public",
    ),
    Table(
        "content",
        "share_picture",
        "Pictures of public notebooks",
        "Knows which pictures a public notebook shows, so that each goes with its own deletion.",
        "consent",
        "until the link ends or the picture is deleted",
        columns(
            share_id="Public link",
            number="Place on the page|number",
            image_id="Picture",
            subject_id="Whose it is",
        ),
        object="share_id",
    ),
    Table(
        "content",
        "report",
        "Reports about your public links",
        "Tells the moderators of a page that should not be public.",
        "interest",
        ACCOUNT,
        columns(
            id="Number of the report",
            share_id="Public link",
            subject_id="Whose page it is about",
            created_at="Reported|moment",
            reason="Kind of reason",
            note="What the visitor wrote|secret",
            state="Open or decided",
            claimed_by="The moderator who looks at it|secret",
            claimed_at="Taken on|moment",
            image_id="Picture whose link was taken down",
            answer="What the moderator wrote to you|sealed",
            decided_at="Decided|moment",
        ),
        key="public",
    ),
    Table(
        "content",
        "image_check",
        "Checks of pictures",
        "Keeps back what must not be shown, and lets you object.",
        "interest",
        MAKING,
        columns(
            image_id="Picture",
            subject_id="Whose it is",
            model="Model",
            created_at="Checked|moment",
            brightness="Brightness|number",
            spread="Contrast|number",
            sharpness="Sharpness|number",
            label="What the check took it for",
            score="How sure it was|number",
            state="Judgement",
            appeal="Your objection, until it is decided|sealed",
            claimed_by="The moderator who looks at it|secret",
            claimed_at="Taken on|moment",
            answer="What the moderator wrote to you|sealed",
            appeals="How often you asked for another look|number",
        ),
        object="image_id",
    ),
    Table(
        "content",
        "flagged",
        "Log of flagged pictures",
        "Lets an operator show how often what was held back, and how it was decided.",
        "interest",
        "kept; it names nobody and shows nothing",
        columns(
            id="Running number|number",
            hash="Fingerprint of the picture's pixels",
            label="What the check took it for",
            score="How sure it was|number",
            decision="Judgement",
            at="When|moment",
        ),
        owner="",
        erase="kept",
        kept_because="It names nobody: a fingerprint that only somebody who has the picture can compare.",
    ),
    Table(
        "content",
        "usage_event",
        "Use of the studio",
        "Shows which parts of the studio are used. The pseudonym cannot be turned back into you.",
        "interest",
        "730 days",
        columns(
            id="Running number|number",
            pseudonym="Pseudonym made with a key of yours",
            feature="What was used",
            day="Day|moment",
            count="How often|number",
            credits="Credits|number",
        ),
        owner="pseudonym",
    ),
    Table(
        "content",
        "ticket",
        "Messages to us",
        "Answers your questions and requests in time.",
        "contract",
        ACCOUNT,
        columns(
            id="Number of the message",
            subject_id="Whose it is",
            kind="Question, feedback or privacy request",
            state="Open or answered",
            thread="Scrambled subject, which finds replies again|secret",
            created_at="Sent|moment",
            due_at="Answer due|moment",
            closed_at="Answered|moment",
            message="What you wrote|json|sealed",
            answer="What we answered|sealed",
            extended="Why the answer takes longer|sealed",
        ),
    ),
    Table(
        "content",
        "notice",
        "Notices to you",
        "Tells you about warnings, changes and finished downloads.",
        "contract",
        ACCOUNT,
        columns(
            id="Number of the notice",
            subject_id="Whose it is",
            kind="What about",
            facts="Dates and counts in it|json",
            at="When|moment",
            read_at="Read|moment",
        ),
    ),
    Table(
        "content",
        "takeout",
        "Downloads of your data",
        "Packs your data and offers it for seven days.",
        "contract",
        "7 days",
        columns(
            id="Number of the download",
            subject_id="Whose it is",
            state="How it stands",
            created_at="Asked for|moment",
            ready_at="Ready|moment",
            expires_at="Link ends|moment",
            size_bytes="Size|number",
            digest="Fingerprint of the file",
            pieces="Encrypted pieces it lies in|number",
            lease_until="Until when a process packs it|moment",
        ),
    ),
    Table(
        "content",
        "erasure",
        "Deletions of accounts",
        "Carries a deletion through to its end and proves it.",
        "law",
        "kept as proof, about a number that belongs to nobody any more",
        columns(
            subject_id="The number that was erased",
            receipt="Number of the receipt",
            state="How it stands",
            step="How far it came",
            requested_at="Asked for|moment",
            due_at="Begins|moment",
            verified_at="Seen to be complete|moment",
            found="Rows and files that went|json",
            lease_until="Until when a process works on it|moment",
        ),
        erase="kept",
        kept_because="It is the tombstone that keeps a backup from bringing the account back.",
    ),
    Table(
        "content",
        "audit_entry",
        "Audit log",
        "Records what was done with data, in a chain that cannot be edited unnoticed.",
        "interest",
        "kept; it holds no names, addresses or content",
        columns(
            number="Running number|number",
            at="When|moment",
            actor="Kind of actor",
            action="What was done",
            subject_id="About which number",
            facts="Counts and codes|json",
            reason="Reason that staff gave|sealed",
            hash="Link of the chain",
        ),
        object="'audit'",
        erase="kept",
        kept_because="The chain would break. The number in it belongs to nobody once the keys are destroyed.",
    ),
    Table(
        "content",
        "sweep",
        "Housekeeping",
        "Makes sure that a job of housekeeping runs once.",
        "interest",
        "overwritten each time",
        columns(
            name="Job",
            owner="Process",
            lease_until="Until when it holds it|moment",
            ran_at="Last run|moment",
        ),
        owner="",
        erase="nobody",
    ),
    Table(
        "content",
        "policy_notice",
        "Notices of policy changes",
        "Says from when a version of the policy holds, and why.",
        "law",
        "kept, as the public history of the policy",
        columns(
            version="Version|number",
            noticed_at="Told|moment",
            effective_at="Holds from|moment",
            reason="Why sooner than 30 days, if so",
        ),
        owner="",
        erase="nobody",
    ),
)

IDENTITY = (
    Table(
        "identity",
        "account",
        "Your account",
        "Lets you in, and writes to you about your account.",
        "contract",
        ACCOUNT,
        columns(
            id="Number of the account",
            name="Name|sealed",
            email="Email address|sealed",
            username="Username|sealed",
            email_index="Scrambled address, which finds the account|secret",
            username_index="Scrambled username, which finds the account|secret",
            password_hash="Fingerprint of the password|secret",
            role="Role",
            premium="Premium plan|flag",
            verified_at="Address confirmed|moment",
            created_at="Signed up|moment",
            active_at="Last here|moment",
            locale="Language",
            totp_secret="Second factor|secret",
            totp_since="Second factor since|moment",
            totp_used="Last code used|number",
        ),
        owner="id@account",
        key="pii",
    ),
    Table(
        "identity",
        "session",
        "Devices and sessions",
        "Keeps you signed in and shows where.",
        "contract",
        "until you sign out or it ends; the address is cut to a network after some days",
        columns(
            id="Number of the session",
            token_hash="Fingerprint of the cookie|secret",
            account_id="Account",
            created_at="Signed in|moment",
            seen_at="Last seen|moment",
            expires_at="Ends|moment",
            confirmed_at="Password last given|moment",
            second_factor="With a second factor|flag",
            browser="Browser",
            system="System",
            device="Device",
            address="Address|sealed",
            address_cut="Address cut to its network|flag",
        ),
        owner="account_id@account",
        key="pii",
    ),
    Table(
        "identity",
        "ticket",
        "Links in mails",
        "Confirms an address or resets a password, once.",
        "contract",
        "a day at most",
        columns(
            token_hash="Fingerprint of the link|secret",
            account_id="Account",
            purpose="What it is for",
            expires_at="Ends|moment",
            value="What it carries|sealed={purpose}",
        ),
        owner="account_id@account",
        object="token_hash",
        key="pii",
    ),
    Table(
        "identity",
        "recovery_code",
        "Recovery codes",
        "Lets you in when the second factor is lost.",
        "contract",
        ACCOUNT,
        columns(code_hash="Fingerprint of the code|secret", account_id="Account"),
        owner="account_id@account",
        object="code_hash",
    ),
    Table(
        "identity",
        "attempt",
        "Wrong sign-ins",
        "Locks a name that somebody tries to guess the password of.",
        "interest",
        "a day",
        columns(
            name_index="Scrambled name that was typed|secret",
            failures="How often|number",
            since="Since|moment",
            locked_until="Locked until|moment",
        ),
        owner="",
        erase="nobody",
    ),
    Table(
        "identity",
        "switch",
        "What you want to hear of",
        "Sends only the mail that you want.",
        "contract",
        ACCOUNT,
        columns(account_id="Account", kind="Kind of mail", wanted="Wanted|flag"),
        owner="account_id@account",
        object="kind",
    ),
    Table(
        "identity",
        "receipt",
        "Acceptance of the policy",
        "Proves which version you accepted, and when.",
        "law",
        ACCOUNT,
        columns(
            id="Number of the receipt",
            account_id="Account",
            purpose="What for",
            version="Version of the text",
            given="Given or taken back|flag",
            locale="Language it was read in",
            at="When|moment",
            how="By a tick or by use",
        ),
        owner="account_id@account",
    ),
    Table(
        "identity",
        "letter",
        "Mail to you",
        "Sends each mail once, also after a crash.",
        "contract",
        "emptied when it is sent, deleted after some days",
        columns(
            id="Number of the letter",
            event="What it tells of",
            account_id="Account",
            kind="Kind of mail",
            ring_key="Version of the key ring|number",
            sealed="The letter, until it is sent|secret",
            created_at="Written|moment",
            due_at="To be sent|moment",
            attempts="Tries|number",
            state="How it stands",
            done_at="Sent|moment",
            lease_until="Until when a process sends it|moment",
        ),
        owner="account_id@account",
    ),
)

KEYS = (
    Table(
        "keys",
        "link",
        "Which account is which number",
        "The only place that says whose pictures are whose.",
        "contract",
        ACCOUNT,
        columns(account_id="Account", subject_id="Your random number"),
        object="account_id",
    ),
    Table(
        "keys",
        "data_key",
        "Your keys",
        "Seal and open what is yours. Destroying them makes it unreadable everywhere, backups included.",
        "contract",
        ACCOUNT,
        columns(
            subject_id="Whose it is",
            kind="What it seals",
            ring_key="Version of the key ring|number",
            wrapped="The key itself, wrapped|secret",
        ),
        erase="kept",
        kept_because="The row stays without its key, so that none can ever be made again for it.",
    ),
    Table(
        "keys",
        "backup_key",
        "Keys of backups",
        "Open a backup for 30 days.",
        "interest",
        "30 days",
        columns(
            id="Number of the backup",
            made_at="Made|moment",
            expires_at="Opens nothing after|moment",
            ring_key="Version of the key ring|number",
            wrapped="The key itself, wrapped|secret",
        ),
        owner="",
        erase="nobody",
    ),
)

TABLES: tuple[Table, ...] = (*CONTENT, *IDENTITY, *KEYS)
MIGRATION_TABLES = frozenset({"schema_migration"})  # which migrations ran: about nobody


def of(database: str, name: str) -> Table:
    return next(one for one in TABLES if (one.database, one.name) == (database, name))


def personal(database: str) -> tuple[Table, ...]:
    """Tables with rows of somebody."""
    return tuple(one for one in TABLES if one.database == database and one.owner)


def unannotated(found: Mapping[tuple[str, str], Iterable[str]]) -> tuple[str, ...]:
    """Columns that exist and that this map does not know, and the other way round, as `database.table.column`."""
    real = {f"{db}.{table}.{column}" for (db, table), names in found.items() for column in names}
    known = {f"{one.database}.{one.name}.{column.name}" for one in TABLES for column in one.columns}
    return tuple(sorted(real ^ known))


def schema() -> dict[str, Any]:
    """The JSON Schema of the download's `data.json`."""
    exported = [one for one in TABLES if one.export and one.owner]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Everything that PixCosmos keeps about one person",
        "type": "object",
        "additionalProperties": False,
        "properties": {one.id: rows_schema(one) for one in exported},
        "required": [one.id for one in exported],
    }


def rows_schema(table: Table) -> dict[str, Any]:
    shown = [column for column in table.columns if column.shown]
    row = {
        "type": "object",
        "additionalProperties": False,
        "properties": {column.name: column_schema(column) for column in shown},
        "required": [column.name for column in shown],
    }
    return {"title": table.title, "description": table.purpose, "type": "array", "items": row}


def column_schema(column: Column) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "text": {"type": ["string", "null"]},
        "number": {"type": ["number", "null"]},
        "moment": {"type": ["string", "null"], "format": "date-time"},
        "flag": {"type": ["boolean", "null"]},
        "json": {"type": ["object", "array", "string", "null"]},
    }
    return {"description": column.means, **kinds[column.kind]}


@dataclass(frozen=True, slots=True)
class Record:
    """One processing of the record of GDPR Article 30."""

    database: str
    name: str
    purpose: str
    lawful: str
    categories: tuple[str, ...]
    retention: str
    security: str
    erasure: str
    recipients: tuple[str, ...] = field(default=())


def processing_record(recipients: Iterable[str] = ()) -> tuple[Record, ...]:
    """The same map gives the same record, word for word."""
    ends: dict[str, str] = {"rows": "rows are deleted with the account", "nobody": "about nobody"}
    return tuple(
        Record(
            one.database,
            one.name,
            one.purpose,
            LAWFUL[one.lawful],
            tuple(column.means for column in one.columns),
            one.retention,
            "sealed with a key of the person" if any(column.sealed for column in one.columns) else "pseudonymous",
            ends.get(one.erase, one.kept_because),
            tuple(recipients),
        )
        for one in TABLES
    )
