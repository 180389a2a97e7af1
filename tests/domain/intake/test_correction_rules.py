"""Corrections by their rules: untouched cells change nothing, a mended one itself only, references are ours alone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from hypothesis import assume, given, reject
from hypothesis import strategies as st

from domain.application.nomination import COLUMNS, Nomination
from domain.application.roles import USUAL_ROLES
from domain.intake.corrections import (
    WITHHELD,
    CorrectionRead,
    CorrectionTarget,
    cells_to_mend,
    clean_reference,
    correction_key,
    correction_reference,
    is_signed,
    mended_nomination,
)
from domain.intake.rows import read_row
from domain.placeholders import is_placeholder

TEXTS = st.text(st.characters(whitelist_categories=("Lu", "Ll", "Nd")), max_size=12)
CELLS = st.fixed_dictionaries(
    {
        "role": st.sampled_from([role.value for role in USUAL_ROLES]),
        "surname": TEXTS.filter(bool),
        "reference": TEXTS.filter(lambda text: bool(text) and not is_placeholder(text)),
    },
    optional={
        "given_names": TEXTS, "birth_date": st.sampled_from(["1985-05-17", "03/04/1985", "", "nonsense"]),
        "nationality": st.sampled_from(["XAA", "XAA;Nowhere", "", "XAB;XAC"]), "email": TEXTS,
        "document_number": TEXTS, "document_expiry": st.sampled_from(["2031-01-31", "1/2/2031"]),
        "languages": st.sampled_from(["en;fr", "English", ""]), "conflict_declared": st.sampled_from(["yes", "?", ""]),
        "mrz": st.sampled_from(["P<XAA/123", ""]), "document_kind": st.sampled_from(["passport", "scroll"]),
    },
)  # fmt: skip


def sent(cells: dict[str, str]) -> CorrectionRead:
    return CorrectionRead(number=2, organisation="ORG-01", cells=cells)


@given(cells=CELLS, language=st.sampled_from(["en", "fr", "ru", "ar"]), wrong=st.sets(st.sampled_from(list(COLUMNS))))
def test_what_comes_back_untouched_or_in_part_is_what_was_there(
    cells: dict[str, str], language: str, wrong: set[str]
) -> None:
    current = read_row(2, cells)
    if not isinstance(current, Nomination):
        reject()
    shown = cells_to_mend(current, wrong, language)
    assert not any(shown[column] for column in WITHHELD - wrong)
    assert mended_nomination(current, sent(shown)) == current
    assert mended_nomination(current, sent({})) == current


@given(cells=CELLS, other=CELLS)
def test_a_mended_cell_changes_itself_and_no_other(cells: dict[str, str], other: dict[str, str]) -> None:
    current, wanted = read_row(2, cells), read_row(2, other)
    if not isinstance(current, Nomination) or not isinstance(wanted, Nomination):
        reject()  # a text may happen to be what is written where nobody is named, such as FNO
    assume(not wanted.unreadable)
    told = {column: text for column, text in other.items() if text}
    mended = mended_nomination(current, sent(told))
    assert isinstance(mended, Nomination)
    fields = {"nationality": "nationalities"}
    for column in COLUMNS:
        if column in {"organisation", "photo", "identity_page"}:
            continue
        field = fields.get(column, column)
        assert getattr(mended, field) == getattr(wanted if column in told else current, field), column
    assert set(mended.unreadable) == set(current.unreadable) - told.keys()


@dataclass(frozen=True)
class Signed:
    key: bytes
    target: CorrectionTarget


TARGETS = st.builds(
    CorrectionTarget,
    organisation=st.sampled_from(["ORG-01", "ORG-02"]),
    application_id=st.integers(0, 3).map(lambda number: UUID(int=number)),
) | st.builds(
    CorrectionTarget,
    organisation=st.sampled_from(["ORG-01", "ORG-02"]),
    file_id=st.integers(0, 3).map(lambda number: UUID(int=number)),
    row=st.integers(2, 4),
)


@given(one=TARGETS, other=TARGETS, elections=st.tuples(*[st.sampled_from(["VALDARA-2027", "OTHER-2027"])] * 2))
def test_a_reference_is_good_for_one_row_of_one_organisation_in_one_election(
    one: CorrectionTarget, other: CorrectionTarget, elections: tuple[str, str]
) -> None:
    key = correction_key(b"k" * 32)
    reference = correction_reference(key, elections[0], one)
    same = (one, elections[0]) == (other, elections[1])
    assert is_signed(key, elections[1], other, reference) == same
    assert not is_signed(correction_key(secrets.token_bytes(32)), elections[0], one, reference)
    assert clean_reference(reference.lower().replace("-", " ")) == reference
    assert len(reference) == 34


def test_an_expiry_that_is_mended_leaves_the_rest_of_the_document_alone() -> None:
    current = read_row(2, {"reference": "1", "role": "expert", "surname": "A", "document_expiry": "2027-03-15"})
    assert isinstance(current, Nomination)
    mended = mended_nomination(current, sent({"document_expiry": "31 January 2033"}))
    assert mended == current.revised(document_expiry=date(2033, 1, 31))
