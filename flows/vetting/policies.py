"""Which files a policy covers: what officers must know before they decide, and what a decision cites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from db.store import Store
from domain.application.application import Application
from domain.application.case import Case
from domain.application.findings import Finding
from domain.application.nomination import Nomination
from domain.application.reasons import ReasonCode
from domain.application.status import CLOSED, UNDECIDED, Status
from domain.election.policies import Policy, PolicyCitation, PolicyFile, PolicyKind, covers
from domain.election.unset import RuleUnsetError
from domain.vetting.policy_findings import cited_for, policy_findings
from flows.context import ElectionContext

_LIVE = tuple(status for status in Status if status not in CLOSED)


def covered(
    store: Store, context: ElectionContext, due: Sequence[Application], people: Mapping[UUID, Nomination]
) -> dict[UUID, tuple[Finding, ...]]:
    """Return for each of *due* what the policies in force say of it; nothing is read where none is in force."""
    policies = context.profile.policies_on(context.now)
    if not policies or not due:
        return {}
    places = {policy.id: _places(store, context, policy) for policy in policies if policy.kind is PolicyKind.CAP}
    found: dict[UUID, tuple[Finding, ...]] = {}
    for application in due:
        file = file_of(context, application, people[application.id])
        of_file = {policy: order[application.id] for policy, order in places.items() if application.id in order}
        found[application.id] = tuple(
            policy_findings(
                policies, file, context.organisations[application.organisation],
                groups=context.profile.country_groups, places=of_file,
            )
        )  # fmt: skip
    return found


def come_since(
    store: Store, context: ElectionContext, cases: Sequence[Application], noted: Mapping[UUID, Sequence[Finding]]
) -> dict[UUID, tuple[Finding, ...]]:
    """Return what policies in force today say of undecided *cases* beyond what was *noted* when they were checked."""
    if not context.profile.policies_on(context.now):
        return {}
    people = store.people.current([case.id for case in cases])
    due = [case for case in cases if case.status in UNDECIDED and case.id in people]
    return {
        case: tuple(finding for finding in found if _what(finding) not in set(map(_what, noted.get(case, ()))))
        for case, found in covered(store, context, due, people).items()
    }


def _what(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.about


def cited_on(context: ElectionContext, case: Case, reasons: Sequence[ReasonCode]) -> tuple[PolicyCitation, ...]:
    """Return the versions in force that day that a decision on *case* names; a confirmation's reasons are proposed."""
    policies = context.profile.policies_on(context.now)
    if not policies:
        return ()
    proposal = case.application.proposal
    file = file_of(context, case.application, case.nomination)
    behind = (*reasons, *(proposal.reasons if proposal else ()))
    return cited_for(policies, file, behind, groups=context.profile.country_groups)


def file_of(context: ElectionContext, application: Application, nomination: Nomination) -> PolicyFile:
    """Return the codes of a file that policies look at."""
    received_on = application.received_at.astimezone(context.profile.zone).date()
    organisation = context.organisations[application.organisation]
    return PolicyFile.of(application, nomination, organisation, received_on=received_on)


def files_of(store: Store, context: ElectionContext, applications: Iterable[Application]) -> list[PolicyFile]:
    """Return the codes of several files; those whose personal data is erased are left out."""
    every = list(applications)
    people = store.people.current([application.id for application in every])
    return [file_of(context, application, people[application.id]) for application in every if application.id in people]


def _places(store: Store, context: ElectionContext, policy: Policy) -> dict[UUID, int]:
    """Return the place in the order of receipt of each live file that a number limit covers, from 1.

    Who replaces a nominee keeps that nominee's moment of receipt, and so the place.
    """
    named = {code for scope in policy.scopes for code in scope.organisations}
    every = store.applications.all_in(context.election, *_LIVE)
    near = [application for application in every if not named or application.organisation in named]
    by_nationality = any(scope.nationalities for scope in policy.scopes)
    people = store.people.current([application.id for application in near]) if by_nationality else {}
    inside = [
        application for application in near if _is_inside(policy, context, application, people.get(application.id))
    ]
    inside.sort(key=lambda application: (application.received_at, application.id))
    return {one.id: place for place, one in enumerate(inside, start=1)}


def _is_inside(
    policy: Policy, context: ElectionContext, application: Application, nomination: Nomination | None
) -> bool:
    somebody = nomination or Nomination.model_validate({"role": application.role})
    try:
        return covers(policy, file_of(context, application, somebody), context.profile.country_groups)
    except RuleUnsetError:
        return True
