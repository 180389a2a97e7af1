"""Whom a row is about: judged from reference, travel document, name, birth date and e-mail address together.

A reference alone identifies nobody: lists are numbered anew, numbers begin again for each delegation, a constant or a
placeholder stands in every row. So a row is held against what is recorded of a person in five ways, and the table
:data:`RULES` says what each combination comes to. It leans to the safe side: nobody becomes somebody else, and
nobody is merged away; where evidence speaks for both, the sender is asked.

What each kind of evidence is worth, and why:

- *document*: one number of one issuer is one person (ICAO Doc 9303-3, section 4.1). Numbers are mistyped and copied
  into the next row, so a number whose name and birth date both contradict proves nothing. Another number proves
  little: people renew documents.
- *name with birth date*: of the people of one organisation two that share both are one, but twins share all but the
  given name and a son may bear his father's name, so neither is enough alone.
- *e-mail address*: confirms or casts doubt; offices and families share one.
- *reference*: what the sender numbered; it confirms, and breaks a tie.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from domain.application.nomination import Nomination, folded
from domain.placeholders import is_nobodys_name, is_placeholder, is_placeholder_name
from domain.screening.birth import BirthDate, DateMatch, birth_date, compare_dates
from domain.screening.names.forms import name_form
from domain.screening.names.similarity import compare_names
from domain.screening.score import is_same_name
from domain.screening.screening import PRESET
from domain.values import bare

_PARTLY: Final = 0.4
"""The least likeness of two names of which a whole part of two agrees."""
_LONG_ENOUGH: Final = 5
"""Signs of a number in which one slip can be told from another number."""
_NO_BIRTH: Final = frozenset({date(1900, 1, 1), date(1899, 12, 30), date(1899, 12, 31)})
"""What spreadsheets write for a date that nobody gave: the first days of their calendars."""
_ALIKE_SIGNS: Final = str.maketrans("OQDILZSBG", "000112586")
"""Letters that are typed for digits and the reverse (ICAO Doc 9303-3 knows the same confusions in reading zones)."""


class Match(StrEnum):
    """How one thing compares on both sides; the value is how the table writes it."""

    SAME = "s"
    NEAR = "n"
    PARTLY = "p"
    OTHER = "o"
    UNKNOWN = "u"


class IdentityVerdict(StrEnum):
    """Whom a row is about, seen from one recorded person."""

    SAME = "same"
    ASK = "ask"
    OTHER = "other"


def identifying_reference(reference: str) -> str:
    """Return *reference* as it is compared, or nothing where it can identify nobody.

    Spreadsheets turn 0001 into 1 or 1.0: both are one reference.

    >>> [identifying_reference(text) for text in ("0001", "1.0", "a-07 ", "N/A", "-")]
    ['1', '1', 'a-07', '', '']
    """
    text = folded(reference)
    if not text.isdecimal() and is_placeholder(text):
        return ""
    digits = re.fullmatch(r"0*([0-9]+?)(?:\.0+)?", text)
    return digits[1] if digits else text


@lru_cache(maxsize=1 << 12)
def identifying_number(number: str) -> str:
    """Return the number of a travel document as it is compared, or nothing where it can identify nobody.

    >>> [identifying_number(text) for text in ("k 441-1019", "applied for", "0000000")]
    ['K4411019', '', '']
    """
    return "" if is_placeholder(number) or not any(map(str.isdigit, number)) else bare(number)


@dataclass(frozen=True, slots=True, repr=False)
class Traits:
    """What tells a person from others; nothing else about them takes part."""

    reference: str
    number: str
    issuer: str
    names: tuple[str, ...]
    sex: str
    born: BirthDate | None
    """As far as it is known: perhaps a year only, or a year and a month."""
    email: str

    @classmethod
    def of(cls, nomination: Nomination) -> Traits:
        """Return the traits of *nomination*; what cannot identify is empty."""
        return cls(
            reference=identifying_reference(nomination.reference),
            number=identifying_number(nomination.document_number),
            issuer=nomination.document_issuer,
            names=_names_of(nomination),
            sex=nomination.sex,
            born=None if nomination.birth_date in _NO_BIRTH else birth_date(nomination.born),
            email=nomination.email.casefold(),
        )

    def __str__(self) -> str:
        return "a person"


def _names_of(nomination: Nomination) -> tuple[str, ...]:
    """Return the names that somebody bears: what stands in for one, such as "Delegate 3", is nobody's."""
    parts = (nomination.given_names, nomination.surname), (nomination.surname, nomination.given_names)
    whole = " ".join(part for part, beside in parts if part and not is_nobodys_name(part, beside))
    return tuple(name for name in (whole, nomination.native_name) if name and not is_placeholder_name(name))


