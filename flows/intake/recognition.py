"""Recognising whom the rows of a chunk are about: four queries for all of them, none for a single row."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final
from uuid import UUID

from db.screening.key_edition import keys_secret
from db.store import Store
from domain.application.application import Application, application_id, case_number
from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination, folded
from domain.application.reasons import ReasonCode
from domain.errors import UnknownThingError
from domain.intake.corrections import with_what_is_left_out
from domain.intake.nominations_file import KnownBy, RowRead, RowTrace
from domain.intake.roll import MOST_MET, Claims, Recognition, Roll, RowSought
from domain.intake.row_identity import IdentityVerdict, Match, Traits, identifying_number, is_replacement
from domain.messages import Message
from domain.screening.applicants import applicant_keys, applicant_of
from domain.screening.keys import key_number
from domain.values import ElectionCode
from flows.storage.files import file_store

MARKS: Final = 0
"""The number under which the marks of a file's rows are staged; its chunks begin at one."""
SHARED: Final = 999_999
"""The number under which marks of what several people of a long file share are staged; pictures come after it."""

_KINDS: Final = ("document number\x1f", "contact\x1f", "name\x1f", "birth date\x1f")
"""The keys of screening by which a row meets the people that it may be about."""


class Recogniser:
    """Says whom each row is about, and sees each person as the rows before left them."""

    def __init__(self, election: ElectionCode, claims: Callable[[], Claims] = Claims) -> None:
        self._election = election
        self._secret = keys_secret(election)
        self._claims = claims
        self._roll = Roll()
        self._sought: dict[int, RowSought] = {}
        self._settled: dict[int, UUID] = {}
        self._taken: set[UUID] = set()
        self._moved: dict[UUID, UUID] = {}
        self._said: dict[UUID, bytes] = {}
        self.applications: dict[UUID, Application] = {}
        self.people: dict[UUID, Nomination] = {}
        self.keys: dict[int, frozenset[int]] = {}
        """The numbers of all keys of a row, where they were needed."""

    def load(self, store: Store, rows: Sequence[RowRead]) -> None:
        """Read whom *rows* may be about."""
        self._sought, self._settled, self.keys = {}, {}, {}
        self.applications, self.people = {}, {}
        own = {row.number: self._key(row) for row in rows}
        holders = store.corrections.aliases(list(own.values())) | self._moved
        told = {row.about for row in rows if row.about is not None}
        self._read(store, {*own.values(), *holders.values(), *told})
        self._roll.means({key: key for key in own.values() if key in self.applications} | holders)
        unsettled = [row for row in rows if not self._is_as_recorded(row, own[row.number])]
        for row in unsettled:
            self._seek(row, own[row.number])
        met = self._meet(store, unsettled)
        held = {self._roll.holder(self._sought[row.number].key) for row in unsettled} - {None}
        wanted = met | held | told
        for case, nomination in self.people.items():
            if case in wanted and case not in self._said:
                self._roll.enter(case, self.applications[case].organisation, Traits.of(nomination))
        self._read_distinct(store, unsettled)

    def of(self, row: RowRead) -> Recognition:
        """Return whom *row* is about; the person need not be recorded yet."""
        if row.number in self._settled:
            return Recognition(IdentityVerdict.SAME, self._settled[row.number])
        sought = self._sought[row.number]
        if row.about is not None:
            return self._of_told(sought, row.about)
        return self._roll.recognise(sought, self._claims)

    def _of_told(self, sought: RowSought, about: UUID) -> Recognition:
        """Judge a row of which it is said whom it is about: only another person altogether is not believed."""
        if about not in self.people:
            return Recognition(IdentityVerdict.SAME, about)
        evidence = self._roll.compared(sought, about)
        return Recognition(IdentityVerdict.ASK if is_replacement(evidence) else IdentityVerdict.SAME, about, evidence)

    def is_as_recorded(self, row: RowRead) -> bool:
        """Whether *row* says what is recorded under its own key."""
        return row.number in self._settled

    def pairs(self, rows: Iterable[RowRead]) -> Iterator[tuple[Nomination, Nomination]]:
        """Yield of *rows* what is recorded of whom name with birth, number or reference mean, and what they say."""
        if not self.people:
            return
        means = {
            (self.applications[case].organisation, key): case
            for case, person in self.people.items()
            for key in _pairing_keys(person)
        }
        for row in rows:
            said = row.nomination
            found = (means.get((row.organisation, key)) for key in _pairing_keys(said))
            case = next(filter(None, found), None) or self._roll.holder(self._key(row))
            if case and (recorded := self.people.get(case)) and _may_be_meant(recorded, said):
                yield recorded, said

    def new_id(self, row: RowRead) -> UUID:
        """Return the id of a new case: what the row's key gives, or where that is another person's, more of the row."""
        sought = self._sought[row.number]
        plain = sought.key
        if plain not in self._taken and self._roll.holder(plain) in {None, plain}:
            return plain
        return next(known for known in self._distinct(row) if known not in self._taken)

    def keep(self, row: RowRead, case: UUID, *, changed: bool = True) -> None:
        """Write down that *row* is about *case*, and, where it *changed* anything, what it says."""
        self._taken.add(case)
        sought = self._sought.get(row.number)
        if sought is None:
            if changed:
                self._roll.enter(case, row.organisation, Traits.of(row.nomination))
        elif self._roll.keep(sought, case, changed=changed):
            self._moved[sought.key] = case

    def moved(self) -> Mapping[UUID, UUID]:
        """Return the keys that mean other cases than their own."""
        return self._moved

    def keep_said(self, row: RowRead, case: UUID) -> None:
        """Remember what *row* says of *case* where nothing is recorded, for the rows after it."""
        self._said[case] = row.nomination.model_dump_json(exclude_defaults=True).encode()

    def recorded(self, case: UUID) -> Nomination | None:
        """Return what is known of *case* by now; None for nobody, and where it is erased."""
        said = self._said.get(case)
        return Nomination.model_validate_json(said) if said else self.people.get(case)

    def completed(self, row: RowRead, case: UUID, findings: Collection[Finding] = ()) -> RowRead:
        """Return *row* with what it does not speak of as it is known of *case*."""
        recorded = self.recorded(case) if row.about is None else None
        whole = with_what_is_left_out(row, recorded, findings) if recorded else row
        if whole is not row:
            self.keys.pop(row.number, None)
            if sought := self._sought.get(row.number):
                self._sought[row.number] = sought._replace(traits=Traits.of(whole.nomination))
        return whole

    def says_the_same(self, row: RowRead, case: UUID) -> bool:
        """Whether *row* says nothing new of *case*; another number for the row is nothing new about the person."""
        recorded = self.recorded(case)
        return row.nomination.says_the_same_as(recorded, but_for=("reference",))

    def _key(self, row: RowRead) -> UUID:
        return application_id(self._election, row.organisation, row.nomination.key)

    def _is_as_recorded(self, row: RowRead, key: UUID) -> bool:
        holder = row.about or self._roll.holder(key)
        recorded = self.people.get(holder) if holder and holder not in self._said else None
        if holder is None or recorded is None or _is_plainly_another(row.nomination, recorded):
            return False
        whole = row if row.about else with_what_is_left_out(row, recorded)
        if not whole.nomination.says_the_same_as(recorded):
            return False
        self._settled[row.number] = holder
        return True

    def _seek(self, row: RowRead, key: UUID) -> None:
        traits = Traits.of(row.nomination)
        meeting: frozenset[int] = frozenset()
        if row.about is None:
            texts = applicant_keys(applicant_of(row.nomination, case="row"))
            numbers = {text: key_number(self._secret, text) for text in texts}
            self.keys[row.number] = frozenset(numbers.values())
            phone = f"contact\x1f{row.nomination.phone.strip().casefold()}"
            meeting = frozenset(n for text, n in numbers.items() if text.startswith(_KINDS) and text != phone)
        self._sought[row.number] = RowSought(row.organisation, traits, key, row.nomination.has_reference, meeting)

    def _meet(self, store: Store, rows: Iterable[RowRead]) -> set[UUID]:
        """Read everybody who shares a key with one of *rows*, and return who they are."""
        wanted = {number for row in rows for number in self._sought[row.number].meeting}
        organisations = {row.organisation for row in rows}
        met = store.identities.sharing(organisations, wanted, most=MOST_MET)
        self._read(store, {case for _, case in met} - self.applications.keys())
        for number, case in met:
            self._roll.meet(case, [number])
        return {case for _, case in met}

    def _read(self, store: Store, ids: Iterable[UUID]) -> None:
        wanted = list(ids)
        self.applications |= (found := store.applications.get_many(wanted))
        self.people |= store.people.current(list(found))
        self._taken |= found.keys()

    def _read_distinct(self, store: Store, rows: Sequence[RowRead]) -> None:
        """Read which of the other ids of rows whose own is taken, or comes again in the chunk, are taken too.

        They are given in order: where the first is free, all are.
        """
        seen: set[UUID] = set()
        wanted: dict[UUID, RowRead] = {}
        for row in rows:
            key = self._sought[row.number].key
            if key in seen or self._roll.holder(key) is not None:
                wanted[next(self._distinct(row))] = row
            seen.add(key)
        taken = store.applications.get_many(list(wanted)).keys()
        others = [known for first in taken for known in self._distinct(wanted[first])]
        self._taken |= store.applications.get_many(others).keys() if others else frozenset()

    def _distinct(self, row: RowRead) -> Iterator[UUID]:
        nomination = row.nomination
        more = (folded(nomination.name), str(nomination.birth_date), nomination.document_number)
        for number in range(1, 10):
            key = "\x1f".join((nomination.key, *more, *([str(number)] if number > 1 else [])))
            yield application_id(self._election, row.organisation, key)


