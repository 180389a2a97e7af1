"""What an organisation says of one person, field by field. All of it is personal and never logged."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Field

from domain.application.roles import Role
from domain.placeholders import is_placeholder
from domain.values import CountryCode, Frozen, LanguageCode, NoticeId, RegionCode, RuleName, Sha256, masked


class DocumentKind(StrEnum):
    """What may lie beside a row."""

    PHOTO = "photo"
    IDENTITY_PAGE = "identity_page"
    REQUEST_LETTER = "request_letter"


class TravelDocumentKind(StrEnum):
    """Which document a person identifies with."""

    PASSPORT = "passport"
    IDENTITY_CARD = "identity_card"
    LAISSEZ_PASSER = "laissez_passer"


Personal = Field(default="", repr=False)
MaybeDate = Annotated[date | None, Field(repr=False)]
Period = Annotated[str, Field(repr=False, pattern=r"^([0-9]{4}(-[0-9]{2})?)?$")]
"""A year, or a year and a month (ISO 8601-1, reduced precision); empty where a whole day, or nothing, is known."""


class Remark(Frozen):
    """What was noticed while a cell was read and what stands there now does not show any more."""

    field: str
    rule: RuleName
    likely: Annotated[str, Field(repr=False)] = ""
    """What may have been meant, to be shown beside the question."""


class Nomination(Frozen):
    """One row: a person under an organisation, as far as it could be read.

    A field that was empty or could not be read is empty here and named in *unreadable* in the latter case;
    completeness rules turn both into deficiencies. Only a row that cannot be tied to a person and an
    organisation is no nomination at all.
    """

    reference: str = ""
    role: Role
    surname: Annotated[str, Personal]
    given_names: Annotated[str, Personal]
    has_one_name: bool = False
    """The sender says that the document prints one name only, by a filler such as - or FNU in the other cell."""
    native_name: Annotated[str, Personal]
    sex: Annotated[Literal["M", "F", "X", ""], Personal]
    birth_date: MaybeDate = None
    birth_period: Period = ""
    """Where the document does not print the day: what it prints."""
    nationalities: Annotated[tuple[CountryCode, ...], Field(repr=False)] = ()
    document_kind: TravelDocumentKind = TravelDocumentKind.PASSPORT
    document_number: Annotated[str, Personal]
    document_issuer: Annotated[str, Personal]
    document_expiry: MaybeDate = None
    document_never_expires: bool = False
    """The sender says that the document prints no day of expiry."""
    mrz: Annotated[str, Personal]
    email: Annotated[str, Personal]
    phone: Annotated[str, Personal]
    languages: tuple[LanguageCode, ...] = ()
    letter_language: LanguageCode | None = None
    """Where nobody chose one, letters are in the organisation's language."""
    arrival: date | None = None
    departure: date | None = None
    preferred_regions: tuple[RegionCode, ...] = ()
    accepted_notices: tuple[NoticeId, ...] = ()
    conflict_declared: bool | None = None
    gain_from_contestant: Annotated[bool | None, Field(repr=False)] = None
    family_tie: Annotated[bool | None, Field(repr=False)] = None
    paid_by_host: Annotated[bool | None, Field(repr=False)] = None
    excluded_before: Annotated[bool | None, Field(repr=False)] = None
    disclosure: Annotated[str, Personal]
    funded_by: Annotated[str, Personal]
    conflict_regions: Annotated[tuple[RegionCode, ...], Field(repr=False)] = ()
    stay_together: bool | None = None
    pledge_accepted_on: date | None = None
    pledge_text: str = ""
    photo: Sha256 | None = None
    identity_page: Sha256 | None = None
    role_detail: Annotated[str, Field(repr=False)] = ""
    """What the profile asks people of this role for besides, such as the registration of a driver's vehicle."""
    unreadable: tuple[str, ...] = ()
    """Names of fields that held something the engine could not read."""
    remarks: Annotated[tuple[Remark, ...], Field(repr=False)] = ()
    """What was noticed in reading, besides."""

    @property
    def name(self) -> str:
        """The name as in the travel document, given names first."""
        return " ".join(part for part in (self.given_names, self.surname) if part)

    @property
    def born(self) -> str:
        """The day of birth, or the year and month as far as the document prints them (ISO 8601); else empty."""
        return self.birth_date.isoformat() if self.birth_date else self.birth_period

    def says_the_same_as(self, other: Nomination | None, *, but_for: Collection[str] = ()) -> bool:
        """Whether nothing that was sent differs *but_for* some fields; what the rows around it show does not count."""
        if other is None:
            return False
        left_out = {"remarks", *but_for}
        pairs = zip(iter(self), iter(other), strict=True)
        return all(mine == theirs or name in left_out for (name, mine), (_, theirs) in pairs)

    @property
    def key(self) -> str:
        """What a new case of the row is numbered by: its reference, else document number, else name and birth.

        Whose case a row is, :mod:`domain.intake.row_identity` judges from all of it.
        """
        if self.has_reference:
            return f"ref\x1f{self.reference}"
        if self.has_number:
            return f"doc\x1f{self.document_issuer}\x1f{self.document_number}"
        return f"name\x1f{folded(self.surname)}\x1f{folded(self.given_names)}\x1f{self.born or None}"

    @property
    def has_reference(self) -> bool:
        """Whether the reference can tell a row from others: a placeholder cannot, but numbers may begin at 0."""
        return bool(self.reference) and (self.reference.isdecimal() or not is_placeholder(self.reference))

    @property
    def has_number(self) -> bool:
        """Whether the number of the travel document can tell a person from others."""
        return any(map(str.isdigit, self.document_number)) and not is_placeholder(self.document_number)

    @property
    def is_tied_to_a_person(self) -> bool:
        """Whether somebody is named and can be distinguished from others."""
        named = bool(self.surname or self.given_names)
        return named and bool(self.has_reference or self.has_number or self.born)

    def __str__(self) -> str:
        return masked(self.name)


