"""Notebooks, their cells, what can be undone, and which job belongs to which cell, and which picture was
made from which. A frozen copy, as in the first."""

from peewee import BigIntegerField, BlobField, CharField, CompositeKey, IntegerField, Model

ID = 32


def up(migrator, database):
    class Base(Model):
        pass

    Base._meta.database = database

    class Notebook(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        created_at = BigIntegerField()
        changed_at = BigIntegerField()
        opened_at = BigIntegerField()
        deleted_at = BigIntegerField(null=True)
        version = IntegerField()
        title = BlobField()

        class Meta:
            table_name = "notebook"
            indexes = ((("subject_id", "opened_at"), False),)

    class NotebookCell(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        notebook_id = CharField(ID)
        place = IntegerField()
        content = BlobField()

        class Meta:
            table_name = "notebook_cell"
            indexes = ((("notebook_id", "place"), False),)

    class NotebookChange(Base):
        notebook_id = CharField(ID)
        number = IntegerField()
        subject_id = CharField(ID, index=True)
        undone = IntegerField()
        gesture = CharField(64)
        content = BlobField()

        class Meta:
            table_name = "notebook_change"
            primary_key = CompositeKey("notebook_id", "number")

    class CellRun(Base):
        job_id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        notebook_id = CharField(ID, index=True)
        cell_id = CharField(ID)
        created_at = BigIntegerField()
        count = IntegerField()
        content = BlobField()

        class Meta:
            table_name = "cell_run"

    class PlannedCell(Base):
        cell_id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        notebook_id = CharField(ID, index=True)
        created_at = BigIntegerField()

        class Meta:
            table_name = "planned_cell"

    class ImageParent(Base):
        image_id = CharField(ID)
        parent_id = CharField(ID, index=True)
        subject_id = CharField(ID, index=True)

        class Meta:
            table_name = "image_parent"
            primary_key = CompositeKey("image_id", "parent_id")

    database.create_tables([Notebook, NotebookCell, NotebookChange, CellRun, PlannedCell, ImageParent])