class RowEvidence(NamedTuple):
    """How a row and a recorded person compare."""

    document: Match
    name: Match
    birth: Match
    reference: Match
    email: Match


class Claimed(NamedTuple):
    """By what another row of the same file is about a recorded person, where the row in question is not."""

    by_document: bool
    by_name: bool
    by_name_and_year: bool
    wholly: bool
    """One row has all three: document, name and year of birth."""


class Pattern(NamedTuple):
    """What some combinations come to. Each column lists the matches that it covers; a point covers all."""

    document: str
    name: str
    birth: str
    reference: str
    email: str
    verdict: IdentityVerdict
    why: str

    def covers(self, evidence: RowEvidence) -> bool:
        """Whether this is the rule for *evidence*."""
        columns = zip(self[:5], evidence, strict=True)
        return all(column == "." or match.value in column for column, match in columns)


_SAME, _ASK, _OTHER = IdentityVerdict.SAME, IdentityVerdict.ASK, IdentityVerdict.OTHER

RULES: Final[tuple[Pattern, ...]] = (
    # The document number is the same.
    Pattern("s", "sn", "snu", ".", ".", _SAME, "document and name agree"),
    Pattern("s", "sn", "o", "ou", "o", _ASK, "a namesake's number may have been copied: birth and address contradict"),
    Pattern("s", "sn", "o", ".", ".", _SAME, "document and name agree; a birth date is corrected"),
    Pattern("s", "p", "s", "s", "su", _SAME, "a name changed, as by marriage: document, birth and reference agree"),
    Pattern("s", "p", "s", ".", "s", _SAME, "a name changed, as by marriage: document, birth and address agree"),
    Pattern("s", "po", "o", ".", ".", _OTHER, "name and birth contradict: the number was copied or stands for none"),
    Pattern(
        "s",
        "po",
        "snu",
        ".",
        ".",
        _ASK,
        "one document and two names: a copied number, names sorted apart from the rest, or a new name",
    ),
    # The number has one slip, or names another issuer. Members of a family hold numbers in a row.
    Pattern("n", "s", "s", ".", ".", _SAME, "name and birth agree; the number was typed again"),
    Pattern("n", "n", "s", ".", ".", _ASK, "twins with numbers in a row, or one person typed again"),
    Pattern("n", "s", "nu", "s", "su", _SAME, "name and reference agree; the number was typed again"),
    Pattern("n", "s", "nu", ".", "s", _SAME, "name and address agree; the number was typed again"),
    Pattern("n", "s", "nu", ".", ".", _ASK, "father and son with numbers in a row, or one person typed again"),
    Pattern("n", "n", "u", "s", "su", _SAME, "typed again: name, number and reference"),
    Pattern("n", "n", "u", ".", ".", _ASK, "a slip in the number and another in the name"),
    # No number on one side, or none that identifies.
    Pattern("u", "s", "s", ".", ".", _SAME, "name and birth agree; a number comes later"),
    Pattern("u", "s", "n", "ou", "o", _OTHER, "a namesake: nothing but the name agrees"),
    Pattern("u", "s", "n", ".", ".", _ASK, "a slip in the birth date, or a namesake"),
    Pattern("u", "s", "u", "s", ".", _SAME, "name and reference agree, and nothing contradicts"),
    Pattern("u", "s", "u", ".", "s", _SAME, "name and address agree, and nothing contradicts"),
    Pattern("u", "s", "u", ".", ".", _ASK, "of one name, and nothing else to go by"),
    Pattern("u", "s", "o", "s", "su", _ASK, "a birth date is corrected, or a namesake took the reference"),
    Pattern("u", "s", "o", "ou", "s", _ASK, "father and son with one address, or a birth date is corrected"),
    Pattern("u", "n", "s", "ou", "o", _OTHER, "twins: names alike, one birth date, nothing else"),
    Pattern("u", "n", "s", ".", ".", _ASK, "a slip in the name, or twins"),
    Pattern("u", "n", "u", "s", ".", _ASK, "a slip in the name, or two people of a family"),
    Pattern("u", "n", "nu", ".", "s", _ASK, "names alike and one address: a family, or one person"),
    Pattern("u", "n", "n", "s", "u", _ASK, "two slips, or two people"),
    Pattern("u", "n", "o", "s", "s", _ASK, "reference and address agree, birth contradicts"),
    Pattern("u", "p", "su", "s", "su", _ASK, "part of the name and the reference agree"),
    Pattern("u", "p", "s", "s", "o", _ASK, "a new name and a new address, or a brother or sister"),
    Pattern("u", "p", "s", "ou", "s", _ASK, "brothers and sisters with one address, or a new name"),
    Pattern("u", "p", "n", "s", "s", _ASK, "part of the name agrees, the birth date nearly"),
    Pattern("u", "o", "su", "s", "s", _ASK, "another name under one reference and address"),
    # Another number: documents are renewed.
    Pattern("no", "s", "s", "s", ".", _SAME, "name, birth and reference agree; another document"),
    Pattern("no", "s", "s", ".", "su", _SAME, "name and birth agree; another document"),
    Pattern("no", "s", "s", ".", ".", _ASK, "name and birth agree; document, reference and address do not"),
    Pattern("no", "s", "u", "s", "s", _SAME, "name, reference and address agree; another document"),
    Pattern("no", "s", "nu", "s", "su", _ASK, "a namesake took the reference, or another document"),
    Pattern("no", "s", "nu", "ou", "s", _ASK, "father and son with one address, or another document"),
    Pattern("no", "s", "o", "s", "s", _ASK, "document and birth contradict; the rest agrees"),
    Pattern("no", "n", "s", "s", "su", _ASK, "a slip in the name and another document, or twins"),
    Pattern("no", "n", "s", "ou", "s", _ASK, "twins with one address, or another document"),
    Pattern("no", "n", "nu", "s", "s", _ASK, "reference and address agree; the rest does not"),
    Pattern("no", "p", "s", "s", ".", _ASK, "a new name and a new document, or a brother or sister"),
    # Nobody was named yet: "to be confirmed", "Delegate 3".
    Pattern("s", "u", "snu", ".", ".", _SAME, "one document; the name comes later"),
    Pattern(".", "u", "snu", "s", ".", _SAME, "one reference; the name comes later"),
    Pattern(".", "u", "s", ".", "s", _SAME, "one birth date and address; the name comes later"),
    Pattern(".", ".", ".", ".", ".", _OTHER, "what agrees tells nothing"),
)
"""What evidence comes to: the first rule that covers it holds."""


