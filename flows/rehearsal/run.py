"""Rehearsing with an invented election: demonstration officers at work, and the engine compared with the truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from db.store import Store, open_reader
from domain.application.events import ApplicationApproved, ApplicationReferred, DeficiencyNoted, Event
from domain.application.findings import Severity
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import Outcome, Ruling
from domain.statements.officers import Officer, OfficerRole
from domain.values import ElectionCode, OfficerCode, UtcTime
from flows import rehearsal
from flows.assignment.consents import record_answers
from flows.context import database
from flows.decisions.rulings import decide_applications
from flows.rehearsal.check import taken_or_misnamed
from flows.rehearsal.package.lists.returned_corrections import corrections_folder
from flows.statements.acceptance import ActingOfficer

DEFERRED_FOR = timedelta(days=1)


def decide_as_demonstration_officers(election: ElectionCode, *, now: UtcTime) -> Counter[str]:
    """Decide everything in the queue by fixed rules, through the one path of decisions; returns counts by outcome.

    One officer decides and proposes, another confirms. A second time the queue is empty.
    """
    with open_reader(database()) as store:
        waiting = store.applications.all_in(election, Status.IN_REVIEW)
        findings = store.people.findings_on([application.id for application in waiting])
        first, second = _two_officers(store.officers.all_in(election))
    groups: defaultdict[tuple[Outcome, tuple[ReasonCode, ...]], list[UUID]] = defaultdict(list)
    for application in waiting:
        rules = [found.rule for found in findings.get(application.id, []) if found.severity is Severity.HUMAN]
        groups[rehearsal.demonstration_outcome(application.id, rules)].append(application.id)
    decided: Counter[str] = Counter()
    for (outcome, reasons), ids in sorted(groups.items()):
        ruling = Ruling(outcome=outcome, reasons=reasons, facts=_FACTS[outcome], until=now + DEFERRED_FOR)
        decided[outcome.value] += _apply(election, first, ids, ruling, now=now)
        if outcome is Outcome.REFUSE:
            confirmation = Ruling(outcome=Outcome.CONFIRM)
            decided[Outcome.CONFIRM.value] += _apply(election, second, ids, confirmation, now=now)
    record_signed_notices(ActingOfficer(first, election, now))
    return decided


def record_signed_notices(by: ActingOfficer) -> None:
    """Record the notices that the invented people signed on paper: whoever was announced to accept one did.

    A second time nothing is left.
    """
    with open_reader(database()) as store:
        regions = store.elections.geography(by.election).regions
        approved = store.applications.ids_in(by.election, Status.APPROVED)
        people = store.people.current(approved)
    for notice in sorted(region.notice.id for region in regions if region.notice):
        signed = [known for known in approved if notice in people[known].accepted_notices]
        record_answers(signed, notice, by, accepted=True, way="paper")


_FACTS = {
    Outcome.APPROVE: "Looked at; the finding does not stand against accreditation.",
    Outcome.REFUSE: "The register and the papers handed in show it.",
    Outcome.DEFER: "The answer of the authority that keeps the register.",
    Outcome.REQUEST_INFORMATION: "Please explain, with papers.",
}


def _apply(election: ElectionCode, officer: OfficerCode, ids: list[UUID], ruling: Ruling, *, now: UtcTime) -> int:
    results = decide_applications(ids, ruling, ActingOfficer(officer, election, now))
    return sum(result.applied for result in results)


def _two_officers(officers: Sequence[Officer]) -> tuple[OfficerCode, OfficerCode]:
    first = next(officer.code for officer in officers if officer.may(OfficerRole.CASE_OFFICER))
    second = next(
        officer.code for officer in officers if officer.may(OfficerRole.CONFIRMING_OFFICER) and officer.code != first
    )
    return first, second


def check_against_truth(election: ElectionCode, package: Path) -> list[rehearsal.Difference]:
    """Return every difference between what the engine did and what was planted in *package*."""
    with open_reader(database()) as store:
        outcomes = [*_recorded(store, election), *_returned(store, election)]
    came = corrections_folder(package).is_dir()
    found = rehearsal.differences(rehearsal.read_truth(package / "truth.jsonl"), outcomes, corrections_came=came)
    return [*found, *taken_or_misnamed(package)]


def _recorded(store: Store, election: ElectionCode) -> Iterator[rehearsal.CheckedOutcome]:
    applications = store.applications.all_in(election)
    first_codes = store.people.codes_on_first_version(election)
    people = store.people.current([application.id for application in applications])
    for application in applications:
        history = store.applications.history(application.id)
        yield rehearsal.CheckedOutcome(
            organisation=application.organisation,
            reference=people[application.id].reference,
            row_outcome="held" if getattr(history[0], "held", False) else "recorded",
            codes=frozenset(first_codes.get(application.id, ())),
            path=_path(history),
            document=people[application.id].document_number,
            mended=_is_mended(history),
        )


def _is_mended(history: Sequence[Event]) -> bool:
    kinds = [event.kind for event in history]
    corrected = kinds.index("nomination_corrected") if "nomination_corrected" in kinds else len(kinds)
    return "deficiency_noted" in kinds[:corrected] and "completeness_confirmed" in kinds[corrected:]


def _path(history: Sequence[Event]) -> str:
    """Return which way a case went first, before anybody decided or mended anything."""
    for event in history:
        match event:
            case DeficiencyNoted():
                return "incomplete"
            case ApplicationReferred():
                return "review"
            case ApplicationApproved():
                return "cleared"
            case _:
                continue
    return "held"


def _returned(store: Store, election: ElectionCode) -> Iterator[rehearsal.CheckedOutcome]:
    for report in store.intake.reports(election):
        for problem in store.intake.problems(report.file.id):
            yield rehearsal.CheckedOutcome(
                organisation=report.file.organisation,
                reference=problem.cells.get("reference", ""),
                row_outcome=problem.outcome,
                codes=frozenset(),
                path=problem.outcome,
                file=report.file.name,
                row=problem.number,
                mended=problem.mended_at is not None,
            )
