"""Photographs and documents that lie beside a nominations file: read, checked, stripped and kept once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.findings import Finding, Severity
from domain.identity.photo import DocumentLimits, FileProblem, check_document, check_photo
from domain.profile import ElectionProfile
from domain.reasons import ReasonCode
from domain.values import Sha256
from flows.files import file_store
from flows.reading import beside


@dataclass(frozen=True, slots=True)
class Enclosures:
    """What was kept of a row's files, and what is wrong with them."""

    photo: Sha256 | None
    identity_page: Sha256 | None
    findings: tuple[Finding, ...]


def read_enclosures(cells: Mapping[str, str], folder: Path, profile: ElectionProfile) -> Enclosures:
    """Read the files that a row names; raises :class:`OutsideFolderError` for a name that leads elsewhere.

    A file that is not there counts as missing; one that is unfit is kept, where there is anything to show, and
    noted as a deficiency.
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
        photo=_kept(photo_report.content if photo_report else None),
        identity_page=_kept(page_report.content if page_report else None),
        findings=findings,
    )


def _content(name: str, folder: Path) -> bytes | None:
    if not name.strip():
        return None
    path = beside(folder, name.strip())
    return path.read_bytes() if path.is_file() else None


def _kept(content: bytes | None) -> Sha256 | None:
    return file_store().put(content) if content is not None else None


def _findings(problems: tuple[FileProblem, ...], code: ReasonCode, field: str) -> Iterator[Finding]:
    for problem in problems:
        yield Finding(rule=problem.value, code=code, severity=Severity.CURE, fields=(field,), about=field)