@lru_cache(maxsize=1 << 10)
def rule_for(evidence: RowEvidence) -> Pattern:
    """Return the rule for *evidence*."""
    return next(rule for rule in RULES if rule.covers(evidence))


def is_beyond_doubt(evidence: RowEvidence) -> bool:
    """Whether nobody else can be meant, whoever else the same list names: name with document, or with birth date."""
    if evidence.name is not Match.SAME:
        return False
    if evidence.document is Match.SAME:
        return evidence.birth in {Match.SAME, Match.UNKNOWN}
    return evidence.document is Match.UNKNOWN and evidence.birth is Match.SAME


def is_by_name(evidence: RowEvidence) -> bool:
    """Whether name and birth date agree in full."""
    return evidence.name is Match.SAME and evidence.birth is Match.SAME


def after_claims(verdict: IdentityVerdict, evidence: RowEvidence, claimed: Claimed) -> IdentityVerdict:
    """Return what *verdict* comes to where another row of the same file may be about the same recorded person.

    Numbers slip into the next row, and columns are sorted apart from the others. So a document that another row has
    takes nobody from who agrees in name and birth date, and where one row has the document and another the name, it
    is asked which is meant. So it is of names that are alike under one document and two references: somebody who was
    entered twice, or twins and a number that was copied.
    """
    if evidence.document is not Match.SAME:
        return verdict if is_by_name(evidence) and not claimed.wholly else IdentityVerdict.OTHER
    if evidence.name is Match.SAME:
        named = IdentityVerdict.OTHER if evidence.birth is Match.OTHER else IdentityVerdict.ASK
        return named if claimed.by_name_and_year else verdict
    if claimed.wholly:
        if evidence.name is not Match.NEAR or evidence.birth is Match.OTHER:
            return IdentityVerdict.OTHER
        return IdentityVerdict.ASK if evidence.reference is Match.OTHER else verdict
    return IdentityVerdict.ASK if claimed.by_name and verdict is IdentityVerdict.SAME else verdict


_WORTH: Final = {
    "document": {Match.SAME: 16, Match.NEAR: 4},
    "name": {Match.SAME: 8, Match.NEAR: 4, Match.PARTLY: 1},
    "birth": {Match.SAME: 6, Match.NEAR: 2},
    "reference": {Match.SAME: 3},
    "email": {Match.SAME: 2},
}


def weight(evidence: RowEvidence) -> int:
    """Return how much speaks for one person: of several that a row may be about, it is the one with the most."""
    return sum(_WORTH[kind].get(match, 0) for kind, match in zip(RowEvidence._fields, evidence, strict=True))


def compare_traits(row: Traits, recorded: Traits, *, reference: Match) -> RowEvidence:
    """Return how *row* and *recorded* compare; whose *reference* it is now, the caller knows."""
    return _evidence(row, recorded, reference=reference, name=_compare_all_names(row, recorded))


