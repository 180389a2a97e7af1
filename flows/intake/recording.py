"""Recording what was read: applications, findings, letters and the outcome of every row, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from db.store import Store
from domain.application.actors import Actor, ArrivalWay
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import NominationCorrected, NominationRecorded
from domain.application.findings import Finding
from domain.application.status import ACCREDITED, UNDECIDED, Status
from domain.election.pledge import Acceptance, acceptance_of
from domain.intake.completeness import completeness_with_files
from domain.intake.kept_files import notes_on_files, says_more_of_files
from domain.intake.nominations_file import ChunkCounts, NominationsFile, RowOutcome, RowProblem, RowRead, RowTrace
from domain.intake.roll import Claims, Recognition
from domain.intake.row_identity import IdentityVerdict
from domain.intake.rows import row_problem
from domain.messages import Message, ReadingNote
from domain.organisations.organisation import Organisation
from domain.values import Sha256, UtcTime
from flows.context import ElectionContext
from flows.intake.completeness import ENGINE, judge_completeness, pledges_asked
from flows.intake.moved_columns import Cells, MovedColumns, answers_on
from flows.intake.recognition import Recogniser, asked_back, findings_on_reference, traced
from flows.letters.application_letters import ApplicationLetters

UNKNOWN_ORGANISATION = "organisation_unknown"
ALREADY_DECIDED = "already_decided"
CONTACT: Final = ("email", "phone", "letter_language")
"""Where letters go, and in which language: no part of what was decided."""


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
        self,
        store: Store,
        context: ElectionContext,
        file: NominationsFile,
        origin: Origin = Origin(),
        claims: Callable[[], Claims] = Claims,
        listed: Callable[[], Iterable[Cells]] | None = None,
    ) -> None:
        self._store = store
        self._context = context
        self._file = file
        self._origin = origin
        self._who = Recogniser(context.election, claims)
        self._moved = MovedColumns(context.election, listed, answers_on(file.id))
        self._before: dict[UUID, Sequence[Finding]] = {}
        self._is_before_read = False
        self._asked: set[UUID] = set()
        """Who was asked for the pledge already."""
        self._prints: dict[UUID, Sha256] = {}
        self._pledges: dict[tuple[UUID, int], Acceptance] = {}
        self.ids: dict[int, UUID] = {}
        """The application that each row was taken to be about, by row number."""
        self.traces: list[RowTrace] = []
        self.problems: list[RowProblem] = []
        self.notes: list[ReadingNote] = []
        """What is to be told of files that came and are not used, and of columns that were sorted apart."""
        self.set_aside: list[Finding] = []
        """What keeps files that came from taking the place of those on record."""

    def record(self, rows: Sequence[RowRead]) -> ChunkCounts:
        """Record every row of known organisations; returns what became of them."""
        self._store.identities.wait_turn(self._context.election, {row.organisation for row in rows})
        self._who.load(self._store, rows)
        self.notes += self._moved.look(self._store, self._who, rows)
        self._before, self._is_before_read = {}, False
        self._asked = pledges_asked(self._store, self._context, [*self._who.applications])
        counts = sum((self._one(row) for row in rows), ChunkCounts())
        if moved := self._who.moved():
            self._store.flush()
            self._store.identities.let_mean(moved)
        self._store.portraits.put(self._context.election, self._prints)
        self._store.pledges.put(self._pledges)
        return counts

    def _one(self, row: RowRead) -> ChunkCounts:
        if row.organisation not in self._context.organisations:
            return ChunkCounts.of(self._send_back(row, "returned", "organisation", Message.of(UNKNOWN_ORGANISATION)))
        if (asked := self._moved.question(row)) and not self._who.is_as_recorded(row):
            return ChunkCounts.of(self._send_back(row, "returned", "", asked))
        found = self._who.of(row)
        if found.verdict is IdentityVerdict.ASK and not self._is_told_apart(row):
            return ChunkCounts.of(self._send_back(row, "returned", *asked_back(row, found)))
        outcome = self._recorded(row, found)
        self.traces.append(traced(row, self.ids[row.number], found))
        return ChunkCounts.of(outcome, self.traces[-1].known_by)

    def _found_before(self, case: UUID) -> Sequence[Finding]:
        """Return what is found on an incomplete case; of a list of new people nothing is read at all."""
        if not self._is_before_read:
            met = self._who.applications.values()
            due = [application.id for application in met if application.status is Status.INCOMPLETE]
            self._before = self._store.people.findings_on(due) | self._before
            self._is_before_read = True
        return self._before.get(case, ())

    def _is_told_apart(self, row: RowRead) -> bool:
        """Whether an officer took the row down as somebody new: who is recorded already would be corrected."""
        return row.about is None and self._origin.actor.kind == "officer"

    def _recorded(self, row: RowRead, found: Recognition) -> RowOutcome:
        organisation = self._context.organisations[row.organisation]
        known = found.case if found.verdict is IdentityVerdict.SAME else None
        application = self._who.applications.get(known) if known else None
        if known:
            row = self._who.completed(row, known, self._found_before(known))
        same = known is not None and self._who.says_the_same(row, known) and not self._says_more(row, application)
        outcome = foreseen(organisation, application.status if application else None, same=same)
        if outcome == "held" and application and self._says_only_where_to_write(row, application):
            outcome = "corrected"
        case = application.id if application else known or self._who.new_id(row)
        self.ids[row.number] = case
        if application is None:
            outcome = self._new(row, case, found)
        elif outcome == "corrected":
            self._correct(row, application)
        elif outcome == "held":
            self._send_back(row, "held", "", Message.of(ALREADY_DECIDED))
        self._who.keep(row, case, changed=outcome == "corrected" or application is None)
        self.notes += notes_on_files(row, recorded=outcome == "corrected" or application is None)
        self.set_aside += row.set_aside
        return outcome

    def _says_more(self, row: RowRead, application: Application | None) -> bool:
        """Whether an incomplete case is to be asked for a file for another reason than before."""
        if application is None or application.status is not Status.INCOMPLETE:
            return False
        return says_more_of_files(row, self._found_before(application.id))

    def _says_only_where_to_write(self, row: RowRead, application: Application) -> bool:
        """Whether an officer corrects nothing but contact data of somebody accredited, which takes no new decision."""
        recorded = self._who.recorded(application.id)
        if self._origin.actor.kind != "officer" or application.status not in ACCREDITED or recorded is None:
            return False
        return row.nomination.says_the_same_as(recorded, but_for=("reference", *CONTACT))

    def _new(self, row: RowRead, known: UUID, found: Recognition) -> Literal["held", "recorded"]:
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
        findings = self._keep(row, application, more=findings_on_reference(row, found))
        case = Case(application, row.nomination)
        application = judge_completeness(self._store, self._context, case, findings, asked=self._asked)
        letter = ApplicationLetters.at(self._context).receipt(Case(application, row.nomination), findings)
        self._store.outbox.put(self._context.election, letter, now=self._context.now)
        self._who.applications[known] = application
        return "held" if application.status is Status.HELD else "recorded"

    def _correct(self, row: RowRead, application: Application) -> None:
        late = application.status is Status.INCOMPLETE and self._is_late(application)
        event = NominationCorrected(
            application_id=application.id,
            at=self._context.now,
            actor=self._origin.actor,
            person_version=application.person_version + 1,
            late=late,
            way=self._origin.way,
        )
        before = self._found_before(application.id)
        application = self._store.applications.record(application, event)
        findings = self._keep(row, application)
        case = Case(application, row.nomination)
        moved = judge_completeness(self._store, self._context, case, findings, before=before, asked=self._asked)
        self._who.applications[application.id] = moved

    def _is_late(self, application: Application) -> bool:
        """Whether the time to mend is over, which begins when the letter that asks has arrived."""
        received, due = self._file.received_at, application.due_at
        if due is None or received <= due:
            return False
        notice = self._store.notices.requests([application.id]).get(application.id)
        ends = notice.ends(due) if notice else due
        return ends is not None and received > ends

    def _keep(self, row: RowRead, application: Application, *, more: Sequence[Finding] = ()) -> tuple[Finding, ...]:
        findings = (*completeness_with_files(row.nomination, self._context.profile, row.findings), *more)
        keys = self._who.keys.get(row.number)
        self._store.people.put(application, row.nomination, now=self._context.now, keys=keys)
        self._store.people.note(application, findings, now=self._context.now)
        self._who.people[application.id] = row.nomination
        self._before[application.id] = findings
        if row.fingerprint:
            self._prints[application.id] = row.fingerprint
        rules = self._context.profile.pledge
        if rules and (accepted := acceptance_of(row.nomination, rules)):
            self._pledges[application.id, application.person_version] = accepted
        return findings

    def _send_back(
        self, row: RowRead, outcome: Literal["held", "returned"], field: str, message: Message
    ) -> Literal["held", "returned"]:
        returned = row_problem(row.number, row.cells, field, message)
        self.problems.append(returned.revised(outcome=outcome))
        return outcome
