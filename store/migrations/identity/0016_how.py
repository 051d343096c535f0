"""Receipts say whether a box was ticked or the studio was used."""

from peewee import CharField


def up(migrator, database):
    migrator.migrate(migrator.add_column("receipt", "how", CharField(8, default="box")))
