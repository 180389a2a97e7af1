"""Organisations and officers from spreadsheets: read as nominations are, checked row by row, entered by officers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pydantic import JsonValue, TypeAdapter

from db.store import Store, open_reader, open_store
from domain.decisions.competence import unknown_scope
from domain.election.differences import differences
from domain.errors import BadInputError
from domain.intake.columns import Form, find_header
from domain.intake.registers import OFFICER, ORGANISATION, RegisterProblem, read_register_row, register_form
from domain.messages import Message
from domain.organisations.organisation import Organisation, OrganisationStatus
from domain.statements.canonical import digest_of
from domain.statements.officer_acts import Step
from domain.statements.officers import Officer
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode
from flows.context import database
from flows.documents import load_document
from flows.intake.reading import text_tables
from flows.intake.reading.foreign_files import refuse_foreign
from flows.intake.reading.sheets import opened_workbook
from flows.intake.reading.tables import require_file
from flows.organisations.admission import Grounds
from flows.organisations.admission import apply as enter_application
from flows.statements.acceptance import ActingOfficer, accept
from flows.statements.proposals import both_grounds, ground_of

_SUFFIXES: Final = (".xlsx", ".ods", ".csv")
_SHOWN: Final = 8
_ACTED_ON: Final = frozenset({"standing", "invited_on", "admitted_on"})
"""What officers' acts say of an organisation; a spreadsheet changes none of it."""
_STANDING: Final = RegisterProblem(
    row=0, field="standing", problem="is given by officers once the election is loaded.",
    remedy="Leave it empty; then: accredit organisation admit.",
)  # fmt: skip

Entry = TypeVar("Entry", Organisation, Officer)


@dataclass(frozen=True, slots=True)
class RegisterRead(Generic[Entry]):
    """A spreadsheet as it was read: the entries with their rows, what is wrong, and how its columns were taken."""

    file: str
    entries: tuple[tuple[int, Entry], ...]
    problems: tuple[RegisterProblem, ...]
    recognised: Mapping[str, str]
    ignored: tuple[str, ...]
    notes: tuple[str, ...]

    def require_whole(self) -> list[Entry]:
        """Return the entries; raises :class:`BadInputError` that names every wrong cell."""
        if self.problems:
            told = [
                f"row {found.row}, {found.field or 'the row'} {found.problem} {found.remedy}" for found in self.problems
            ]
            more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
            raise BadInputError(self.file, f"{'; '.join(told[:_SHOWN])}{more}", remedy="Correct it and run it again.")
        return [entry for _, entry in self.entries]


def read_organisations(path: Path) -> RegisterRead[Organisation]:
    """Read a spreadsheet of organisations; raises :class:`BadInputError` for what cannot be read as one."""
    return _read(path, ORGANISATION, Organisation)


def read_officers(path: Path) -> RegisterRead[Officer]:
    """Read a spreadsheet of officers; raises :class:`BadInputError` for what cannot be read as one."""
    return _read(path, OFFICER, Officer)


def packaged_organisations(folder: Path) -> list[Organisation]:
    """Return the organisations of a package, from ``organisations.yaml`` or a spreadsheet of that name."""
    sheet = _spreadsheet(folder, "organisations")
    if sheet is None:
        return load_document(folder / "organisations.yaml", TypeAdapter(list[Organisation]))
    return read_organisations(sheet).require_whole()


def packaged_officers(folder: Path) -> list[Officer]:
    """Return the officers of a package, from ``officers.yaml`` or a spreadsheet of that name."""
    sheet = _spreadsheet(folder, "officers")
    if sheet is None:
        return load_document(folder / "officers.yaml", TypeAdapter(list[Officer]))
    return read_officers(sheet).require_whole()


def _spreadsheet(folder: Path, name: str) -> Path | None:
    """Return the one spreadsheet called *name*; raises :class:`BadInputError` where two files say the same thing."""
    found = [path for suffix in (".yaml", *_SUFFIXES) if (path := folder / f"{name}{suffix}").is_file()]
    if len(found) > 1:
        raise BadInputError(
            " and ".join(path.name for path in found), "stand for the same.", remedy="Keep one, move the others away."
        )
    return found[0] if found and found[0].suffix != ".yaml" else None


def _read(path: Path, kind: str, made: type[Entry]) -> RegisterRead[Entry]:
    form = register_form(kind)
    table = _table(path, form)
    columns = table.columns(form)
    problems: list[RegisterProblem] = []
    entries: list[tuple[int, Entry]] = []
    for number, cells in table.below:
        said = {column: text for column, text in zip(columns, cells, strict=False) if column}
        if number in table.struck:
            problems.append(_problem(number, "", "is struck through.", "Delete the row, or take the line away."))
            continue
        row = read_register_row(kind, number, said)
        if isinstance(row, made):
            entries.append((number, row))
        elif isinstance(row, tuple):
            problems += row
    problems += _repeated(entries)
    ignored = tuple(name for name, column in zip(table.header, columns, strict=True) if name and not column)
    recognised = {name: column for name, column in zip(table.header, columns, strict=True) if column and name != column}
    return RegisterRead(path.name, tuple(entries), tuple(problems), recognised, ignored, table.notes)


