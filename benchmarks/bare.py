"""A bare loop over the same rows: the same rules one after another, with no flow, chunk, queue or second look.

    python -m benchmarks.bare --home FOLDER --rows FOLDER [--kept]

Without ``--kept`` only the domain's rules run; nothing is written but the pictures. With it the loop also writes what
the engine writes (applications, events, people, findings, letters, credentials, badge files), all in one transaction.
It cannot be interrupted, repeated, run in parts or watched.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import UUID, uuid5

from benchmarks.pipeline import AS_OF, Figures, arguments, peak_megabytes, prepared, without_drawing
from db.credentials.serials import Reservation
from db.store import Store, open_reader, open_store
from domain.application import events as e
from domain.application.actors import Actor
from domain.application.application import Application, application_id
from domain.application.case import Case
from domain.application.findings import Finding, Severity, deficiencies, needs_human
from domain.application.nomination import Nomination
from domain.application.roles import CODE
from domain.application.status import Status
from domain.assignment.checker.check import check
from domain.assignment.consents import Consents
from domain.assignment.planner.solver import solve
from domain.credentials.claims import CredentialClaims, document_tag, photo_hash
from domain.credentials.cose import Signer
from domain.credentials.status_list import status_index
from domain.credentials.verdict import encode_token
from domain.election.unset import needed
from domain.intake.completeness import completeness
from domain.intake.nominations_file import RowProblem
from domain.intake.rows import read_row
from domain.letters.envelope import Attachment, Envelope
from domain.screening.applicants import MOST_HOLDERS, Applicant, applicant_keys, applicant_of, resemblance
from domain.screening.hits import Hit
from domain.vetting.checks import Surroundings, vet
from flows.assignment.plans.problems import Binding, problem_of
from flows.context import ElectionContext, database, election_context
from flows.intake.arrivals import Arrival, arrivals
from flows.intake.reading import enclosures
from flows.intake.reading.people import RawRow
from flows.intake.reading.tables import raw_rows, read_file
from flows.issuance.signing.signatory import badge_signer
from flows.letters.application_letters import ApplicationLetters
from flows.storage.files import file_store
from flows.vetting.screening import Screened, hits_on_lists, keep_hits

ENGINE = Actor.engine("bare")


Holders = Mapping[str, set[UUID]]


def holders_of(persons: Mapping[UUID, Applicant]) -> Holders:
    """Return who holds each key by which applicants meet."""
    holders: defaultdict[str, set[UUID]] = defaultdict(set)
    for known, person in persons.items():
        for key in applicant_keys(person):
            holders[key].add(known)
    return holders


def resembling(known: UUID, person: Applicant, persons: Mapping[UUID, Applicant], holders: Holders) -> list[Hit]:
    """Return how *person* resembles each of *persons* that share a key."""
    meetings = (holders.get(key, set[UUID]()) for key in applicant_keys(person))
    met = set[UUID]().union(*(holding for holding in meetings if len(holding) <= MOST_HOLDERS)) - {known}
    return [hit for other in met if (hit := resemblance(person, persons[other]))]


class Loop:
    """The work on one election's rows, stage by stage; *store* is where it is kept, or None."""

    def __init__(self, context: ElectionContext, secret: bytes, signer: Signer, store: Store | None) -> None:
        self.context = context
        self.letters = ApplicationLetters.at(context)
        self.secret = secret
        self.signer = signer
        self.store = store
        self.cases: dict[UUID, Case] = {}
        self.ledger: list[tuple[Reservation, dict[str, str]]] = []
        self.returned = 0

    def standing(self, status: Status) -> list[Case]:
        return [case for case in self.cases.values() if case.application.status is status]

    def move(self, application: Application, event: e.Event) -> Case:
        """Let *event* happen, kept or not."""
        moved = self.store.applications.record(application, event) if self.store else application.after(event)
        case = self.cases[moved.id] = Case(moved, self.cases[moved.id].nomination)
        return case

    def post(self, write: Callable[[], Envelope]) -> None:
        """Write and queue a letter, where anything is kept."""
        if self.store:
            self.store.outbox.put(self.context.election, write(), now=AS_OF)

    def note(self, case: Case, findings: tuple[Finding, ...]) -> None:
        if self.store:
            self.store.people.note(case.application, findings, now=AS_OF)

    def take_in(self, folder: Path) -> None:
        for arrival in arrivals(folder, organisation="", received_at=None):
            for raw in raw_rows(read_file(arrival.path), name=arrival.path.name):
                self._row(raw, arrival)

    def _row(self, raw: RawRow, arrival: Arrival) -> None:
        profile = self.context.profile
        read = read_row(raw.number, raw.cells, extra_cells=raw.extra_cells)
        if isinstance(read, RowProblem) or arrival.organisation not in self.context.organisations:
            self.returned += 1
            return
        enclosed = enclosures.read_enclosures(raw.cells, arrival.path.parent / arrival.path.stem, profile)
        nomination = read.revised(photo=enclosed.photo, identity_page=enclosed.identity_page)
        known = application_id(self.context.election, arrival.organisation, nomination.key)
        if known not in self.cases:
            findings = (*completeness(nomination, profile), *enclosed.findings)
            self._open(known, nomination, arrival, findings)

    def _open(self, known: UUID, nomination: Nomination, arrival: Arrival, findings: tuple[Finding, ...]) -> None:
        event = e.NominationRecorded(
            application_id=known,
            at=AS_OF,
            actor=ENGINE,
            election=self.context.election,
            organisation=arrival.organisation,
            role=nomination.role,
            received_at=arrival.received_at or AS_OF,
            held=not self.context.organisations[arrival.organisation].may_nominate,
        )
        application = self.store.applications.open(event) if self.store else Application.opened(event)
        case = self.cases[known] = Case(application, nomination)
        if self.store:
            self.store.people.put(application, nomination, now=AS_OF)
        self.note(case, findings)
        if application.status is Status.SUBMITTED:
            case = self._judge(application, findings)
        self.post(lambda: self.letters.receipt(case, findings))

    def _judge(self, application: Application, findings: tuple[Finding, ...]) -> Case:
        happened: dict[str, Any] = {"application_id": application.id, "at": AS_OF, "actor": ENGINE}
        profile = self.context.profile
        if reasons := deficiencies(findings):
            event = e.DeficiencyNoted(**happened, reasons=reasons, due_at=profile.cure_due(AS_OF))
            case = self.move(application, event)
            self.post(lambda: self.letters.deficiency(case, findings))
            return case
        return self.move(application, e.CompletenessConfirmed(**happened, due_at=profile.decision_due(AS_OF)))

    def vet(self) -> None:
        persons = {known: applicant_of(case.nomination, case=str(known)) for known, case in self.cases.items()}
        screened = self._screened(persons)
        for case in self.standing(Status.IN_VETTING):
            around = Surroundings(
                received_at=case.application.received_at,
                organisation_kind=self.context.organisations[case.application.organisation].kind,
                hits=tuple(screened.hits.get(case.application.id, ())),
            )
            findings = vet(case.nomination, self.context.profile, around)
            if self.store:
                keep_hits(self.store, self.context, case, screened)
            self._settle(case, findings)

    def _screened(self, persons: Mapping[UUID, Applicant]) -> Screened:
        due = {case.application.id: persons[case.application.id] for case in self.standing(Status.IN_VETTING)}
        holders = holders_of(persons)
        found: defaultdict[UUID, list[Hit]] = defaultdict(list)
        for known, person in due.items():
            found[known] += resembling(known, person, persons, holders)
        with open_reader(database()) as store:
            for known, hit in hits_on_lists(store, self.context, due):
                found[known].append(hit)
        return Screened(found, self.cases)

    def _settle(self, case: Case, findings: tuple[Finding, ...]) -> None:
        happened: dict[str, Any] = {"application_id": case.application.id, "at": AS_OF, "actor": ENGINE}
        self.note(case, findings)
        if not needs_human(findings):
            approved = self.move(case.application, e.ApplicationApproved(**happened))
            self.post(lambda: self.letters.approval(approved))
            return
        human = [finding for finding in findings if finding.severity is Severity.HUMAN]
        rules = tuple(sorted({finding.rule for finding in human}))
        due = case.application.due_at or AS_OF
        referred = self.move(case.application, e.ApplicationReferred(**happened, rules=rules, due_at=due))
        self.post(lambda: self.letters.referral(referred, human))

    def place(self) -> None:
        todo = self.standing(Status.APPROVED)
        people = {case.application.id: case.nomination for case in todo}
        said = {known: dict.fromkeys(person.accepted_notices, True) for known, person in people.items()}
        applications = [case.application for case in todo]
        problem = problem_of(self.context, applications, lambda _ids: people, binding=Binding({}, Consents(said, {})))
        plan = solve(problem)
        assert not check(problem, plan)
        geography, day = self.context.geography, self.context.profile.election.day
        made = uuid5(todo[0].application.id, problem.digest())
        for case in todo:
            code = plan.placements[str(case.application.id)]
            office = geography.serving(geography.region(code).office, on=day).code if code else None
            event = e.RegionAssigned(
                application_id=case.application.id, at=AS_OF, actor=ENGINE, region=code, office=office, plan_id=made
            )
            self._say_where(self.move(case.application, event))

    def _say_where(self, placed: Case) -> None:
        self.post(lambda: self.letters.placement(placed, on=self.context.profile.election.day))

    def issue(self) -> None:
        for number, case in enumerate(self.standing(Status.ASSIGNED), start=1):
            reserved = self.reservation(number, case)
            token = encode_token(self.claims(case, reserved), self.signer)
            event = e.CredentialIssued(
                application_id=case.application.id,
                at=AS_OF,
                actor=ENGINE,
                serial=reserved.serial,
                valid_until=reserved.valid_until,
            )
            self._hand_out(self.move(case.application, event), reserved, token)

    def _hand_out(self, case: Case, reserved: Reservation, token: str) -> None:
        if self.store is None:
            return
        badge = Attachment(
            filename=f"badge-{reserved.serial}.pdf",
            media_type="application/pdf",
            content=file_store().put(reserved.serial.encode()),
        )
        self.post(lambda: self.letters.credential(case, valid_from=reserved.valid_from, badge=badge))
        line = {"serial": reserved.serial, "key_id": self.signer.key_id.hex(), "badge_sha256": badge.content}
        self.ledger.append((reserved, line | {"token_sha256": hashlib.sha256(token.encode()).hexdigest()}))

    def keep(self) -> None:
        """Write everything; the transaction is the caller's."""
        if self.store:
            self.store.applications.flush()
            self.store.credentials.reserve([reserved for reserved, _ in self.ledger])
            self.store.credentials.issue([line for _, line in self.ledger])
            self.store.flush()

    def reservation(self, number: int, case: Case) -> Reservation:
        profile, issued_at = self.context.profile, AS_OF.replace(microsecond=0)
        begins = profile.calendar.valid_from
        return Reservation(
            serial=f"{profile.credential.serial_prefix}-{number:06d}",
            election=self.context.election,
            application_id=case.application.id,
            application_version=case.application.version,
            number=number,
            status_index=status_index(number, seed=self.secret, size=profile.credential.status_list_size),
            issued_at=issued_at,
            valid_from=profile.beginning(begins).replace(microsecond=0) if begins else issued_at,
            valid_until=profile.moment(needed(profile.calendar.ends, "calendar.ends")).replace(microsecond=0),
        )

    def claims(self, case: Case, reserved: Reservation) -> CredentialClaims:
        application, nomination = case.application, case.nomination
        return CredentialClaims.fitting(
            nomination.name,
            issuer=self.context.profile.credential.issuer,
            serial=reserved.serial,
            issued_at=reserved.issued_at,
            valid_from=reserved.valid_from,
            valid_until=reserved.valid_until,
            role=CODE[application.role],
            organisation=application.organisation,
            nationality=nomination.nationalities[0] if nomination.nationalities else "XXX",
            regions=(application.region,) if application.region else (),
            status_index=reserved.status_index,
            photo_hash=photo_hash(file_store().get(nomination.photo)) if nomination.photo else None,
            document_tag=document_tag(
                nomination.document_number, issuing_state=nomination.document_issuer, secret=self.secret
            ),
        )


