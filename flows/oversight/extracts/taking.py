"""Taking an extract: counted first, signed for where it is personal, on record before the file is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from db.journal import Book
from db.oversight.looks import Looks
from db.store import Store, open_reader, open_store
from domain.application.application import Application
from domain.errors import BadInputError
from domain.numbers import number_of
from domain.oversight.extracts import MARKS, ExtractTable, PersonalColumn, schema_of
from domain.oversight.looks import checked_ground, subject_of
from domain.statements.officers import OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, Frozen, UtcTime
from flows.context import database, right_now
from flows.oversight.extracts.files import Row, contents_of, require_place, write_files
from flows.oversight.extracts.gathering import case_lines, figure_lines
from flows.statements.acceptance import ActingOfficer, authorise
from flows.statements.scopes import unserved

FORM: Final = "accredit-extract/1"
_LOOK: Final = "extract"
"""What the journal of looks calls it."""


class Wanted(Frozen):
    """Which table, with which personal columns, for what."""

    table: ExtractTable
    personal: tuple[PersonalColumn, ...] = ()
    purpose: str = ""

    @property
    def heads(self) -> list[str]:
        """The names of the columns, in order."""
        return [*schema_of(self.table, self.personal)["properties"]]


@dataclass(frozen=True, slots=True)
class Counted:
    """What an extract would hold."""

    rows: list[Row]
    cases: tuple[UUID, ...]
    """Whom its lines are about."""
    left_out: int
    """Cases that the officer is recused from, or does not serve."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written, and how much."""

    files: tuple[Path, Path, Path]
    rows: int
    people: int
    left_out: int


def count(wanted: Wanted, by: ActingOfficer) -> Counted:
    """Return what *by* would take out; nothing is recorded, and nothing of it is to be shown but its size."""
    with open_reader(database()) as store:
        return _counted(store, wanted, by)


def take(wanted: Wanted, by: ActingOfficer, out: Path, *, account: str) -> Taken:
    """Write an extract without personal columns; by which *account*, when and for what is on record first.

    Raises :class:`BadInputError` without a purpose, or where the file cannot be written.
    """
    wanted = wanted.revised(purpose=checked_ground(wanted.purpose, called="--purpose"))
    require_place(out)
    found = _figures(by) if wanted.table is ExtractTable.FIGURES else count(wanted, by)
    said, content = _file(wanted, found, by.election, account, out, at=right_now())
    with open_store(database()) as store:
        Looks(store.session).keep(by.election, account, [_subject(wanted, content)], at=right_now())
    return _written(wanted, found, out, content, said)


def take_personal(wanted: Wanted, by: ActingOfficer, out: Path, *, number: int | None) -> Taken:
    """Write an extract with personal columns for a case officer who signs for it, and who said how many people it has.

    The signed act, a look at each case and the file's hash are on record before the file is written. Raises
    :class:`BadInputError` for another *number*, :class:`OfficerRefusedError` for who may not see cases.
    """
    wanted = wanted.revised(purpose=checked_ground(wanted.purpose, called="--purpose"))
    require_place(out)
    with open_store(database()) as store:
        found = _counted(store, wanted, by)
        if number != len(found.cases):
            remedy = f"Repeat it with --number {len(found.cases)}."
            raise BadInputError("--number", f"{number_of(len(found.cases), 'people are')} in it.", remedy=remedy)
        said, content = _file(wanted, found, by.election, by.officer, out, at=right_now())
        terms = {name: said[name] for name in ("table", "personal", "taken_for", "people", "sha256")}
        authorise(store, by, Deed(kind=ActKind.EXTRACT, terms=terms), role=OfficerRole.CASE_OFFICER)
        looks = [subject_of(_LOOK, case, wanted.purpose) for case in found.cases]
        subjects = [*looks, _subject(wanted, content)]
        Looks(store.session).keep(by.election, by.officer, subjects, at=right_now())
    return _written(wanted, found, out, content, said)