def _problem(row: int, field: str, problem: str, remedy: str) -> RegisterProblem:
    return RegisterProblem(row=row, field=field, problem=problem, remedy=remedy)


def _repeated(entries: Iterable[tuple[int, Organisation | Officer]]) -> list[RegisterProblem]:
    found = [(number, entry.code) for number, entry in entries]
    times = Counter(code for _, code in found)
    again = [(number, code) for number, code in found if times[code] > 1]
    return [_problem(number, "code", f"{code} stands in several rows.", "Keep one of them.") for number, code in again]


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of a spreadsheet below its header."""

    name: str
    header: Sequence[str]
    below: Sequence[tuple[int, Sequence[str]]]
    struck: frozenset[int]
    notes: tuple[str, ...]

    def columns(self, form: Form) -> list[str]:
        """Return what each column means; raises :class:`BadInputError` for a column that is missing or comes twice."""
        columns = [str(form.meaning(name)) for name in self.header]
        missing = [column for column in form.necessary if column not in columns]
        unknown = [repr(name[:60]) for name, column in zip(self.header, columns, strict=True) if name and not column]
        if missing:
            also = f" Not known are: {', '.join(unknown)}; if one of them is meant, rename it." if unknown else ""
            raise BadInputError(
                f"{self.name}, header row", f"has no column {', '.join(missing)}.", remedy=f"Add it.{also}"
            )
        if twice := sorted({column for column in columns if column and columns.count(column) > 1}):
            raise BadInputError(
                f"{self.name}, header row", f"has several columns for {', '.join(twice)}.", remedy="Keep one of each."
            )
        return columns


def _table(path: Path, form: Form) -> _Table:
    require_file(path)
    with path.open("rb") as stream:
        start = stream.read(4096)
        refuse_foreign(path, start, path.name)
        if text_tables.is_archive(start):
            with opened_workbook(path, path.name, form=form) as sheet:
                table = _below(path.name, sheet.rows, form)
                return replace(table, struck=frozenset(sheet.odd.struck), notes=(*table.notes, *map(str, sheet.notes)))
        text_tables.require_known_form(start, path.name)
        text, _ = text_tables.text_of(stream, path.name)
        return _below(path.name, text_tables.delimited(text, path.name, form), form)


def _below(name: str, rows: text_tables.Rows, form: Form) -> _Table:
    filled = (row for row in rows if text_tables.nonempty(row[1]))
    top = list(islice(filled, text_tables.MOST_ABOVE))
    if not top:
        raise BadInputError(name, Message.of("table_without_header"))
    place = find_header((cells for _, cells in top), form=form).place
    below = [*top[place + 1 :], *filled]
    if not below:
        raise BadInputError(name, Message.of("table_without_rows"))
    above = tuple(f"Row {number} stands above the header and was not read." for number, _ in top[:place])
    return _Table(name, [cell.strip() for cell in top[place][1]], below, frozenset(), above)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became, or would become, of the rows of a file."""

    read: RegisterRead[Any]
    new: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    problems: tuple[RegisterProblem, ...] = ()
    proposed: bool = False
    """Whether a second administrator has to sign before anything counts."""
    done: bool = False
    """Whether anything was entered; not in a dry run."""
    ground: str = ""
    """On which the first administrator proposed it, and what the second one added."""


def try_organisations(path: Path, election: ElectionCode) -> Imported:
    """Return what :func:`import_organisations` would do; nothing is written."""
    read = read_organisations(path)
    with open_reader(database()) as store:
        known = store.organisations.all_in(election)
    wrong = {problem.row for problem in read.problems}
    rows = [(number, entry) for number, entry in read.entries if number not in wrong]
    judged = [(entry, _against(number, entry, known.get(entry.code))) for number, entry in rows]
    return Imported(
        read,
        new=tuple(entry.code for entry, problem in judged if problem is None and entry.code not in known),
        unchanged=tuple(entry.code for entry, problem in judged if problem is None and entry.code in known),
        problems=(*read.problems, *(problem for _, problem in judged if problem)),
    )


