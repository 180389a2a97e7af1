"""Applicants of one election compared with each other: which keys they meet by, and who may be one person.

People are compared if they share a key: a document, a contact, a date of birth, parts of a name together with each
other or with the birth. Nothing is ever merged, and whoever nominated them plays no part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import Field

from domain.application.nomination import Nomination
from domain.screening.birth import DateMatch, closest_match
from domain.screening.blocking import blocking_keys
from domain.screening.duplicates import applicant_evidence
from domain.screening.evidence import DIGITS, name_evidence, total, within_bounds
from domain.screening.hits import LIKELY_SAME, SAME_DOCUMENT, SAME_NAME, Hit
from domain.screening.names.forms import name_form
from domain.screening.names.match import NameMatch
from domain.screening.names.scripts import ABJADS, Script
from domain.screening.names.similarity import compare_names
from domain.screening.score import Thresholds, best_name_match, is_same_name
from domain.screening.screening import PRESET
from domain.screening.screening_hit import ALGORITHM_VERSION, Band, Evidence
from domain.screening.subject import Subject

MOST_HOLDERS: Final = 100
"""People who may share one key; where more do, nobody is compared because of it, and it is reported."""

_ALPHABETS: Final = {*ABJADS, Script.HANGUL}
_GIVEN_NAMES_EQUAL: Final = 0.9
_OTHER_SURNAME: Final = 0.10


class Applicant(Subject):
    """An applicant as compared with others; the given names tell a changed family name from a brother's."""

    given_names: str = Field(default="", repr=False)


def applicant_of(nomination: Nomination, *, case: str) -> Applicant:
    """Return the person of *nomination* as far as screening may know them."""
    return Applicant(
        subject_id=case,
        names=(nomination.name, nomination.native_name),
        birth_dates=(nomination.born,) if nomination.born else (),
        countries=nomination.nationalities,
        documents=(nomination.document_number,) if nomination.has_number else (),
        contacts=(nomination.email, nomination.phone),
        given_names=nomination.given_names,
    )


def applicant_keys(person: Subject) -> frozenset[str]:
    """Return the keys under which *person* meets others."""
    return frozenset("\x1f".join(key) for key in blocking_keys(person, _ALPHABETS))


def resemblance(person: Applicant, other: Applicant, *, thresholds: Thresholds = PRESET) -> Hit | None:
    """Return how *person* resembles *other*, or None where nothing worth keeping was found.

    To be reviewed takes a shared document, or a name together with the date of birth or a contact: two people of
    one name and different birth are two people until something else agrees.
    """
    match, ours, theirs = best_name_match(person, other)
    dates = closest_match(person.births, other.births)
    is_renamed = _is_renamed(person, other, match, dates)
    band = _band(person, other, match, dates=dates, thresholds=thresholds)
    if is_renamed and band is not Band.EXACT:
        band = Band.STRONG
    if band is Band.NONE:
        return None
    evidence = tuple(within_bounds((
        *name_evidence(match, names=(ours, theirs)),
        *(_renaming(person, other) if is_renamed else ()),
        *applicant_evidence(person, other, dates=dates),
    )))  # fmt: skip
    return Hit(
        rule=_rule(person, other, band),
        about=other.subject_id,
        person_hash=person.content_hash,
        other_hash=other.content_hash,
        algorithm_version=ALGORITHM_VERSION,
        score=total(evidence),
        name_score=round(match.score, DIGITS),
        band=band,
        evidence=evidence,
    )


def _rule(person: Applicant, other: Applicant, band: Band) -> str:
    if person.document_keys & other.document_keys:
        return SAME_DOCUMENT
    return SAME_NAME if band is Band.EXACT else LIKELY_SAME


def _band(
    person: Applicant, other: Applicant, match: NameMatch, *, dates: DateMatch | None, thresholds: Thresholds
) -> Band:
    if person.document_keys & other.document_keys:
        return Band.EXACT
    if is_same_name(match) and dates is DateMatch.SAME_DAY:
        return Band.EXACT
    if match.score < thresholds.weak:
        return Band.NONE
    if dates is None:
        return Band.STRONG if match.score >= thresholds.alone else Band.WEAK
    supported = dates.is_support and match.score >= thresholds.with_birth
    reached = not dates.is_conflict and not person.contact_keys.isdisjoint(other.contact_keys)
    return Band.STRONG if supported or reached else Band.WEAK


def _is_renamed(person: Applicant, other: Applicant, match: NameMatch, dates: DateMatch | None) -> bool:
    """Return whether all but the family name agrees: given names, day of birth and a citizenship."""
    if dates is not DateMatch.SAME_DAY or is_same_name(match) or not person.given_names or not other.given_names:
        return False
    if set(person.countries).isdisjoint(other.countries):
        return False
    given = compare_names(name_form(person.given_names), name_form(other.given_names))
    return given.score >= _GIVEN_NAMES_EQUAL


def _renaming(person: Applicant, other: Applicant) -> Iterator[Evidence]:
    reason = "given names, date of birth and a citizenship agree; people take other family names"
    yield Evidence(
        feature="given names",
        left=person.given_names,
        right=other.given_names,
        contribution=_OTHER_SURNAME,
        reason=reason,
    )
