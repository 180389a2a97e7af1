"""What was planted in a rehearsal, row by row: the yardstick the engine never reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from domain.application.reasons import ReasonCode
from domain.values import Frozen, OrganisationCode


class PlantedProblem(StrEnum):
    """What can be wrong with a row."""

    MISSING_PHOTO = "missing_photo"
    MISSING_IDENTITY_PAGE = "missing_identity_page"
    EXPIRED_DOCUMENT = "expired_document"
    WRONG_CHECK_DIGIT = "wrong_check_digit"
    ZONE_DIFFERS = "zone_differs"
    BAD_EMAIL = "bad_email"
    MISSING_PLEDGE = "missing_pledge"
    CONFLICT_DECLARED = "conflict_declared"
    HOST_NATIONAL = "host_national"
    UNDER_AGE = "under_age"
    DOUBLE_NOMINATION = "double_nomination"
    OTHER_SPELLING = "other_spelling"
    WATCH_LIST_NAMESAKE = "watch_list_namesake"
    MALFORMED = "malformed"
    ODD_NUMBER = "odd_number"
    ODD_NAME = "odd_name"
    TWICE_ENCODED = "twice_encoded"
    ODD_CODE = "odd_code"
    ODD_ADDRESS = "odd_address"
    OTHER_CALENDAR = "other_calendar"
    ONE_NAME = "one_name"
    ONE_NAME_UNPROVED = "one_name_unproved"
    YEAR_OF_BIRTH = "year_of_birth"
    NO_EXPIRY = "no_expiry"
    STATELESS = "stateless"
    TWO_CITIZENSHIPS = "two_citizenships"
    ODD_FILE_NAMES = "odd_file_names"
    DAMAGED_PICTURE = "damaged_picture"
    HEIC_PICTURE = "heic_picture"
    BLANK_PAGE = "blank_page"
    LATE = "late"
    ORGANISATION_NOT_ADMITTED = "organisation_not_admitted"
    RENUMBERED = "renumbered"
    NUMBER_LATER = "number_later"
    REUSED_REFERENCE = "reused_reference"
    NO_REFERENCE = "no_reference"
    SORTED_COLUMN = "sorted_column"
    OTHER_KIND = "other_kind"
    NO_VEHICLE = "no_vehicle"


class RowOutcome(StrEnum):
    """What intake does with a row the first time it sees it."""

    RECORDED = "recorded"
    RETURNED = "returned"
    HELD = "held"


class CasePath(StrEnum):
    """Which way a row goes after intake, before anybody decides or mends anything."""

    CLEARED = "cleared"
    """approved by the profile's rule"""
    INCOMPLETE = "incomplete"
    """a deficiency notice went out"""
    REVIEW = "review"
    """referred to officers"""
    HELD = "held"
    RETURNED = "returned"


class TruthRow(Frozen):
    """What was planted in one row. A returned row may have no reference; file and row number always name it."""

    file: Annotated[str, Field(description="path below the package, nominations/ORG-01.csv")]
    row: Annotated[int, Field(ge=2, description="as spreadsheets count: the header is row 1")]
    organisation: OrganisationCode
    reference: str
    problems: tuple[PlantedProblem, ...] = ()
    row_outcome: RowOutcome = RowOutcome.RECORDED
    codes: Annotated[tuple[ReasonCode, ...], Field(description="codes of findings and deficiencies, no others")] = ()
    path: CasePath = CasePath.CLEARED
    partner: Annotated[str, Field(description="for a pair, the other row: organisation/reference")] = ""
    document: Annotated[str, Field(description="number that tells people of one reference apart", repr=False)] = ""
    mends: Annotated[
        Mapping[str, str], Field(description="what the organisation writes into its corrections workbook", repr=False)
    ] = {}

    @property
    def mended_reference(self) -> str:
        """Under which reference the row is recorded once it is mended."""
        return self.mends.get("reference", self.reference)


def write_truth(path: Path, rows: Iterable[TruthRow]) -> None:
    """Write *rows* as JSON lines."""
    lines = (row.model_dump_json() + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def read_truth(path: Path) -> Iterator[TruthRow]:
    """Yield the rows that :func:`write_truth` wrote."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield TruthRow.model_validate_json(line)
