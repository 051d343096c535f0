"""Asking for pictures: what is drawn, what is refused, what can be taken back."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow

from components.actions import gallery, generate
from components.jobs import Dispatcher
from components.studio import Studio
from pipelines import provenance
from pipelines.images import BadImage
from policies.actor import Actor
from policies.draft import Draft
from policies.verdict import Refused
from tests.conftest import ended


def pixels_of(studio: Studio, actor: Actor, image_id: str, variant: str = "full") -> np.ndarray:
    import io

    image = gallery.get(studio, actor, image_id)
    return np.asarray(Pillow.open(io.BytesIO(gallery.data(studio, actor, image, variant))))


def test_a_prompt_becomes_pictures(studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft) -> None:
    job = ended(studio, generate.start(studio, alice, replace(apple, count=2)))
    assert job.state == "done"
    first, second = studio.stores.gallery.of_job(alice.subject_id, job.id)
    assert (first.seed, second.seed) == (1, 2)
    assert pixels_of(studio, alice, first.id).shape == (512, 512, 3)
    assert pixels_of(studio, alice, first.id, "native").shape == (128, 128, 3)
    assert pixels_of(studio, alice, first.id, "thumb256").shape == (256, 256, 3)
    assert not np.array_equal(pixels_of(studio, alice, first.id), pixels_of(studio, alice, second.id))


def test_reproducing_gives_the_same_pixels(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    job = ended(studio, generate.start(studio, alice, replace(apple, count=2)))
    second = studio.stores.gallery.of_job(alice.subject_id, job.id)[1]
    again = ended(studio, generate.reproduce(studio, alice, second.id))
    (copy,) = studio.stores.gallery.of_job(alice.subject_id, again.id)
    assert np.array_equal(pixels_of(studio, alice, second.id), pixels_of(studio, alice, copy.id))


def test_a_seed_is_chosen_when_none_is_given(studio: Studio, alice: Actor, apple: Draft) -> None:
    jobs = [generate.start(studio, alice, replace(apple, seed=None)) for _ in range(2)]
    assert jobs[0].draft.seed is not None
    assert jobs[0].draft.seed != jobs[1].draft.seed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt", "  "),
        ("prompt", "x" * 2001),
        ("steps", 0),
        ("steps", 2.5),
        ("guidance", -1.0),
        ("guidance", float("nan")),
        ("width", 500),
        ("height", 1 << 40),
        ("count", 9),
        ("seed", -1),
        ("seed", 2**32),
        ("scheduler", "magic"),
        ("model", "../../etc"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_nothing_is_written(
    studio: Studio, alice: Actor, apple: Draft, field: str, value: object
) -> None:
    with pytest.raises(Refused) as refused:
        generate.start(studio, alice, replace(apple, **{field: value}))
    assert refused.value.verdict.field == field
    assert str(refused.value).startswith(f"{field}: ")
    assert "Expected" in str(refused.value)
    assert studio.stores.jobs.count_queued() == 0


def test_the_queue_of_a_person_has_an_end(studio: Studio, alice: Actor, bob: Actor, apple: Draft) -> None:
    for _ in range(studio.settings.max_queued):
        studio.stores.jobs.enqueue(alice.subject_id, apple, 1.0, studio.clock())
    with pytest.raises(Refused) as refused:
        generate.start(studio, alice, apple)
    assert refused.value.verdict.code == "queue_full"
    assert generate.start(studio, bob, apple).state == "queued"


def test_a_waiting_job_is_cancelled_at_once(studio: Studio, alice: Actor, apple: Draft) -> None:
    job = generate.start(studio, alice, apple)
    assert generate.cancel(studio, alice, job.id).state == "cancelled"


def test_a_running_job_is_cancelled_and_keeps_nothing(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    job = generate.start(studio, alice, replace(apple, steps=150, count=8))
    while (live := studio.live.progress(job.id)) is None or not any(one.step for one in live.pictures.values()):
        assert studio.stores.jobs.get(alice.subject_id, job.id).state in ("queued", "running")
        time.sleep(0.01)
    generate.cancel(studio, alice, job.id)
    assert ended(studio, job).state == "cancelled"
    assert studio.stores.gallery.of_job(alice.subject_id, job.id) == ()
    assert ended(studio, generate.start(studio, alice, apple)).state == "done"


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_a_downloaded_file_gives_its_settings_back(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft, format: str
) -> None:
    asked = replace(apple, prompt='a "red", (ripe:1.2) apple: größer\nand greener', negative_prompt="worm, dirt")
    job = ended(studio, generate.start(studio, alice, asked))
    (image,) = studio.stores.gallery.of_job(alice.subject_id, job.id)
    file = gallery.download(studio, alice, image.id, format=format)  # type: ignore[arg-type]
    assert generate.draft_from_file(studio, file.data) == asked
    assert "Size: 128x128" in provenance.parameters_text(generate.settings_of(studio, image))
    bare = gallery.download(studio, alice, image.id, format=format, metadata=False)  # type: ignore[arg-type]
    assert b"apple" not in bare.data
    with pytest.raises(BadImage, match="no settings are inside"):
        generate.draft_from_file(studio, bare.data)


def test_a_model_that_is_not_here_gives_way_to_the_starter(studio: Studio) -> None:
    from pipelines import images, provenance

    settings = {"prompt": "a fox", "steps": 12, "model": "of-somebody-else", "width": 512, "height": 512}
    file = provenance.write(images.png(np.zeros((8, 8, 3), np.uint8)), "png", settings)
    draft = generate.draft_from_file(studio, file)
    assert (draft.model, draft.prompt, draft.steps) == ("starter", "a fox", 12)


def test_a_gentle_hint_for_what_a_small_model_never_saw(studio: Studio) -> None:
    assert generate.hint(studio, "starter", "a (fox:1.2) in a purple nebula") is None
    hint = generate.hint(studio, "starter", "a bulldozer eating spaghetti code")
    assert hint is not None
    assert "bulldozer" in hint.words
