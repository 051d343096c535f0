"""Starting from pictures: redraw a part, add room, enlarge, begin from one. With the real starter model."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow

from components.actions import generate, sources
from components.jobs import Dispatcher
from components.studio import Studio
from pipelines import images
from pipelines.images import BadImage
from pipelines.upscale import SHIPPED
from policies.actor import Actor
from policies.draft import ControlMap, Draft
from policies.verdict import Refused
from store.gallery import Image
from store.jobs import Job
from store.vault import Missing
from tests.conftest import ended

PATIENCE = 280.0  # seconds; the first job loads the model


def picture(width: int, height: int) -> np.ndarray:
    down, across = np.mgrid[0:height, 0:width]
    return np.stack([down * 255 // height, across * 255 // width, (down + across) % 256], axis=-1).astype(np.uint8)


def mask_file(width: int, height: int, box: tuple[int, int, int, int]) -> bytes:
    mask = Pillow.new("L", (width, height))
    mask.paste(255, box)
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    return buffer.getvalue()


def brought(studio: Studio, actor: Actor, width: int = 512, height: int = 512) -> str:
    return sources.upload(studio, actor, images.png(picture(width, height)), "upload").id


def painted(studio: Studio, actor: Actor, picture_id: str, box: tuple[int, int, int, int]) -> str:
    size = sources.find(studio, actor.subject_id, picture_id).size
    return sources.upload(studio, actor, mask_file(*size, box), "mask", picture_id).id


def result(studio: Studio, actor: Actor, job: Job) -> tuple[Image, np.ndarray]:
    job = ended(studio, job, PATIENCE)
    assert job.state == "done", job.error_reason
    (image,) = studio.stores.gallery.of_job(actor.subject_id, job.id)
    return image, sources.pixels(studio, actor.subject_id, image.id)


@pytest.fixture
def redraw(apple: Draft) -> Draft:
    return replace(apple, kind="inpaint", feather=0)


@pytest.mark.parametrize("size", [(512, 512), (300, 200), (1000, 640)])
@pytest.mark.parametrize("area", ["whole", "masked"])
def test_what_is_not_marked_stays_to_the_last_bit(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, redraw: Draft, size: tuple[int, int], area: str
) -> None:
    source = brought(studio, alice, *size)
    box = (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2)
    mask = painted(studio, alice, source, box)
    draft = replace(redraw, image=source, mask=mask, strength=1.0, area=area)  # type: ignore[arg-type]
    image, drawn = result(studio, alice, generate.start(studio, alice, draft))
    kept = np.ones(drawn.shape[:2], bool)
    kept[box[1] : box[3], box[0] : box[2]] = False
    before = picture(*size)
    assert drawn.shape == before.shape
    assert np.abs(drawn[kept].astype(int) - before[kept]).max() == 0
    assert np.abs(drawn[~kept].astype(int) - before[~kept]).mean() > 5
    assert image.draft.parents == (source,)


def test_inverting_redraws_all_but_what_is_marked(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, redraw: Draft
) -> None:
    source = brought(studio, alice)
    draft = replace(redraw, image=source, mask=painted(studio, alice, source, (0, 0, 128, 512)), invert=True)
    _, drawn = result(studio, alice, generate.start(studio, alice, draft))
    assert np.array_equal(drawn[:, :128], picture(512, 512)[:, :128])
    assert not np.array_equal(drawn[:, 128:], picture(512, 512)[:, 128:])


def test_a_soft_edge_stays_near_the_mark(studio: Studio, dispatcher: Dispatcher, alice: Actor, redraw: Draft) -> None:
    source = brought(studio, alice)
    mask = painted(studio, alice, source, (200, 200, 300, 300))
    draft = replace(redraw, image=source, mask=mask, feather=8)
    _, drawn = result(studio, alice, generate.start(studio, alice, draft))
    far = np.ones((512, 512), bool)
    far[160:340, 160:340] = False
    assert np.array_equal(drawn[far], picture(512, 512)[far])


def test_room_is_added_at_four_sides_and_the_picture_stays(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, redraw: Draft
) -> None:
    source = brought(studio, alice, 256, 320)
    draft = replace(redraw, image=source, left=64, top=32, right=96, bottom=16, strength=1.0)
    image, drawn = result(studio, alice, generate.start(studio, alice, draft))
    assert (image.width, image.height) == (416, 368)
    inside = drawn[32 + 16 : 32 + 320 - 16, 64 + 16 : 64 + 256 - 16]
    assert np.array_equal(inside, picture(256, 320)[16:-16, 16:-16])


def test_the_same_edit_twice_gives_the_same_pixels(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, redraw: Draft
) -> None:
    source = brought(studio, alice)
    draft = replace(redraw, image=source, mask=painted(studio, alice, source, (100, 100, 300, 300)))
    first, drawn = result(studio, alice, generate.start(studio, alice, draft))
    _, again = result(studio, alice, generate.reproduce(studio, alice, first.id))
    assert np.array_equal(drawn, again)


def test_a_picture_to_start_from_may_have_any_size(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    draft = replace(apple, kind="image_to_image", image=brought(studio, alice, 300, 700), strength=0.5)
    image, drawn = result(studio, alice, generate.start(studio, alice, draft))
    assert drawn.shape == (512, 512, 3)
    assert "Denoising strength: 0.5" in generate.text_of(studio, image)


@pytest.mark.parametrize(
    ("size", "change", "wanted"),
    [
        ((100, 80), {"scale": 2.0}, (200, 160)),
        ((100, 80), {"scale": 4.0}, (400, 320)),
        ((100, 80), {"scale": 0.0, "width": 900, "height": 480}, (600, 480)),
        ((40, 30), {"scale": 8.0}, (320, 240)),
        ((100, 80), {"scale": 0.5}, (50, 40)),
    ],
)
def test_a_picture_is_enlarged_to_any_size_and_never_stretched(
    studio: Studio,
    dispatcher: Dispatcher,
    alice: Actor,
    size: tuple[int, int],
    change: dict[str, float],
    wanted: tuple[int, int],
) -> None:
    draft = replace(Draft(kind="upscale", image=brought(studio, alice, *size)), **change)  # type: ignore[arg-type]
    image, drawn = result(studio, alice, generate.start(studio, alice, draft))
    assert drawn.shape == (wanted[1], wanted[0], 3)
    assert image.draft.upscaler == SHIPPED.stem
    small = np.asarray(Pillow.fromarray(drawn).resize(size, Pillow.Resampling.BOX)).astype(int)
    assert np.abs(small - picture(*size))[2:-2, 2:-2].mean() < 25
    assert f"Postprocess upscaler: {SHIPPED.stem}" in generate.text_of(studio, image)


def test_a_creative_upscale_redraws_the_details(studio: Studio, dispatcher: Dispatcher, alice: Actor) -> None:
    plain = Draft(kind="upscale", image=brought(studio, alice, 160, 160), scale=4.0, seed=3, steps=4)
    creative = replace(plain, creativity=0.5, prompt="a red apple", scheduler="ddim")
    _, first = result(studio, alice, generate.start(studio, alice, plain))
    image, second = result(studio, alice, generate.start(studio, alice, creative))
    assert first.shape == second.shape == (640, 640, 3)
    assert np.abs(first.astype(int) - second).mean() > 1
    assert "Denoising strength: 0.5" in generate.text_of(studio, image)


def test_an_enlargement_is_cancelled_between_two_tiles(studio: Studio, dispatcher: Dispatcher, alice: Actor) -> None:
    draft = Draft(kind="upscale", image=brought(studio, alice, 1024, 1024), scale=2.0)
    job = generate.start(studio, alice, draft)
    while (live := studio.live.progress(job.id)) is None or not any(one.step for one in live.pictures.values()):
        assert studio.stores.jobs.get(alice.subject_id, job.id).state in ("queued", "running")
    assert live.phase == "enlarging"
    generate.cancel(studio, alice, job.id)
    assert ended(studio, job, PATIENCE).state == "cancelled"
    assert studio.stores.gallery.of_job(alice.subject_id, job.id) == ()


@pytest.mark.promise("P25")
@pytest.mark.parametrize(
    "change",
    [
        {"kind": "image_to_image"},
        {"kind": "upscale"},
        {"kind": "inpaint", "left": 8},
        {"kind": "text_to_image", "image": "", "controls": (ControlMap(network="edges"),)},
    ],
)
def test_nobody_starts_from_anothers_picture(
    studio: Studio, alice: Actor, bob: Actor, apple: Draft, change: dict[str, object]
) -> None:
    theirs = brought(studio, bob)
    draft = replace(apple, **{"image": theirs} | change)  # type: ignore[arg-type]
    draft = replace(draft, controls=tuple(replace(one, image=theirs) for one in draft.controls))
    with pytest.raises(Missing):
        generate.start(studio, alice, draft)
    assert studio.stores.jobs.count_queued() == 0


def test_anothers_mask_is_missing_and_the_mask_of_another_picture_is_refused(
    studio: Studio, alice: Actor, bob: Actor, redraw: Draft
) -> None:
    mine, smaller, theirs = brought(studio, alice), brought(studio, alice, 64, 64), brought(studio, bob)
    with pytest.raises(Missing):
        mask = painted(studio, bob, theirs, (0, 0, 9, 9))
        generate.start(studio, alice, replace(redraw, image=mine, mask=mask))
    with pytest.raises(Refused, match="mask: '64 x 64' is not allowed. Expected 512 x 512"):
        mask = painted(studio, alice, smaller, (0, 0, 9, 9))
        generate.start(studio, alice, replace(redraw, image=mine, mask=mask))


@pytest.mark.parametrize(("invert", "box"), [(False, (0, 0, 0, 0)), (True, (0, 0, 512, 512))])
def test_an_empty_mask_fails_by_name(
    studio: Studio,
    dispatcher: Dispatcher,
    alice: Actor,
    redraw: Draft,
    invert: bool,
    box: tuple[int, int, int, int],
) -> None:
    source = brought(studio, alice)
    draft = replace(redraw, image=source, mask=painted(studio, alice, source, box), invert=invert)
    job = ended(studio, generate.start(studio, alice, draft), PATIENCE)
    assert (job.state, job.error_code) == ("failed", "bad_image")
    assert "0 pixels are marked" in job.error_reason


def test_a_full_mask_redraws_everything(studio: Studio, dispatcher: Dispatcher, alice: Actor, redraw: Draft) -> None:
    source = brought(studio, alice)
    draft = replace(redraw, image=source, mask=painted(studio, alice, source, (0, 0, 512, 512)), strength=1.0)
    _, drawn = result(studio, alice, generate.start(studio, alice, draft))
    assert np.mean(np.any(drawn != picture(512, 512), axis=-1)) > 0.9


def test_a_source_that_is_deleted_while_the_job_waits_is_named(
    studio: Studio, alice: Actor, apple: Draft
) -> None:
    source = brought(studio, alice)
    job = generate.start(studio, alice, replace(apple, kind="image_to_image", image=source))
    sources.take_back(studio, alice, source)
    dispatcher = Dispatcher(studio)
    dispatcher.start()
    assert ended(studio, job, PATIENCE).error_code == "source_missing"
    dispatcher.stop()


def oriented() -> bytes:
    """Taller than wide once its EXIF note is heeded."""
    buffer, exif = io.BytesIO(), Pillow.Exif()
    exif[0x0112] = 6
    Pillow.fromarray(picture(80, 40)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def saved(image: Pillow.Image, format: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("file", "size"),
    [
        (oriented(), (40, 80)),
        (saved(Pillow.new("CMYK", (30, 20), (0, 255, 255, 0)), "TIFF"), (30, 20)),
        (saved(Pillow.new("I;16", (30, 20), 40_000), "PNG"), (30, 20)),
        (saved(Pillow.new("RGBA", (30, 20), (255, 0, 0, 0)), "PNG"), (30, 20)),
        (saved(Pillow.new("P", (30, 20)), "GIF"), (30, 20)),
    ],
)
def test_pictures_of_every_kind_are_kept_upright_in_eight_bits(
    studio: Studio, alice: Actor, file: bytes, size: tuple[int, int]
) -> None:
    kept = sources.upload(studio, alice, file, "upload")
    assert (kept.width, kept.height) == size
    assert sources.pixels(studio, alice.subject_id, kept.id).shape == (size[1], size[0], 3)


def test_masks_of_every_kind_mean_what_they_show(studio: Studio, alice: Actor) -> None:
    source = brought(studio, alice, 60, 40)
    strokes = Pillow.new("RGBA", (60, 40), (0, 0, 0, 0))
    strokes.paste((0, 0, 0, 255), (0, 0, 30, 40))
    wide = Pillow.new("I;16", (120, 80))
    wide.paste(65535, (0, 0, 60, 80))
    for mask in (strokes, wide, Pillow.open(io.BytesIO(mask_file(60, 40, (0, 0, 30, 40)))).convert("CMYK")):
        file = saved(mask, "TIFF" if mask.mode == "CMYK" else "PNG")
        kept = sources.upload(studio, alice, file, "mask", source)
        found = sources.mask(studio, alice.subject_id, kept.id)
        assert (found[:, :28].min(), found[:, 32:].max(), found.shape) == (255, 0, (40, 60))
    with pytest.raises(BadImage, match="60 x 60 has another shape than the picture. Expected 60 x 40"):
        sources.upload(studio, alice, mask_file(60, 60, (0, 0, 9, 9)), "mask", source)


def test_a_file_that_is_no_picture_is_refused_by_name(studio: Studio, alice: Actor) -> None:
    with pytest.raises(BadImage, match="file: "):
        sources.upload(studio, alice, b"<svg/>", "upload")
