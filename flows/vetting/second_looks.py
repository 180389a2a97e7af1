"""A second look: what a list, a policy or a rule of a later day says of somebody accredited goes to an officer.

A clock runs until then. The accreditation stands meanwhile, and is ended by no one but officers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from db.bulk import in_batches
from db.store import Store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import GRANTS, SecondLookDue
from domain.application.findings import Finding, Severity
from domain.application.status import REVIEWED, REVOCABLE
from domain.election.policies import PolicyCitation
from domain.election.profile import ElectionProfile
from domain.values import UtcTime
from domain.vetting.checks import LATE, Surroundings, vet
from flows.context import ElectionContext
from flows.letters.application_letters import ApplicationLetters
from flows.vetting.policies import covered

ENGINE = Actor.engine("vetting")
_AT_ONCE: Final = 2000
_CHECKED: Final = ("eligibility", "documents", "papers", "roles", "country_groups", "election")
"""The parts of a profile that checks of a complete file read."""
_RECENT: Final = timedelta(days=7)
"""How long after a policy began it is held against those who were accredited before."""


def refer_again(store: Store, context: ElectionContext, case: Case, found: Sequence[Finding]) -> None:
    """Note what was *found* about somebody accredited, and give it to officers: a clock, and a letter."""
    store.people.note(case.application, found, now=context.now)
    event = SecondLookDue(
        application_id=case.application.id, at=context.now, actor=ENGINE,
        rules=tuple(sorted({finding.rule for finding in found})),
        due_at=context.now + timedelta(hours=context.profile.calendar.review_hours),
    )  # fmt: skip
    referred = store.applications.record(case.application, event)
    letter = ApplicationLetters.at(context).referral(Case(referred, case.nomination), found)
    store.outbox.put(context.election, letter, now=context.now)


def look_at_rules(store: Store, context: ElectionContext, *, before: ElectionProfile) -> int:
    """Give to officers the accredited people of whom the rules ask what those *before* did not; returns how many.

    About who waits for officers it is noted. What was in time when it came stays in time.
    """
    if not any(getattr(before, name) != getattr(context.profile, name) for name in _CHECKED):
        return 0
    ids = store.applications.ids_in(context.election, *REVIEWED, *REVOCABLE)
    return sum(_asked_anew(store, context, part, before) for part in in_batches(ids, _AT_ONCE))


def _asked_anew(store: Store, context: ElectionContext, ids: Sequence[UUID], before: ElectionProfile) -> int:
    people, noted, looked = store.people.current(ids), store.people.findings_on(ids), 0
    for case in store.applications.get_many(ids).values():
        if case.id not in people:
            continue
        around = Surroundings.of(case, context.organisations[case.organisation])
        known = {(finding.rule, finding.about) for finding in noted.get(case.id, ())}
        known |= {(finding.rule, finding.about) for finding in vet(people[case.id], before, around)}
        came = [
            finding
            for finding in vet(people[case.id], context.profile, around)
            if finding.severity is Severity.HUMAN
            and finding.rule != LATE
            and (finding.rule, finding.about) not in known
        ]
        if came and case.status in REVOCABLE:
            refer_again(store, context, Case(case, people[case.id]), came)
            looked += 1
        else:
            store.people.note(case, came, now=context.now)
    return looked


def look_at_policies(store: Store, context: ElectionContext, *, new: Collection[PolicyCitation] = ()) -> Counter[str]:
    """Give to officers the accredited people whom policies in force cover that are *new*, or began since they were.

    A second time there is nothing new.
    """
    policies = context.profile.policies_on(context.now)
    starts = {str(policy.citation): policy.in_force_from or policy.published_on for policy in policies}
    calendar, fresh = context.profile.working_days, {str(citation) for citation in new} & starts.keys()
    begun = {about: calendar.first_moment(first) for about, first in starts.items() if first}
    begun = {about: at for about, at in begun.items() if context.now - at < _RECENT}
    if not fresh and not begun:
        return Counter()
    looked: Counter[str] = Counter()
    for part in in_batches(store.applications.ids_in(context.election, *REVOCABLE), _AT_ONCE):
        looked["second looks"] += _looked_at(store, context, part, fresh, begun)
    return looked


def _looked_at(
    store: Store, context: ElectionContext, ids: Sequence[UUID], fresh: Collection[str], begun: dict[str, UtcTime]
) -> int:
    people = store.people.current(ids)
    cases = [case for case in store.applications.get_many(ids).values() if case.id in people]
    found, noted = covered(store, context, cases, people), store.people.findings_on(ids)
    granted = store.applications.times_of(ids, *GRANTS)
    looked = 0
    for case in cases:
        known = {(finding.rule, finding.about) for finding in noted.get(case.id, ())}
        came = [
            finding
            for finding in found.get(case.id, ())
            if (finding.rule, finding.about) not in known
            and (finding.about in fresh or _began_later(case, finding, granted, begun))
        ]
        if came:
            refer_again(store, context, Case(case, people[case.id]), came)
            looked += 1
    return looked


def _began_later(case: Application, finding: Finding, granted: dict[UUID, UtcTime], begun: dict[str, UtcTime]) -> bool:
    first = begun.get(finding.about)
    return first is not None and case.id in granted and granted[case.id] < first
