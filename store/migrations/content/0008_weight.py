"""Jobs remember the share of their plan in the device's time."""

from peewee import FloatField


def up(migrator, database):
    migrator.migrate(migrator.add_column("job", "weight", FloatField(default=1.0)))
