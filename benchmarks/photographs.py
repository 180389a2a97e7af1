"""How well the printed code is read from bad photographs: a seeded simulator, and shares with their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from io import BytesIO
from random import Random
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter


# The blur is set so that version 13 is read about as often as in the simulation by which the format was chosen.
def seen_badly(token: str, random: Random, *, width: int) -> np.ndarray[Any, Any]:
    """The code *width* pixels wide as a phone might see it: turned, tilted, shaken, blurred, glared, compressed."""
    barcode: Any = zxingcpp.create_barcode(token, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    sharp = Image.fromarray(np.asarray(barcode.to_image(scale=8, add_quiet_zones=True)))
    margin = sharp.width // 4
    side = sharp.width + 2 * margin
    paper = Image.new("L", (side, side), 235)
    paper.paste(sharp, (margin, margin))
    turned = paper.rotate(random.uniform(-25, 25), Image.Resampling.BICUBIC, fillcolor=235)
    tilted = turned.transform(
        turned.size, Image.Transform.PERSPECTIVE, _tilt(random, turned.width), Image.Resampling.BICUBIC, fillcolor=235
    )
    scale = width / sharp.width
    across = round(tilted.width * scale)
    small = tilted.resize((across, across), Image.Resampling.BOX)
    blurred = small.filter(ImageFilter.GaussianBlur(random.uniform(0.4, 1.1)))
    pixels = np.asarray(_shaken(blurred, random), dtype=float)
    pixels = _glared(pixels, random) + np.random.default_rng(random.randrange(2**32)).normal(0, 6, pixels.shape)
    out = BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=random.randint(45, 85))
    return np.asarray(Image.open(out))


def _tilt(random: Random, side: int) -> tuple[float, ...]:
    """Coefficients of a sheet turned by up to 25 degrees about both axes, seen from three of its sides away."""
    across, down = (math.radians(random.uniform(-25, 25)) for _ in range(2))
    turn = np.array([[1, 0, 0], [0, math.cos(down), -math.sin(down)], [0, math.sin(down), math.cos(down)]]) @ np.array(
        [[math.cos(across), 0, math.sin(across)], [0, 1, 0], [-math.sin(across), 0, math.cos(across)]]
    )
    away, middle = 3.0 * side, side / 2
    centred = np.array([[1, 0, -middle], [0, 1, -middle], [0, 0, 1]])
    # The sheet lies at z = 0 before it is turned, so its third column never counts.
    seen = np.array([[away, 0, 0, 0], [0, away, 0, 0], [0, 0, 1, away]]) @ np.vstack(
        [np.column_stack([turn[:, :2], np.zeros(3)]), [0, 0, 1]]
    )
    # Pillow asks where each point of the picture comes from, which is the way back.
    back = np.linalg.inv(np.linalg.inv(centred) @ seen @ centred)
    return tuple((back / back[2, 2]).flatten()[:8].tolist())


def _shaken(picture: Image.Image, random: Random) -> Image.Image:
    """A motion blur of up to two and a half pixels along a random direction."""
    length, angle = random.uniform(0, 2.5), random.uniform(0, math.pi)
    steps = [length * (step / 4 - 0.5) for step in range(5)]
    moved = [
        picture.transform(
            picture.size,
            Image.Transform.AFFINE,
            (1, 0, step * math.cos(angle), 0, 1, step * math.sin(angle)),
            Image.Resampling.BILINEAR,
        )
        for step in steps
    ]
    return Image.fromarray(np.mean([np.asarray(image) for image in moved], axis=0).astype(np.uint8))


def _glared(pixels: np.ndarray[Any, Any], random: Random) -> np.ndarray[Any, Any]:
    """A soft reflection and uneven light."""
    height, width = pixels.shape
    rows, columns = np.mgrid[0:height, 0:width]
    light = 0.75 + 0.25 * (columns * random.uniform(-1, 1) / width + rows * random.uniform(-1, 1) / height)
    centre = random.uniform(0, height), random.uniform(0, width)
    spot = np.exp(
        -((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2) / (2 * (width * random.uniform(0.05, 0.15)) ** 2)
    )
    glared: np.ndarray[Any, Any] = pixels * light + 110 * random.random() * spot
    return glared


def interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a proportion."""
    z, share = 1.96, successes / trials
    middle, spread = share + z * z / (2 * trials), z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2))
    return tuple((middle + sign * spread) / (1 + z * z / trials) for sign in (-1, 1))  # type: ignore[return-value]


def reading(trials: int, seed: int) -> Iterator[tuple[str, str]]:
    """Shares of codes read at 240 pixels, for a usual token (version 11) and the longest there is (13)."""
    random = Random(seed)
    for label, length in (("v11-M", 366), ("v12-M", 419), ("v13-M, the longest token", 430)):
        read = sum(_is_read(length, random, width=240) for _ in range(trials))
        low, high = interval(read, trials)
        yield f"read at 240 px, {label}", f"{read / trials:.1%} ({low:.1%}-{high:.1%}, {trials} trials)"


def _is_read(length: int, random: Random, *, width: int) -> bool:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    token = "OAC1:" + "".join(random.choices(alphabet, k=length - 5))
    found: Any = zxingcpp.read_barcodes(
        seen_badly(token, random, width=width), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return any(barcode.text == token for barcode in found)