def run(loop: Loop, rows: Path) -> Figures:
    """Run the stages and return the seconds of each."""
    stages: dict[str, Callable[[], None]] = {
        "intake": lambda: loop.take_in(rows / "nominations"),
        "vetting": loop.vet,
        "assignment": loop.place,
        "issuance": loop.issue,
        "writing": loop.keep,
    }
    seconds: dict[str, float] = {}
    for stage, work in stages.items():
        started = perf_counter()
        work()
        seconds[stage] = perf_counter() - started
    return {"seconds": seconds, "said": dict(Counter(str(case.application.status) for case in loop.cases.values()))}


def measure(home: Path, rows: Path, *, kept: bool, pictures: str) -> Figures:
    election = prepared(home, rows)
    context = election_context(election, AS_OF)
    signer = badge_signer(context.profile, now=AS_OF)
    with open_reader(database()) as store:
        secret = store.elections.secret(election)
    worked, started = process_time(), perf_counter()
    with without_drawing(pictures):
        if kept:
            with open_store(database()) as store:
                loop = Loop(context, secret, signer, store)
                figures = run(loop, rows)
        else:
            loop = Loop(context, secret, signer, None)
            figures = run(loop, rows)
    # The commit, which ends the block.
    figures["seconds"]["writing"] += perf_counter() - started - sum(figures["seconds"].values())
    counts = {"rows": len(loop.cases) + loop.returned, "credentials": figures["said"].get("credentialed", 0)}
    return figures | counts | {"processor": {"all": process_time() - worked}, "megabytes": {"all": peak_megabytes()}}


def main() -> None:
    words = arguments(__doc__)
    words.add_argument("--kept", action="store_true", help="write what the engine writes")
    given = words.parse_args()
    print(json.dumps(measure(given.home, given.rows, kept=given.kept, pictures=given.pictures)))


if __name__ == "__main__":
    main()
