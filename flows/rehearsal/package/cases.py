"""One row of a nominations file in the making: the person, the cells, the pictures, and the truth about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final

from domain.application.nomination import USUAL_COLUMNS
from domain.application.roles import Role
from domain.election.profile import ElectionProfile
from domain.organisations.organisation import OrganisationKind
from flows.rehearsal.package.batches import NominationBatch
from flows.rehearsal.package.chance import stream
from flows.rehearsal.package.people import Person, host, person, states
from flows.rehearsal.package.pictures.unusable import Unusable
from flows.rehearsal.package.pictures.zones import zone
from flows.rehearsal.package.resources import read
from flows.rehearsal.package.truth import CasePath, PlantedProblem, RowOutcome, TruthRow

Zone = tuple[str, str]


@dataclass(slots=True, repr=False)
class RehearsalCase:
    """A row to be written. It starts in order; planting a problem changes cells and truth together."""

    batch: NominationBatch
    row: int
    person: Person
    cells: dict[str, str]
    zone: Zone
    truth: TruthRow
    number: str
    """The reference first given, after which the pictures are named even where the cell is emptied."""
    spare_cells: tuple[str, ...] = ()
    """Cells beyond the last column."""
    missing: set[str] = field(default_factory=set[str])
    """Columns whose file is not in the folder."""
    unusable: dict[str, Unusable] = field(default_factory=dict[str, Unusable])
    """Columns whose file is there and cannot be used."""
    again: bool = False
    """The person stands on an earlier list, whose row the truth is about."""

    @property
    def name(self) -> str:
        """How another row refers to this one: organisation and reference."""
        return f"{self.truth.organisation}/{self.truth.reference}"

    def found(self, problem: PlantedProblem, *codes: str, path: CasePath) -> None:
        """Write down that *problem* was planted, what the engine must note and where the case goes."""
        self.truth = self.truth.revised(problems=(*self.truth.problems, problem), codes=codes, path=path)


_ROLES: Final = {
    OrganisationKind.STATE: ((Role.SHORT_TERM_OBSERVER, 85), (Role.LONG_TERM_OBSERVER, 10), (Role.INTERPRETER, 5)),
    OrganisationKind.INTERNATIONAL_ORGANISATION: (
        (Role.SHORT_TERM_OBSERVER, 78), (Role.LONG_TERM_OBSERVER, 12), (Role.CORE_TEAM, 4), (Role.INTERPRETER, 6),
    ),
    OrganisationKind.ELECTION_BODY: ((Role.ELECTION_BODY_GUEST, 90), (Role.INTERPRETER, 10)),
    OrganisationKind.PARLIAMENT: ((Role.PARLIAMENTARIAN, 92), (Role.INTERPRETER, 8)),
    OrganisationKind.EMBASSY: ((Role.EMBASSY_OBSERVER, 94), (Role.INTERPRETER, 6)),
    OrganisationKind.NGO: ((Role.SHORT_TERM_OBSERVER, 80), (Role.LONG_TERM_OBSERVER, 12), (Role.EXPERT, 8)),
}  # fmt: skip
_MANY_STATES: Final = {
    OrganisationKind.INTERNATIONAL_ORGANISATION, OrganisationKind.PARLIAMENT, OrganisationKind.NGO,
}  # fmt: skip
_EARLY: Final = {Role.HEAD_OF_MISSION, Role.CORE_TEAM, Role.LONG_TERM_OBSERVER}
_ACCEPT: Final = {True: 0.2, False: 0.01}
"""How many accept a region's notice, by whether they want to go there: fewer than the places it holds."""

_HEADED: Final = {OrganisationKind.INTERNATIONAL_ORGANISATION, OrganisationKind.NGO}


def cases(batches: list[NominationBatch], seed: int, profile: ElectionProfile) -> list[RehearsalCase]:
    """Return every row of every file, all in order but for files too late or of organisations not admitted yet."""
    numbers = dict.fromkeys((batch.sponsor.code for batch in batches), 0)
    made: list[RehearsalCase] = []
    for batch in batches:
        for place in range(batch.size):
            numbers[batch.sponsor.code] += 1
            reference = f"{numbers[batch.sponsor.code]:04d}"
            made.append(_case(batch, place + 2, reference, seed=seed, number=len(made), profile=profile))
    return made


def another_case(
    batch: NominationBatch, row: int, reference: str, *, seed: int, number: int, profile: ElectionProfile
) -> RehearsalCase:
    """Return a further row of *batch*, in order, with person *number*; nothing else of the rehearsal is drawn anew."""
    return _case(batch, row, reference, seed=seed, number=number, profile=profile)


def written_anew(case: RehearsalCase, somebody: Person, seed: int, profile: ElectionProfile) -> None:
    """Fill the row in again for *somebody* else, keeping reference and role."""
    chance = stream(seed, "cells", case.batch.stem, case.row)
    case.person, case.zone = somebody, zone(somebody)
    case.cells = _cells(case.batch, case.number, Role(case.cells["role"]), somebody, chance, profile)


def filled_in(
    batch: NominationBatch, row: int, reference: str, somebody: Person, seed: int, profile: ElectionProfile
) -> RehearsalCase:
    """Return the row of *somebody*, which is the same in every list but for the reference and the pictures' names."""
    number = str(somebody.number)
    cells = _cells(batch, number, Role.SHORT_TERM_OBSERVER, somebody, stream(seed, "relisted", number), profile)
    cells |= {"reference": reference, "organisation": batch.sponsor.code, "mrz": "/".join(zone(somebody))}
    truth = TruthRow(
        file=batch.file, row=row, organisation=batch.sponsor.code, reference=reference,
        document=somebody.document_number,
    )  # fmt: skip
    return RehearsalCase(batch, row, somebody, cells, zone(somebody), truth, number)


