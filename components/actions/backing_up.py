"""Backups of a whole home, and coming back from one without bringing back who left."""

from __future__ import annotations

from pathlib import Path

from components.actions import leaving
from components.studio import Studio
from store.backups import Backup


def backup(studio: Studio, target: Path) -> Backup:
    made = studio.stores.backups.write(target, studio.clock())
    studio.stores.audit.add(studio.clock(), "system", "backup.made", facts={"files": len(made.files)})
    return made


def verify(studio: Studio, source: Path) -> Backup:
    """Reads all of it and compares every file. Raises BadBackup."""
    return studio.stores.backups.verify(source, studio.clock())


def restore(studio: Studio, source: Path) -> tuple[Backup, int]:
    """Puts everything back, then deletes again whoever left since; answers how many those were. Raises BadBackup.

    What says who left are the destroyed keys: their database is in no backup, so no restore makes it older.
    Everybody signs in anew: a session that was ended since, such as a lost phone's, would be back too.
    """
    back = studio.stores.backups.put_back(source, studio.clock())
    studio.stores.sessions.end_all()
    gone = studio.stores.keys.destroyed()
    leaving.replay_all(studio, gone)
    studio.stores.rotation.catch_up()
    studio.stores.gallery.sweep_doomed()
    studio.stores.audit.add(studio.clock(), "system", "backup.restored", facts={"left": len(gone)})
    return back, len(gone)
