"""A request whose answer takes longer says why."""

from peewee import BlobField


def up(migrator, database):
    migrator.migrate(migrator.add_column("ticket", "extended", BlobField(null=True)))