def evidence_that_counts(row: Traits, recorded: Traits, *, reference: Match) -> RowEvidence | None:
    """Return the same, or None where the rules say of whatever the names are that these are two people.

    Comparing names takes longer than all the rest, and most who share a key share nothing else.
    """
    bare = _evidence(row, recorded, reference=reference, name=Match.UNKNOWN)
    if _tells_by_itself(bare):
        return bare._replace(name=_compare_all_names(row, recorded))
    if bare.birth is Match.OTHER or not _may_be_one_name(row, recorded):
        return None
    return bare._replace(name=_compare_all_names(row, recorded))


def _tells_by_itself(evidence: RowEvidence) -> bool:
    """Whether anything but the name agrees, so that names that are merely alike may mean something."""
    near = evidence.document in {Match.SAME, Match.NEAR}
    return near or Match.SAME in {evidence.birth, evidence.reference, evidence.email}


def _may_be_one_name(row: Traits, recorded: Traits) -> bool:
    """Whether any names are the same but for order, spacing and signs, or one side has none."""
    ours, theirs = ({key for name in traits.names for key in _spellings(name)} for traits in (row, recorded))
    return not (ours and theirs) or not ours.isdisjoint(theirs)


@lru_cache(maxsize=1 << 12)
def _spellings(name: str) -> tuple[str, ...]:
    form = name_form(name)
    return form.native, form.native.replace(" ", ""), form.joined, " ".join(form.bag)


def _evidence(row: Traits, recorded: Traits, *, reference: Match, name: Match) -> RowEvidence:
    return RowEvidence(
        document=_compare_documents(row, recorded),
        name=name,
        birth=_compare_births(row.born, recorded.born),
        reference=reference,
        email=_plainly(row.email, recorded.email),
    )


def is_replacement(evidence: RowEvidence) -> bool:
    """Whether everything that can be compared says another person: that is a replacement and no correction."""
    known = {evidence.birth, evidence.document} - {Match.UNKNOWN}
    return evidence.name is Match.OTHER and known == {Match.OTHER}


def _plainly(left: str, right: str) -> Match:
    if not left or not right:
        return Match.UNKNOWN
    return Match.SAME if left == right else Match.OTHER


def _compare_documents(row: Traits, recorded: Traits) -> Match:
    known = _plainly(row.number, recorded.number)
    if known is Match.SAME:
        return Match.NEAR if _plainly(row.issuer, recorded.issuer) is Match.OTHER else known
    if known is Match.OTHER and _is_one_slip(row.number, recorded.number):
        return Match.NEAR
    return known


def _is_one_slip(left: str, right: str) -> bool:
    if min(len(left), len(right)) < _LONG_ENOUGH:
        return False
    if left.translate(_ALIKE_SIGNS).lstrip("0") == right.translate(_ALIKE_SIGNS).lstrip("0"):
        return True
    return OSA.distance(left, right, score_cutoff=1) <= 1


def _compare_all_names(row: Traits, recorded: Traits) -> Match:
    """Compare names as screening does; where the sex differs, a likeness counts one step less."""
    found = _best_name(row.names, recorded.names)
    if _plainly(row.sex, recorded.sex) is Match.OTHER:
        return {Match.SAME: Match.NEAR, Match.NEAR: Match.PARTLY}.get(found, found)
    return found


def _best_name(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Match:
    if not ours or not theirs:
        return Match.UNKNOWN
    if not {folded(name) for name in ours}.isdisjoint(folded(name) for name in theirs):
        return Match.SAME
    return min(_names(mine, other) for mine in ours for other in theirs)[1]


@lru_cache(maxsize=1 << 12)
def _names(left: str, right: str) -> tuple[int, Match]:
    """Return how two names compare, with its place among the answers: the first is the best."""
    match = compare_names(name_form(left), name_form(right))
    if is_same_name(match):
        return 0, Match.SAME
    if match.score >= PRESET.with_birth:
        return 1, Match.NEAR
    return (2, Match.PARTLY) if match.score >= _PARTLY else (3, Match.OTHER)


_BIRTHS: Final = {
    DateMatch.SAME_DAY: Match.SAME,
    DateMatch.MISREAD: Match.NEAR,
    # A year alone, or a year and a month, can contradict; that it agrees proves little.
    DateMatch.SAME_YEAR_KNOWN: Match.UNKNOWN,
}


def _compare_births(left: BirthDate | None, right: BirthDate | None) -> Match:
    if left is None or right is None:
        return Match.UNKNOWN
    return _BIRTHS.get(compare_dates(left, right), Match.OTHER)
