"""Photographs and documents that lie beside a nominations file: read, checked, stripped and kept once."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from domain.application.findings import Finding, Severity
from domain.application.reasons import ReasonCode
from domain.election.profile import ElectionProfile
from domain.identity.file_rules import DocumentLimits
from domain.identity.photo import FileProblem
from domain.intake.completeness import NOT_FOUND
from domain.intake.rows import is_error
from domain.placeholders import is_removal
from domain.values import Sha256
from flows.intake.reading.file_names import Names, is_own_path
from flows.intake.reading.packages import LARGEST_MEMBER, MOST_MEMBERS, PackageError
from flows.intake.reading.people import FILES
from flows.intake.reading.readers import PackageApart
from flows.intake.reading.tables import beside
from flows.runtime.processes.readers import Reader, ReaderStoppedError
from flows.storage.files import file_store

_TOLD: Final = {problem.value: problem for problem in (FileProblem.SEVERAL, FileProblem.PACKED)}


@dataclass(frozen=True, slots=True)
class Enclosures:
    """What was kept of a row's files, and what is wrong with them."""

    photo: Sha256 | None
    identity_page: Sha256 | None
    findings: tuple[Finding, ...]
    fingerprint: Sha256 | None = None
    """The perceptual hash of the photograph."""
    nearest: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of files that did not come: the name most like it that did, by column."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a name in a row led to: the file, or why it cannot be had, or what is called most like it."""

    content: bytes | None = None
    problem: FileProblem | None = None
    nearest: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether nothing of that name came."""
        return self.content is None and self.problem is None


def read_enclosures(
    cells: Mapping[str, str],
    folder: Path | PackageApart,
    profile: ElectionProfile,
    *,
    keep: bool = True,
    pasted: Mapping[str, bytes] | None = None,
    reader: Reader | None = None,
) -> Enclosures:
    """Read the files that a row names; raises :class:`OutsideFolderError` for a name that leads elsewhere.

    Of each file one thing is said: that none of its name came, or what is wrong with it. One that is unfit is kept
    where there is anything to show. *pasted* are pictures that lie on the row in the table itself, by column. Without
    *keep* nothing is written. Whatever came is looked at in another process, *reader*.
    """
    found = {column: looked_up(cells.get(column, ""), folder, (pasted or {}).get(column)) for column in FILES}
    with Reader() if reader is None else nullcontext(reader) as reading:
        photo, page = found["photo"], found["identity_page"]
        portrait = reading.photo(photo.content, profile.photo) if photo.content is not None else None
        document = reading.document(page.content, DocumentLimits()) if page.content is not None else None
    findings = (
        *_findings(photo, portrait.problems if portrait else (), ReasonCode.D05, "photo"),
        *_findings(page, document.problems if document else (), ReasonCode.D02, "identity_page"),
        *_not_found(
            column for column, lookup in found.items() if lookup.is_missing and is_named(cells.get(column, ""))
        ),
    )
    return Enclosures(
        photo=_kept(portrait.content if portrait else None, keep=keep),
        identity_page=_kept(document.content if document else None, keep=keep),
        findings=findings,
        fingerprint=portrait.fingerprint if portrait else None,
        nearest={column: lookup.nearest for column, lookup in found.items() if lookup.nearest},
    )


def is_named(cell: str) -> bool:
    """Return whether a cell names a file; what a spreadsheet could not compute, or "remove", names none."""
    return bool(cell.strip()) and not is_error(cell.strip()) and not is_removal(cell)


@contextmanager
def enclosed(package: Sha256 | Literal[""], folder: Path) -> Generator[Path | PackageApart]:
    """Give what lies beside the rows: the ZIP archive kept as *package*, else the *folder*."""
    if not package:
        yield folder
        return
    with file_store().local(package) as path, PackageApart(path, "package") as opened:
        yield opened


def looked_up(cell: str, folder: Path | PackageApart, pasted: bytes | None) -> Lookup:
    """Return what the name in *cell* leads to, in the folder or the archive, else the picture that was *pasted*."""
    name = cell.strip()
    if not is_named(cell):
        return Lookup(pasted)
    try:
        found = _in_package(name, folder) if isinstance(folder, PackageApart) else _in_folder(name, folder)
    except PackageError as error:
        return Lookup(problem=_TOLD.get(error.message.code, FileProblem.DAMAGED))
    except ReaderStoppedError:
        return Lookup(problem=FileProblem.STOPPED)
    if found.content is None and found.problem is None and pasted is not None:
        return Lookup(pasted)
    return found


def _in_package(name: str, package: PackageApart) -> Lookup:
    content, nearest = package.looked_up(name)
    return Lookup(content, nearest=nearest)


def _in_folder(name: str, folder: Path) -> Lookup:
    if not is_own_path(name):
        path = beside(folder, name)
        with suppress(OSError):
            # A file of that very name is it; the folder is not listed for it, which may be an officer's own.
            if path.is_file():
                return _content_of(path)
    names = _names_in(folder)
    found = names.find(name)
    if found is None and names.is_shared(name):
        return Lookup(problem=FileProblem.SEVERAL)
    return Lookup(nearest=names.nearest(name)) if found is None else _content_of(beside(folder, found))


def _content_of(path: Path) -> Lookup:
    try:
        known = path.stat()
        if not stat.S_ISREG(known.st_mode) or known.st_size > LARGEST_MEMBER:
            return Lookup(problem=FileProblem.TOO_MANY_BYTES)
        return Lookup(path.read_bytes())
    except OSError:
        return Lookup(problem=FileProblem.DAMAGED)


def _names_in(folder: Path) -> Names[str]:
    """Return the names of the files in *folder*; none where it is not there."""
    try:
        return _listed(folder, folder.stat().st_mtime_ns)
    except OSError:
        return Names[str].of(())


@lru_cache(maxsize=2)
def _listed(folder: Path, changed: int) -> Names[str]:
    del changed  # a folder that changed is listed anew
    files = islice((path for path in sorted(folder.rglob("*")) if not path.is_dir()), MOST_MEMBERS)
    return Names[str].of((name, [name]) for name in (file.relative_to(folder).as_posix() for file in files))


def _kept(content: bytes | None, *, keep: bool) -> Sha256 | None:
    if content is None:
        return None
    return file_store().put(content) if keep else hashlib.sha256(content).hexdigest()


def _findings(found: Lookup, problems: Iterable[FileProblem], code: ReasonCode, field: str) -> Iterator[Finding]:
    for problem in (found.problem, *problems):
        if problem is not None:
            yield Finding(rule=problem.value, code=code, severity=Severity.CURE, fields=(field,), about=field)


def _not_found(columns: Iterable[str]) -> Iterator[Finding]:
    for column in columns:
        yield Finding(rule=NOT_FOUND, code=ReasonCode.D01, severity=Severity.CURE, fields=(column,), about=column)
