"""The tables of the keys database: the keys, and the only row that ties a person to a number."""

from __future__ import annotations

from policies.data_map.shape import ACCOUNT, Table, columns

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
        kept_because="The row stays without its key, so that none can ever be made again for it; of a visit that "
        "ended, for 31 days.",
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
