"""A new master key for a home that stands still."""

from __future__ import annotations

from components.studio import Studio
from store.rotation import Rotated


def rotate(studio: Studio) -> Rotated:
    """Raises KeyGone when a key does not open; then the old master key stays, and nothing is lost."""
    done = studio.stores.rotation.run()
    studio.stores.audit.add(studio.clock(), "system", "keys.rotated", facts={"keys": done.keys})
    return done