def _against(number: int, entry: Organisation, known: Organisation | None) -> RegisterProblem | None:
    """Return why an organisation cannot be entered: it is known otherwise, or the file gives it a standing."""
    if known is None:
        stands = entry.standing is not OrganisationStatus.APPLIED or entry.admitted_on is not None
        return _STANDING.revised(row=number) if stands else None
    said = sorted(entry.model_fields_set - _ACTED_ON)
    changed = [field for field in said if getattr(entry, field) != getattr(known, field)]
    if not changed:
        return None
    return _problem(
        number, ", ".join(changed), f"is not as {entry.code} is loaded.",
        "Two administrators change it: put it into the package, then accredit init.",
    )  # fmt: skip


def import_organisations(path: Path, by: ActingOfficer) -> Imported:
    """Enter every new organisation as one that applied; each gets its receipt, and *by* signs for each.

    Rows with a problem are left out and named. A second time there is nothing new.
    """
    tried = try_organisations(path, by.election)
    wanted = {entry.code: entry for _, entry in tried.read.entries}
    for code in tried.new:
        enter_application(wanted[code], by, Grounds())
    return replace(tried, done=True)


def try_officers(path: Path, election: ElectionCode) -> Imported:
    """Return what :func:`import_officers` would propose; nothing is written."""
    read = read_officers(path)
    with open_reader(database()) as store:
        return _judged(store, read, election)


def _judged(store: Store, read: RegisterRead[Officer], election: ElectionCode) -> Imported:
    known = {officer.code: officer for officer in store.statements.authority(election).officers}
    land, organisations = store.elections.geography(election), store.organisations.all_in(election)
    unknown = [
        _problem(number, "offices, regions, organisations", f"The election has no {', '.join(codes)}.", "Correct it.")
        for number, officer in read.entries
        if (codes := unknown_scope(officer, land, organisations.values()))
    ]
    there = [officer.code for _, officer in read.entries if officer.code in known]
    other = [
        _problem(number, "code", f"{officer.code} is an officer already, and with other roles.",
                 "Two administrators change roles: put it into the package, then accredit init.")
        for number, officer in read.entries
        if officer.code in known and set(known[officer.code].roles) != set(officer.roles)
    ]  # fmt: skip
    new = tuple(officer.code for _, officer in read.entries if officer.code not in known)
    return Imported(read, new=new, unchanged=tuple(there), problems=(*read.problems, *unknown, *other))


def import_officers(path: Path, by: ActingOfficer, *, ground: str = "") -> Imported:
    """Propose the new officers of a file, or take them on where another administrator proposed exactly these.

    It is the act by which rules change (``accredit init``): officers that are there stay as they are, and each new one
    is enrolled by two as always. Raises :class:`BadInputError` where a row is wrong: half a list is signed by nobody.
    """
    read = read_officers(path)
    with open_store(database()) as store:
        tried = _judged(store, read, by.election)
        replace(read, problems=tried.problems).require_whole()
        if not tried.new:
            return replace(tried, done=True)
        new = [officer for _, officer in read.entries if officer.code in tried.new]
        step, grounds = _step(store, new, by, ground)
    return replace(tried, proposed=step is Step.PROPOSED, done=True, ground="; ".join(grounds.values()))


def differing(before: Officer | None, after: Officer) -> list[str]:
    """Return in words what of an officer is otherwise than *before*, or who is new and with which roles.

    >>> differing(None, Officer(code="OFF-9", roles=("auditor",)))
    ['OFF-9 is new: auditor']
    """
    if before is None:
        return [f"{after.code} is new: {', '.join(role.replace('_', ' ') for role in after.roles)}"]
    told = differences(before.model_dump(mode="json"), after.model_dump(mode="json"))
    return [f"{after.code} {change}" for change in told]


def _step(store: Store, new: Sequence[Officer], by: ActingOfficer, ground: str) -> tuple[Step, Mapping[str, str]]:
    """Sign as the first or the second administrator; the ground of the first is kept, beside what the second adds."""
    authority = store.statements.authority(by.election)
    said: list[JsonValue] = [
        officer.model_dump(mode="json") for officer in sorted(new, key=lambda officer: officer.code)
    ]
    digest = digest_of(said)
    step = Step.CONFIRMED if authority.proposer_of_rules(digest) else Step.PROPOSED
    grounds = both_grounds(ground_of(store, by.election, ActKind.RULES, digest), ground.strip())
    terms: dict[str, JsonValue] = {
        "step": step.value,
        "package_sha256": digest,
        "rules_sha256": store.elections.rules_hash(by.election),
        "officers": said,
        "changes": [f"officers: {', '.join(told for officer in new for told in differing(None, officer))}"],
        **grounds,
        "rehearsal": authority.rehearsal,
    }
    accepted = accept(store, by, Deed(kind=ActKind.RULES, terms=terms))
    if step is Step.CONFIRMED:
        for enrolled in accepted.authority.enrolled.values():
            store.officers.put(by.election, enrolled)
    return step, grounds