def extracts_table(election: ElectionCode) -> list[dict[str, str]]:
    """Return every extract that was taken, first to last; raises where the chain does not add up."""
    with open_reader(database()) as store:
        if store.journal.broken(election, Book.DESK):
            remedy = "Restore them from a backup; accredit audit verify shows where they differ."
            raise BadInputError("extracts", "do not match their hashes: somebody changed them.", remedy=remedy)
        return [
            {"when (UTC)": f"{at:%Y-%m-%d %H:%M}", "table": table, "who": by, "purpose": purpose, "sha256": digest}
            for table, digest, purpose, by, at in _kept(store, election)
        ]


def _kept(store: Store, election: ElectionCode) -> Iterator[tuple[str, str, str, str, datetime]]:
    """Yield table, hash, purpose, who and when of each extract; looks at single cases begin with the same word."""
    for subject, by, at in Looks(store.session).beginning(election, f"{_LOOK}:"):
        match subject.split(":"):
            case [_, table, digest, purpose]:
                yield table, digest, purpose, by, at
            case _:
                continue


def _subject(wanted: Wanted, content: bytes) -> str:
    return f"{_LOOK}:{wanted.table.value}:{sha256(content).hexdigest()[:16]}:{wanted.purpose}"


def _figures(by: ActingOfficer) -> Counted:
    rows: list[Row] = [line.model_dump(mode="json") for line in figure_lines(by.election, now=by.now)]
    return Counted(rows, (), 0)


def _counted(store: Store, wanted: Wanted, by: ActingOfficer) -> Counted:
    cases = store.applications.all_in(by.election)
    seen = _seen(store, cases, by, personal=bool(wanted.personal))
    rows = [line.model_dump(mode="json") for line in case_lines(store, by.election, wanted.table, seen)]
    about = tuple(dict.fromkeys(UUID(row["id"]) for row in rows))
    if wanted.personal:
        people = store.people.current(list(about))
        rows = [
            row | {personal.value: personal.of(people.get(UUID(row["id"]))) for personal in wanted.personal}
            for row in rows
        ]
    return Counted([*rows], about, len(cases) - len(seen))


def _seen(store: Store, cases: Sequence[Application], by: ActingOfficer, *, personal: bool) -> dict[UUID, Application]:
    """Return the cases that may be in it: of a personal extract, those that the officer could open one by one.

    Raises :class:`OfficerRefusedError` for who takes no names, before anything is counted.
    """
    if not personal:
        return {case.id: case for case in cases}
    officer, profile = store.officers.get(by.election, by.officer), store.elections.profile(by.election)
    if not officer.may(OfficerRole.CASE_OFFICER):
        raise OfficerRefusedError(officer.code, OfficerRole.CASE_OFFICER.asked_for)
    closed = unserved(store, officer, cases, profile, now=by.now)
    return {
        case.id: case for case in cases if case.id not in closed and not officer.is_recused(case.organisation, case.id)
    }


def _file(
    wanted: Wanted, found: Counted, election: ElectionCode, who: str, out: Path, *, at: UtcTime
) -> tuple[dict[str, Any], bytes]:
    """Return the account of an extract, and the file with its marks."""
    marks = dict(zip(MARKS, (who, at.isoformat(timespec="seconds"), wanted.purpose), strict=True))
    said: dict[str, Any] = {
        "form": FORM, "election": election, "table": wanted.table.value,
        "personal": [column.value for column in wanted.personal], **marks,
        "rows": len(found.rows), "people": len(found.cases), "left_out": found.left_out,
    }  # fmt: skip
    rows = [{**row, **marks} for row in found.rows] if wanted.personal else found.rows
    content = contents_of(out, wanted.heads, rows, said)
    return said | {"sha256": sha256(content).hexdigest()}, content


def _written(wanted: Wanted, found: Counted, out: Path, content: bytes, said: dict[str, Any]) -> Taken:
    files = write_files(out, content, schema=schema_of(wanted.table, wanted.personal), account=said)
    return Taken(files, len(found.rows), len(found.cases), found.left_out)
