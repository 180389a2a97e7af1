"""The public report: gathered from histories, protected, and written as static files that any web server serves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Final
from uuid import UUID

from db.oversight.report_events import ReportEvents
from db.store import Store, open_reader
from domain.application.application import Application, case_number
from domain.application.status import UNDECIDED
from domain.credentials.claims import TEST_ISSUER
from domain.election.policies import Policy, PolicyFile, covers, in_force
from domain.election.unset import RuleUnsetError
from domain.oversight.cases import READ, Dimension, Grouping, Origin, Outcome, ReportCase, case_of
from domain.oversight.fairness.contrasts import Contrast, Question, Verdict, contrasts
from domain.oversight.report.figures import (
    HEADQUARTERS,
    Invitation,
    course_figures,
    group_waits,
    office_loads,
    policy_effects,
    reach_of,
    standing_figures,
    wait_figures,
    without_small,
)
from domain.oversight.report.groups import (
    ALL,
    POLICIES,
    PolicyReach,
    Published,
    Told,
    published,
    shown_by_register,
)
from domain.oversight.report.report import Cells, Report, Vote, comparisons, newer
from domain.oversight.report.suppression import Cell
from domain.values import ElectionCode, UtcTime
from flows.context import ElectionContext, database
from flows.oversight.told_numbers import remember_told, standing_report, told_before, with_standing
from flows.statements.linked import linked_votes
from flows.vetting.policies import file_of
from notifications.pages.checker import publish_files
from notifications.pages.report import report_files


@dataclass(frozen=True)
class Gathered:
    """All that a report is made of; nothing of it is protected yet."""

    context: ElectionContext
    applications: Sequence[Application]
    cases: Sequence[ReportCase]
    policies: Sequence[PolicyReach]
    told: Told = field(default_factory=dict[Cell, Collection[tuple[int, bool]]])
    """What earlier reports told, and what they withheld."""
    linked: tuple[Gathered, ...] = ()
    """The votes before it and after it, where it is one of several."""

    @cached_property
    def grouping(self) -> Grouping:
        """Zone, and regions of origin as the profile's groups of countries name them."""
        profile = self.context.profile
        known = {name: frozenset(countries) for name, countries in profile.country_groups.items() if countries}
        return Grouping(profile.zone, known)

    @cached_property
    def published(self) -> Published:
        """The tables by group as the public may have them, today and beside earlier reports."""
        register = shown_by_register(self.context.profile.publication)
        return published(self.cases, self.grouping, policies=self.policies, register=register, earlier=self.told)

    @cached_property
    def contrasts(self) -> tuple[Contrast, ...]:
        """Every group against the others. Not for the public: it is told in :func:`report_of` what it may know."""
        return contrasts(self.cases, self.grouping, now=self.context.now)


def gather(election: ElectionCode, *, now: UtcTime) -> Gathered:
    """Read what a report needs, in one transaction; no name is read into it."""
    with open_reader(database()) as store:
        found = _gathered(store, election, now)
        return replace(found, linked=tuple(_gathered(store, code, now) for code in linked_votes(store, election)))


def _gathered(store: Store, election: ElectionCode, now: UtcTime) -> Gathered:
    context = ElectionContext.of(store, election, now=now)
    applications = store.applications.all_in(election)
    cases = _cases(store, context, applications)
    policies = _policies(store, context, applications, cases)
    return Gathered(context, applications, cases, policies, told_before(election))


def _cases(store: Store, context: ElectionContext, applications: Sequence[Application]) -> list[ReportCase]:
    people = store.people.current([application.id for application in applications])
    events = ReportEvents(store.session).events(context.election, READ)
    offices = {
        officer.code: officer.offices[0] if officer.offices else HEADQUARTERS
        for officer in store.officers.all_in(context.election)
    }
    found: list[ReportCase] = []
    for application in applications:
        person = people.get(application.id)
        origin = Origin(
            application.id, application.organisation, context.organisations[application.organisation].kind,
            application.role, person.nationalities if person else (), application.received_at,
        )  # fmt: skip
        found.append(
            case_of(origin, events.get(application.id, ()), office_of=lambda by: offices.get(by, HEADQUARTERS))
        )
    return found


def _policies(
    store: Store, context: ElectionContext, applications: Sequence[Application], cases: Sequence[ReportCase]
) -> Sequence[PolicyReach]:
    policies = context.profile.policies
    if not policies:
        return ()
    by_id = {case.origin.id: case for case in cases}
    cited = {
        citation: [by_id[known] for known in sorted(ids) if known in by_id]
        for citation, ids in ReportEvents(store.session).citing(context.election).items()
    }
    still_open = [each for each in applications if each.status in UNDECIDED]
    people = store.people.current([each.id for each in still_open])
    open_files = {each.id: file_of(context, each, people[each.id]) for each in still_open if each.id in people}
    return reach_of(policies, cited, {policy.citation: _covered(policy, open_files, context) for policy in policies})


def _covered(policy: Policy, files: Mapping[UUID, PolicyFile], context: ElectionContext) -> list[UUID]:
    try:
        return [known for known, file in files.items() if covers(policy, file, context.profile.country_groups)]
    except RuleUnsetError:
        return []


