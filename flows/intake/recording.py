"""Recording what was read: applications, findings, letters and the outcome of every row, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from db.store import Store
from domain.application.actors import Actor, ArrivalWay
from domain.application.application import Application, application_id
from domain.application.events import CompletenessConfirmed, DeficiencyNoted, NominationCorrected, NominationRecorded
from domain.application.findings import Finding, deficiencies
from domain.application.nomination import Nomination
from domain.application.status import UNDECIDED, Status
from domain.election.pledge import Acceptance, acceptance_of
from domain.intake.completeness import completeness
from domain.intake.cures import cure_due_after_correction, mendings
from domain.intake.nominations_file import ChunkCounts, NominationsFile, RowOutcome, RowProblem, RowRead
from domain.intake.rows import row_problem
from domain.messages import Message
from domain.organisations.organisation import Organisation
from domain.values import Sha256, UtcTime
from flows.context import ElectionContext
from flows.letters.addressing import Case

ENGINE = Actor.engine("intake")

UNKNOWN_ORGANISATION = "organisation_unknown"
ALREADY_DECIDED = "already_decided"


def foreseen(organisation: Organisation | None, status: Status | None, *, same: bool) -> RowOutcome:
    """Return what becomes of a row of *organisation* whose application stands at *status* (None: there is none).

    *same* says that nothing in it differs from what is recorded.
    """
    if organisation is None:
        return "returned"
    if status is None:
        return "recorded" if organisation.may_nominate else "held"
    if same:
        return "unchanged"
    return "corrected" if status in UNDECIDED else "held"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who records, by which way it came, and whose place in the queue it keeps, if anybody's."""

    actor: Actor = ENGINE
    way: ArrivalWay = ArrivalWay.FILE
    in_place_of: UUID | None = None
    received_at: UtcTime | None = None
    """When the place in the queue was taken; None: when the file was received."""


