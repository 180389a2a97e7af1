"""Drawn portraits, 35:45 like a passport photograph: simple, friendly, and no two alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw

from flows.rehearsal.package.pictures.faces import Colour, Face

WIDTH, HEIGHT = 413, 531
"""Pixels of a portrait: 35 × 45 mm at 300 dots per inch."""

_SCALE: Final = 2
"""Drawn so many times larger, then averaged down, which rounds the edges."""

Draw = ImageDraw.ImageDraw


def portrait(features: Face) -> Image.Image:
    """Return the portrait, :data:`WIDTH` by :data:`HEIGHT` pixels, RGB, on a plain light ground."""
    large = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), features.background)
    draw = ImageDraw.Draw(large)
    for part in _PARTS:
        part(draw, features)
    return large.reduce(_SCALE)


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (max(0, min(255, round(value * factor))) for value in colour)
    return red, green, blue


_MIDDLE: Final = (WIDTH, 500)
"""Where the middle of the face stands in the large drawing."""


def _box(x: float, y: float, half_width: float, half_height: float) -> tuple[float, float, float, float]:
    """Return the box around (*x*, *y*), counted from the middle of the face."""
    across, down = _MIDDLE
    return across + x - half_width, down + y - half_height, across + x + half_width, down + y + half_height


def _points(*places: tuple[float, float]) -> list[tuple[float, float]]:
    across, down = _MIDDLE
    return [(across + x, down + y) for x, y in places]


def _hair_behind(draw: Draw, look: Face) -> None:
    wide, tall = look.half_width, look.half_height
    if look.cut in {"long", "bob"}:
        length = 620 if look.cut == "long" else 330
        middle, half = length / 2 - tall * 0.6, length / 2 + tall * 0.6
        draw.rounded_rectangle(_box(0, middle, wide + 52, half), 190, fill=look.hair)
    elif look.cut == "bun":
        draw.ellipse(_box(0, -tall - 60, 96, 84), fill=look.hair)
    elif look.cut == "scarf":
        draw.ellipse(_box(0, 30, wide + 84, tall + 96), fill=look.scarf)


def _shoulders(draw: Draw, look: Face) -> None:
    chin = look.half_height
    draw.rounded_rectangle(_box(0, chin + 300, 372, 240), 150, fill=look.clothes)
    draw.rounded_rectangle(_box(0, chin + 20, 104, 120), 50, fill=_shade(look.skin, 0.86))
    if look.cut == "scarf":
        draw.ellipse(_box(0, chin + 130, 236, 150), fill=_shade(look.scarf, 0.9))
    else:
        _COLLARS[look.collar](draw, look)


def _shirt(draw: Draw, look: Face) -> None:
    chin, pale = look.half_height, (244, 244, 240)
    draw.polygon(_points((-104, chin + 70), (0, chin + 180), (-70, chin + 232), (-150, chin + 110)), fill=pale)
    draw.polygon(_points((104, chin + 70), (0, chin + 180), (70, chin + 232), (150, chin + 110)), fill=pale)


def _round_collar(draw: Draw, look: Face) -> None:
    draw.chord(_box(0, look.half_height + 84, 138, 84), 0, 180, fill=_shade(look.skin, 0.95))
    draw.arc(_box(0, look.half_height + 84, 142, 88), 0, 180, fill=_shade(look.clothes, 0.75), width=12)


def _jacket(draw: Draw, look: Face) -> None:
    chin = look.half_height
    draw.polygon(_points((-112, chin + 66), (112, chin + 66), (0, chin + 330)), fill=(238, 240, 242))
    draw.polygon(_points((-22, chin + 130), (22, chin + 130), (34, chin + 330), (-34, chin + 330)), fill=look.scarf)
    dark = _shade(look.clothes, 0.78)
    draw.polygon(_points((-112, chin + 66), (-12, chin + 300), (-60, chin + 330), (-170, chin + 110)), fill=dark)
    draw.polygon(_points((112, chin + 66), (12, chin + 300), (60, chin + 330), (170, chin + 110)), fill=dark)


def _high_collar(draw: Draw, look: Face) -> None:
    draw.rounded_rectangle(_box(0, look.half_height + 112, 128, 62), 40, fill=_shade(look.clothes, 0.85))


_COLLARS: Final[dict[str, Callable[[Draw, Face], None]]] = {
    "shirt": _shirt,
    "round": _round_collar,
    "jacket": _jacket,
    "high": _high_collar,
}


def _head(draw: Draw, look: Face) -> None:
    wide, tall = look.half_width, look.half_height
    if look.cut != "scarf":
        for side in (-1, 1):
            draw.ellipse(_box(side * wide, 20, 40, 66), fill=_shade(look.skin, 0.9))
            draw.ellipse(_box(side * wide, 22, 20, 40), fill=_shade(look.skin, 0.78))
    draw.ellipse(_box(0, 14, wide * 0.94, tall), fill=_shade(look.skin, 0.93))
    draw.ellipse(_box(-6, -30, wide, tall * 0.86), fill=look.skin)
    draw.ellipse(_box(-4, 20, wide * 0.88, tall * 0.94), fill=look.skin)
    for side in (-1, 1):
        draw.ellipse(_box(side * wide * 0.58, 96, 52, 36), fill=_blushed(look.skin))
    if look.earrings and look.cut != "scarf":
        for side in (-1, 1):
            draw.ellipse(_box(side * wide, 96, 13, 13), fill=(214, 178, 84))


def _blushed(skin: Colour) -> Colour:
    red, green, blue = skin
    return min(255, red + 6), round(green * 0.95), round(blue * 0.93)


def _beard_drawn(draw: Draw, look: Face) -> None:
    wide, tall = look.half_width, look.half_height
    tint = _shade(look.skin, 0.86) if look.beard == "stubble" else look.hair
    if look.beard in {"full", "stubble"}:
        draw.chord(_box(0, 26, wide * 0.95, tall * 0.995), 14, 166, fill=tint)
        draw.ellipse(_box(0, 128, wide * 0.72, 78), fill=look.skin)
    if look.beard in {"full", "moustache"}:
        draw.chord(_box(0, 176, look.mouth_width * 1.05, 46), 180, 360, fill=look.hair)


def _eyes(draw: Draw, look: Face) -> None:
    size, dark = look.eye_size, _shade(look.skin, 0.5)
    for side in (-1, 1):
        x, y = side * look.eye_gap, look.eye_height
        draw.ellipse(_box(x, y, size * 1.3, size * 0.8), fill=(250, 250, 248))
        draw.ellipse(_box(x, y, size * 0.64, size * 0.64), fill=look.iris)
        draw.ellipse(_box(x, y, size * 0.32, size * 0.32), fill=(18, 16, 18))
        draw.ellipse(_box(x - size * 0.2, y - size * 0.24, size * 0.14, size * 0.14), fill=(255, 255, 255))
        draw.arc(_box(x, y, size * 1.34, size * 0.86), 190, 350, fill=dark, width=8)
        draw.arc(_box(x, y, size * 1.34, size * 0.86), 30, 150, fill=_shade(look.skin, 0.75), width=4)
        _brow(draw, look, side=side)


def _brow(draw: Draw, look: Face, *, side: int) -> None:
    inner, outer = side * (look.eye_gap - 48), side * (look.eye_gap + 58)
    y = look.eye_height - look.eye_size - 40
    ends = ((inner, y + look.brow_tilt), (side * (look.eye_gap + 14), y - 16), (outer, y + 8))
    draw.line(_points(*ends), fill=_shade(look.hair, 0.8), width=look.brow_weight, joint="curve")


def _nose(draw: Draw, look: Face) -> None:
    wide, end = look.nose_width, look.eye_height + look.nose_length
    draw.ellipse(_box(0, end - 4, wide, 24), fill=_shade(look.skin, 0.94))
    draw.arc(_box(0, end - 8, wide, 30), 25, 155, fill=_shade(look.skin, 0.7), width=7)
    bridge = _points((wide * 0.3, look.eye_height + 10), (wide * 0.42, end - 30))
    draw.line(bridge, fill=_shade(look.skin, 0.88), width=7)


def _mouth(draw: Draw, look: Face) -> None:
    wide, y = look.mouth_width, 186
    lip = (_blushed(look.skin)[0], round(look.skin[1] * 0.62), round(look.skin[2] * 0.62))
    draw.chord(_box(0, y, wide * 0.9, look.smile + 14), 0, 180, fill=_shade(lip, 0.95))
    draw.arc(_box(0, y - 6, wide, look.smile + 4), 8, 172, fill=_shade(lip, 0.66), width=7)


def _hair_in_front(draw: Draw, look: Face) -> None:
    wide, tall = look.half_width, look.half_height
    match look.cut:
        case "bald":
            return
        case "scarf":
            draw.arc(_box(0, 24, wide + 66, tall + 70), 0, 360, fill=look.scarf, width=88)
            draw.arc(_box(0, 24, wide + 2, tall + 6), 150, 390, fill=_shade(look.scarf, 0.85), width=9)
        case "curly":
            for step in range(-5, 6):
                x, y = step * wide / 4.6, -tall * (1 - (step / 7) ** 2)
                draw.ellipse(_box(x, y + 50, 76, 84), fill=_shade(look.hair, 0.94 + 0.03 * (step % 3)))
        case _:
            _cap_of_hair(draw, look, depth=100 if look.cut == "crew" else 165)


def _cap_of_hair(draw: Draw, look: Face, *, depth: int) -> None:
    """Draw the hair above the forehead, parted where the fringe says, and down the temples."""
    wide, tall = look.half_width, look.half_height
    draw.chord(_box(0, -8, wide + 24, tall + 18), 207, 333, fill=look.hair)
    part = look.fringe * (1.6 if look.cut == "side" else 1)
    hairline = -tall + depth
    for side in (-1, 1):
        edge = side * (wide + 10)
        front = ((part, -tall + abs(part) * 0.25), (part, hairline - 60), (edge * 0.62, hairline + 12))
        draw.polygon(_points(*front, (edge * 0.95, -16), (edge, -60), (edge, -145)), fill=look.hair)
    draw.arc(_box(0, 4, wide * 0.8, tall * 0.95), 225, 275, fill=_shade(look.hair, 1.18), width=8)


def _glasses(draw: Draw, look: Face) -> None:
    if look.glasses == "none":
        return
    frame, reach = (52, 50, 54), min(82, look.eye_gap - 12)
    for side in (-1, 1):
        box = _box(side * look.eye_gap, look.eye_height + 6, reach, 62)
        radius = 62 if look.glasses == "round" else 24
        draw.rounded_rectangle(box, radius, outline=frame, width=8)
        hinge, ear = side * (look.eye_gap + reach), side * (look.half_width - 4)
        draw.line(_points((hinge, look.eye_height - 10), (ear, look.eye_height - 16)), fill=frame, width=8)
    bridge = _points((-(look.eye_gap - reach), look.eye_height), (look.eye_gap - reach, look.eye_height))
    draw.line(bridge, fill=frame, width=8)


_PARTS: Final[tuple[Callable[[Draw, Face], None], ...]] = (
    _hair_behind, _shoulders, _head, _beard_drawn, _eyes, _nose, _mouth, _hair_in_front, _glasses,
)  # fmt: skip
