"""What makes a drawn face: its colours, proportions and fashions, chosen by chance for each person."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from flows.rehearsal.package.chance import stream

Colour = tuple[int, int, int]

_SKINS: Final[tuple[Colour, ...]] = (
    (255, 224, 196), (246, 205, 172), (236, 188, 148), (224, 172, 130), (203, 148, 104),
    (176, 122, 82), (148, 98, 63), (118, 76, 48), (92, 58, 38),
)  # fmt: skip
_HAIRS: Final[tuple[Colour, ...]] = (
    (32, 26, 24), (54, 38, 30), (84, 56, 36), (120, 78, 44), (166, 116, 62), (206, 166, 104), (150, 64, 36),
    (128, 124, 122), (188, 186, 184), (226, 224, 220),
)  # fmt: skip
_CLOTHES: Final[tuple[Colour, ...]] = (
    (38, 56, 92), (30, 34, 44), (92, 36, 48), (34, 88, 84), (98, 104, 116), (64, 92, 58), (120, 82, 54), (74, 58, 110),
    (160, 60, 70), (46, 110, 150), (196, 150, 60), (150, 90, 130),
)  # fmt: skip
_BACKGROUNDS: Final[tuple[Colour, ...]] = (
    (232, 236, 240), (226, 234, 242), (238, 236, 230), (230, 238, 234), (240, 234, 234), (236, 236, 242),
)  # fmt: skip
_IRISES: Final[tuple[Colour, ...]] = ((60, 40, 28), (92, 62, 36), (70, 96, 74), (70, 104, 140), (96, 106, 112))


@dataclass(frozen=True, slots=True)
class Face:
    """What a drawn face consists of; lengths in pixels of the large drawing, whose middle is ``(0, 0)``."""

    skin: Colour
    hair: Colour
    clothes: Colour
    scarf: Colour
    background: Colour
    iris: Colour
    half_width: int
    half_height: int
    eye_gap: int
    eye_size: int
    eye_height: int
    brow_tilt: int
    brow_weight: int
    nose_width: int
    nose_length: int
    mouth_width: int
    smile: int
    fringe: int
    cut: str
    beard: str
    glasses: str
    collar: str
    earrings: bool


def face(seed: int, number: int, *, sex: str, age: int) -> Face:
    """Return the face of person *number*, *age* years old; *sex* only makes some things likelier."""
    chance = stream(seed, "face", number)
    skin = chance.choice(_SKINS)
    usual = _HAIRS[:3] if _SKINS.index(skin) > 4 else _HAIRS[:7]  # noqa: PLR2004 -- the darker half
    hair = chance.choice(_HAIRS[7:] if age > chance.randint(45, 75) else usual)
    feminine = sex == "F" or (sex == "X" and chance.random() < 1 / 2)
    return Face(
        skin=_near(skin, chance),
        hair=_near(hair, chance),
        clothes=_near(chance.choice(_CLOTHES), chance, by=14),
        scarf=_near(chance.choice(_CLOTHES), chance, by=20),
        background=_near(chance.choice(_BACKGROUNDS), chance, by=5),
        iris=chance.choice(_IRISES),
        half_width=chance.randint(206, 246),
        half_height=chance.randint(288, 324),
        eye_gap=chance.randint(94, 116),
        eye_size=chance.randint(30, 40),
        eye_height=chance.randint(-14, 18),
        brow_tilt=chance.randint(-14, 2),
        brow_weight=chance.randint(7, 11) if feminine else chance.randint(10, 18),
        nose_width=chance.randint(30, 52),
        nose_length=chance.randint(78, 116),
        mouth_width=chance.randint(66, 104),
        smile=chance.randint(10, 34),
        fringe=chance.randint(-60, 60),
        cut=_cut(chance, feminine=feminine),
        beard=_beard(chance, feminine=feminine),
        glasses=chance.choice(("none", "none", "none", "round", "square")),
        collar=chance.choice(("shirt", "round", "jacket", "jacket", "high")),
        earrings=feminine and chance.random() < 1 / 2,
    )


def _near(colour: Colour, chance: Random, *, by: int = 9) -> Colour:
    red, green, blue = (max(0, min(255, value + chance.randint(-by, by))) for value in colour)
    return red, green, blue


def _cut(chance: Random, *, feminine: bool) -> str:
    if feminine:
        return chance.choice(("long", "long", "bob", "bun", "curly", "short", "scarf"))
    return chance.choice(("short", "short", "side", "curly", "bald", "crew", "long"))


def _beard(chance: Random, *, feminine: bool) -> str:
    return "none" if feminine else chance.choice(("none", "none", "none", "full", "moustache", "stubble"))
