"""Who looks at a held picture or a report, what they answered, and how often a second look was asked for."""

from peewee import BigIntegerField, BlobField, CharField, IntegerField


def up(migrator, database):
    claimed = [("claimed_by", CharField(32, null=True)), ("claimed_at", BigIntegerField(null=True))]
    check = [*claimed, ("answer", BlobField(null=True)), ("appeals", IntegerField(default=0))]
    report = [
        *claimed,
        ("image_id", CharField(32, null=True)),
        ("answer", BlobField(null=True)),
        ("decided_at", BigIntegerField(null=True)),
    ]
    migrator.migrate(*(migrator.add_column("image_check", name, field) for name, field in check))
    migrator.migrate(*(migrator.add_column("report", name, field) for name, field in report))
