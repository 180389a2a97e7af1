"""Photographs and documents that lie beside a nominations file: read, checked, stripped and kept once."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from domain.application.findings import Finding, Severity
from domain.application.reasons import ReasonCode
from domain.election.profile import ElectionProfile
from domain.identity.photo import DocumentLimits, FileProblem, check_document, check_photo
from domain.values import Sha256
from flows.file_store import file_store
from flows.intake.reading.packages import LARGEST_MEMBER, Package, comparable
from flows.intake.reading.tables import beside


@dataclass(frozen=True, slots=True)
class Enclosures:
    """What was kept of a row's files, and what is wrong with them."""

    photo: Sha256 | None
    identity_page: Sha256 | None
    findings: tuple[Finding, ...]
    fingerprint: Sha256 | None = None
    """The perceptual hash of the photograph."""


def read_enclosures(
    cells: Mapping[str, str], folder: Path | Package, profile: ElectionProfile, *, keep: bool = True
) -> Enclosures:
    """Read the files that a row names; raises :class:`OutsideFolderError` for a name that leads elsewhere.

    A file that is not there counts as missing; one that is unfit is kept, where there is anything to show, and
    noted as a deficiency. Without *keep* nothing is written.
    """
    photo = _content(cells.get("photo", ""), folder)
    page = _content(cells.get("identity_page", ""), folder)
    photo_report = check_photo(photo, profile.photo) if photo is not None else None
    page_report = check_document(page, DocumentLimits()) if page is not None else None
    findings = (
        *_findings(photo_report.problems if photo_report else (), ReasonCode.D05, "photo"),
        *_findings(page_report.problems if page_report else (), ReasonCode.D02, "identity_page"),
    )
    return Enclosures(
        photo=_kept(photo_report.content if photo_report else None, keep=keep),
        identity_page=_kept(page_report.content if page_report else None, keep=keep),
        findings=findings,
        fingerprint=photo_report.fingerprint if photo_report else None,
    )


@contextmanager
def enclosed(package: Sha256 | Literal[""], folder: Path) -> Generator[Path | Package]:
    """Give what lies beside the rows: the ZIP archive kept as *package*, else the *folder*."""
    if not package:
        yield folder
        return
    with file_store().opened(package) as file:
        yield Package.of(file, "package")


def _content(name: str, folder: Path | Package) -> bytes | None:
    if not name.strip():
        return None
    if isinstance(folder, Package):
        return folder.content(name.strip())
    path = beside(folder, name.strip())
    if not path.is_file() and (there := _names_in(path.parent).get(comparable(path.name))):
        path = beside(folder, str((path.parent / there).relative_to(folder.resolve())))
    return path.read_bytes() if path.is_file() and path.stat().st_size <= LARGEST_MEMBER else None


def _names_in(folder: Path) -> Mapping[str, str]:
    """Return the names of the files in *folder*, by how they are compared; none where it is not there."""
    try:
        return _listed(folder, folder.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=2)
def _listed(folder: Path, changed: int) -> Mapping[str, str]:
    del changed  # a folder that changed is listed anew
    return {comparable(one.name): one.name for one in sorted(folder.iterdir())}


def _kept(content: bytes | None, *, keep: bool) -> Sha256 | None:
    if content is None:
        return None
    return file_store().put(content) if keep else hashlib.sha256(content).hexdigest()


def _findings(problems: tuple[FileProblem, ...], code: ReasonCode, field: str) -> Iterator[Finding]:
    for problem in problems:
        yield Finding(rule=problem.value, code=code, severity=Severity.CURE, fields=(field,), about=field)
