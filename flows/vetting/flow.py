"""Vetting: clear cases are approved where the profile says so, all others go to officers with their findings."""

from __future__ import annotations

from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State

from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.case import Case
from domain.application.events import ApplicationApproved, ApplicationReferred, NominationReleased
from domain.application.findings import Finding, Severity, needs_human
from domain.application.status import Status
from domain.election.pledge import pledge_findings
from domain.values import ElectionCode, UtcTime
from domain.vetting.checks import Surroundings, vet
from flows.context import ElectionContext, chosen_election, database, election_context, moment
from flows.intake.completeness import judge_completeness, pledges_asked
from flows.letters.application_letters import ApplicationLetters
from flows.runtime.chunks import chunk_task, final_state, run_chunks
from flows.runtime.outcomes import Chunk, ChunkOutcome, plan_chunks, summed
from flows.runtime.reports import publish_stage_report
from flows.runtime.run_names import run_name
from flows.runtime.shield import shielded_flow
from flows.runtime.task_runners import chunk_runner
from flows.settings import settings
from flows.statements.kept_log import on_a_whole_log
from flows.vetting.own_scripts import about_names, left_off, own_script_findings
from flows.vetting.policies import covered
from flows.vetting.portraits import likenesses
from flows.vetting.queue_report import publish_queue
from flows.vetting.reference_lists import look_at_lists
from flows.vetting.screening import keep_hits, screen_applicants
from flows.vetting.staying import let_stay

ENGINE = Actor.engine("vetting")


def release_held(election: ElectionCode, *, now: UtcTime, wanted: list[UUID] | None = None) -> int:
    """Let the nominees of organisations admitted since then into the course; returns how many.

    A second run finds nobody left to release.
    """
    context = election_context(election, now)
    with open_store(database()) as store:
        held = store.applications.all_in(election, Status.HELD)
        meant = [case for case in held if not wanted or case.id in wanted]
        free = [case for case in meant if context.organisations[case.organisation].may_nominate]
        people = store.people.current([case.id for case in free])
        findings = store.people.findings_on([case.id for case in free])
        asked = pledges_asked(store, context, [case.id for case in free])
        for application in free:
            event = NominationReleased(application_id=application.id, at=now, actor=ENGINE)
            released = store.applications.record(application, event)
            case = Case(released, people[application.id])
            judge_completeness(store, context, case, findings.get(application.id, []), asked=asked)
    return len(free)


def vet_applications(store: Store, context: ElectionContext, ids: list[UUID]) -> dict[str, int]:
    """Check what is due among *ids* and approve or refer it; returns counts. A second run finds nothing due."""
    found = store.applications.get_many(ids)
    due = [found[case] for case in sorted(found) if found[case].status is Status.IN_VETTING]
    people = store.people.current([application.id for application in due])
    staying = let_stay(store, context, due, people)
    due = [application for application in due if application.id not in staying]
    people = {known: nomination for known, nomination in people.items() if known not in staying}
    screened = screen_applicants(store, context, people)
    noted = store.people.findings_on([application.id for application in due])
    covering = covered(store, context, due, people)
    today = context.now.astimezone(context.profile.zone).date()
    alike = likenesses(store, context, due, people)
    counts = {"approved": 0, "referred": 0}
    for application in due:
        nomination = people[application.id]
        organisation, hits = context.organisations[application.organisation], screened.hits.get(application.id, ())
        checked = vet(nomination, context.profile, Surroundings.of(application, organisation, hits))
        pledged = pledge_findings(nomination, context.profile.pledge, on=today)
        around = (*covering.get(application.id, ()), *alike.get(application.id, ()))
        checked = (*checked, *pledged, *around, *own_script_findings(nomination))
        store.people.note(application, checked, now=context.now)
        keep_hits(store, context, Case(application, nomination), screened)
        # A correction that arrived after the file was complete may have taken something away again.
        lacking = tuple(finding for finding in noted.get(application.id, []) if finding.severity is Severity.CURE)
        findings = (*lacking, *checked)
        clear = context.profile.approves(application.role) and not lacking and not needs_human(checked)
        (approve if clear else refer)(store, context, Case(application, nomination), findings)
        counts["approved" if clear else "referred"] += 1
    unshown = left_off(people[application.id] for application in due)
    if staying:
        store.flush()
        look_at_lists(store, context, sorted(staying))
        counts |= {"carried over": len(staying)}
    return counts | unshown | ({"crowded keys": len(screened.crowded)} if screened.crowded else {})


def approve(store: Store, context: ElectionContext, case: Case, findings: tuple[Finding, ...]) -> None:
    """Approve by the profile's rule for clear cases; *findings* hold nothing that needs a human."""
    del findings
    event = ApplicationApproved(
        application_id=case.application.id, at=context.now, actor=ENGINE, rules_version=context.rules_version
    )
    approved = store.applications.record(case.application, event)
    letter = ApplicationLetters.at(context).approval(Case(approved, case.nomination))
    store.outbox.put(context.election, letter, now=context.now)


def refer(store: Store, context: ElectionContext, case: Case, findings: tuple[Finding, ...]) -> None:
    """Hand the case to officers with what was found."""
    open_points = [finding for finding in findings if finding.severity is not Severity.NOTE]
    due = case.application.due_at or context.profile.decision_due(context.now)
    event = ApplicationReferred(
        application_id=case.application.id,
        at=context.now,
        actor=ENGINE,
        rules=tuple(sorted({finding.rule for finding in open_points})),
        due_at=due,
    )
    referred = store.applications.record(case.application, event)
    letter = ApplicationLetters.at(context).referral(Case(referred, case.nomination), open_points)
    store.outbox.put(context.election, letter, now=context.now)


@chunk_task("vetting")
def vetting_chunk(chunk: Chunk, election: ElectionCode, as_of: UtcTime) -> ChunkOutcome:
    """Vet one chunk in one transaction; what was vetted before is no longer due."""
    started = monotonic()
    context = election_context(election, as_of)
    with open_store(database()) as store:
        counts = vet_applications(store, context, list(chunk.ids))
    return ChunkOutcome(stage="vetting", chunk=chunk.number, counts=counts, seconds=monotonic() - started)


@flow(name="vetting", flow_run_name=run_name("vetting"), task_runner=chunk_runner())
@shielded_flow
@on_a_whole_log
async def vetting(
    election: str = "",
    applications: list[UUID] = [],  # noqa: B006 -- an empty list shows a field in the form where None would hide it
    as_of: datetime | None = None,
) -> State[Any]:
    """Check complete applications: approve clear cases where the profile says so, refer the rest to officers.

    Args:
        election: Code of the election; may be left out where there is only one.
        applications: Ids of the applications to check; none means all that are due.
        as_of: The moment the work counts as done; empty means now.
    """
    code, now = chosen_election(election), moment(as_of)
    released = release_held(code, now=now, wanted=applications)
    with open_reader(database()) as store:
        due = store.applications.ids_in(code, Status.IN_VETTING)
    chunks = plan_chunks(only(due, applications), settings().chunk_size)
    outcome = await run_chunks("vetting", vetting_chunk, chunks, election=code, as_of=now)
    outcome = outcome.revised(counts=summed([outcome.counts, {"released": released}]))
    await publish_queue(code, now=now)
    await publish_stage_report(outcome, election=code, notes=about_names(outcome.counts))
    return final_state(outcome, name="Vetted")


def only(due: list[UUID], wanted: list[UUID] | None) -> list[UUID]:
    """Return those of *due* that are *wanted*; nothing wanted means all."""
    chosen = set(wanted or due)
    return [case for case in due if case in chosen]
