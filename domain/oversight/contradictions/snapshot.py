"""What is compared: everything that the database says of one election at one moment, as facts without behaviour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from domain.application.application import Application
from domain.application.status import PLACED, Status
from domain.credentials.states import CopyState, LedgerState
from domain.election.geography import Geography, Office
from domain.election.profile import ElectionProfile
from domain.letters.envelope import LetterKind, LetterState
from domain.statements.officers import Officer
from domain.values import ElectionCode, OfficeCode, OfficerCode, OrganisationCode, RegionCode, Serial, UtcTime


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as it is kept: its place in the history, its kind, and what else it says."""

    sequence: int
    kind: str
    at: datetime
    body: Mapping[str, Any]

    @property
    def by(self) -> str:
        """Who did it."""
        return str(self.body["actor"]["code"])


@dataclass(frozen=True, slots=True)
class Listed:
    """The last list that an office was sent: its version, and in which region everybody stands on it."""

    version: int
    regions: Mapping[str, RegionCode]
    staff: Sequence[str] = ()
    """Who was named as sent there: code, first day, last day."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement that surge staff signed: what kind of act, when, and as of when where that differs."""

    officer: OfficerCode
    kind: str
    what: str
    """Of acts about officers: which."""
    signed_at: datetime
    arrived_at: datetime | None
    cases: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class SentList:
    """A list or a summary that nobody has acknowledged, and that no later one has replaced."""

    recipient: str
    code: str
    version: int
    letter: str


@dataclass(frozen=True, slots=True)
class InForce:
    """The plan in force: its places, and whether all of them are carried out."""

    id: UUID
    placements: Mapping[str, RegionCode | None]
    is_finished: bool
    earlier: Mapping[UUID, Mapping[str, RegionCode | None]] = field(
        default_factory=dict[UUID, Mapping[str, RegionCode | None]]
    )
    """Places of the plans before it, by plan: for whom it does not name."""

    def region_of(self, case: Application) -> RegionCode | None:
        """Return where *case* was put by this plan, or by its own where this one does not name it."""
        known = str(case.id)
        if known in self.placements or case.plan_id is None:
            return self.placements.get(known)
        return self.earlier.get(case.plan_id, {}).get(known)


@dataclass(frozen=True, slots=True)
class Written:
    """A letter: what it says, and every state it was in, with the moment."""

    key: str
    kind: LetterKind
    application_id: UUID | None
    state: LetterState
    queued_at: datetime
    contents: Mapping[str, Any]
    states: Sequence[tuple[datetime, LetterState]] = ()
    to: str = field(default="", repr=False)

    @property
    def waits(self) -> bool:
        """Whether it has not left, and will."""
        return self.state in {LetterState.QUEUED, LetterState.HELD, LetterState.DEFERRED}

    def accepted_by(self, moment: datetime) -> datetime | None:
        """Return since when it had reached a mail server, as far as anybody knew at *moment*; None where it had not."""
        # What came back at the very moment of a decision came after it: the decision looked at the letter and found it.
        known = [
            (at, state) for at, state in self.states if at < moment or (at == moment and state is LetterState.SENT)
        ]
        if not known or known[-1][1] is not LetterState.SENT:
            return None
        return known[-1][0]

    def is_time_over(self, moment: datetime) -> bool:
        """Whether the time that it gives, which begins when it arrives, is over at *moment*."""
        told = self.accepted_by(moment)
        if told is None or not self.contents.get("due"):
            return False
        due, written = (datetime.fromisoformat(self.contents[name]) for name in ("due", "written_at"))
        return told + (due - written) <= moment


@dataclass(frozen=True, slots=True)
class Numbered:
    """A serial of the ledger."""

    serial: Serial
    application_id: UUID
    application_version: int
    state: LedgerState


@dataclass(frozen=True, slots=True)
class Copy:
    """The last printed copy of a credential."""

    serial: Serial
    office: OfficeCode
    state: CopyState


@dataclass(frozen=True, slots=True)
class Open:
    """A finding, or a resemblance, that an officer must judge: about which version of the person, and since when."""

    application_id: UUID
    person_version: int
    rule: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """An act about an organisation."""

    act: str
    officer: OfficerCode
    at: datetime


@dataclass(frozen=True, slots=True)
class Filed:
    """An organisation: where it stands, and every act about it in their order."""

    standing: str
    acts: Sequence[Done] = ()


