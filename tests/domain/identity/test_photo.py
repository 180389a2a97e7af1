import io
import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageOps, ImageStat

from domain.identity.file_rules import ContentKind, DocumentLimits, PhotoRules
from domain.identity.fingerprints import SAME_PICTURE, fingerprint_distance
from domain.identity.photo import UNUSABLE, FileProblem, check_document, check_photo

RULES = PhotoRules()
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"


def a_portrait(width: int = 350, height: int = 450, *, seed: int = 1) -> Image.Image:
    """Return a drawing with enough in it to be told from others."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (width, height), "#e8e4da")
    pen = ImageDraw.Draw(picture)
    for _ in range(14):
        left, top = chance.randrange(width), chance.randrange(height)
        size = chance.randrange(width // 8, width // 2)
        colour = tuple(chance.randrange(256) for _ in range(3))
        pen.ellipse((left - size, top - size, left + size, top + size), fill=colour)
    return picture


def written(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, format=kind, **options)
    return target.getvalue()


def test_a_fit_portrait_is_kept_as_a_plain_jpeg() -> None:
    report = check_photo(written(a_portrait()), RULES)
    assert (report.kind, report.problems, report.width, report.height) == (ContentKind.JPEG, (), 350, 450)
    assert report.content
    assert Image.open(io.BytesIO(report.content)).format == "JPEG"
    assert check_photo(written(a_portrait()), RULES) == report


def test_a_telephones_photo_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRET-MAKER"
    exif.get_ifd(0x8769)[0x9003] = "2026:05:04 10:11:12"
    exif.get_ifd(0x8825)[1] = "N"
    sideways = a_portrait().transpose(Image.Transpose.ROTATE_90)
    sent = written(sideways, exif=exif, comment=b"SECRET-COMMENT", quality=95)
    report = check_photo(sent, RULES)
    assert (report.width, report.height, report.problems) == (350, 450, ())
    assert report.taken_on == date(2026, 5, 4)
    assert report.content
    kept = Image.open(io.BytesIO(report.content))
    assert kept.size == (350, 450)
    assert not kept.getexif()
    assert b"SECRET" in sent
    assert b"SECRET" not in report.content
    straight = check_photo(written(a_portrait()), RULES)
    assert report.fingerprint and straight.fingerprint  # noqa: PT018 -- both for the type checker
    assert fingerprint_distance(report.fingerprint, straight.fingerprint) <= SAME_PICTURE


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_as_the_standard_says(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    sent = written(a_portrait(90, 70), exif=exif, quality=95)
    report = check_photo(sent, RULES)
    assert report.content
    kept = Image.open(io.BytesIO(report.content))
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(sent)))
    assert kept.size == expected.size == (report.width, report.height)
    assert max(ImageStat.Stat(ImageChops.difference(kept, expected)).mean) < 8


PROBLEMS = [
    (b"", FileProblem.EMPTY),
    (b"GIF89a" + bytes(50), FileProblem.OTHER_PICTURE),
    (b"<svg onload='x'/>", FileProblem.OTHER_PICTURE),
    (PDF, FileProblem.FORMAT_NOT_ALLOWED),
    (b"\0\0\0\x24ftypheic" + bytes(50), FileProblem.HEIC),
    (written(a_portrait(), "WEBP"), FileProblem.WEBP),
    (written(a_portrait(), "TIFF"), FileProblem.TIFF),
    (b"\xff\xd8\xff" + bytes(5_000_001), FileProblem.TOO_MANY_BYTES),
    (b"\xff\xd8\xff\xe0 no image", FileProblem.DAMAGED),
    (written(a_portrait())[:4_000], FileProblem.DAMAGED),
    (written(a_portrait(), "PNG")[:-60], FileProblem.DAMAGED),
    (written(a_portrait(), "GIF"), FileProblem.OTHER_PICTURE),
    (written(a_portrait(210, 270)), FileProblem.TOO_FEW_PIXELS),
    (written(a_portrait(450, 450)), FileProblem.ASPECT),
    (written(Image.new("RGB", (350, 450), "white")), FileProblem.BLANK),
    (written(a_portrait(), "PNG", save_all=True, append_images=[a_portrait(seed=2)]), FileProblem.SEVERAL_FRAMES),
]


@pytest.mark.parametrize(("content", "problem"), PROBLEMS, ids=[problem for _, problem in PROBLEMS])
def test_a_problem_is_a_finding_and_only_an_unreadable_file_is_not_kept(content: bytes, problem: FileProblem) -> None:
    report = check_photo(content, RULES)
    assert report.problems == (problem,)
    assert (report.content is not None) is (problem not in UNUSABLE)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_may_lack_its_end_mark_but_no_part_of_the_picture(*, progressive: bool) -> None:
    whole = written(a_portrait(351, 453), progressive=progressive)
    assert check_photo(whole[:-2], RULES).content == check_photo(whole, RULES).content
    assert check_photo(whole[:-1], RULES).problems == ()
    assert {check_photo(whole[:-cut], RULES).problems for cut in (30, 300, 3_000)} == {(FileProblem.DAMAGED,)}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [7_000, 12_000, 20_000])
def test_a_decompression_bomb_is_recognised_before_it_is_decoded(side: int) -> None:
    bomb = written(Image.new("1", (side, side)), "PNG")
    report = check_photo(bomb, RULES)
    assert report.problems == (FileProblem.TOO_MANY_PIXELS,)


def test_colour_is_asked_for_only_where_the_profile_asks() -> None:
    grey = written(a_portrait().convert("L"))
    assert check_photo(grey, RULES).problems == ()
    assert check_photo(grey, RULES.revised(colour_required=True)).problems == (FileProblem.NOT_COLOUR,)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_way_to_store_colours_is_kept_as_rgb(mode: str) -> None:
    picture = Image.new("I;16", (350, 450), 300) if mode == "I;16" else a_portrait().convert(mode)
    report = check_photo(written(picture, "JPEG" if mode == "CMYK" else "PNG"), RULES)
    assert report.content
    assert Image.open(io.BytesIO(report.content)).mode == "RGB"


def test_what_is_transparent_lies_on_white() -> None:
    clear = Image.new("RGBA", (350, 450), (0, 0, 0, 0))
    report = check_photo(written(clear, "PNG"), RULES)
    assert report.content
    assert Image.open(io.BytesIO(report.content)).getpixel((5, 5)) == (255, 255, 255)


def test_a_large_photo_is_kept_small_and_still_known_by_its_fingerprint() -> None:
    large, small = a_portrait(1_400, 1_800), a_portrait(1_400, 1_800).resize((420, 540))
    one, other = (check_photo(written(picture, quality=70), RULES) for picture in (large, small))
    assert one.content
    assert max(Image.open(io.BytesIO(one.content)).size) == RULES.kept_side
    assert one.fingerprint and other.fingerprint  # noqa: PT018 -- both for the type checker
    assert fingerprint_distance(one.fingerprint, other.fingerprint) <= SAME_PICTURE


def test_different_portraits_have_distant_fingerprints() -> None:
    prints = [check_photo(written(a_portrait(seed=seed)), RULES).fingerprint for seed in range(8)]
    apart = [fingerprint_distance(one, two) for one in prints for two in prints if one and two and one < two]
    assert min(apart) > 4 * SAME_PICTURE


SAMPLES = [
    written(a_portrait(175, 225)),
    written(a_portrait(60, 80), "PNG"),
    written(a_portrait(175, 225), progressive=True),
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_damaged_images_never_crash_the_check(sample: bytes, chance: st.DataObject) -> None:
    kept = chance.draw(st.integers(0, len(sample)))
    changed = bytearray(sample[:kept])
    for place, value in chance.draw(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), max_size=12)):
        if place < len(changed):
            changed[place] = value
    for report in (check_photo(bytes(changed), RULES), check_document(bytes(changed), DocumentLimits())):
        assert (report.content is None) is bool(UNUSABLE & set(report.problems))


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"]))
def test_random_bytes_never_crash_the_check(noise: bytes, start: bytes) -> None:
    assert check_photo(start + noise, RULES).problems
    assert check_document(start + noise, DocumentLimits()).problems


def test_a_disguised_archive_is_no_document() -> None:
    report = check_document(b"PK\x03\x04 a disguised archive", DocumentLimits())
    assert report.problems == (FileProblem.UNKNOWN_FORMAT,)
    assert report.content is None


def test_a_scanned_document_is_kept_without_metadata() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-MAKER"
    report = check_document(written(a_portrait(800, 1_200), exif=exif), DocumentLimits())
    assert report.problems == ()
    assert report.content
    assert b"SECRET" not in report.content
