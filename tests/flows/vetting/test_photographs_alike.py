"""One photograph for two people: noticed however it was saved, left to an officer, never a refusal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.builders import ELECTION, a_nomination
from support.stages import AS_OF, Stages, vet

from domain.application.status import Status
from domain.identity.fingerprints import SAME_PICTURE, fingerprint_parts
from domain.intake.rows import cells_of
from flows.decisions.case_file import case_file
from flows.intake.entry import EnteredApplication, enter
from flows.statements.acceptance import ActingOfficer

EARLY = AS_OF - timedelta(days=9)
SURNAMES = {"1": "ARLEN", "2": "BRANTO", "3": "CELDO"}


@pytest.fixture
def photos(stages: Stages) -> Iterator[list[Path]]:
    with stages.copy("loaded"):
        yield sorted((stages.package / "nominations").glob("*/*-photo.jpg"))


def entered(photo: Path, reference: str, **changes: str) -> UUID:
    person = {"reference": reference, "document_number": f"K440{reference}017", "surname": SURNAMES[reference]}
    cells = {column: text for column, text in cells_of(a_nomination()).items() if text} | person | changes
    page = str(photo).replace("-photo", "-page")
    entry = EnteredApplication(cells | {"photo": str(photo), "identity_page": page})
    return enter("ORG-01", entry, ActingOfficer("OFF-DEMO-1", ELECTION, EARLY)).application_id


def saved_anew(photo: Path, folder: Path) -> Path:
    picture = Image.open(io.BytesIO(photo.read_bytes()))
    copy = picture.resize((picture.width * 4 // 5, picture.height * 4 // 5))
    folder.mkdir()
    copy.save(folder / "7-photo.jpg", quality=60)
    (folder / "7-page.jpg").write_bytes(Path(str(photo).replace("-photo", "-page")).read_bytes())
    return folder / "7-photo.jpg"


def test_a_picture_of_another_person_saved_anew_is_referred_and_one_of_the_same_person_is_not(
    photos: list[Path], tmp_path: Path
) -> None:
    usable = [photo for photo in photos if Path(str(photo).replace("-photo", "-page")).is_file()]
    first, other = entered(usable[0], "1"), entered(usable[1], "2")
    second = entered(saved_anew(usable[0], tmp_path / "anew"), "3", given_names="BEA", birth_date="1970-01-01")
    vet()
    found = {known: [finding for finding in case_file(known).findings if finding.rule == "same_photograph"]
             for known in (first, other, second)}  # fmt: skip
    assert [one.about for one in found[first]] == [str(second)]
    assert [one.about for one in found[second]] == [str(first)]
    assert found[other] == []
    assert case_file(first).application.status is Status.IN_REVIEW


@given(st.integers(0, 2**256 - 1), st.sets(st.integers(0, 255), max_size=SAME_PICTURE))
def test_hashes_that_differ_in_few_bits_agree_in_a_part(bits: int, flipped: set[int]) -> None:
    other = bits
    for place in flipped:
        other ^= 1 << place
    parts, others = fingerprint_parts(f"{bits:064x}"), fingerprint_parts(f"{other:064x}")
    assert any(one == two for one, two in zip(parts, others, strict=True))
    assert all(0 <= part < 2**63 for part in parts)