@dataclass(frozen=True, slots=True)
class Theft:
    """A breach that an officer signed for: who must have a letter, and until when the authority must know."""

    mark: str
    people: Sequence[UUID]
    due_at: datetime | None
    reported_at: datetime | None = None


@dataclass(frozen=True)
class Snapshot:
    """One election at one moment."""

    election: ElectionCode
    now: UtcTime
    profile: ElectionProfile
    geography: Geography
    cases: Mapping[UUID, Application]
    histories: Mapping[UUID, Sequence[Happening]]
    plan: InForce | None = None
    lists: Mapping[OfficeCode, Listed] = field(default_factory=dict[OfficeCode, Listed])
    waiting_lists: Sequence[SentList] = ()
    letters: Sequence[Written] = ()
    serials: Mapping[Serial, Numbered] = field(default_factory=dict[Serial, Numbered])
    copies: Sequence[Copy] = ()
    questions: Sequence[Open] = ()
    officers: Sequence[Officer] = ()
    signed: Sequence[Signed] = ()
    organisations: Mapping[OrganisationCode, Filed] = field(default_factory=dict[OrganisationCode, Filed])
    thefts: Sequence[Theft] = ()
    people: frozenset[UUID] = frozenset()
    """The cases whose person is known; who was erased is not among them."""

    @property
    def placed(self) -> Iterator[Application]:
        """Everybody who is in the field."""
        return (case for case in self.cases.values() if case.status in PLACED)

    @cached_property
    def day(self) -> date:
        """Today within the service period; before it its first day, after it its last."""
        land = self.geography
        today = self.now.astimezone(self.profile.zone).date()
        return min(max(today, land.serves_from), land.serves_until - timedelta(days=1))

    @cached_property
    def letters_of(self) -> Mapping[UUID, Sequence[Written]]:
        """The letters about each case, in the order in which they were written."""
        found: defaultdict[UUID, list[Written]] = defaultdict(list)
        for letter in sorted(self.letters, key=lambda letter: (letter.queued_at, _number(letter), letter.key)):
            if letter.application_id:
                found[letter.application_id].append(letter)
        return found

    def last(self, case: Application, *kinds: str) -> Happening | None:
        """Return the last event of these *kinds* on *case*."""
        return next((event for event in reversed(self.histories.get(case.id, ())) if event.kind in kinds), None)

    def settled_since(self, case: Application, *, hours: float) -> bool:
        """Whether nothing has happened to *case* within so many *hours*: what follows a day later has had its turn."""
        history = self.histories.get(case.id, ())
        return not history or history[-1].at <= self.now - timedelta(hours=hours)

    def offices_for(self, home: OfficeCode, on: date) -> list[Office]:
        """Return every office that serves *home*'s regions on the day *on*: exactly one, if all is well."""
        return list(_serving(self.geography, home, on, ()))

    def is_closed(self, office: Office) -> bool:
        """Whether *office* does not serve its own regions today, by its days or by an order."""
        return office not in self.offices_for(office.code, self.day)

    def office_of(self, case: Application) -> Office | None:
        """Return the one office that serves the region of *case* today; None where there is none, or several."""
        region = next((region for region in self.geography.regions if region.code == case.region), None)
        found = self.offices_for(region.office, self.day) if region else []
        return found[0] if len(found) == 1 else None


def _serving(land: Geography, code: OfficeCode, on: date, seen: tuple[OfficeCode, ...]) -> Iterator[Office]:
    office = next((office for office in land.offices if office.code == code), None)
    if office is None or code in seen:
        return
    acting = [
        order.acting for order in land.acting_orders if order.office == code and order.begins_on <= on < order.ends_on
    ]
    for other in acting:
        yield from _serving(land, other, on, (*seen, code))
    if not acting and office.opens_on <= on and (office.closes_on is None or on < office.closes_on):
        yield office


def _number(letter: Written) -> int:
    """Return the version of the case that the key of *letter* names; 0 where it names none."""
    parts = letter.key.split(":")
    return int(parts[2]) if len(parts) > 2 and parts[2].isdecimal() else 0  # noqa: PLR2004 -- kind:case:version


GONE = frozenset({Status.REFUSED, Status.REVOKED, Status.WITHDRAWN, Status.EXPIRED})
"""Statuses in which nobody is expected anywhere."""
