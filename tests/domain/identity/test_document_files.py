"""Documents as people send them: good files are taken whatever program wrote them, empty ones are asked back."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageStat
from support.pdfs import SHOWING_THE_PICTURE, Lock, Pdf, an_identity_page, letters

from domain.identity.file_rules import ContentKind, DocumentLimits
from domain.identity.photo import UNUSABLE, DocumentReport, FileProblem, check_document

LIMITS = DocumentLimits()
PAGE = an_identity_page()
SCAN = Pdf([SHOWING_THE_PICTURE], PAGE)
SENT = Path(__file__).parents[3].parent / "shared" / "data" / "field-cases" / "files"
WAIT = letters(
    "Please wait...",
    "If this message is not eventually replaced with the proper contents of the document, your PDF",
    "viewer may not be able to display this type of document.",
    "You can upgrade to the latest version of Adobe Reader.",
)


def checked(content: bytes) -> DocumentReport:
    return check_document(content, LIMITS)


def shows_the_page(report: DocumentReport) -> bool:
    """Say whether what is kept shows the passport: its bands of dark letters stand where they stood."""
    assert report.content
    kept = Image.open(io.BytesIO(report.content)).convert("L").resize((595, 842))
    inside = kept.crop((47, 92, 547, 442)).resize(PAGE.size)
    return bool(inside.getpixel((200, 300)) < 160 < inside.getpixel((370, 300)) > inside.getpixel((500, 140)))  # type: ignore[operator]


GOOD = {
    "plain": SCAN.written(),
    "only changing it needs a password": Pdf([SHOWING_THE_PICTURE], PAGE, lock=Lock(b"secret")).written(),
    "the same of old programs": Pdf([SHOWING_THE_PICTURE], PAGE, lock=Lock(b"s", revision=2)).written(),
    "nulls behind the end": SCAN.written() + bytes(70_000),
    "a mail's signature behind the end": SCAN.written() + b"\r\n--\r\nSent from my telephone\r\n" * 400,
    "no end mark at all": SCAN.written().replace(b"%%EOF\n", b""),
    "something before the beginning": b"\r\n\r\n" + SCAN.written(),
    "a form that was filled in": Pdf(
        [SHOWING_THE_PICTURE], PAGE, catalog=b"/AcroForm << /Fields [] /XFA 5 0 R >>", more=[b"(<x/>)"]
    ).written(),
    "a blank page behind it": Pdf([SHOWING_THE_PICTURE, b""], PAGE).written(),
    "broken places": SCAN.written().replace(b"startxref\n", b"startxref\n9"),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_what_any_program_shows_is_taken(content: bytes) -> None:
    report = checked(content)
    assert (report.kind, report.problems) == (ContentKind.PDF, ())
    assert report.content


@settings(max_examples=8, deadline=None)
@given(
    password=st.binary(min_size=1, max_size=32),
    revision=st.sampled_from([2, 3]),
    behind=st.binary(max_size=9_000).filter(lambda noise: b"obj" not in noise),
)
def test_no_owners_password_and_nothing_behind_the_end_hinders(password: bytes, revision: int, behind: bytes) -> None:
    report = checked(Pdf([SHOWING_THE_PICTURE], PAGE, lock=Lock(password, revision=revision)).written() + behind)
    assert report.problems == ()
    assert shows_the_page(report)


BARREN = {
    "no page": (Pdf([]), FileProblem.PDF_NO_PAGES),
    "blank": (Pdf([b""]), FileProblem.BLANK),
    "several blank ones": (Pdf([b"", b"0.98 g 0 0 595 842 re f"]), FileProblem.BLANK),
    "all black": (Pdf([b"0 0 595 842 re f"]), FileProblem.BLANK),
    "a form of which only a notice shows": (
        Pdf([WAIT], catalog=b"/NeedsRendering true /AcroForm << /Fields [] /XFA 5 0 R >>", more=[b"(<x/>)"]),
        FileProblem.PDF_NOTICE_ONLY,
    ),
    "the notice printed": (Pdf([WAIT]), FileProblem.PDF_NOTICE_ONLY),
    "the notice with the mark of a program": (
        Pdf([b"q 40 0 0 40 20 790 cm /I Do Q " + WAIT], Image.new("RGB", (40, 40), "red")), FileProblem.PDF_NOTICE_ONLY,
    ),
    "a portfolio": (
        Pdf([letters("For the best experience, open this PDF portfolio in", "Acrobat X or Adobe Reader X, or later.")]),
        FileProblem.PDF_NOTICE_ONLY,
    ),
    "a password to open": (Pdf([SHOWING_THE_PICTURE], PAGE, lock=Lock(b"a", b"b")), FileProblem.PDF_ENCRYPTED),
    "too many pages": (Pdf([SHOWING_THE_PICTURE] * 21, PAGE), FileProblem.PDF_MANY_PAGES),
    "an immense picture": (Pdf([SHOWING_THE_PICTURE], Image.new("1", (9_000, 9_000))), FileProblem.TOO_MANY_PIXELS),
}  # fmt: skip


@pytest.mark.parametrize(("pdf", "problem"), BARREN.values(), ids=BARREN)
def test_what_shows_nothing_is_asked_back_with_its_reason(pdf: Pdf, problem: FileProblem) -> None:
    report = checked(pdf.written())
    assert report.problems == (problem,)
    assert (report.content is not None) is (problem not in UNUSABLE)


@pytest.mark.parametrize("before", [b"%PDF-1.7\nnothing", BARREN["a password to open"][0].written(), SCAN.written()])
def test_the_cause_is_that_of_the_file_whatever_was_read_before_it(before: bytes) -> None:
    checked(before)
    assert checked(Pdf([]).written()).problems == (FileProblem.PDF_NO_PAGES,)


def a_scanned_nothing(*, seed: int, grain: int, shade: float) -> Image.Image:
    chance = random.Random(seed)
    paper = Image.new("L", (420, 594))
    paper.putdata([round(240 - shade * (at % 420) / 420 + chance.gauss(0, grain)) for at in range(420 * 594)])
    return paper.resize((1_240, 1_754), Image.Resampling.BILINEAR)


@pytest.mark.parametrize(("seed", "grain", "shade"), [(1, 0, 0), (2, 4, 0), (3, 2, 40), (4, 6, 25)])
def test_grain_and_shading_of_a_scanner_are_no_page(seed: int, grain: int, shade: float) -> None:
    empty = a_scanned_nothing(seed=seed, grain=grain, shade=shade)
    assert checked(Pdf([b"q 595 0 0 842 0 0 cm /I Do Q"], empty).written()).problems == (FileProblem.BLANK,)
    written = empty.convert("RGB")
    written.paste(PAGE.resize((500, 350)).filter(ImageFilter.GaussianBlur(1)), (300, 700))
    assert checked(Pdf([b"q 595 0 0 842 0 0 cm /I Do Q"], written).written()).problems == ()


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_document_that_was_cut_off_is_asked_back(share: float) -> None:
    whole = SCAN.written()
    linearized = whole.replace(b"/Type /Catalog", b"/Linearized 1 /L 99999999 /Type /Catalog")
    for cut in (whole[: int(len(whole) * share)], linearized, whole + b"\n7 0 obj\n<< /Type"):
        assert FileProblem.PDF_INCOMPLETE in checked(cut).problems


ACTIVE = {
    "a script": (b"/OpenAction << /S /J#61vaScript /JS (app.alert\\(1\\)) >>", b"", ()),
    "a form that sends itself": (
        b"/AcroForm << /Fields [5 0 R] >>", b"/Annots [5 0 R] /AA << /O << /S /SubmitForm /F (https://v.example) >> >>",
        [b"<< /Subtype /Widget /FT /Btn /T (a) /Rect [0 0 9 9] /A << /S /SubmitForm /F (https://v.example) >> >>"],
    ),
    "a file inside": (
        b"/Names << /EmbeddedFiles << /Names [(a.exe) 5 0 R] >> >>", b"",
        [b"<< /Type /Filespec /F (a.exe) /EF << /F 5 0 R >> /SECRET (SECRET) >>"],
    ),
    "a program to start": (b"/OpenAction << /S /Launch /F (cmd.exe) >>", b"", ()),
    "a link and metadata": (
        b"/SECRET (SECRET)", b"/Annots [5 0 R]",
        [b"<< /Subtype /Link /Rect [0 0 99 99] /A << /S /URI /URI (https://v.example) >> >>"],
    ),
}  # fmt: skip
TRACES = (b"J#61vaScript", b"SubmitForm", b"EmbeddedFile", b"/Launch", b"SECRET", b"example")


@pytest.mark.parametrize(("catalog", "page", "more"), ACTIVE.values(), ids=ACTIVE)
@pytest.mark.parametrize("pages", [1, 2])
def test_nothing_that_acts_or_hides_is_kept(catalog: bytes, page: bytes, more: list[bytes], pages: int) -> None:
    sent = Pdf([SHOWING_THE_PICTURE] * pages, PAGE, catalog=catalog, page_entries=page, more=more).written()
    report = checked(sent)
    assert report.problems == ()
    assert report.content
    plain = Pdf([SHOWING_THE_PICTURE] * pages, PAGE).written()
    assert report.content == checked(plain).content, "what is kept does not depend on what was hidden"
    assert not any(trace in report.content for trace in TRACES if trace in sent)


def test_several_pages_are_kept_as_pictures_in_order_and_always_the_same() -> None:
    pages = [letters("the first page of a passport"), SHOWING_THE_PICTURE]
    report = checked(Pdf(pages, PAGE).written())
    assert report.content
    assert report.content == checked(Pdf(pages, PAGE).written()).content
    kept = pypdfium2.PdfDocument(report.content)
    assert len(kept) == 2
    assert kept[0].get_textpage().get_text_range() == ""
    shown = [page.render(scale=0.2).to_pil().convert("L").getextrema()[0] for page in kept]
    assert max(shown) < 200
    kept.close()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_page_is_kept_as_it_is_shown(rotation: int) -> None:
    report = checked(Pdf([SHOWING_THE_PICTURE], PAGE, page_entries=b"/Rotate %d" % rotation).written())
    assert report.content
    upright = checked(SCAN.written()).content
    assert upright
    kept, expected = (Image.open(io.BytesIO(content)).convert("L") for content in (report.content, upright))
    turned = expected.rotate(-rotation, expand=True).resize((60, 60))
    assert ImageStat.Stat(ImageChops.difference(kept.resize((60, 60)), turned)).mean[0] < 6


@pytest.mark.skipif(not SENT.is_dir(), reason="the shared field cases are not here")
@pytest.mark.parametrize("name", ["f01-owner-password.pdf", "f06-trailing-4k.pdf", "i06-grey16.png"])
def test_the_field_cases_are_taken(name: str) -> None:
    assert checked((SENT / name).read_bytes()).problems == ()
