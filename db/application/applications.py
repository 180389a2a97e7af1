"""Applications, their events and what is known of their people: read in bulk, written in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import JSON, and_, bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.archived import require_working
from db.bulk import in_batches, insert_rows
from db.journal import Book, Journal, content_hash, touch
from db.letters.webhooks import Webhooks
from db.tables.application import ApplicationRow, EventRow
from db.tables.credentials import CredentialRow
from domain.application.application import Application, ids_called
from domain.application.chain import GENESIS, link
from domain.application.events import EVENT, Event, NominationRecorded, PlacementOrdered
from domain.application.status import PLACED, Status
from domain.assignment.orders import Orders, standing_orders
from domain.errors import ConcurrentChangeError, UnknownThingError
from domain.values import ElectionCode, OfficeCode, OrganisationCode, RegionCode, Sha256

_FIELDS = [name for name in Application.model_fields if name != "id"]
# Columns, not rows to keep track of: nobody changes one in place, and loading takes half the time.
_COLUMNS = [getattr(ApplicationRow, name) for name in Application.model_fields]


@dataclass(frozen=True, slots=True)
class _Move:
    application: Application
    event: Event


class StoredEvent(NamedTuple):
    """An event as its row has it, unread."""

    sequence: int
    kind: str
    at: datetime
    body: Any
    hash: Sha256

    def is_at(self, place: int, event: Event, *, of: UUID) -> bool:
        """Whether the row says the kind, the moment, the case and the place in its history that *event* says."""
        said = (self.sequence, self.kind, self.at, event.application_id)
        return said == (place, event.kind, event.at, of)


@dataclass(frozen=True, slots=True)
class Applications:
    """The applications of all elections; changes go through :meth:`open` and :meth:`record` only."""

    session: Session
    moves: list[_Move] = field(default_factory=list[_Move])
    moved: dict[UUID, tuple[int, str]] = field(default_factory=dict[UUID, tuple[int, str]])
    """Version and head of every application that this transaction has written."""
    begun: dict[UUID, Application] = field(default_factory=dict[UUID, Application])
    """Each of these as its first event in this transaction left it."""

    def get(self, application_id: UUID) -> Application:
        """Return one application; raises :class:`UnknownThingError`."""
        found = self.get_many([application_id])
        if not found:
            raise UnknownThingError("application", str(application_id))
        return found[application_id]

    def get_many(self, ids: Sequence[UUID]) -> dict[UUID, Application]:
        """Return those of *ids* that exist, by id."""
        return {
            row.id: _application(row)
            for part in in_batches(ids)
            for row in self.session.execute(select(*_COLUMNS).where(ApplicationRow.id.in_(part)))
        }

    def require(self, election: ElectionCode, ids: Sequence[UUID]) -> None:
        """Raise :class:`UnknownThingError` for the first of *ids* that is no application of the election."""
        found = self.get_many(ids)
        for known in ids:
            if known not in found or found[known].election != election:
                raise UnknownThingError("application", str(known))

    def called(self, election: ElectionCode, key: str) -> UUID | None:
        """Return the id of the application whose case number or serial is *key*; None where there is none.

        A serial counts that a badge of the case ever had: people come with the old one.
        """
        span = ids_called(key)
        had = select(CredentialRow.application_id).where(CredentialRow.serial == key)
        named = ApplicationRow.id.between(*span) if span else ApplicationRow.id.in_(had)
        return self.session.scalars(select(ApplicationRow.id).where(ApplicationRow.election == election, named)).first()

    def ids_in(
        self, election: ElectionCode, *statuses: Status, organisation: OrganisationCode | None = None
    ) -> list[UUID]:
        """Return the ids of the election's applications in any of *statuses*, in order of receipt.

        With *organisation* only of its own.
        """
        query = (
            select(ApplicationRow.id)
            .where(ApplicationRow.election == election, ApplicationRow.status.in_(statuses))
            .order_by(ApplicationRow.received_at, ApplicationRow.id)
        )
        if organisation:
            query = query.where(ApplicationRow.organisation == organisation)
        return list(self.session.scalars(query))

    def at_large(self, election: ElectionCode) -> list[Application]:
        """Return the election's applications that were planned for and have no region, by id."""
        query = select(*_COLUMNS).where(
            ApplicationRow.election == election, ApplicationRow.status.in_(PLACED), ApplicationRow.region.is_(None)
        )
        return [_application(row) for row in self.session.execute(query.order_by(ApplicationRow.id))]

    def with_left_place(self, election: ElectionCode) -> list[UUID]:
        """Return whose badge names a region that they left over its notice, or because it was shut, by id."""
        query = (
            select(EventRow.application_id, EventRow.body)
            .join(ApplicationRow, ApplicationRow.id == EventRow.application_id)
            .join(CredentialRow, CredentialRow.serial == ApplicationRow.serial)
            .where(
                ApplicationRow.election == election, ApplicationRow.status == Status.CREDENTIALED.value,
                EventRow.kind == "region_assigned", EventRow.sequence > CredentialRow.application_version,
            )
        )  # fmt: skip
        return sorted(
            {known for known, body in self.session.execute(query) if body.get("unaccepted") or body.get("shut")}
        )

    def all_in(self, election: ElectionCode, *statuses: Status) -> list[Application]:
        """Return the election's applications in any of *statuses* (all, where none is named), by id."""
        query = select(*_COLUMNS).where(ApplicationRow.election == election).order_by(ApplicationRow.id)
        if statuses:
            query = query.where(ApplicationRow.status.in_(statuses))
        return [_application(row) for row in self.session.execute(query)]

    def readable_in(self, election: ElectionCode) -> tuple[list[Application], list[UUID]]:
        """Return the election's applications, and which other rows cannot be read as one: an audit goes on without."""
        try:
            return self.all_in(election), []
        except (ValueError, TypeError):
            ids = select(ApplicationRow.id).where(ApplicationRow.election == election).order_by(ApplicationRow.id)
            every = [(known, self._read(known)) for known in self.session.scalars(ids).all()]
        return [found for _, found in every if found], [known for known, found in every if not found]

    def _read(self, known: UUID) -> Application | None:
        try:
            return self.get(known)
        except (ValueError, TypeError):
            return None

    def in_or_proposed(
        self, election: ElectionCode, statuses: Collection[Status], *, proposable: Collection[Status]
    ) -> list[Application]:
        """Return those in *statuses*, and of those in *proposable* whatever waits for an officer's answer, by id."""
        columns = (ApplicationRow.reply_id, ApplicationRow.look_due_at, ApplicationRow.appeal_due_at)
        waits = or_(ApplicationRow.proposal != JSON.NULL, *(column.is_not(None) for column in columns))
        proposed = and_(ApplicationRow.status.in_(proposable), waits)
        query = select(*_COLUMNS).where(
            ApplicationRow.election == election, or_(ApplicationRow.status.in_(statuses), proposed)
        )
        return [_application(row) for row in self.session.execute(query.order_by(ApplicationRow.id))]

    def first_of(
        self, election: ElectionCode, organisation: OrganisationCode, status: Status, *, most: int
    ) -> list[Application]:
        """Return the *most* applications of *organisation* in *status* that were received first."""
        query = select(*_COLUMNS).where(
            ApplicationRow.election == election,
            ApplicationRow.organisation == organisation,
            ApplicationRow.status == status,
        )
        rows = self.session.execute(query.order_by(ApplicationRow.received_at, ApplicationRow.id).limit(most))
        return [_application(row) for row in rows]

    def count_by_organisation(self, election: ElectionCode, status: Status) -> dict[OrganisationCode, int]:
        """Return how many applications of each organisation stand in *status*; nothing for one without any."""
        query = select(ApplicationRow.organisation, func.count()).where(
            ApplicationRow.election == election, ApplicationRow.status == status
        )
        return dict(self.session.execute(query.group_by(ApplicationRow.organisation)).tuples().all())

    def counts(self, election: ElectionCode) -> dict[tuple[OrganisationCode, Status], int]:
        """Return how many applications of each organisation stand in each status that occurs."""
        query = select(ApplicationRow.organisation, ApplicationRow.status, func.count()).where(
            ApplicationRow.election == election
        )
        rows = self.session.execute(query.group_by(ApplicationRow.organisation, ApplicationRow.status))
        return {(organisation, Status(status)): count for organisation, status, count in rows}

    def served_by(self, election: ElectionCode, office: OfficeCode) -> list[Application]:
        """Return who is placed with *office*, by case id."""
        placed = self.all_in(election, *PLACED)
        return [application for application in placed if application.office == office]

    def history(self, application_id: UUID) -> list[Event]:
        """Return the application's events, first to last."""
        query = select(EventRow.body).where(EventRow.application_id == application_id).order_by(EventRow.sequence)
        return [EVENT.validate_python(body, strict=False) for body in self.session.scalars(query)]

    def chains(self, ids: Sequence[UUID]) -> dict[UUID, list[tuple[Event, str]]]:
        """Return the events of each application with their stored hashes, first to last."""
        found: dict[UUID, list[tuple[Event, str]]] = {}
        query = select(EventRow.application_id, EventRow.body, EventRow.hash).order_by(EventRow.sequence)
        for part in in_batches(ids):
            for known, body, stored in self.session.execute(query.where(EventRow.application_id.in_(part))):
                found.setdefault(known, []).append((EVENT.validate_python(body, strict=False), stored))
        return found

    def last_moments(self, ids: Sequence[UUID]) -> dict[UUID, datetime]:
        """Return when the last event of each application happened."""
        found: dict[UUID, datetime] = {}
        for part in in_batches(ids):
            here = and_(EventRow.application_id == ApplicationRow.id, EventRow.sequence == ApplicationRow.version)
            query = select(EventRow.application_id, EventRow.at).join(ApplicationRow, here)
            rows = self.session.execute(query.where(EventRow.application_id.in_(part)))
            found |= {known: at for known, at in rows}  # noqa: C416 -- a row has keys of its own
        return found

    def stored_events(self, ids: Sequence[UUID]) -> dict[UUID, list[StoredEvent]]:
        """Return the events of each application as their rows have them, first to last: whoever audits reads them."""
        found: dict[UUID, list[StoredEvent]] = {}
        columns = (EventRow.sequence, EventRow.kind, EventRow.at, EventRow.body, EventRow.hash)
        query = select(EventRow.application_id, *columns).order_by(EventRow.sequence)
        for part in in_batches(ids):
            for known, *row in self.session.execute(query.where(EventRow.application_id.in_(part))):
                found.setdefault(known, []).append(StoredEvent(*row))
        return found

    def heads(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        """Return the stored head of each application's chain."""
        found: dict[UUID, str] = {}
        for part in in_batches(ids):
            query = select(ApplicationRow.id, ApplicationRow.head).where(ApplicationRow.id.in_(part))
            found |= dict(self.session.execute(query).tuples().all())
        return found

    def placement_orders(self, election: ElectionCode) -> dict[UUID, Orders]:
        """Return what officers ordered of where somebody may be placed, for everybody with an order in force."""
        query = (
            select(EventRow.application_id, EventRow.body)
            .join(ApplicationRow, ApplicationRow.id == EventRow.application_id)
            .where(ApplicationRow.election == election, EventRow.kind == "placement_ordered")
            .order_by(EventRow.application_id, EventRow.sequence)
        )
        ordered: dict[UUID, list[PlacementOrdered]] = {}
        for known, body in self.session.execute(query):
            ordered.setdefault(known, []).append(PlacementOrdered.model_validate(body, strict=False))
        return {known: standing for known, events in ordered.items() if (standing := standing_orders(events)).given}

    def carried(self, ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Return those of *ids* that began in the election that theirs follows, each with its case there."""
        found: dict[UUID, UUID] = {}
        for part in in_batches(ids):
            query = select(EventRow.application_id, EventRow.body["carried_from"].as_string())
            first = (EventRow.application_id.in_(part), EventRow.sequence == 1)
            found |= {known: UUID(case) for known, case in self.session.execute(query.where(*first)) if case}
        return found

    def places_carried(self, election: ElectionCode) -> dict[UUID, RegionCode]:
        """Return where those were who stay accredited from the election that *election* follows."""
        query = select(EventRow.application_id, EventRow.body["region"].as_string())
        query = query.join(ApplicationRow, ApplicationRow.id == EventRow.application_id)
        of_kind = EventRow.kind == "accreditation_carried_over"
        rows = self.session.execute(query.where(ApplicationRow.election == election, of_kind))
        return {known: region for known, region in rows if region}

    def times_of(self, ids: Sequence[UUID], *kinds: str) -> dict[UUID, datetime]:
        """Return when the last event of *kinds* happened to each of *ids* that has one."""
        query = (
            select(EventRow.application_id, func.max(EventRow.at))
            .where(EventRow.application_id.in_(ids), EventRow.kind.in_(kinds))
            .group_by(EventRow.application_id)
        )
        return dict(self.session.execute(query).tuples().all())

    def open(self, event: NominationRecorded) -> Application:
        """Record a new application; written when the store closes."""
        application = Application.opened(event)
        self.moves.append(_Move(application, event))
        return application

    def record(self, application: Application, event: Event) -> Application:
        """Return *application* as *event* leaves it; both are written when the store closes.

        Somebody who changed the application meanwhile makes the writing fail with
        :class:`ConcurrentChangeError`, and everything of this store with it.
        """
        moved = application.after(event)
        self.moves.append(_Move(moved, event))
        return moved

    def flush(self) -> None:
        """Write what was recorded: three statements, however many applications."""
        if not self.moves:
            return
        moves, self.moves[:] = list(self.moves), []
        require_working(self.session, {move.application.election for move in moves})
        ids = list({move.application.id for move in moves})
        for move in moves:
            self.begun.setdefault(move.application.id, move.application)
        opened = {move.application.id for move in moves if isinstance(move.event, NominationRecorded)}
        heads = dict.fromkeys(opened, GENESIS) | self.heads([i for i in ids if i not in opened])
        events, latest = _chained(moves, heads)
        try:
            self._write(latest, heads, opened)
            insert_rows(self.session, EventRow, events)
            Webhooks(self.session).put({known: moved.election for known, moved in latest.items()}, events)
            touch(self.session, Book.CASES, [(known,) for known in opened])
            self.moved.update({known: (application.version, heads[known]) for known, application in latest.items()})
        except IntegrityError as error:
            raise ConcurrentChangeError(
                "Somebody changed an application at the same moment. Run the command again."
            ) from error

    def journal(self, *, at: datetime) -> None:
        """Append from which event to which this transaction took each history, and the head that it left."""
        steps: defaultdict[ElectionCode, dict[str, Sha256]] = defaultdict(dict)
        for known, (version, head) in self.moved.items():
            first = self.begun[known]
            steps[first.election][str(known)] = step(first.version - 1, version, head)
        for election, contents in steps.items():
            Journal(self.session).append(election, Book.HISTORIES, contents, by="engine", at=at)

    def journal_older(self, election: ElectionCode, *, at: datetime) -> None:
        """Append where every history stands: of a database that is older than its book."""
        query = select(ApplicationRow.id, ApplicationRow.version, ApplicationRow.head)
        rows = self.session.execute(query.where(ApplicationRow.election == election))
        contents = {str(row.id): step(0, row.version, row.head) for row in rows}
        Journal(self.session).append(election, Book.HISTORIES, contents, by="upgrade", at=at)

    def unjournalled(self, election: ElectionCode, hashes: Mapping[UUID, Sequence[Sha256]]) -> list[UUID]:
        """Return the cases whose stored *hashes* are not what the engine's transactions left, one after another."""
        trails = Journal(self.session).trails(election, Book.HISTORIES, of=[str(known) for known in hashes])
        return [known for known, chain in hashes.items() if not leads_to_the_end(trails.get(str(known), []), chain)]

    def _write(self, latest: dict[UUID, Application], heads: dict[UUID, str], opened: set[UUID]) -> None:
        new = [_columns(latest[i]) | {"id": i, "head": heads[i]} for i in latest if i in opened]
        insert_rows(self.session, ApplicationRow, new)
        # In order of id, so that two writers wait for each other instead of locking each other out.
        changed = [_columns(latest[i]) | {"row": i, "head": heads[i]} for i in sorted(latest) if i not in opened]
        if changed:
            table = ApplicationRow.__table__
            values: dict[str, Any] = {name: bindparam(name) for name in [*_FIELDS, "head"]}
            statement = update(ApplicationRow).where(table.c.id == bindparam("row")).values(values)
            self.session.connection().execute(statement, changed)


def step(after: int, version: int, head: Sha256) -> Sha256:
    """Return the content of the journal for a history that went from event *after* to *version*, and has *head* now."""
    return content_hash({"after": after, "version": version, "head": head})


def leads_to_the_end(steps: Iterable[Sha256], hashes: Sequence[Sha256]) -> bool:
    """Whether the journal's *steps*, one after another, go over a history with these *hashes* to its end."""
    place = 0
    for said in steps:
        further = range(place + 1, len(hashes) + 1)
        place = next((to for to in further if step(place, to, hashes[to - 1]) == said), len(hashes) + 1)
    return place == len(hashes)


def _chained(moves: Iterable[_Move], heads: dict[UUID, str]) -> tuple[list[dict[str, Any]], dict[UUID, Application]]:
    """Return the event rows of *moves* and each application's last state; *heads* moves on with them."""
    events: list[dict[str, Any]] = []
    latest: dict[UUID, Application] = {}
    for move in moves:
        application = move.application
        heads[application.id] = link(heads[application.id], move.event)
        latest[application.id] = application
        events.append(
            {
                "application_id": application.id,
                "sequence": application.version,
                "kind": move.event.kind,
                "at": move.event.at,
                "body": move.event.model_dump(mode="json"),
                "hash": heads[application.id],
            }
        )
    return events, latest


def _columns(application: Application) -> dict[str, Any]:
    """Return the row's columns but for the id."""
    columns = {name: getattr(application, name) for name in _FIELDS}
    columns["reasons"] = list(application.reasons)
    columns["proposal"] = application.proposal and application.proposal.model_dump(mode="json")
    return columns


def _application(row: Sequence[Any]) -> Application:
    return Application.model_validate(dict(zip(Application.model_fields, row, strict=True)))