@lru_cache(maxsize=2)
def claims_of(file: UUID) -> Claims:
    """Return what the rows of a staged file claim; nothing for a file that was staged without its marks."""
    try:
        return Claims.of_bytes(file_store().staged(file, MARKS))
    except UnknownThingError:
        return Claims()


@lru_cache(maxsize=2)
def shared_in(file: UUID) -> frozenset[int]:
    """Return the marks of what several people of a staged file share; none of a file that is one chunk."""
    try:
        return frozenset(array("q", file_store().staged(file, SHARED)))
    except UnknownThingError:
        return frozenset()


def recognise_one(store: Store, election: ElectionCode, row: RowRead) -> tuple[Recognition, UUID]:
    """Return whom a single row is about, with that case's id, else the id that a new case of it has.

    It is an officer's row: where evidence speaks for two, the person is taken for somebody new.
    """
    store.identities.wait_turn(election, [row.organisation])
    recogniser = Recogniser(election)
    recogniser.load(store, [row])
    found = recogniser.of(row)
    known = found.case if found.verdict is IdentityVerdict.SAME else None
    return found, known or recogniser.new_id(row)


def _is_plainly_another(said: Nomination, recorded: Nomination) -> bool:
    """Whether something is said that is recorded otherwise: what is left out can make up for nothing then."""
    return any(
        (value := getattr(said, name)) and value != getattr(recorded, name)
        for name in ("document_number", "surname", "given_names")
    )