def report_of(gathered: Gathered) -> Report:
    """Return the report as the public may have it: small counts and what would give them back are withheld."""
    context, cases, grouping = gathered.context, gathered.cases, gathered.grouping
    profile = context.profile
    tables, figures = gathered.published, figures_of(gathered)
    today = context.now.astimezone(profile.zone).date()
    found, whole = gathered.contrasts, tables.table(ALL).get(ALL, {})
    dimensions = (each for each in Dimension if each is not Dimension.WEEK)
    return Report(
        election=context.election,
        title=profile.election.title,
        zone=profile.election.timezone,
        election_day=profile.election.day,
        as_of=context.now,
        is_rehearsal=profile.credential.issuer == TEST_ISSUER,
        figures=figures,
        votes=_votes(gathered, figures),
        waits=wait_figures(cases, whole, now=context.now),
        tables={name: rows for name, rows in tables.rows.items() if name != POLICIES},
        group_waits=tuple(
            wait
            for each in dimensions
            for wait in group_waits(cases, grouping, each, tables.table(each.value), now=context.now)
        ),
        invitations=_invitations(context),
        offices=office_loads(context.geography.offices, gathered.applications, tables.table(Dimension.OFFICE.value)),
        policies=policy_effects(profile.policies, tables.table(POLICIES), current=in_force(profile.policies, on=today)),
        comparisons=comparisons(found, tables),
        compared=sum(contrast.odds == contrast.odds for contrast in found),
        reviews=sum(contrast.asks_for_review for contrast in found),
    )


def _votes(gathered: Gathered, own: Cells) -> tuple[Vote, ...]:
    """Return every vote with its protected figures, the first first; nothing where there is only one."""
    every = [(gathered.context, own), *((other.context, figures_of(other)) for other in gathered.linked)]
    told = (context.profile.election for context, _ in every)
    votes = [
        Vote(election=said.code, title=said.title, day=said.day, figures=figures)
        for said, (_, figures) in zip(told, every, strict=True)
    ]
    return tuple(sorted(votes, key=lambda vote: (vote.day, vote.election))) if gathered.linked else ()


def figures_of(gathered: Gathered) -> Cells:
    """Return the figures of one vote as its own report has them."""
    whole = gathered.published.table(ALL).get(ALL, {})
    standing = standing_figures(gathered.applications, whole, now=gathered.context.now)
    return without_small(course_figures(gathered.cases, whole) | standing)


def _invitations(context: ElectionContext) -> tuple[Invitation, ...]:
    day = context.profile.election.day
    return tuple(
        Invitation(
            organisation=organisation.name, invited_on=organisation.invited_on,
            days_before=(day - organisation.invited_on).days,
        )
        for organisation in context.organisations.values()
        if organisation.invited_on
    )  # fmt: skip


def names_of(context: ElectionContext) -> dict[tuple[str, str], str]:
    """Return the operator's own words for codes in the report: organisations and offices by their names."""
    named = {(Dimension.ORGANISATION.value, code): each.name for code, each in context.organisations.items()}
    return named | {(Dimension.OFFICE.value, office.code): office.name for office in context.geography.offices}


def write_report(gathered: Gathered, folder: Path) -> tuple[Report, tuple[str, ...]]:
    """Write pages, tables, charts and JSON into *folder*; return what they say, and the files that changed.

    What they tell is remembered before, for the reports to come.
    """
    standing = standing_report(folder)
    gathered = replace(gathered, told=with_standing(gathered.told, standing))
    made = report_of(gathered)
    report = newer(made, standing)
    if report is made:
        remember_told(gathered.context.election, gathered.published.counts)
    names = names_of(gathered.context)
    return report, publish_files(folder, report_files(report, gathered.context.profile.languages, names))


def reviews(gathered: Gathered) -> list[Contrast]:
    """Return what stands out, the strongest first: each asks for a look by officers of other offices."""
    asked = [contrast for contrast in gathered.contrasts if contrast.asks_for_review]
    return sorted(asked, key=lambda contrast: (contrast.verdict is not Verdict.DIFFERENCE, contrast.p))


MOST_READ: Final = 20
"""Cases of one review: the refused ones, or those that waited longest."""


@dataclass(frozen=True)
class Review:
    """What officers should read again because a group stands out, and whose officers decided it."""

    contrast: Contrast
    cases: tuple[str, ...]
    decided_by: tuple[str, ...]
    """Offices: the review is for officers of others."""


def review_of(gathered: Gathered, contrast: Contrast) -> Review:
    """Return the cases of a review: of a group that is favoured, those of the others are read beside it by choice."""
    members = [case for case in gathered.cases if contrast.group in gathered.grouping.groups(case, contrast.dimension)]
    now = gathered.context.now
    if contrast.question is Question.REFUSAL:
        read = [case for case in members if case.outcome is Outcome.REFUSED] or members
    else:
        read = sorted(members, key=lambda case: case.wait_since_receipt(now) or timedelta(), reverse=True)
    chosen = read[:MOST_READ]
    offices = tuple(sorted({case.office for case in chosen if case.office}))
    return Review(contrast, tuple(case_number(case.origin.id) for case in chosen), offices)
