"""The checks on a nomination, its sender and its papers. They give findings to officers; they never refuse."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, Self

from domain.application.application import Application
from domain.application.findings import Finding, Severity
from domain.application.nomination import DISCLOSURES, Nomination, folded
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.election.profile import ElectionProfile
from domain.identity.comparison import DocumentForm, compare
from domain.identity.mrz import parse
from domain.identity.name_comparison import ComparisonOutcome
from domain.identity.readings import FieldCheck, Mrz, Sex
from domain.intake.completeness import for_officers
from domain.intake.plausibility.omissions import days_of_birth
from domain.organisations.organisation import Organisation, OrganisationKind
from domain.screening.hits import Hit, findings_of
from domain.values import Frozen, UtcTime, bare


class Nominator(Frozen):
    """What the checks know of who nominated, and when."""

    received_at: UtcTime
    kind: OrganisationKind | None = None
    """Unknown: nothing is found in it."""
    invited: bool | None = None
    """Whether the authority invited the organisation; None: not known."""


def eligibility_findings(profile: ElectionProfile, sender: Nominator, role: Role) -> Iterator[Finding]:
    """Yield what officers must look at because the profile asks for it; what only they can see is always for them."""
    yield from _nominator(profile, sender)
    yield from _times(profile, sender)
    if functions := profile.eligibility.excluded_functions:
        yield _human("functions_to_look_at", ReasonCode.D08, *functions)
    if papers := profile.papers_of("person", sender.kind, role):
        yield _human("papers_to_look_at", ReasonCode.D06, *(paper.name for paper in papers))


def _nominator(profile: ElectionProfile, sender: Nominator) -> Iterator[Finding]:
    rules = profile.eligibility
    if sender.kind is not None and not rules.admits(sender.kind):
        yield _human("organisation_kind_not_admitted", ReasonCode.R03)
    if rules.invitation_required and sender.invited is False:
        yield _human("not_invited", ReasonCode.R03)


def _times(profile: ElectionProfile, sender: Nominator) -> Iterator[Finding]:
    calendar = profile.calendar
    first = min(map(profile.beginning, calendar.opening(sender.kind)), default=None)
    if first is not None and sender.received_at < first:
        yield _human("received_early", ReasonCode.D08)
    if calendar.advised_by is not None and sender.received_at > profile.moment(calendar.advised_by):
        yield Finding(rule="received_after_advice", code=ReasonCode.D08, severity=Severity.NOTE)


LATE: Final = "received_late"
"""The rule of what came after the closing: whoever was in time stays in time, whatever the rules say later."""
_LONGEST_KEY = 200
_SEX = {"M": Sex.MALE, "F": Sex.FEMALE, "X": Sex.UNSPECIFIED}


class Surroundings(Frozen):
    """What the checks know beyond the nomination itself."""

    received_at: UtcTime
    organisation_kind: OrganisationKind | None = None
    """Whose window counts, where categories close apart; unknown: the latest."""
    invited: bool | None = None
    """Whether the authority invited the organisation; None: not known."""
    hits: tuple[Hit, ...] = ()
    """What screening found among the other files and on reference lists."""

    @classmethod
    def of(cls, application: Application, organisation: Organisation, hits: Sequence[Hit] = ()) -> Self:
        """Return what is known beyond the nomination of *application*, which *organisation* made."""
        return cls(
            received_at=application.received_at,
            organisation_kind=organisation.kind,
            invited=organisation.invited_on is not None,
            hits=tuple(hits),
        )

    @property
    def sender(self) -> Nominator:
        """Who nominated, and when."""
        return Nominator(received_at=self.received_at, kind=self.organisation_kind, invited=self.invited)


def document_key(nomination: Nomination) -> str | None:
    """Return what equal travel documents have in common, or None where no number is given."""
    number = bare(nomination.document_number)
    return _short(f"{nomination.document_issuer}:{number}") if number else None


def name_key(nomination: Nomination) -> str | None:
    """Return what files of the same name and birth date have in common, in whatever order the name stands."""
    if nomination.birth_date is None or not nomination.name:
        return None
    return f"{sorted_name(nomination.name)}:{nomination.birth_date}"


def sorted_name(name: str) -> str:
    """Return the folded tokens of *name* in alphabetical order, as a hash where they are longer than any name."""
    return _short(" ".join(sorted(folded(name).split())))


def _short(key: str) -> str:
    """Return *key* so that it fits its column: folding can make a text eighteen times as long (U+FDFA)."""
    return key if len(key) <= _LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def vet(nomination: Nomination, profile: ElectionProfile, around: Surroundings) -> tuple[Finding, ...]:
    """Return what the checks found; nothing that needs a human means a clear case."""
    checks = (
        _late(profile, around),
        eligibility_findings(profile, around.sender, nomination.role),
        _host_national(nomination, profile),
        _under_age(nomination, profile),
        _conflict(nomination),
        _machine_readable_zone(nomination, around.received_at.date()),
        for_officers(nomination, profile),
        findings_of(around.hits),
    )
    return tuple(finding for check in checks for finding in check)


def _human(rule: str, code: ReasonCode, *fields: str) -> Finding:
    return Finding(rule=rule, code=code, severity=Severity.HUMAN, fields=fields)


def _late(profile: ElectionProfile, around: Surroundings) -> Iterator[Finding]:
    if profile.is_late(around.received_at, around.organisation_kind):
        yield _human(LATE, ReasonCode.R01)


def _host_national(nomination: Nomination, profile: ElectionProfile) -> Iterator[Finding]:
    is_host = profile.election.host_country in nomination.nationalities
    if is_host and not profile.admits_host_national(nomination.role):
        yield _human("host_national", ReasonCode.R04, "nationality")


def _under_age(nomination: Nomination, profile: ElectionProfile) -> Iterator[Finding]:
    """Find the minor, and who may be one because the document prints only a year or a month of birth."""
    minimum, born, day = profile.minimum_age(nomination.role), days_of_birth(nomination), profile.election.day
    if minimum is None or born is None or age_on(born[1], day) >= minimum:
        return
    yield _human("under_age" if age_on(born[0], day) < minimum else "age_uncertain", ReasonCode.D08, "birth_date")


def _conflict(nomination: Nomination) -> Iterator[Finding]:
    if nomination.conflict_declared:
        yield _human("conflict_declared", ReasonCode.D08, "conflict_declared")
    for question in DISCLOSURES:
        if getattr(nomination, question):
            yield _human(question, ReasonCode.D08, question, "disclosure")
    if nomination.funded_by:
        yield Finding(rule="funding_disclosed", code=ReasonCode.D08, severity=Severity.NOTE, fields=("funded_by",))


def _machine_readable_zone(nomination: Nomination, on: date) -> Iterator[Finding]:
    """Check the zone's digits and hold it against the form (ICAO Doc 9303); a mismatch warns, it refuses nothing."""
    if not nomination.mrz:
        return
    zone = parse(nomination.mrz, on=on)
    if not zone.is_recognised:
        yield _human("mrz_unrecognised", ReasonCode.D02, "mrz")
        return
    if wrong := _wrong_digits(zone):
        yield _human("mrz_check_digit", ReasonCode.D04, *wrong)
    if different := _differences(zone, nomination):
        yield _human("mrz_differs_from_form", ReasonCode.D04, *different)


def _wrong_digits(zone: Mrz) -> tuple[str, ...]:
    wrong = {FieldCheck.MISMATCH, FieldCheck.UNREADABLE}
    return tuple(field.field.value for field in zone.verdicts if field.verdict in wrong)


def _differences(zone: Mrz, nomination: Nomination) -> tuple[str, ...]:
    compared = compare(zone, document_form(nomination))
    return tuple(comparison.field.value for comparison in compared if comparison.outcome is ComparisonOutcome.DIFFERENT)


def document_form(nomination: Nomination) -> DocumentForm:
    """Return what the form says about the travel document, as it is held against the document's zone."""
    return DocumentForm(
        surname=nomination.surname,
        given_names=nomination.given_names,
        number=nomination.document_number,
        issuer=nomination.document_issuer or None,
        nationalities=nomination.nationalities,
        birth_date=nomination.birth_date,
        expiry=nomination.document_expiry,
        sex=_SEX.get(nomination.sex),
    )


def age_on(born: date, day: date) -> int:
    """Return the age in whole years on *day*; who is born on 29 February completes a year on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