def _pairing_keys(person: Nomination) -> Iterator[tuple[str, str]]:
    """Yield by what somebody is found whose other values may have moved: name with birth, then the number."""
    if person.born:
        yield folded(person.name), person.born
    if number := identifying_number(person.document_number):
        yield "", number


def _may_be_meant(recorded: Nomination, said: Nomination) -> bool:
    """Whether their documents agree, or nothing but these differ."""
    numbers = {identifying_number(nomination.document_number) for nomination in (recorded, said)} - {""}
    return len(numbers) <= 1 or (folded(recorded.name), recorded.born) == (folded(said.name), said.born)


_COLUMNS: Final = {
    "document": "document_number", "name": "surname", "birth": "birth_date", "reference": "reference", "email": "email",
}  # fmt: skip


def asked_back(row: RowRead, found: Recognition) -> tuple[str, Message]:
    """Return the columns that leave open whom a row is about, with the question."""
    number = case_number(found.case) if found.case else ""
    evidence = found.evidence._asdict() if found.evidence else {}
    columns = ", ".join(column for kind, column in _COLUMNS.items() if evidence.get(kind) is not Match.SAME)
    if row.about is not None:
        return columns, Message.of("another_person", case=number)
    return columns, Message.of("same_person_asked", case=number)


def findings_on_reference(row: RowRead, found: Recognition) -> list[Finding]:
    """Return what an officer is shown with a new case whose reference was another person's, or identifies nobody."""
    known_by = traced(row, row.about or UUID(int=0), found).known_by
    rule = {KnownBy.REUSED_REFERENCE: "reference_reused", KnownBy.NO_REFERENCE: "reference_identifies_nobody"}
    if known_by not in rule:
        return []
    about = str(found.known_before) if known_by is KnownBy.REUSED_REFERENCE else ""
    note = Finding(rule=rule[known_by], code=ReasonCode.D08, severity=Severity.NOTE, fields=("reference",), about=about)
    return [note]


def traced(row: RowRead, case: UUID, found: Recognition) -> RowTrace:
    """Return whom *row* was taken to be about, and how that is known."""
    known_by = KnownBy.OWN_KEY
    if found.by_other_evidence and found.verdict is IdentityVerdict.SAME:
        known_by = KnownBy.OTHER_EVIDENCE
    elif found.known_before is not None:
        known_by = KnownBy.REUSED_REFERENCE
    elif row.nomination.reference and not row.nomination.has_reference:
        known_by = KnownBy.NO_REFERENCE
    return RowTrace(number=row.number, application_id=case, known_by=known_by, known_before=found.known_before)
