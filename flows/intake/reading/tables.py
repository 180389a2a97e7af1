"""Reading nominations files: whatever an organisation sends, row by row, with the numbers a spreadsheet shows."""

from __future__ import annotations

import io
import stat
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from domain.errors import BadInputError
from domain.intake.columns import NECESSARY, Header, HeaderError, find_header, meaning, read_header
from domain.intake.encodings import FoundEncoding
from domain.messages import Message, ReadingNote
from flows.intake.reading import text_tables
from flows.intake.reading.foreign_files import refuse_foreign
from flows.intake.reading.packages import Package, PackageError, is_package, nominations_in
from flows.intake.reading.people import RawRow, RowCollector
from flows.intake.reading.sheet_oddities import Oddities
from flows.intake.reading.sheets import opened_workbook

LARGEST_FILE: Final = 200 * 2**20
"""Bytes; 150,000 rows of CSV are about 60 MB."""
MOST_ROWS: Final = 150_000
"""A workbook of 30 kB can hold a million, each of which is judged, and told of, in the process that takes it in."""
LARGEST_PACKAGE: Final = 4 * 2**30
"""Bytes of a ZIP archive with photographs; 12,000 of them are about 1 GB."""


@dataclass(slots=True)
class Table:
    """An opened nominations file: how it was read, and its rows, which can be taken once."""

    rows: Iterator[RawRow]
    header: Header
    form: str
    """csv, jsonl or workbook."""
    encoding: str = ""
    ignored: dict[str, None] = field(default_factory=dict[str, None])
    """Names that mean no column; of JSON Lines as far as the rows were taken."""
    notes: list[ReadingNote] = field(default_factory=list[ReadingNote])
    """What else was left out: sheets, titles above the header, headers that come again (as far as rows were taken)."""


def read_file(path: Path) -> bytes:
    """Return the content of a nominations file; raises :class:`BadInputError` for what is none."""
    return require_file(path).read_bytes()