def folded(name: str) -> str:
    """Return *name* for comparing: compatibility form, case folded, single blanks (Unicode TR15, NFKC)."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


DISCLOSURES: Final = ("gain_from_contestant", "family_tie", "paid_by_host", "excluded_before")
"""What the conflict-of-interest statement asks besides (OSCE Parliamentary Assembly): a yes informs officers."""

COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reference": "your own number for this row; keep it when you send the row again",
        "organisation": "the code the commission gave you (may be left out where the whole file is yours)",
        "role": "head_of_mission, core_team, long_term_observer, short_term_observer, parliamentarian, "
        "embassy_observer, election_body_guest, expert or interpreter",
        "surname": "as in the travel document, Latin letters; - where it prints one name only",
        "given_names": "as in the travel document, Latin letters; - where it prints one name only",
        "native_name": "the whole name in its own script, as it should stand on the badge (optional)",
        "sex": "M, F or X as in the travel document (optional)",
        "birth_date": "YYYY-MM-DD; where the document prints no day: YYYY-MM or YYYY",
        "nationality": "three-letter codes of all citizenships held, separated by ; (XXA: stateless, XXB: refugee)",
        "document_kind": "passport, identity_card or laissez_passer",
        "document_number": "as printed",
        "document_issuer": "three-letter code of the issuing state or organisation",
        "document_expiry": "YYYY-MM-DD, or unlimited where the document prints no expiry",
        "mrz": "the machine-readable lines, separated by / or a line break (optional)",
        "email": "the person's own address",
        "phone": "with country code (optional)",
        "languages": "two-letter codes, separated by ;",
        "letter_language": "two-letter code (left empty: the organisation's language)",
        "arrival": "YYYY-MM-DD (optional)",
        "departure": "YYYY-MM-DD (optional)",
        "preferred_regions": "up to five region codes, most wanted first, separated by ;",
        "accepted_notices": "notices the person means to accept (the person is asked), code:version, separated by ;",
        "conflict_declared": "yes or no: is there anything to declare about conflicts of interest?",
        "gain_from_contestant": "yes or no: does the person gain anything from a party or candidate?",
        "family_tie": "yes or no: close family tie to, or dependence on, a contestant?",
        "paid_by_host": "yes or no: ever observed here paid by the host government or its lobbyists?",
        "excluded_before": "yes or no: ever excluded from an observation mission?",
        "disclosure": "what is behind each yes, in a sentence",
        "funded_by": "who pays for the mission and the travel",
        "conflict_regions": "regions where that holds and the person must not serve, separated by ; (optional)",
        "stay_together": "yes where the person asks to be with the others of the delegation who ask too (optional)",
        "pledge_accepted_on": "YYYY-MM-DD: the day the person signed the pledge",
        "pledge_text": "the version printed on the pledge that was signed (optional)",
        "photo": "file name of the photograph in the folder beside this file",
        "identity_page": "file name of the scan of the identity page",
        "role_detail": "only where the role asks for it, such as the registration of a driver's vehicle",
    }
)
USUAL_COLUMNS: Final = tuple(column for column in COLUMNS if column != "role_detail")
"""The columns of forms where the profile asks no role for anything of its own; the other one stands behind them."""
"""The documented columns of a nominations file, in order, with what stands in each."""
