"""Pictures in colours of other machines: what is kept looks as the sender saw it."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from domain.identity.file_rules import PhotoRules
from domain.identity.photo import check_photo

RULES = PhotoRules()
_D50: Final = (0.9642, 1.0, 0.8249)
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
"""The primaries of sRGB and of Display P3 in CIE XYZ, adapted to D50 (ICC.1, annex E)."""
P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))


def profile_of(primaries: tuple[tuple[float, float, float], ...], gamma: float = 2.2) -> bytes:
    """Return an ICC profile (ICC.1:2001) of three primaries and a gamma."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {b"wtpt": _xyz(_D50), b"desc": b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(78)}
    tags |= {name + b"XYZ": _xyz(primary) for name, primary in zip((b"r", b"g", b"b"), primaries, strict=True)}
    tags |= {name + b"TRC": curve for name in (b"r", b"g", b"b")}
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", at + len(body), len(content))
        body += padded
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"test", 0x02100000, b"mntr", b"RGB ", b"XYZ ") + bytes(12)
    head += b"acsp" + bytes(28) + b"".join(struct.pack(">i", round(part * 65536)) for part in _D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def written(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def kept(content: bytes) -> Image.Image:
    report = check_photo(content, RULES)
    assert report.content
    return Image.open(io.BytesIO(report.content)).convert("RGB")


def middle(content: bytes) -> tuple[int, ...]:
    pixel = kept(content).getpixel((175, 225))
    assert isinstance(pixel, tuple)
    return tuple(int(part) for part in pixel)


def near(one: tuple[int, ...], other: tuple[int, ...], within: int = 6) -> bool:
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


def plain(colour: Any, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (350, 450), colour)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_swapped_primaries_are_put_right(kind: str) -> None:
    red, green, blue = SRGB
    swapped = profile_of((green, red, blue))
    sent = written(plain((30, 200, 60)), kind, icc_profile=swapped)
    assert near(middle(sent), (200, 30, 60), 8)


@given(st.floats(0.3, 1.2))
@settings(max_examples=12)
def test_a_picture_that_states_its_light_and_no_colours_is_lit_as_a_browser_lights_it(gamma: float) -> None:
    dark = Image.new("RGB", (350, 450), tuple(round(255 * (value / 255) ** (2.2 * gamma)) for value in (200, 60, 40)))
    stated = struct.pack(">I", round(gamma * 100_000))
    chunk = struct.pack(">I", 4) + b"gAMA" + stated + struct.pack(">I", zlib.crc32(b"gAMA" + stated))
    plain = written(dark)
    # Of eight dark bits little is left where the light is raised.
    assert middle(plain[:33] + chunk + plain[33:]) == pytest.approx((200, 60, 40), abs=26)


def test_the_wide_colours_of_a_telephone_are_shown_as_they_were_seen() -> None:
    skin = middle(written(plain((200, 150, 120)), "JPEG", quality=95, icc_profile=profile_of(P3)))
    assert near(skin, (208, 148, 115), 5), "Display P3 is wider: the same numbers mean stronger colours"


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_srgb_stays_what_it_was(colour: tuple[int, int, int]) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert near(middle(written(plain(colour), icc_profile=profile)), middle(written(plain(colour))), 3)


@pytest.mark.parametrize("profile", [b"", b"no profile", profile_of(SRGB)[:150], profile_of(SRGB)[:-40] + bytes(40)])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P"])
def test_a_broken_or_foreign_profile_is_passed_over(profile: bytes, mode: str) -> None:
    assert near(middle(written(plain(0, mode), icc_profile=profile)), (255,) * 3 if mode == "RGBA" else (0, 0, 0), 3)


def test_what_is_transparent_keeps_its_colours_with_a_profile() -> None:
    red, green, blue = SRGB
    sent = written(plain((30, 200, 60, 255), "RGBA"), icc_profile=profile_of((green, red, blue)))
    assert near(middle(sent), (200, 30, 60), 8)


@pytest.mark.parametrize(
    ("ink", "seen"), [((0, 0, 0, 0), (255,) * 3), ((0, 0, 0, 255), (0,) * 3), ((0, 255, 255, 0), (255, 0, 0))]
)
def test_printers_colours_are_shown_on_a_screen(ink: tuple[int, ...], seen: tuple[int, ...]) -> None:
    assert near(middle(written(plain(ink, "CMYK"), "JPEG", quality=95)), seen, 40)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_picture_is_turned_upright_in_its_right_colours(orientation: int) -> None:
    red, green, blue = SRGB
    picture = plain((30, 200, 60))
    picture.paste((0, 0, 0), (0, 0, 350, 60))
    exif = Image.Exif()
    exif[0x0112] = orientation
    sent = written(picture, "JPEG", exif=exif, quality=95, icc_profile=profile_of((green, red, blue)))
    shown = kept(sent)
    black = {3: (175, 445), 6: (445, 175), 8: (5, 175)}[orientation]
    assert shown.size == ((350, 450) if orientation == 3 else (450, 350))
    assert max(shown.getpixel(black)) < 30  # type: ignore[arg-type, type-var]
    assert near(shown.getpixel((shown.width // 2, shown.height // 2)), (200, 30, 60), 8)  # type: ignore[arg-type]


def png_of_sixteen_bits(values: np.ndarray[Any, np.dtype[np.uint16]]) -> bytes:
    """Return a PNG of 16 bits a channel, grey or in colour, with or without opacity, by the shape of *values*."""
    height, width = values.shape[:2]
    rows = values.reshape(height, -1).astype(">u2")
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[values.shape[2] if values.ndim == 3 else 1]
    head = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
def test_a_scan_of_sixteen_bits_is_readable(bits: int, colour: bool) -> None:  # noqa: FBT001 -- a parameter of pytest
    ramp = np.linspace(0, 2**bits - 1, 350).astype(np.uint16)
    values = np.tile(ramp, (450, 1))
    shown = kept(png_of_sixteen_bits(np.dstack([values] * 3) if colour else values))
    seen = [shown.getpixel((at, 225)) for at in (2, 175, 347)]
    # What a colour scan of 10 bits leaves in the upper eight of sixteen is two bits.
    within = 48 if colour and bits == 10 else 14
    assert all(near(pixel, (want,) * 3, within) for pixel, want in zip(seen, (1, 128, 254), strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize("channels", [1, 3], ids=["grey", "colour"])
def test_a_dark_scan_is_as_readable_where_it_says_that_it_is_opaque(channels: int) -> None:
    values = np.tile(np.linspace(0, 4095, 350).astype(np.uint16), (450, 1))
    shown = kept(png_of_sixteen_bits(np.dstack([values] * channels + [np.full_like(values, 65_535)])))
    seen = [shown.getpixel((at, 225)) for at in (2, 175, 347)]
    assert all(near(pixel, (want,) * 3, 24) for pixel, want in zip(seen, (1, 128, 254), strict=True))  # type: ignore[arg-type]
