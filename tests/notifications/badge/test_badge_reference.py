"""Names in every script that is printed, compared with pictures that somebody who reads them has looked at.

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
    "burmese": ("AUNG KYAW MYINT", "အောင်ကျော်မြင့် သန္တာ", "my"),
    "khmer": ("SREY CHANTHRA", "ស្រី ច័ន្ទត្រា ព្រហ្ម", "km"),
    "thai": ("NONGLAK KHEMTHONG", "นงลักษณ์ เข็มทอง ก้ำกึ่ง", "th"),
    "lao": ("KEO BOUNMY", "ແກ້ວ ບຸນມີ ຄຳຜົ້ງ", "lo"),
    "ethiopic": ("ILVA TORNEK", "ኢልቫ ቶርኔቅ ገብረ", "am"),
    "armenian": ("ILVA TORNEKYAN", "Իլվա Տոռնեկյան Եվև", "hy"),
    "georgian": ("ILVA TORNEKIDZE", "ილვა ტორნეკიძე ჟღწ", "ka"),
    "sinhala": ("SHRI PRAKASHA", "ශ්‍රී ප්‍රකාශ කෞරව තුංග", "si"),
    "nko": ("ILVA TORNEK", "ߌߟߝߊ߫ ߕߐ߬ߣߍ߲ ߞߊ߲ߕߋ", "nqo"),
    "mongolian": ("SARNAI TEMUR", "ᠰᠠᠷᠨᠠᠢ ᠲᠡᠮᠦᠷ", "mn"),
    "tifinagh": ("ILVA TORNEK", "ⵉⵍⴼⴰ ⵜⵓⵔⵏⵉⴽ", "zgh"),
    "adlam": ("ILFA TORNEK", "𞤋𞤤𞤬𞤢 𞤚𞤮𞤪𞤲𞤫𞤳 𞤁𞤭𞤴𞤢𞥄", "ff"),
    "gurmukhi": ("PRITAM SINGH", "ਪ੍ਰੀਤਮ ਸਿੰਘ", "pa"),
    "gujarati": ("KSHITIJ SHRI", "ક્ષિતિજ શ્રીવર્ધન", "gu"),
    "odia": ("KSHITIJ SHRI", "କ୍ଷିତିଜ ଶ୍ରୀନିବାସ", "or"),
    "kannada": ("KSHITIJ SHRI", "ಕ್ಷಿತಿಜ ಶ್ರೀನಿವಾಸ", "kn"),
    "malayalam": ("LAKSHMI SHRI", "ലക്ഷ്മി ശ്രീക്കുട്ടൻ", "ml"),
    "thaana": ("ILVA TORNEK", "އިލްވާ ތޯނެކް", "dv"),
    "cherokee": ("TSALAGI ILVA", "ᏣᎳᎩ ᎢᎸᏩ", "chr"),
    "inuktitut": ("ILVA NANUQ", "ᐃᓪᕙ ᓇᓄᖅ", "iu"),
    "santali": ("SANTAL ILVA", "ᱥᱟᱱᱛᱟᱲ ᱤᱞᱵᱟ", "sat"),
    "lisu": ("LISU ILVA", "ꓡꓲ-ꓢꓴ ꓲꓡꓦꓥ", "lis"),
    "vai": ("VAI ILVA", "ꕙꔤ ꔤꔷꕙ", "vai"),
    "yi": ("YI ILVA", "ꆈꌠ ꀀꄿ", "ii"),
    "bengali": ("KSHITISH SHRI", "ক্ষিতীশ শ্রীচন্দ্র", "bn"),
    "tamil": ("LAKSHMI SHRI", "லட்சுமி ஸ்ரீகௌரி", "ta"),
    "telugu": ("LAKSHMI SHRI", "లక్ష్మీ శ్రీనివాస్", "te"),
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
