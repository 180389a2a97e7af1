"""Whether a nomination has all that the profile asks for. What is missing can be mended; nothing here refuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from domain.application.findings import Finding, Severity
from domain.application.nomination import DocumentKind, Nomination
from domain.application.reasons import ReasonCode
from domain.election.profile import ElectionProfile
from domain.identity.contact import is_usable
from domain.intake.plausibility.omissions import days_of_birth, omissions
from domain.intake.plausibility.rules import NAMES, implausible

_OLDEST = 120
"""Years; nobody is older, and no document lasts longer."""
MISSING: Final = "document_missing"
"""The rule that finds a document of which the row says nothing."""
NOT_FOUND: Final = "file_not_found"
"""The rule that finds a file named in a row that did not come."""
_DOCUMENT_FIELDS = {DocumentKind.PHOTO: "photo", DocumentKind.IDENTITY_PAGE: "identity_page"}


def completeness(nomination: Nomination, profile: ElectionProfile) -> tuple[Finding, ...]:
    """Return a finding for each thing the organisation must mend before the checks begin."""
    odd = [oddity for oddity in _oddities(nomination, profile) if oddity.severity is not Severity.HUMAN]
    told = frozenset(column for finding in odd if finding.severity is Severity.CURE for column in finding.fields)
    checks = (
        _missing_fields,
        _pledge_of_old,
        _unreadable_fields,
        _impossible_days,
        _missing_documents,
        _expiry,
        _address,
    )
    found = (finding for check in checks for finding in check(nomination, profile))
    return (*(left for finding in found if (left := _untold(finding, told))), *odd)


def _oddities(nomination: Nomination, profile: ElectionProfile) -> Iterator[Finding]:
    """Yield what cannot be, and what the document leaves out: to be asked about, or for officers in vetting."""
    yield from implausible(nomination, on=profile.election.day)
    required = set(NAMES) & set(profile.required_of(nomination.role))
    for finding in omissions(nomination, on=profile.election.day):
        if finding.rule != "name_missing" or required.issuperset(finding.fields):
            yield finding


def for_officers(nomination: Nomination, profile: ElectionProfile) -> tuple[Finding, ...]:
    """Return what an officer has to judge of values that cannot be, or that the document is said to leave out."""
    day = profile.election.day
    # What a value shows by itself is asked about before; officers see what only the rows around it showed.
    odd = implausible(nomination, on=day) if nomination.remarks else ()
    return tuple(omission for omission in (*odd, *omissions(nomination, on=day)) if omission.severity is Severity.HUMAN)


def _untold(finding: Finding, told: frozenset[str]) -> Finding | None:
    """Return *finding* without the columns of which a better reason was *told*; None where none is left."""
    if told.isdisjoint(finding.fields) or finding.rule in {"document_missing", "document_expires_early"}:
        return finding
    left = tuple(column for column in finding.fields if column not in told)
    return finding.revised(fields=left) if left else None


def completeness_with_files(
    nomination: Nomination, profile: ElectionProfile, of_files: Iterable[Finding]
) -> tuple[Finding, ...]:
    """Return what must be mended, *of_files* with it: of each file one cause, and missing only where nothing came.

    That a file did not come is no matter where one is on record.
    """
    of_files = tuple(
        file for file in of_files if file.rule != NOT_FOUND or getattr(nomination, file.about, None) is None
    )
    spoken_of = {name for finding in of_files for name in finding.fields}
    found: list[Finding] = []
    for finding in completeness(nomination, profile):
        left = tuple(name for name in finding.fields if finding.rule != MISSING or name not in spoken_of)
        if left:
            found.append(finding.revised(fields=left))
    return (*found, *of_files)


def _cure(rule: str, code: ReasonCode, fields: Iterable[str]) -> Iterator[Finding]:
    if named := tuple(fields):
        yield Finding(rule=rule, code=code, severity=Severity.CURE, fields=named)


def _pledge_of_old(nomination: Nomination, profile: ElectionProfile) -> Iterator[Finding]:
    """Yield that a pledge of before the first vote says nothing of whether somebody stays for the second."""
    said, rule = nomination.pledge_accepted_on, profile.follows
    if said and rule and rule.said_from and said < rule.said_from:
        yield from _cure("pledge_not_anew", ReasonCode.D06, ("pledge_accepted_on",))


def _missing_fields(nomination: Nomination, profile: ElectionProfile) -> Iterator[Finding]:
    names = {"nationality": "nationalities"}
    empty = (
        column
        for column in profile.required_of(nomination.role)
        # Every file has a sender, who stands for the column where it is left out.
        if column != "organisation"
        and not _is_stated(nomination, column)
        and getattr(nomination, names.get(column, column)) in {"", None, ()}
        and column not in nomination.unreadable
    )
    return _cure("field_missing", ReasonCode.D06, empty)


def _is_stated(nomination: Nomination, column: str) -> bool:
    """Whether the sender says something else of *column* than a value; a name beside another one is judged apart."""
    match column:
        case "birth_date":
            return bool(nomination.birth_period)
        case "document_expiry":
            return nomination.document_never_expires
        case _:
            return column in NAMES and bool(nomination.name)


def _unreadable_fields(nomination: Nomination, _profile: ElectionProfile) -> Iterator[Finding]:
    return _cure("field_unreadable", ReasonCode.D06, nomination.unreadable)


def _impossible_days(nomination: Nomination, profile: ElectionProfile) -> Iterator[Finding]:
    """Find days of other calendars (1403, 2567), slips of the pen, and a stay that ends before it begins."""
    born, expires, year = days_of_birth(nomination), nomination.document_expiry, profile.election.day.year
    if born and not (year - _OLDEST < born[0].year and born[0] < profile.election.day):
        yield from _cure("day_impossible", ReasonCode.D06, ["birth_date"])
    if expires and not year - _OLDEST < expires.year < year + _OLDEST:
        yield from _cure("day_impossible", ReasonCode.D06, ["document_expiry"])
    if nomination.arrival and nomination.departure and nomination.departure < nomination.arrival:
        yield from _cure("days_reversed", ReasonCode.D06, ["arrival", "departure"])


def _missing_documents(nomination: Nomination, profile: ElectionProfile) -> Iterator[Finding]:
    required = (
        _DOCUMENT_FIELDS[document.kind]
        for document in profile.documents_of(nomination.role)
        if document.kind in _DOCUMENT_FIELDS
    )
    return _cure(MISSING, ReasonCode.D01, (name for name in required if getattr(nomination, name) is None))


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
    wrong = bool(nomination.email) and not is_usable(nomination.email)
    return _cure("email_unusable", ReasonCode.D06, ["email"] if wrong else [])
