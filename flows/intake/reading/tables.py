"""Reading nominations files: whatever an organisation sends, row by row, with the numbers a spreadsheet shows."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from domain.errors import BadInputError
from domain.intake.columns import NECESSARY, Header, HeaderError, find_header, meaning, read_header, repeats_header
from domain.intake.encodings import FoundEncoding
from domain.messages import Message
from flows.intake.reading import text_tables
from flows.intake.reading.packages import is_package, nominations_in
from flows.intake.reading.sheets import opened_workbook

LARGEST_FILE: Final = 200 * 2**20
"""Bytes; 150,000 rows of CSV are about 60 MB."""
LARGEST_PACKAGE: Final = 4 * 2**30
"""Bytes of a ZIP archive with photographs; 12,000 of them are about 1 GB."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it came: number, cells by column, how many cells more than columns, and why it is none."""

    number: int
    cells: Mapping[str, str]
    extra_cells: int = 0
    broken: Message | None = None


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
    notes: list[str] = field(default_factory=list[str])
    """What else was left out: sheets, titles above the header, headers that come again (as far as rows were taken)."""


def read_file(path: Path) -> bytes:
    """Return the content of a nominations file; raises :class:`BadInputError` for what is none."""
    return require_file(path).read_bytes()


def require_file(path: Path) -> Path:
    """Return *path* if something that can be a nominations file is there; raises :class:`BadInputError`."""
    place = path.name
    try:
        size = path.stat().st_size
        start = _start(path)
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
def open_table(path: Path, *, name: str, agreed: Mapping[str, str] | None = None) -> Generator[Table]:
    """Open the nominations file at *path*, or the one in the ZIP archive there; *agreed* is the sender's mapping.

    Raises :class:`BadInputError` for a file or header that cannot be read, also while rows are taken.
    """
    with ExitStack() as stack:
        start = _start(path)
        if text_tables.is_archive(start) and is_package(path):
            inside = Path(stack.enter_context(TemporaryDirectory(prefix="accredit-")))
            path, name = nominations_in(path, inside, name=name)
            start = _start(path)
        if text_tables.is_archive(start):
            rows, notes = stack.enter_context(opened_workbook(path, name, agreed))
            table = _table(rows, name, agreed, form="workbook")
            table.notes[:0] = notes
            yield table
            return
        text_tables.require_known_form(start, name)
        text, decision = text_tables.text_of(stack.enter_context(path.open("rb")), name)
        stack.callback(text.close)
        table = _of_text(text, name, agreed, decision, is_json=text_tables.is_json(start))
        table.encoding = decision.encoding
        yield table


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


def _table(rows: text_tables.Rows, name: str, agreed: Mapping[str, str] | None, *, form: str) -> Table:
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
        table.notes.append(f"Above the header, not read: row {above}.")
    table.rows = _below(chain([first], below), header, table.notes)
    return table


def _below(rows: text_tables.Rows, header: Header, notes: list[str]) -> Iterator[RawRow]:
    columns = header.columns
    for number, cells in rows:
        extra = sum(1 for text in cells[len(columns) :] if text)
        named = {column: text for column, text in zip(columns, cells, strict=False) if column}
        if repeats_header(named):
            notes.append(f"Row {number} is a header again; not read.")
            continue
        yield RawRow(number, named, extra)


def _objects(lines: Iterator[tuple[int, dict[str, str] | None]], name: str, agreed: Mapping[str, str] | None) -> Table:
    """Return the table of objects; each may name its fields in its own order and leave some out."""
    first = next(lines, None)
    if first and first[1] is None:
        raise BadInputError(f"{name}, line {first[0]}", Message.of("table_not_json_lines"))
    names = list(first[1] or {}) if first else []
    known = _ObjectNames(name, agreed)
    # A necessary field that the first object leaves out may stand in the next.
    header = read_header([*names, *(one for one in NECESSARY if one not in known.columns(names))], place=name,
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
