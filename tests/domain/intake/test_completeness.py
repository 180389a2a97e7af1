from __future__ import annotations

from datetime import date

import pytest
from support.builders import a_nomination

from domain.application.findings import Severity, deficiencies
from domain.application.nomination import COLUMNS, DocumentKind
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.election.profile import ElectionProfile, RequiredDocument
from domain.intake.completeness import completeness
from flows.rehearsal import valdara

VALDARA = valdara()
MEND: list[tuple[dict[str, object], str, str, tuple[str, ...]]] = [
    ({"birth_date": None}, "field_missing", "D06", ("birth_date",)),
    ({"nationalities": (), "email": ""}, "field_missing", "D06", ("nationality", "email")),
    ({"conflict_declared": None}, "field_missing", "D06", ("conflict_declared",)),
    ({"birth_date": None, "unreadable": ("birth_date",)}, "field_unreadable", "D06", ("birth_date",)),
    ({"photo": None}, "document_missing", "D01", ("photo",)),
    ({"photo": None, "identity_page": None}, "document_missing", "D01", ("photo", "identity_page")),
    ({"birth_date": date(2528, 5, 17)}, "day_impossible", "D06", ("birth_date",)),
    ({"birth_date": date(1363, 2, 27)}, "day_impossible", "D06", ("birth_date",)),
    ({"document_expiry": date(2574, 5, 17)}, "day_impossible", "D06", ("document_expiry",)),
    ({"arrival": date(2027, 3, 18), "departure": date(2027, 3, 8)}, "days_reversed", "D06", ("arrival", "departure")),
    ({"document_expiry": date(2027, 4, 12)}, "document_expires_early", "D03", ("document_expiry",)),
    ({"document_expiry": date(2027, 5, 1), "departure": date(2027, 5, 2)}, "document_expires_early", "D03",
     ("document_expiry",)),
    ({"email": "ava@@mission.example"}, "email_unusable", "D06", ("email",)),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "rule", "code", "named"), MEND)
def test_what_is_missing_is_named_and_can_be_mended(
    fields: dict[str, object], rule: str, code: str, named: tuple[str, ...]
) -> None:
    (finding,) = completeness(a_nomination(**fields), VALDARA)
    assert (finding.rule, finding.code, finding.fields) == (rule, ReasonCode(code), named)
    assert finding.severity is Severity.CURE
    assert deficiencies((finding, finding)) == (ReasonCode(code),)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"conflict_declared": True},
        {"document_expiry": date(2027, 4, 13)},
        {"document_expiry": date(2027, 5, 2), "departure": date(2027, 5, 2)},
        {"phone": "N/A", "mrz": "", "native_name": ""},
    ],
)
def test_a_complete_nomination_lacks_nothing(fields: dict[str, object]) -> None:
    assert completeness(a_nomination(**fields), VALDARA) == ()


def revised(**changes: object) -> ElectionProfile:
    return VALDARA.revised(**changes)


def test_a_document_may_be_required_of_some_roles_only() -> None:
    photo = RequiredDocument(kind=DocumentKind.PHOTO, roles=(Role.EXPERT,), ground="art. 1")
    profile = revised(documents=(photo,))
    assert completeness(a_nomination(photo=None, identity_page=None), profile) == ()
    (finding,) = completeness(a_nomination(photo=None, role=Role.EXPERT), profile)
    assert finding.fields == ("photo",)


@pytest.mark.parametrize("column", COLUMNS)
def test_any_documented_column_can_be_required(column: str) -> None:
    full = a_nomination(
        native_name="A", phone="+999 555 0100", mrz="A", languages=("en",),
        arrival=date(2027, 3, 1), departure=date(2027, 3, 20),
        preferred_regions=("VD-01",), accepted_notices=("N1:1",), gain_from_contestant=False, family_tie=False,
        paid_by_host=False, excluded_before=False, disclosure="A", funded_by="A", pledge_text="1",
        conflict_regions=("VD-01",), stay_together=True, letter_language="en", role_detail="VD-1",
    )  # fmt: skip
    assert completeness(full, revised(required_fields=(column,))) == ()
