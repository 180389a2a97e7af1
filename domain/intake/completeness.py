"""Whether a nomination has all that the profile asks for. What is missing can be mended; nothing here refuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache

from domain.application.findings import Finding, Severity
from domain.application.nomination import DocumentKind, Nomination
from domain.application.reasons import ReasonCode
from domain.election.profile import ElectionProfile
from domain.identity.contact import ContactProblem, check_email

_OLDEST = 120
"""Years; nobody is older, and no document lasts longer."""
_DOCUMENT_FIELDS = {DocumentKind.PHOTO: "photo", DocumentKind.IDENTITY_PAGE: "identity_page"}


def completeness(nomination: Nomination, profile: ElectionProfile) -> tuple[Finding, ...]:
    """Return a finding for each thing the organisation must mend before the checks begin."""
    return tuple(
        finding
        for rule in (_missing_fields, _unreadable_fields, _impossible_days, _missing_documents, _expiry, _address)
        for finding in rule(nomination, profile)
    )


def _cure(rule: str, code: ReasonCode, fields: Iterable[str]) -> Iterator[Finding]:
    if named := tuple(fields):
        yield Finding(rule=rule, code=code, severity=Severity.CURE, fields=named)


def _missing_fields(nomination: Nomination, profile: ElectionProfile) -> Iterator[Finding]:
    names = {"nationality": "nationalities"}
    empty = (
        column
        for column in profile.required_fields
        # Every file has a sender, who stands for the column where it is left out.
        if column != "organisation"
        and getattr(nomination, names.get(column, column)) in {"", None, ()}
        and column not in nomination.unreadable
    )
    return _cure("field_missing", ReasonCode.D06, empty)


def _unreadable_fields(nomination: Nomination, _profile: ElectionProfile) -> Iterator[Finding]:
    return _cure("field_unreadable", ReasonCode.D06, nomination.unreadable)


def _impossible_days(nomination: Nomination, profile: ElectionProfile) -> Iterator[Finding]:
    """Find days of other calendars (1403, 2567), slips of the pen, and a stay that ends before it begins."""
    born, expires, year = nomination.birth_date, nomination.document_expiry, profile.election.day.year
    if born and not (year - _OLDEST < born.year and born < profile.election.day):
        yield from _cure("day_impossible", ReasonCode.D06, ["birth_date"])
    if expires and not year - _OLDEST < expires.year < year + _OLDEST:
        yield from _cure("day_impossible", ReasonCode.D06, ["document_expiry"])
    if nomination.arrival and nomination.departure and nomination.departure < nomination.arrival:
        yield from _cure("days_reversed", ReasonCode.D06, ["arrival", "departure"])


def _missing_documents(nomination: Nomination, profile: ElectionProfile) -> Iterator[Finding]:
    required = (
        _DOCUMENT_FIELDS[document.kind]
        for document in profile.documents
        if document.kind in _DOCUMENT_FIELDS and document.is_required_of(nomination.role)
    )
    return _cure("document_missing", ReasonCode.D01, (name for name in required if getattr(nomination, name) is None))


def _expiry(nomination: Nomination, profile: ElectionProfile) -> Iterator[Finding]:
    """Find a document that does not last through the stay and the profile's margin after election day."""
    expiry = nomination.document_expiry
    early = expiry is not None and expiry < document_needed_until(nomination, profile)
    return _cure("document_expires_early", ReasonCode.D03, ["document_expiry"] if early else [])


def document_needed_until(nomination: Nomination, profile: ElectionProfile) -> date:
    """Return the day until which a travel document has to last: the profile's, or the end of the stay if later."""
    margin = timedelta(days=profile.eligibility.document_valid_days_after_election)
    return max(profile.election.day + margin, nomination.departure or profile.election.day)


def _address(nomination: Nomination, _profile: ElectionProfile) -> Iterator[Finding]:
    wrong = bool(nomination.email) and not has_usable_email(nomination)
    return _cure("email_unusable", ReasonCode.D06, ["email"] if wrong else [])


def has_usable_email(nomination: Nomination) -> bool:
    """Whether letters can be addressed to the person; by form alone, nobody's server is asked."""
    return bool(nomination.email) and _is_address(nomination.email)


@lru_cache(maxsize=4096)
def _is_address(email: str) -> bool:
    """Judge an address once: every letter of a case asks again."""
    return ContactProblem.EMAIL_INVALID not in check_email(email).problems
