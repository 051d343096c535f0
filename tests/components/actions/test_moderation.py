"""What is drawn is looked at first: a scan that fails delivers nothing, what is flagged is held back, and logged."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image

from components.actions import finish, gallery, generate, moderation, sharing
from components.studio import Studio
from pipelines.nsfwjs import network
from pipelines.types import Done, Render
from policies.actor import Actor
from policies.draft import Draft
from policies.sharing import Options
from policies.verdict import Refused
from store.settings import Settings
from tests.components.web.public import drawing, edges, keep, sharp

BLACK = np.zeros((256, 256, 3), np.uint8)


def strict(studio: Studio) -> Studio:
    """A home that holds every picture back."""
    return replace(studio, settings=Settings(data=studio.settings.data, scan_explicit=0.0))


@pytest.mark.promise("P15")
def test_a_scan_that_crashes_delivers_nothing(
    studio: Studio, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(pixels: object) -> None:
        raise RuntimeError("the scanner is broken")

    monkeypatch.setattr(network, "classify", crash)
    job = studio.stores.jobs.enqueue(alice.subject_id, Draft(prompt="waves", seed=1), 1.0, studio.clock())
    studio.stores.jobs.claim("test", studio.clock(), timedelta(minutes=1))
    finish.conclude(studio, "test", job, Done(job.id, (Render(0, 1, drawing(), None),), 1.0))
    ended = studio.stores.jobs.get(alice.subject_id, job.id)
    assert (ended.state, ended.error_code) == ("failed", "scan_failed")
    assert studio.stores.gallery.page(alice.subject_id) == ((), None)
    assert studio.stores.vault.blobs.names() == []


@pytest.mark.promise("P15")
def test_a_forbidden_prompt_starts_nothing(studio: Studio, alice: Actor) -> None:
    with pytest.raises(Refused, match="minors"):
        generate.start(studio, alice, Draft(prompt="a nude child", steps=2))
    assert studio.stores.jobs.count_queued() == 0


@pytest.mark.promise("P15")
def test_a_flagged_picture_is_blurred_for_its_owner_and_does_not_leave(studio: Studio, alice: Actor) -> None:
    home = strict(studio)
    image = gallery.get(home, alice, keep(home, alice.subject_id, pixels=sharp()))
    assert edges(home.stores.gallery.bytes(alice.subject_id, image.id, "full")) > 60
    assert moderation.veiled(home, image.subject_id, image.id)
    for variant, kind in (("full", "PNG"), ("thumb512", "WEBP")):
        shown = gallery.data(home, alice, image, variant)
        assert Image.open(io.BytesIO(shown)).format == kind
        assert edges(shown) < 25
    with pytest.raises(Refused, match="held back"):
        gallery.download(home, alice, image.id)
    with pytest.raises(Refused, match="held back"):
        sharing.publish(home, alice, image.id, Options(agreed=True))


@pytest.mark.promise("P18")
def test_a_black_picture_is_flagged_as_blank_and_measured(studio: Studio, alice: Actor) -> None:
    image = gallery.get(studio, alice, keep(studio, alice.subject_id, pixels=BLACK))
    check = studio.stores.checks.of(alice.subject_id, image.id)
    assert check is not None and (check.label, check.state, check.brightness) == ("blank", "flagged", 0)
    assert check.held and not moderation.veiled(studio, image.subject_id, image.id)
    with pytest.raises(Refused):
        sharing.publish(studio, alice, image.id, Options(agreed=True))
    other = studio.stores.checks.of(alice.subject_id, keep(studio, alice.subject_id))
    assert other is not None and other.state == "clear" and other.sharpness > 0 and other.spread > 2


@pytest.mark.promise("P17")
def test_the_log_names_hash_label_score_and_decision_and_outlives_the_picture(studio: Studio, alice: Actor) -> None:
    home = strict(studio)
    image_id = keep(home, alice.subject_id, prompt="a secret prompt")
    image = gallery.get(home, alice, image_id)
    moderation.decide(home, moderation.check_of(home, image.subject_id, image.id), "upheld")
    gallery.delete(home, alice, [image_id])
    home.stores.keys.destroy(alice.subject_id)
    digest = moderation.fingerprint(drawing())
    rows = home.stores.checks.logged()
    assert [(row[0], row[1], row[3]) for row in rows] == [
        (digest, "explicit", "flagged"),
        (digest, "explicit", "upheld"),
    ]
    assert home.stores.checks.of(alice.subject_id, image_id) is None
    assert alice.subject_id not in repr(rows) and "secret" not in repr(rows)


def test_the_owner_of_a_personal_home_decides_and_others_ask(studio: Studio, alice: Actor) -> None:
    home = strict(studio)
    mine = keep(home, home.owner.subject_id)
    assert moderation.appeal(home, home.owner, mine, "").state == "released"
    assert not moderation.veiled(home, home.owner.subject_id, mine)
    assert gallery.download(home, home.owner, mine).data
    theirs = keep(home, alice.subject_id)
    assert moderation.appeal(home, alice, theirs, "it is a wave").state == "appealed"
    assert [check.image_id for check in home.stores.checks.waiting()] == [theirs]
    assert moderation.veiled(home, alice.subject_id, theirs)


def test_a_personal_home_may_switch_the_scan_off_and_others_may_not(studio: Studio) -> None:
    off = replace(studio, settings=Settings(data=studio.settings.data, scan=False, scan_explicit=0.0))
    assert not moderation.scan(off, drawing()).flagged
    assert moderation.scan(off, BLACK).label == "blank"
    with pytest.raises(ValueError, match="PIXCOSMOS_SCAN: False"):
        Settings(data=studio.settings.data, home="hosted", scan=False)