class Recorder:
    """Records the rows of one chunk in one transaction, seeing each application as the rows before left it."""

    def __init__(
        self, store: Store, context: ElectionContext, file: NominationsFile, origin: Origin = Origin()
    ) -> None:
        self._store = store
        self._context = context
        self._file = file
        self._origin = origin
        self._known: dict[UUID, Application] = {}
        self._people: dict[UUID, Nomination] = {}
        self._before: dict[UUID, Sequence[Finding]] = {}
        self._new_keys: dict[UUID, UUID] = {}
        self._prints: dict[UUID, Sha256] = {}
        self._pledges: dict[tuple[UUID, int], Acceptance] = {}
        self.ids: dict[int, UUID] = {}
        """The application that each row was taken to be about, by row number."""
        self.problems: list[RowProblem] = []

    def record(self, rows: Sequence[RowRead]) -> ChunkCounts:
        """Record every row of known organisations; returns what became of them."""
        ids = [
            row.about or application_id(self._context.election, row.organisation, row.nomination.key) for row in rows
        ]
        aliases = self._store.corrections.aliases(ids)
        ids = [aliases.get(one, one) for one in ids]
        self.ids |= {row.number: known for row, known in zip(rows, ids, strict=True)}
        self._known = self._store.applications.get_many(ids)
        self._people = self._store.people.current(ids)
        incomplete = [one.id for one in self._known.values() if one.status is Status.INCOMPLETE]
        self._before = dict(self._store.people.findings_on(incomplete))
        counts = ChunkCounts()
        for row, known in zip(rows, ids, strict=True):
            counts += ChunkCounts.model_validate({self._one(row, known): 1})
        self._store.corrections.put_aliases(self._new_keys)
        self._store.portraits.put(self._context.election, self._prints)
        self._store.pledges.put(self._pledges)
        return counts

    def _one(self, row: RowRead, known: UUID) -> str:
        organisation = self._context.organisations.get(row.organisation)
        application = self._known.get(known)
        same = row.nomination.says_the_same_as(self._people.get(known))
        outcome = foreseen(organisation, application.status if application else None, same=same)
        if outcome == "returned":
            return self._send_back(row, "returned", "organisation", UNKNOWN_ORGANISATION)
        if application is None:
            return self._new(row, known)
        if outcome == "corrected":
            return self._correct(row, application)
        return outcome if outcome == "unchanged" else self._send_back(row, "held", "", ALREADY_DECIDED)

    def _new(self, row: RowRead, known: UUID) -> str:
        organisation = self._context.organisations[row.organisation]
        event = NominationRecorded(
            application_id=known,
            at=self._context.now,
            actor=self._origin.actor,
            election=self._context.election,
            organisation=row.organisation,
            role=row.nomination.role,
            received_at=self._origin.received_at or self._file.received_at,
            held=not organisation.may_nominate,
            way=self._origin.way,
            in_place_of=self._origin.in_place_of,
        )
        application = self._store.applications.open(event)
        findings = self._keep(row, application)
        application = judge_completeness(self._store, self._context, Case(application, row.nomination), findings)
        letter = self._context.letters.receipt(Case(application, row.nomination), findings)
        self._store.outbox.put(self._context.election, letter, now=self._context.now)
        self._known[known] = application
        return "held" if application.status is Status.HELD else "recorded"

    def _correct(self, row: RowRead, application: Application) -> str:
        late = application.due_at is not None and self._file.received_at > application.due_at
        event = NominationCorrected(
            application_id=application.id,
            at=self._context.now,
            actor=self._origin.actor,
            person_version=application.person_version + 1,
            late=late and application.status is Status.INCOMPLETE,
            way=self._origin.way,
        )
        before = self._before.get(application.id, ())
        application = self._store.applications.record(application, event)
        new_key = application_id(self._context.election, row.organisation, row.nomination.key)
        if new_key != application.id:
            self._new_keys[new_key] = application.id
        findings = self._keep(row, application)
        case = Case(application, row.nomination)
        self._known[application.id] = judge_completeness(self._store, self._context, case, findings, before=before)
        return "corrected"

    def _keep(self, row: RowRead, application: Application) -> tuple[Finding, ...]:
        findings = (*completeness(row.nomination, self._context.profile), *row.findings)
        self._store.people.put(application, row.nomination, now=self._context.now)
        self._store.people.note(application, findings, now=self._context.now)
        self._people[application.id] = row.nomination
        self._before[application.id] = findings
        if row.fingerprint:
            self._prints[application.id] = row.fingerprint
        rules = self._context.profile.pledge
        if rules and (accepted := acceptance_of(row.nomination, rules)):
            self._pledges[application.id, application.person_version] = accepted
        return findings

    def _send_back(
        self, row: RowRead, outcome: Literal["held", "returned"], field: str, code: str
    ) -> Literal["held", "returned"]:
        returned = row_problem(row.number, row.cells, field, Message.of(code))
        self.problems.append(returned.revised(outcome=outcome))
        return outcome


def judge_completeness(
    store: Store, context: ElectionContext, case: Case, findings: Sequence[Finding], *, before: Sequence[Finding] = ()
) -> Application:
    """Ask for what is missing, or confirm that nothing is; only a new or incomplete application is judged.

    *before* is what was found on the version before. Where the time is over, nobody is asked to mend by a moment that
    has passed: the case is overdue, and officers are shown it.
    """
    application = case.application
    if application.status not in {Status.SUBMITTED, Status.INCOMPLETE}:
        return application
    happening: dict[str, Any] = {"application_id": application.id, "at": context.now, "actor": ENGINE}
    if reasons := deficiencies(tuple(findings)):
        due = _cure_due(store, context, application, findings, before)
        application = store.applications.record(application, DeficiencyNoted(**happening, reasons=reasons, due_at=due))
        if due > context.now:
            letter = context.letters.deficiency(Case(application, case.nomination), findings)
            store.outbox.put(context.election, letter, now=context.now)
        return application
    due = context.profile.decision_due(context.now)
    return store.applications.record(application, CompletenessConfirmed(**happening, due_at=due))


def _cure_due(
    store: Store,
    context: ElectionContext,
    application: Application,
    findings: Sequence[Finding],
    before: Sequence[Finding],
) -> UtcTime:
    running = application.due_at if application.status is Status.INCOMPLETE else None
    # What an officer asked in so many words is answered in the time given for it.
    if running and not set(application.reasons) <= set(deficiencies(tuple(before))):
        return running
    if running is None:
        return context.profile.cure_due(context.now)
    left, asked = mendings(findings), mendings(before)
    first = store.people.first_found(application.id) if left.isdisjoint(asked) else {}
    return cure_due_after_correction(running, left, asked, first_found=first, profile=context.profile, now=context.now)