def _case(
    batch: NominationBatch, row: int, reference: str, *, seed: int, number: int, profile: ElectionProfile
) -> RehearsalCase:
    role = _role(batch, row, stream(seed, "role", batch.stem, row))
    somebody = _nominee(batch, role, seed=seed, number=number, profile=profile)
    truth = TruthRow(file=batch.file, row=row, organisation=batch.sponsor.code, reference=reference)
    cells = _cells(batch, reference, role, somebody, stream(seed, "cells", batch.stem, row), profile)
    case = RehearsalCase(batch, row, somebody, cells, zone(somebody), truth, reference)
    _mark_batch(case)
    return case


def _mark_batch(case: RehearsalCase) -> None:
    """Write down what is true of every row of the file."""
    if not case.batch.sponsor.admitted:
        case.found(PlantedProblem.ORGANISATION_NOT_ADMITTED, path=CasePath.HELD)
        case.truth = case.truth.revised(row_outcome=RowOutcome.HELD)
    elif case.batch.is_late:
        case.found(PlantedProblem.LATE, "R01", path=CasePath.REVIEW)


def _role(batch: NominationBatch, row: int, chance: Random) -> Role:
    if batch.part == 1 and row == 2 and batch.sponsor.kind in _HEADED:  # noqa: PLR2004 -- the row below the header
        return Role.HEAD_OF_MISSION
    likely = _ROLES[batch.sponsor.kind]
    return chance.choices([role for role, _ in likely], [weight for _, weight in likely])[0]


def _nominee(batch: NominationBatch, role: Role, *, seed: int, number: int, profile: ElectionProfile) -> Person:
    """Return a person of the sponsor's state, of any state for an international one; interpreters are often local."""
    chance = stream(seed, "nominee", number)
    state = None if batch.sponsor.kind in _MANY_STATES else states()[batch.sponsor.country]
    if role == Role.INTERPRETER and chance.random() < 1 / 2:
        state = host()
    return person(number, seed=seed, election_day=profile.election.day, state=state)


def _cells(
    batch: NominationBatch, reference: str, role: Role, somebody: Person, chance: Random, profile: ElectionProfile
) -> dict[str, str]:
    """Return the cells of a row in the order of the documented columns; some optional ones stay blank."""
    filled = {
        "reference": reference,
        "organisation": "" if stream(0, batch.stem).random() < 1 / 3 else batch.sponsor.code,
        "role": role.value,
        "letter_language": "en",
        "conflict_declared": "no",
        "stay_together": "yes" if batch.sponsor.together else "",
        "pledge_accepted_on": (batch.received_at.date() - timedelta(days=chance.randint(1, 9))).isoformat(),
        "photo": f"{reference}-photo.jpg",
        "identity_page": f"{reference}-page.jpg",
    }
    filled |= _identity(somebody, batch, chance) | _stay(role, chance, profile) | _wishes(chance)
    return {column: filled.get(column, "") for column in USUAL_COLUMNS}


def _identity(somebody: Person, batch: NominationBatch, chance: Random) -> dict[str, str]:
    gives_zone = chance.random() < 0.8  # noqa: PLR2004 -- optional: four in five fill it in
    return {
        "surname": somebody.name.surname,
        "given_names": somebody.name.given_names,
        "native_name": somebody.name.native if chance.random() < 0.9 else "",  # noqa: PLR2004 -- optional
        "sex": somebody.sex if gives_zone or chance.random() < 1 / 2 else "",
        "birth_date": somebody.birth_date.isoformat(),
        "nationality": ";".join(somebody.nationalities),
        "document_kind": "passport",
        "document_number": somebody.document_number,
        "document_issuer": somebody.issuer,
        "document_expiry": somebody.document_expiry.isoformat(),
        "mrz": "/".join(zone(somebody)) if gives_zone else "",
        "email": f"{somebody.mailbox}@{batch.sponsor.domain}",
        "phone": f"+999 555 {chance.randint(0, 9_999_999):07d}" if chance.random() < 1 / 2 else "",
        "languages": ";".join(somebody.languages),
    }


def _stay(role: Role, chance: Random, profile: ElectionProfile) -> dict[str, str]:
    if chance.random() < 1 / 4:
        return {}
    before = chance.randint(30, 44) if role in _EARLY else chance.randint(2, 4)
    day = profile.election.day
    arrival, departure = day - timedelta(days=before), day + timedelta(days=chance.randint(2, 9))
    return {"arrival": arrival.isoformat(), "departure": departure.isoformat()}


def _wishes(chance: Random) -> dict[str, str]:
    regions = [(region["code"], region["share"], _notice(region)) for region in read("land.yaml")["regions"]]
    wanted = dict.fromkeys(
        code for code, _, _ in chance.choices(regions, [share for _, share, _ in regions], k=chance.randint(0, 5))
    )
    accepted = [notice for code, _, notice in regions if notice and chance.random() < _ACCEPT[code in wanted]]
    return {"preferred_regions": ";".join(wanted), "accepted_notices": ";".join(accepted)}


def _notice(region: dict[str, dict[str, str]]) -> str:
    notice = region.get("notice")
    return f"{notice['code']}:{notice['version']}" if notice else ""


def in_file_order(every: list[RehearsalCase]) -> Iterator[list[RehearsalCase]]:
    """Yield the rows of each file together; *every* has them in order of arrival."""
    rows: list[RehearsalCase] = []
    for case in every:
        if rows and rows[0].batch is not case.batch:
            yield rows
            rows = []
        rows.append(case)
    if rows:
        yield rows
