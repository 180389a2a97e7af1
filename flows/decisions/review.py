"""What an officer sees of a case on one screen, side by side with what it is compared with; and a batch of decisions.

Personal: for the officer's own terminal, never for Prefect.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from itertools import groupby
from uuid import UUID

from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.events import Event
from domain.application.findings import Finding
from domain.application.nomination import Nomination
from domain.application.status import UNDECIDED
from domain.decisions.casework import Clearance, Note
from domain.decisions.choices import check_competence
from domain.decisions.rulings import Order, Outcome, Ruling, check_part
from domain.errors import AccreditationError
from domain.screening.hits import Hit
from domain.statements.officers import Officer, OfficerRole
from domain.values import ElectionCode, OfficerCode, UtcTime
from flows.context import database
from flows.decisions.case_file import describe, findings_of, hits_of
from flows.decisions.casework import note_name
from flows.decisions.setting_aside import Points, points_in
from flows.vetting.case_queue import QueueFilter, queue_table


@dataclass(frozen=True)
class CaseEvidence:
    """One finding with what it points to, as far as it can be shown side by side."""

    finding: Finding
    other: str
    other_person: dict[str, str]
    application: Application | None = None
    """The other case, where it points to one."""
    nomination: Nomination | None = None
    """Who that is."""


@dataclass(frozen=True)
class CaseView:
    """Everything about one case that an officer decides on."""

    application: Application
    person: dict[str, str]
    documents: dict[str, str]
    evidence: list[CaseEvidence]
    notes: list[Note]
    clearances: list[Clearance]
    history: list[Event]
    now: UtcTime
    hits: list[Hit] = field(default_factory=list[Hit])
    """Whom the person resembles, as far as an officer must still judge it."""

    proposed_facts: str = ""
    """What the first officer stated for an open proposal."""
    reply: str = ""
    """What the person replied to a measure, while it waits for an answer."""
    nomination: Nomination | None = None
    """The person in full; None where erased."""

    @property
    def to_judge(self) -> Points:
        """What the screen shows that an officer has to judge; of a decided case nothing."""
        undecided = self.application.status in UNDECIDED
        return points_in(shown.finding for shown in self.evidence) if undecided else Points()

    @property
    def clock(self) -> str:
        """How much time is left, in words."""
        due = self.application.due_at
        if due is None:
            return "no clock runs"
        hours = (due - self.now).total_seconds() / 3600
        return f"due {due:%Y-%m-%d %H:%M} UTC, {f'{hours:.0f} h left' if hours >= 0 else f'{-hours:.0f} h LATE'}"

    @property
    def events(self) -> list[str]:
        """The last events, in words."""
        return [
            f"{event.at:%Y-%m-%d %H:%M} {event.kind.replace('_', ' ')}, {event.actor} {describe(event)}"
            for event in self.history[-6:]
        ]


def waiting_for(officer_code: OfficerCode, election: ElectionCode, *, now: UtcTime) -> list[UUID]:
    """Return the cases that this officer can act on now: the officer's own first, then most urgent first.

    No part barred, nobody else's claim, and none outside of what the officer serves where scopes bind.
    """
    with open_reader(database()) as store:
        officer = store.officers.get(election, officer_code)
        binding = store.elections.profile(election).desk.scope == "binding"
    wanted = QueueFilter(officer=officer_code, own=binding)
    queue = [UUID(str(row["application"])) for row in queue_table(election, now=now, wanted=wanted)]
    with open_reader(database()) as store:
        found = store.applications.get_many(queue)
        claims = store.casework.claims(queue, now=now)
        free = [case for case in queue if case not in claims or claims[case].officer == officer_code]
        return [case for case in free if _may_act(officer, found[case])]


def _may_act(officer: Officer, application: Application) -> bool:
    """Whether the officer could confirm what is proposed, or else decide the case."""
    proposal = application.proposal
    if proposal and proposal.by == officer.code:
        return False
    try:
        check_part(officer, Ruling(outcome=Outcome.CONFIRM if proposal else Outcome.APPROVE), application)
    except AccreditationError:
        return False
    return proposal is not None or officer.may(OfficerRole.CASE_OFFICER)


def reserved(outcome: Outcome, election: ElectionCode) -> str:
    """Return why officers do not decide *outcome* in this election; empty where they do."""
    with open_reader(database()) as store:
        profile = store.elections.profile(election)
    try:
        check_competence(outcome, profile)
    except AccreditationError as error:
        return str(error)
    return ""


def screen_of(application_id: UUID, *, now: UtcTime) -> CaseView:
    """Return what one screen shows of a case."""
    with open_reader(database()) as store:
        application = store.applications.get(application_id)
        person = store.people.current([application_id]).get(application_id)
        findings = findings_of(store, application, now=now)
        return CaseView(
            application=application,
            person=_person(person),
            documents=_documents(person),
            evidence=[_evidence(store, finding) for finding in findings],
            notes=store.casework.notes_on(application_id),
            clearances=store.casework.clearances([application_id]),
            history=store.applications.history(application_id),
            now=now,
            hits=[hit for hit in hits_of(store, application) if hit.is_open],
            proposed_facts=store.decisions.facts(application.proposal.decision_id) if application.proposal else "",
            reply=store.decisions.facts(application.reply_id) if application.reply_id else "",
            nomination=person,
        )


def _person(person: Nomination | None) -> dict[str, str]:
    if person is None:
        return {"person": "erased"}
    return {
        "name": person.name,
        "own script": person.native_name,
        "born": person.born,
        "citizen of": ", ".join(person.nationalities),
        "document": f"{person.document_issuer} {person.document_number}".strip(),
        "expires": "never" if person.document_never_expires else str(person.document_expiry or ""),
        "conflict declared": {True: "yes", False: "no", None: "not said"}[person.conflict_declared],
    }


def _documents(person: Nomination | None) -> dict[str, str]:
    if person is None:
        return {}
    files = {"photo": person.photo, "identity page": person.identity_page}
    return {name: "received" if content else "MISSING" for name, content in files.items()}


def _evidence(store: Store, finding: Finding) -> CaseEvidence:
    """Return the finding with the person of the other case, where it points to one."""
    try:
        other = UUID(finding.about)
    except ValueError:
        return CaseEvidence(finding, finding.about, {})
    application = store.applications.get_many([other]).get(other)
    if application is None:
        return CaseEvidence(finding, finding.about, {})
    title = f"{application.case_number}, {application.organisation}, {application.status}"
    person = store.people.current([other]).get(other)
    return CaseEvidence(finding, title, _person(person), application, person)


def note_lines(screen: CaseView) -> list[str]:
    """Return the notes on a case, each with what it is called."""
    return [f"{note_name(note)} {note.officer}: {note.text or '(erased)'}" for note in screen.notes]


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as an officer looked at it."""

    version: int
    points: Points
    """What was to be judged of it."""


