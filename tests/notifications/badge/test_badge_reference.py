"""Names in eight scripts, compared with pictures that somebody who reads them has looked at.

``pytest --update-expected`` draws them anew; look at each before committing it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from notifications.badge.contents import Badge
from notifications.badge.rendering import render_badge_png, render_cards

CODE_TEXT = "OAC1:REFERENCE"
EXPECTED = Path(__file__).parent / "expected"
NAMES = {
    "latin": ("ŁUCJA ÑANDÚ-ĐORĐEVIĆ", "Łucja Ñandú-Đorđević Ngọc", "pl"),
    "cyrillic": ("ILVA TORNEK", "Ільва Їжакевич-Щорс", "uk"),
    "greek": ("ILVA TORNEKI", "Ίλβα Παπαδοπούλου", "el"),
    "arabic": ("ILFA AL TURNAK", "إلفا بنت عبد الله الترنك", "ar"),
    "hebrew": ("ILBA TORNEK LEVI", "אילבה תורנק־לוי", "he"),
    "devanagari": ("KSHITIJA SHRIVASTAVA", "क्षितिजा श्रीवास्तव", "hi"),
    "chinese": ("OUYANG XIAOLONG", "欧阳骨直晓龙", "zh"),
    "japanese": ("TORINE HANAKO", "鳥根骨直 はな子", "ja"),
    "korean": ("KIM EULBA", "김을바", "ko"),
}


def badge_in(script: str) -> Badge:
    passport, native, language = NAMES[script]
    return Badge(
        passport_name=passport,
        native_name=native,
        native_language=language,
        role="Observer",
        organisation="Valdara Watch",
        valid_from=date(2027, 5, 20),
        valid_until=date(2027, 6, 30),
        serial="XVD-0000042",
        issuer="Electoral Commission of Valdara",
        election="General election of Valdara 2027",
        token=CODE_TEXT,
    )


def name_on_badge(script: str) -> Image.Image:
    page = Image.open(BytesIO(render_badge_png(badge_in(script), dots_per_inch=100))).convert("L")
    return page.crop((178, 128, page.width, 320))


def front_of_card(script: str) -> Image.Image:
    [card] = render_cards([badge_in(script)])
    pages: Any = pypdfium2.PdfDocument(card)
    picture: Image.Image = pages[0].render(scale=150 / 72, grayscale=True).to_pil()
    return picture


PICTURES: dict[str, Callable[[str], Image.Image]] = {"": name_on_badge, "card-": front_of_card}


@pytest.mark.parametrize("script", NAMES)
@pytest.mark.parametrize("kind", PICTURES, ids=["badge", "card"])
def test_a_name_looks_as_it_was_approved(kind: str, script: str, request: pytest.FixtureRequest) -> None:
    path = EXPECTED / f"{kind}{script}.png"
    picture = PICTURES[kind](script)
    if request.config.getoption("--update-expected"):
        EXPECTED.mkdir(exist_ok=True)
        picture.save(path, optimize=True)
    difference = np.abs(np.asarray(picture, dtype=int) - np.asarray(Image.open(path), dtype=int))
    # Another version of the typesetter may smooth an edge otherwise; a wrong or missing letter is far more.
    assert (difference > 96).mean() < 0.002
