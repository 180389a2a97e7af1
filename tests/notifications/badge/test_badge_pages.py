"""Badges as they leave the house: readable codes, whole names, the right letters, the same bytes again."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from support.badges import PHOTO, TOKEN, a_badge, a_portrait

from domain.credentials import base45
from notifications.badge.code import CodeFailedError, code_svg
from notifications.badge.contents import Badge
from notifications.badge.photo import PhotoUnusableError, printed_photo
from notifications.badge.reader import read_token
from notifications.badge.rendering import render_badge_png, render_badges
from notifications.badge.scripts import unshown_script, writing_of

NATIVE_NAMES = {
    "uk": "Ільва Торнек",
    "el": "Ίλβα Παπαδοπούλου",
    "ar": "إلفا بنت تورنك",
    "he": "אילבה תורנק־לוי",
    "hi": "इल्वा क्षितिजा तोर्नेक",
    "zh": "欧阳晓龙",
    "ja": "鳥根 花子",
    "ko": "김을바",
}


def page_of(pdf: bytes, *, scale: float = 2) -> np.ndarray[Any, Any]:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return np.asarray(document[0].render(scale=scale, grayscale=True).to_pil())


def names_area(badge: Badge) -> np.ndarray[Any, Any]:
    """The part of the page that holds the names, at 100 dots an inch, ink as True."""
    picture = Image.open(BytesIO(render_badge_png(badge, dots_per_inch=100))).convert("L")
    return np.asarray(picture)[128:315, 178:] < 128


def test_every_badge_of_a_batch_carries_its_own_code_and_photo() -> None:
    tokens = ["OAC1:" + base45.encode(bytes([number]) * 220) for number in range(3)]
    photos = [printed_photo(a_portrait(shade)) for shade in (10, 120, 240)]
    badges = [a_badge(token=token, photo=photo) for token, photo in zip(tokens, photos, strict=True)]
    pages = render_badges(badges)
    assert [read_token(page) for page in pages] == tokens
    shades = [int(page_of(page)[235, 60]) for page in pages]
    assert shades == sorted(shades)
    assert len(set(shades)) == 3


def test_the_same_badge_gives_the_same_bytes_with_serial_and_name_in_its_title() -> None:
    badge = a_badge(native_name=NATIVE_NAMES["ar"], native_language="ar")
    first, second = render_badges([badge])[0], render_badges([badge])[0]
    assert first == second
    document = pypdfium2.PdfDocument(first)
    assert document.get_metadata_dict()["Title"] == "Observer badge XVD-0000042: ILVA TORNEK"
    width, height = document[0].get_size()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (105, 148)
    assert b"pdfaid:part" in first


def test_the_code_is_forty_millimetres_wide_with_its_quiet_zone() -> None:
    page = page_of(render_badges([a_badge()])[0], scale=300 / 72)
    found = zxingcpp.read_barcode(page, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    assert found is not None
    side = (found.position.top_right.x - found.position.top_left.x) / 300 * 25.4
    modules = int(code_svg(TOKEN).split('viewBox="0 0 ')[1].split()[0])
    assert side * modules / (modules - 8) == pytest.approx(40, abs=0.7)


@pytest.mark.parametrize("language", NATIVE_NAMES)
def test_each_script_is_set_by_its_own_font_without_empty_boxes(language: str) -> None:
    name = NATIVE_NAMES[language]
    writing = writing_of(name, language)
    assert writing is not None
    assert writing.rtl == (language in {"ar", "he"})
    drawn = names_area(a_badge(native_name=name, native_language=language))
    assert drawn.sum() > names_area(a_badge()).sum() + 100


def test_names_in_a_script_without_font_leave_the_passport_name_alone() -> None:
    badge = a_badge(native_name="བསྟན་འཛིན")
    assert badge.native_writing is None
    assert (names_area(badge) == names_area(a_badge())).all()


@pytest.mark.parametrize(
    ("name", "language", "first"),
    [("佐々木 健", "ja", "Noto Sans JP"), ("Марʼяна Лісна", "uk", "Noto Sans"), ("Oʻktam Gʻani", "uz", "Noto Sans"),
     ("ʿAlī Ḥasan", "en", "Noto Sans"), ("ｻﾄｳ ｹﾝ", "ja", "Noto Sans JP"), ("ＬＩＮＤ", "ja", "Noto Sans JP")],
)  # fmt: skip
def test_marks_that_are_letters_and_letters_of_another_width_are_set(name: str, language: str, first: str) -> None:
    writing = writing_of(name, language)
    assert writing is not None
    assert writing.fonts[0] == first
    assert not unshown_script(name)


def test_right_to_left_names_stand_at_the_right_edge_and_read_from_there() -> None:
    ink = names_area(a_badge(native_name="א" + "ו" * 9, native_language="he"))[45:]
    columns = np.flatnonzero(ink.any(axis=0))
    assert columns.max() > ink.shape[1] - 36
    # Alef is the widest letter here, and the first: it stands rightmost.
    rightmost = ink[:, columns.max() - 8 : columns.max() + 1]
    leftmost = ink[:, columns.min() : columns.min() + 9]
    assert rightmost.sum() > leftmost.sum() * 0.8


LONG_NAMES = {
    "one endless word": "WOLFESCHLEGELSTEINHAUSENBERGERDORFF" * 4,
    "forty words": "MARIA " * 26,
    "arabic": "عبدالرحمن" * 12,
    "devanagari": "क्षितिजाश्रीवास्तव" * 7,
    "chinese": "欧阳晓龙" * 30,
}


@pytest.mark.parametrize("case", LONG_NAMES)
def test_a_name_too_long_shrinks_or_wraps_and_never_touches_what_is_around_it(case: str) -> None:
    name = LONG_NAMES[case][:150].strip()
    names = {"native_name": name} if writing_of(name) and not name.isascii() else {"passport_name": name}
    image = Image.open(BytesIO(render_badge_png(a_badge(**names), dots_per_inch=100))).convert("L")
    empty = np.asarray(
        Image.open(BytesIO(render_badge_png(a_badge(passport_name="X"), dots_per_inch=100))).convert("L")
    )
    page = np.asarray(image)
    margin = round(7 / 25.4 * 100)
    assert (page[128:320, -margin + 2 :] > 200).all()
    assert np.array_equal(page[322:], empty[322:])
    assert np.array_equal(page[:130], empty[:130])


def test_markup_in_a_name_is_printed_as_it_stands() -> None:
    plain = names_area(a_badge(passport_name="A B"))
    for name in ("#panic()", "$x$ *b*", "= A", '\\ #read("badge.typ")'):
        assert not np.array_equal(names_area(a_badge(passport_name=name)), plain)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(octets=st.binary(min_size=120, max_size=283), name=st.text(min_size=1, max_size=60))
def test_any_token_and_name_come_back_from_picture_and_pdf(octets: bytes, name: str) -> None:
    token = "OAC1:" + base45.encode(octets)
    badge = a_badge(token=token, passport_name=name, native_name=name)
    assert read_token(render_badges([badge])[0]) == token
    assert read_token(render_badge_png(badge)) == token


def test_a_token_beyond_version_thirteen_is_not_printed() -> None:
    with pytest.raises(CodeFailedError):
        code_svg("OAC1:" + "A" * 500)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 broken", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"OAC1:A"])
def test_what_is_no_picture_holds_no_token(content: bytes) -> None:
    assert read_token(content) is None


def test_a_token_is_read_from_a_turned_photograph_of_a_badge() -> None:
    image = Image.open(BytesIO(render_badge_png(a_badge(), dots_per_inch=180))).convert("RGB")
    out = BytesIO()
    image.rotate(97, expand=True, fillcolor="gray").save(out, "JPEG", quality=60)
    assert read_token(out.getvalue()) == TOKEN


def test_photographs_are_printed_upright_and_the_same_each_time_and_bombs_are_refused() -> None:
    assert printed_photo(a_portrait()) == PHOTO
    assert Image.open(BytesIO(PHOTO)).size == (280, 360)
    bomb = BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    for content in (b"no picture", PHOTO[:300], bomb.getvalue()):
        with pytest.raises(PhotoUnusableError):
            printed_photo(content)


def test_lettering_on_the_role_colour_can_be_read() -> None:
    assert a_badge(colour="#0b5c8a").ink == "#ffffff"
    assert a_badge(colour="#f2b705").ink == "#15202b"


def test_printing_a_badge_as_text_shows_nothing_personal() -> None:
    assert "TORNEK" not in str(a_badge()) + repr(a_badge())
