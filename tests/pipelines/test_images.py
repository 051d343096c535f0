"""What strangers upload becomes plain RGB or RGBA pixels, or a message that says what is wrong."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pipelines import images
from pipelines.images import BadImage


def saved(picture: Image.Image, format: str, **options: object) -> bytes:
    return images.encode(picture, format, **options)


def noise(height: int = 24, width: int = 40) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("format", images.ALLOWED)
def test_every_allowed_format_is_read(format: str) -> None:
    found = images.decode(saved(Image.new("RGB", (40, 24), (200, 30, 60)), format))
    assert (found.mode, found.size) == ("RGB", (40, 24))
    assert np.abs(np.asarray(found).astype(int) - (200, 30, 60)).max() < 12


def test_a_png_comes_back_bit_for_bit() -> None:
    assert np.array_equal(np.asarray(images.decode(images.png(noise()))), noise())


@pytest.mark.promise("P13")
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_nothing_but_pixels_survives(format: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "planted@example.org"
    exif.get_ifd(0x8825)[1] = "N"
    options: dict[str, object] = {"exif": exif}
    if format == "PNG":
        text = PngInfo()
        text.add_text("Comment", "planted@example.org")
        options["pnginfo"] = text
    data = saved(Image.fromarray(noise()), format, **options)
    assert b"planted" in data
    found = images.decode(data)
    assert found.info == {} and not found.getexif()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_rotated_photograph_is_turned_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = images.decode(saved(Image.fromarray(noise()), "PNG", exif=exif))
    assert found.size == ((40, 24) if orientation < 5 else (24, 40))


def test_sixteen_bits_are_scaled_and_not_cut() -> None:
    grey = np.linspace(0, 65535, 256 * 4).reshape(4, 256).astype(np.uint16)
    found = np.asarray(images.decode(saved(Image.fromarray(grey), "PNG")))
    assert found.shape == (4, 256, 3) and found[0, 0, 0] == 0 and found[-1, -1, 0] == 255
    assert np.all(np.diff(found[..., 0].ravel().astype(int)) >= 0)


@pytest.mark.parametrize(
    ("picture", "mode"),
    [
        (Image.new("CMYK", (5, 4), (0, 255, 255, 0)), "RGB"),
        (Image.new("P", (5, 4)), "RGB"),
        (Image.new("L", (5, 4), 90), "RGB"),
        (Image.new("1", (5, 4)), "RGB"),
        (Image.new("LA", (5, 4)), "RGBA"),
        (Image.new("RGBA", (5, 4)), "RGBA"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.mode,
)
def test_every_kind_of_colour_becomes_rgb_or_rgba(picture: Image.Image, mode: str) -> None:
    found = images.decode(saved(picture, "TIFF"))
    assert found.mode == mode
    if picture.mode == "CMYK":
        assert found.getpixel((0, 0)) == (255, 0, 0)


def test_a_palette_with_a_transparent_entry_keeps_it() -> None:
    data = saved(Image.new("P", (5, 4)), "PNG", transparency=0)
    assert images.decode(data).getpixel((0, 0))[3] == 0


def test_transparency_is_flattened_over_a_ground() -> None:
    assert images.flatten(Image.new("RGBA", (2, 2), (9, 9, 9, 0)), (1, 2, 3))[0, 0].tolist() == [1, 2, 3]


def test_only_the_first_frame_counts() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert images.decode(data).getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "file: empty"),
        (b"hello", r"file: not a picture that can be read \(5 bytes\)"),
        (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "file: an SVG or XML drawing"),
        (b"%PDF-1.7", "file: not a picture"),
        (images.png(noise())[:200], "file: damaged or cut short"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "file: "),
    ],
)
def test_what_is_no_picture_is_refused_with_the_reason(data: bytes, message: str) -> None:
    with pytest.raises(BadImage, match=message + ".*Expected"):
        images.decode(data)


def bomb(width: int, height: int) -> bytes:
    """A PNG header that claims a size, with hardly any data behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(9_000, 9_000), (12_000, 12_000), (60_000, 60_000), (20_000, 2)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(BadImage, match="Expected at most"):
        images.decode(bomb(*size))


def test_a_limit_of_ones_own_is_named() -> None:
    with pytest.raises(BadImage, match="40 x 24 pixels are too many"):
        images.decode(images.png(noise()), max_pixels=900)


@pytest.mark.promise("P49")
@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
def test_what_we_write_opens_elsewhere(name: str) -> None:
    picture = Image.open(io.BytesIO(getattr(images, name)(noise())))
    picture.load()
    assert picture.format == name.upper() and picture.size == (40, 24)


@pytest.mark.parametrize(("shape", "size"), [((300, 600), (128, 64)), ((600, 300), (64, 128)), ((50, 20), (20, 50))])
def test_a_thumbnail_keeps_the_shape_and_never_grows(shape: tuple[int, int], size: tuple[int, int]) -> None:
    found = Image.open(io.BytesIO(images.thumbnail(noise(*shape), 128)))
    assert found.format == "WEBP" and found.size == size


def test_fitting_cuts_and_never_stretches() -> None:
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste("blue", (100, 0, 200, 100))
    small = np.asarray(images.fit(wide, (50, 50)))
    assert (small[10:40, 10:40] == (0, 0, 255)).all()
