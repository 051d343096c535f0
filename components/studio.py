"""The studio: everything an action needs, made once at the start and passed along. Never a global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from components.downloads import Downloads
from components.lessons import Lessons
from components.live import Live
from components.metrics import Metrics
from components.signing import Signer, open_signer
from pipelines.catalogue import Catalogue
from pipelines.speed import Speed
from pipelines.types import Engine
from policies.actor import Actor
from store.db import Stores, open_stores
from store.passwords import Passwords
from store.settings import Settings

Clock = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Studio:
    settings: Settings
    catalogue: Catalogue
    engine: Engine
    stores: Stores
    clock: Clock = now
    live: Live = field(default_factory=Live)
    passwords: Passwords = field(default_factory=Passwords)

    @cached_property
    def downloads(self) -> Downloads:
        return Downloads(self.catalogue, self.live.tell_all_about_model)

    @cached_property
    def lessons(self) -> Lessons:
        return Lessons(lambda subject_id: self.live.tell(subject_id, "lesson", ""))

    @cached_property
    def metrics(self) -> Metrics:
        return Metrics(self.stores.jobs.counts, self.engine.status, self.engine.measures)

    @cached_property
    def signer(self) -> Signer:
        return open_signer(self.settings, self.clock())

    def open_signer(self) -> None:
        """At the start: a certificate that cannot sign stops that, not the first picture."""
        assert self.signer is not None

    @property
    def owner(self) -> Actor:
        """The one person of a personal home."""
        return Actor(self.stores.subjects.owner(self.clock()), "owner")

    def close(self) -> None:
        self.live.closed = True
        self.lessons.close()
        self.engine.close()
        self.stores.close()


def open_studio(settings: Settings, *, alone: bool = False) -> Studio:
    """Opens the data folder, `alone` to change its keys.

    The engine is built but touches no torch until its first job or `warm()`.
    """
    from pipelines.engine import LocalEngine

    catalogue = Catalogue(settings.models_dir)
    engine = LocalEngine(catalogue, device=settings.device, speed=speed_of(settings))
    studio = Studio(settings, catalogue, engine, open_stores(settings, alone=alone))
    studio.open_signer()
    return studio


def speed_of(settings: Settings) -> Speed:
    return Speed(
        attention=settings.attention,
        offload=settings.offload,
        fuse_qkv=settings.fuse_qkv,
        compile=settings.compile,
        tiny_decoder=settings.tiny_decoder,
        previews=settings.previews,
        compiled_dir=settings.data / "compiled",
    )