def require_file(path: Path) -> Path:
    """Return *path* if something that can be a nominations file is there; raises :class:`BadInputError`."""
    place = path.name
    try:
        known = path.stat()
        if not stat.S_ISREG(known.st_mode) and not stat.S_ISDIR(known.st_mode):
            raise BadInputError(place, Message.of("no_ordinary_file"))
        size, start = known.st_size, _start(path)
    except OSError as error:
        if path.is_dir():
            raise BadInputError(place, Message.of("table_is_folder")) from error
        raise BadInputError(place, Message.of("table_out_of_reach", error=str(error.strerror))) from error
    largest = LARGEST_PACKAGE if text_tables.is_archive(start) and is_package(path) else LARGEST_FILE
    if size > largest:
        raise BadInputError(place, Message.of("table_too_large", megabytes=largest // 2**20))
    if not start.strip() and size <= len(start):
        raise BadInputError(place, Message.of("table_empty"))
    return path


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(4096)


@contextmanager
def open_table(
    path: Path, *, name: str, agreed: Mapping[str, str] | None = None, inside: Path | None = None
) -> Generator[Table]:
    """Open the nominations file at *path*, or the one in the ZIP archive there; *agreed* is the sender's mapping.

    What is in an archive is written to the folder *inside*. This reads in the process that asks: what comes from
    outside is read by :func:`flows.intake.reading.readers.table_apart`.

    Raises :class:`BadInputError` for a file or header that cannot be read, also while rows are taken.
    """
    packed: list[ReadingNote] = []
    with ExitStack() as stack:
        start = _start(path)
        refuse_foreign(path, start, name)
        if text_tables.is_archive(start) and is_package(path):
            inside = inside or Path(stack.enter_context(TemporaryDirectory(prefix="accredit-")))
            path, name, packed = nominations_in(path, inside, name=name)
            start = _start(path)
            refuse_foreign(path, start, name)
        if text_tables.is_archive(start):
            sheet = stack.enter_context(opened_workbook(path, name, agreed))
            table = _table(sheet.rows, name, agreed, form="workbook", odd=sheet.odd, path=path)
            table.notes[:0] = [*packed, *sheet.notes]
            table.rows = _not_too_many(table.rows, name)
            yield table
            return
        text_tables.require_known_form(start, name)
        text, decision = text_tables.text_of(stack.enter_context(path.open("rb")), name)
        stack.callback(text.close)
        table = _of_text(text, name, agreed, decision, is_json=text_tables.is_json(start))
        table.encoding = decision.encoding
        table.notes[:0] = packed
        table.rows = _not_too_many(table.rows, name)
        yield table


def _not_too_many(rows: Iterator[RawRow], name: str) -> Iterator[RawRow]:
    for count, row in enumerate(rows):
        if count == MOST_ROWS:
            raise BadInputError(name, Message.of("table_too_long", most=MOST_ROWS))
        yield row


def _of_text(
    text: io.TextIOWrapper, name: str, agreed: Mapping[str, str] | None, decision: FoundEncoding, *, is_json: bool
) -> Table:
    try:
        if is_json:
            return _objects(text_tables.json_lines(text, name), name, agreed)
        return _table(text_tables.delimited(text, name), name, agreed, form="csv")
    except HeaderError as error:
        if decision.evidence != "reading":
            raise
        # A text in an encoding that is not known reads as something; nobody knows its header.
        raise HeaderError(error.place, error.message.hinting("wrong_letters")) from error


def raw_rows(content: bytes | Path, *, name: str, agreed: Mapping[str, str] | None = None) -> Iterator[RawRow]:
    """Yield the rows below the header; raises :class:`BadInputError` for a file or header that cannot be read."""
    with ExitStack() as stack:
        path = content if isinstance(content, Path) else _kept(content, stack)
        yield from stack.enter_context(open_table(path, name=name, agreed=agreed)).rows


def _kept(content: bytes, stack: ExitStack) -> Path:
    path = Path(stack.enter_context(TemporaryDirectory(prefix="accredit-"))) / "nominations"
    path.write_bytes(content)
    return path


def _table(
    rows: text_tables.Rows,
    name: str,
    agreed: Mapping[str, str] | None,
    *,
    form: str,
    odd: Oddities | None = None,
    path: Path | None = None,
) -> Table:
    filled = (row for row in rows if text_tables.nonempty(row[1]))
    top = list(islice(filled, text_tables.MOST_ABOVE))
    if not top:
        raise BadInputError(name, Message.of("table_without_header"))
    place = find_header((cells for _, cells in top), agreed).place
    header = read_header(top[place][1], place=name, agreed=agreed)
    first = next(below := chain(top[place + 1 :], filled), None)
    if first is None:
        raise BadInputError(name, Message.of("table_without_rows"))
    table = Table(iter(()), header, form, ignored=dict.fromkeys(header.ignored))
    if place:
        above = ", ".join(str(number) for number, _ in top[:place])
        table.notes.append(ReadingNote.of("above_header", numbers=above))
    picture = partial(_picture_in, path)
    people = RowCollector(name, header, table.notes, odd or Oddities(), picture, agreed)
    table.rows = people.rows(chain([first], below))
    return table


def _picture_in(path: Path | None, member: str) -> bytes | None:
    """Return a picture in the workbook at *path*; None for one that is not there, too large, or cannot be unpacked."""
    if path is None:
        return None
    with path.open("rb") as file:
        try:
            return Package.of(file, path.name).content(member)
        except PackageError:
            return None


def _objects(lines: Iterator[tuple[int, dict[str, str] | None]], name: str, agreed: Mapping[str, str] | None) -> Table:
    """Return the table of objects; each may name its fields in its own order and leave some out."""
    first = next(lines, None)
    if first and first[1] is None:
        raise BadInputError(f"{name}, line {first[0]}", Message.of("table_not_json_lines"))
    names = list(first[1] or {}) if first else []
    known = _ObjectNames(name, agreed)
    # A necessary field that the first object leaves out may stand in the next.
    header = read_header([*names, *(role for role in NECESSARY if role not in known.columns(names))], place=name,
                         agreed=agreed)  # fmt: skip
    if not set(known.columns(names)) & set(NECESSARY):
        raise HeaderError(f"{name}, line 1", Message.of("objects_incomplete", columns=", ".join(NECESSARY)))
    table = Table(iter(()), header, "jsonl")
    known.ignored = table.ignored
    table.rows = (known.row(number, cells) for number, cells in _again(first, lines))
    return table


def _again(
    first: tuple[int, dict[str, str] | None] | None, rest: Iterator[tuple[int, dict[str, str] | None]]
) -> Iterator[tuple[int, dict[str, str] | None]]:
    if first is not None:
        yield first
    yield from rest


class _ObjectNames:
    """What the names in the objects of one file mean."""

    def __init__(self, place: str, agreed: Mapping[str, str] | None) -> None:
        self._place = place
        self._agreed = dict(agreed or {})
        self._known: dict[str, str] = {}
        self.ignored: dict[str, None] = {}

    def columns(self, names: list[str]) -> list[str]:
        return [self._column(name) for name in names]

    def row(self, number: int, cells: dict[str, str] | None) -> RawRow:
        if cells is None:
            return RawRow(number, {}, broken=Message.of("row_not_json"))
        read: dict[str, str] = {}
        for name, text in cells.items():
            if not (column := self._column(name)):
                self.ignored[name[:60]] = None
            elif column in read:
                return RawRow(number, read, broken=Message.of("row_repeats_field", field=column))
            else:
                read[column] = text
        return RawRow(number, read)

    def _column(self, name: str) -> str:
        if name not in self._known and len(self._known) < 1000:  # noqa: PLR2004 -- hostile names are not remembered
            means = self._agreed.get(name) or meaning(name)
            self._known[name] = means if isinstance(means, str) else ""
        return self._known.get(name, "")


class OutsideFolderError(BadInputError):
    """A file name that leads out of the folder beside the nominations file."""


def beside(folder: Path, name: str) -> Path:
    """Return the file *name* in *folder* or below; raises :class:`OutsideFolderError` for any way out."""
    relative = PurePosixPath(name.replace("\\", "/"))
    path = (folder / relative).resolve()
    if relative.is_absolute() or ".." in relative.parts or not path.is_relative_to(folder.resolve()):
        raise OutsideFolderError(folder.name, Message.of("path_outside"))
    return path
