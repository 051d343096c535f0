"""Cells and steps of notebooks know when they were written, and deletions whether somebody holds their receipt.

A cell from before counts from the last change of its notebook. A step from before counts as old: none of them is kept
for a guest.
"""

from peewee import BigIntegerField, IntegerField


def up(migrator, database):
    migrator.migrate(migrator.add_column("notebook_cell", "changed_at", BigIntegerField(default=0)))
    migrator.migrate(migrator.add_column("notebook_change", "changed_at", BigIntegerField(default=0)))
    migrator.migrate(migrator.add_column("erasure", "asked", IntegerField(default=1)))
    database.execute_sql(
        "UPDATE notebook_cell SET changed_at = COALESCE("
        "(SELECT notebook.changed_at FROM notebook WHERE notebook.id = notebook_cell.notebook_id), 0)"
    )
