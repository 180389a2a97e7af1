"""What the profile asks of nominators, times and papers beyond the nomination itself, as findings for officers."""

from __future__ import annotations

from collections.abc import Iterator

from domain.application.findings import Finding, Severity
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.election.profile import ElectionProfile
from domain.organisations.organisation import OrganisationKind
from domain.values import Frozen, UtcTime


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


def _human(rule: str, code: ReasonCode, *fields: str) -> Finding:
    return Finding(rule=rule, code=code, severity=Severity.HUMAN, fields=fields)