@dataclass
class DecisionBatch:
    """Decisions an officer has made on the screen but not yet proved."""

    officer: OfficerCode
    decided: list[tuple[UUID, Ruling]] = field(default_factory=list[tuple[UUID, Ruling]])
    seen: dict[UUID, Seen] = field(default_factory=dict[UUID, Seen])
    """What the officer knew of each case when deciding it."""

    def add(self, application_id: UUID, ruling: Ruling, seen: Seen) -> None:
        """Put a decision on the case as it was *seen* on the pile."""
        self.decided.append((application_id, ruling))
        self.seen[application_id] = seen

    @property
    def versions(self) -> dict[UUID, int]:
        """The version of each case on the pile that the officer looked at."""
        return {known: self.seen[known].version for known, _ in self.decided}

    @property
    def judged(self) -> dict[UUID, Points]:
        """What was to be judged of each case on the pile when the officer decided it."""
        return {known: self.seen[known].points for known, _ in self.decided}

    def settle(self, orders: Iterable[Order]) -> None:
        """Take from the pile exactly what *orders* say: what was put there since they were signed stays."""
        signed = {(known, order.ruling) for order in orders for known in order.ids}
        self.decided = [decision for decision in self.decided if decision not in signed]

    @property
    def orders(self) -> list[Order]:
        """The decisions, those alike together."""
        ordered = sorted(self.decided, key=lambda decision: (decision[1].model_dump_json(), decision[0]))
        return [
            Order(ids=tuple(known for known, _ in group), ruling=ruling)
            for ruling, group in groupby(ordered, key=lambda decision: decision[1])
        ]


def parse_until(text: str, *, day_in: tzinfo, time_in: tzinfo) -> UtcTime | None:
    """Return the moment that is typed, None where it is none.

    A bare day ends with its last minute in *day_in*; a time without a zone is one of *time_in*.
    """
    typed = text.strip()
    try:
        if len(typed) == len("2027-03-12"):
            return datetime.combine(date.fromisoformat(typed), time(23, 59), day_in).astimezone(UTC)
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=time_in)).astimezone(UTC)
