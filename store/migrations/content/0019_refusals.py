"""A cell that could not run when its turn came keeps why."""

from peewee import BlobField


def up(migrator, database):
    migrator.migrate(migrator.add_column("notebook_cell", "refused", BlobField(null=True)))
