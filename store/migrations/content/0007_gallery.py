"""Stars, boards, tags, pictures set aside, imports and exports. A frozen copy, as in the first migration."""

from peewee import BigIntegerField, BlobField, CharField, CompositeKey, IntegerField, Model

ID = 32


def up(migrator, database):
    class Base(Model):
        pass

    Base._meta.database = database

    class Board(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        created_at = BigIntegerField()
        title = BlobField()
        cover_id = CharField(ID, null=True)

        class Meta:
            table_name = "board"

    class Tag(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        name = BlobField()

        class Meta:
            table_name = "tag"

    class ImageTag(Base):
        tag_id = CharField(ID)
        image_id = CharField(ID, index=True)
        subject_id = CharField(ID, index=True)

        class Meta:
            table_name = "image_tag"
            primary_key = CompositeKey("tag_id", "image_id")

    class Discarded(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        job_id = CharField(ID, index=True)
        until = BigIntegerField(index=True)
        row = BlobField()

        class Meta:
            table_name = "discarded"

    class Export(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        expires_at = BigIntegerField(index=True)
        plan = BlobField()

        class Meta:
            table_name = "export"

    database.create_tables([Board, Tag, ImageTag, Discarded, Export])
    migrator.migrate(
        migrator.add_column("image", "kind", CharField(32, default="text_to_image")),
        migrator.add_column("image", "starred", IntegerField(default=0)),
        migrator.add_column("image", "board_id", CharField(ID, null=True)),
        migrator.add_column("image", "fingerprint", CharField(64, null=True)),
        migrator.add_index("image", ("subject_id", "starred", "created_at", "id"), False),
        migrator.add_index("image", ("subject_id", "board_id", "created_at", "id"), False),
        migrator.add_index("image", ("subject_id", "fingerprint"), False),
    )
