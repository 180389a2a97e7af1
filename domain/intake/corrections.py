"""Corrections: references that only the engine can make, and what a row says once its cells are mended."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from pydantic import Field

from domain.application.findings import Finding
from domain.application.nomination import COLUMNS, Nomination
from domain.application.roles import Role
from domain.intake.completeness import NOT_FOUND
from domain.intake.kept_files import FILES, unfit_in_place
from domain.intake.nominations_file import RowProblem, RowRead
from domain.intake.remedies import FieldProblem
from domain.intake.rows import NO_ROLES, cells_of, read_row, row_problem
from domain.messages import Message
from domain.placeholders import is_removal
from domain.values import ElectionCode, Frozen, OrganisationCode, Sha256, bare

WITHHELD: Final = frozenset({"birth_date", "document_number", "mrz"})
"""Columns that leave the house only where they must be mended: letters carry no birth date and no document number."""

_SHOWN: Final = 12
"""Characters of the id, as in a case number."""
_SIGNED: Final = 16
"""Characters of the signature: 80 bits, the least that RFC 2104, section 5 takes."""
_LONGEST_FIELD: Final = 64
"""Characters that the names of the columns of a problem have room for."""
_NAMED_ELSE: Final = {"nationality": "nationalities"}
_ALSO: Final = {
    "birth_date": ("birth_period",),
    "document_expiry": ("document_never_expires",),
    "surname": ("has_one_name",),
    "given_names": ("has_one_name",),
}
"""What else a column says."""
_FILES: Final = frozenset(FILES)
_CUT: Final = re.compile(r"… \([0-9,]+ characters\)$")


class CorrectionTarget(Frozen):
    """What a correction is about: an application, or the row of a file that went back."""

    organisation: OrganisationCode
    application_id: UUID | None = None
    file_id: UUID | None = None
    row: int = 0
    version: int = 0
    """The version of what is said of the person that the workbook shows; 0 for a row that went back."""

    @property
    def id(self) -> UUID:
        """The application's id, else one that file and row always give."""
        return self.application_id or uuid5(self.file_id or UUID(int=0), str(self.row))

    @property
    def signed(self) -> str:
        """What the signature covers besides the election."""
        kind = f"case {self.version}" if self.application_id else "row"
        return f"{self.organisation}\x1f{kind}\x1f{self.id}"


def correction_key(secret: bytes) -> bytes:
    """Return the key that signs corrections, derived from the election's own so that it serves nothing else."""
    return hmac.digest(secret, b"corrections", hashlib.sha256)


def correction_reference(key: bytes, election: ElectionCode, target: CorrectionTarget) -> str:
    """Return the signed reference of *target*: 28 base32 characters in groups of four, a case number first.

    HMAC-SHA256 (RFC 2104) over election, organisation, id and version, cut to 80 bits.
    """
    mac = hmac.digest(key, f"{election}\x1f{target.signed}".encode(), hashlib.sha256)
    text = base64.b32encode(target.id.bytes)[:_SHOWN] + base64.b32encode(mac)[:_SIGNED]
    return "-".join(text.decode()[place : place + 4] for place in range(0, len(text), 4))


def clean_reference(text: str) -> str:
    """Return what was written into the column as :func:`correction_reference` writes it; empty for what is none.

    >>> clean_reference(" abcd efgh ijkl mnop qrst uvwx yz23 ")
    'ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23'
    """
    plain = bare(text)
    if len(plain) != _SHOWN + _SIGNED or not plain.isascii():
        return ""
    return "-".join(plain[place : place + 4] for place in range(0, len(plain), 4))


def is_signed(key: bytes, election: ElectionCode, target: CorrectionTarget, reference: str) -> bool:
    """Whether *reference* is *target*'s, compared in constant time."""
    return hmac.compare_digest(correction_reference(key, election, target), reference)


def signed_target(
    key: bytes, election: ElectionCode, target: CorrectionTarget, reference: str
) -> CorrectionTarget | None:
    """Return *target* as of the version that *reference* was made from, the newest being *target*'s; else None."""
    versions = range(target.version, 0, -1) if target.application_id else (0,)
    made = (target.revised(version=version) for version in versions)
    return next((candidate for candidate in made if is_signed(key, election, candidate, reference)), None)


class RowToMend(Frozen):
    """A row that goes back to its organisation to be mended."""

    correction: str
    cells: Annotated[Mapping[str, str], Field(repr=False)]
    problems: tuple[FieldProblem, ...]


class CorrectionRead(Frozen):
    """A row of a corrections file, with what its files showed; only its reference says what it is about."""

    number: int
    organisation: OrganisationCode
    cells: Annotated[Mapping[str, str], Field(repr=False)]
    photo: Sha256 | None = None
    identity_page: Sha256 | None = None
    findings: tuple[Finding, ...] = ()
    fingerprint: Sha256 | None = None
    """The perceptual hash of the photograph that came with it."""
    nearest: Annotated[Mapping[str, str], Field(repr=False)] = {}
    """Of files that did not come: the name most like it that did, by column."""

    @property
    def correction(self) -> str:
        """The reference as it was sent, in our spelling; empty for what is none."""
        return clean_reference(self.cells.get("correction", ""))


def cells_to_mend(current: Nomination, wrong: Collection[str], language: str) -> dict[str, str]:
    """Return the cells that a corrections workbook shows of *current*, of whose columns *wrong* are to be mended.

    What must not travel is left out unless it is wrong; so is what could not be read. An empty cell that comes back
    changes nothing.
    """
    hidden = (WITHHELD - set(wrong)) | set(current.unreadable)
    return {column: "" if column in hidden else text for column, text in cells_of(current, language).items()}


def mended_nomination(
    current: Nomination, sent: CorrectionRead, shown: Nomination | None = None, roles: Mapping[str, Role] = NO_ROLES
) -> Nomination | RowProblem:
    """Return *current* with what *sent* changes of what the workbook had *shown*, or why that cannot be used.

    A cell that is empty, left out or as it was shown changes nothing; a file that did not come leaves the one on
    record. Where the workbook shows an older version, a cell that was changed on record meanwhile and says something
    else now sends the whole row back: nothing is written over what is newer.
    """
    if shown is None or shown == current:
        return _changed(current, sent, roles)
    wanted = _changed(shown, sent, roles)
    if isinstance(wanted, RowProblem):
        return wanted
    touched = _differing(shown, wanted)
    if clashing := [name for name in touched & _differing(shown, current) if name in _differing(current, wanted)]:
        columns = ", ".join(column for column in COLUMNS if column in clashing)
        field = columns if len(columns) <= _LONGEST_FIELD else ""
        return row_problem(sent.number, sent.cells, field, Message.of("changed_since"))
    unreadable = {*current.unreadable} - touched | {*wanted.unreadable} & touched
    changes = {name: getattr(wanted, name) for column in touched for name in _fields(column)}
    remarks = (*(remark for remark in current.remarks if remark.field not in touched),
               *(remark for remark in wanted.remarks if remark.field in touched))  # fmt: skip
    return current.revised(**changes, unreadable=tuple(sorted(unreadable)), remarks=remarks)


@lru_cache(maxsize=64)
def _silent(columns: tuple[str, ...]) -> frozenset[str]:
    """Return the columns that are not among *columns*; whose row it is, its sender says too."""
    return frozenset(COLUMNS) - {*columns, "organisation"}


@lru_cache(maxsize=64)
def _defaults(columns: frozenset[str]) -> tuple[tuple[str, Any], ...]:
    """Return the fields that *columns* fill, each with what it holds where nothing is said."""
    names = (name for column in sorted(columns) for name in _fields(column))
    return tuple((name, Nomination.model_fields[name].get_default()) for name in names)


def with_what_is_left_out(row: RowRead, recorded: Nomination, findings: Collection[Finding] = ()) -> RowRead:
    """Return *row* with what it does not speak of as it is *recorded* and was found on it.

    An empty cell says that there is nothing. A column that a list does not have says nothing, nor does a file that is
    named and did not come with the list this time, nor an empty cell of a file: pictures that were pasted into a
    workbook are gone from the next copy of it. A file goes away by a word alone (``is_removal``), and one that cannot
    be used takes the place of none.
    """
    silent = _silent(tuple(row.cells))
    unsent = frozenset(column for column in _FILES if not row.cells.get(column, "").strip())
    lost = {
        finding.about
        for finding in row.findings
        if finding.rule == NOT_FOUND and getattr(recorded, finding.about) is not None
    }
    said = row.nomination
    unfit = unfit_in_place({name: getattr(said, name) for name in FILES}, row.findings, recorded, findings)
    aside = {finding.about for finding in unfit}
    fields = _defaults(silent | unsent | lost | aside)
    changes = {
        name: kept
        for name, default in fields
        if (kept := getattr(recorded, name)) != default and (name in aside or getattr(said, name) == default)
    }
    unreadable = silent.intersection(recorded.unreadable)
    if not changes and not unreadable:
        return row
    of_files = [
        finding for finding in findings if finding.about in _FILES & changes.keys() and finding.rule != NOT_FOUND
    ]
    found = (finding for finding in row.findings if finding not in unfit)
    left = tuple(finding for finding in found if finding.rule != NOT_FOUND or finding.about not in lost)
    nomination = said.revised(
        **changes,
        unreadable=tuple(sorted(unreadable.union(said.unreadable))),
        remarks=(*said.remarks, *(remark for remark in recorded.remarks if remark.field in silent)),
    )
    fingerprint = None if "photo" in aside else row.fingerprint
    return row.revised(nomination=nomination, findings=(*left, *of_files), fingerprint=fingerprint, set_aside=unfit)


def _fields(column: str) -> tuple[str, ...]:
    """Return the fields of a nomination that *column* fills."""
    return (_NAMED_ELSE.get(column, column), *_ALSO.get(column, ()))


def _differing(one: Nomination, other: Nomination) -> set[str]:
    """Return the columns in which two versions differ, also in what could not be read."""
    fields = ((column, name) for column in COLUMNS if column != "organisation" for name in _fields(column))
    values = {column for column, name in fields if getattr(one, name) != getattr(other, name)}
    return values | ({*one.unreadable} ^ {*other.unreadable})


def _changed(current: Nomination, sent: CorrectionRead, roles: Mapping[str, Role]) -> Nomination | RowProblem:
    written = cells_of(current)
    given = {column: sent.cells.get(column, "").strip() for column in COLUMNS}
    still_unreadable = [column for column in current.unreadable if not given[column]]
    # Without its name a row would be nobody's; what the name lacks is asked for all the same.
    hidden = set(current.unreadable) - {"surname", "given_names"}
    kept = {column: "" if column in hidden else text for column, text in written.items()}
    read = read_row(
        sent.number,
        {column: given[column] or kept[column] for column in COLUMNS},
        roles={**roles, current.role: current.role},
    )
    if isinstance(read, RowProblem):
        return read.revised(cells=dict(sent.cells))
    as_before: dict[str, Any] = {
        name: getattr(current, name) for column in still_unreadable for name in _fields(column)
    }
    anew = {*current.unreadable}
    touched = {column for column in COLUMNS if given[column] and (column in anew or given[column] != kept[column])}
    remarks = (*(remark for remark in current.remarks if remark.field not in touched),
               *(remark for remark in read.remarks if remark.field in touched))  # fmt: skip
    return read.revised(
        **as_before,
        unreadable=tuple(sorted({*read.unreadable, *still_unreadable})),
        remarks=remarks,
        **{
            column: None if is_removal(given[column]) else getattr(sent, column) or getattr(current, column)
            for column in _FILES
        },
    )


def without_unfit_files(
    sent: CorrectionRead, current: Nomination, findings: Collection[Finding]
) -> tuple[CorrectionRead, tuple[Finding, ...]]:
    """Return *sent* without the files that cannot take the place of those on record, and why they cannot."""
    unfit = unfit_in_place({name: getattr(sent, name) for name in FILES}, sent.findings, current, findings)
    if not unfit:
        return sent, ()
    aside = dict.fromkeys((finding.about for finding in unfit), None)
    left = tuple(finding for finding in sent.findings if finding not in unfit)
    fingerprint = None if "photo" in aside else sent.fingerprint
    return sent.revised(findings=left, fingerprint=fingerprint, **aside), unfit


def findings_of_files(current: Collection[Finding], sent: CorrectionRead) -> tuple[Finding, ...]:
    """Return what is wrong with the photograph and the identity page once *sent* came: the old, where none is new."""
    fresh = {"photo": sent.photo, "identity_page": sent.identity_page}
    new = {finding.about for finding in sent.findings if finding.rule != NOT_FOUND} | {
        name for name, content in fresh.items() if content or is_removal(sent.cells.get(name, ""))
    }
    return (*sent.findings, *(finding for finding in current if finding.about in fresh and finding.about not in new))


def is_touched(returned: RowProblem, sent: CorrectionRead) -> bool:
    """Whether any cell of a row that went back says something else now; the organisation's code does not count."""
    return any(
        (text := sent.cells.get(column, "").strip()) and text != returned.cells.get(column, "").strip()
        for column in COLUMNS
        if column != "organisation"
    )


def may_stand(returned: RowProblem) -> bool:
    """Whether a row that went back may be right as it stands, because what was wrong is in none of its cells."""
    return returned.field in {"", "organisation"}


def mended_cells(returned: RowProblem, sent: CorrectionRead) -> dict[str, str]:
    """Return the cells of a row that went back with what *sent* changes.

    What was wrong, or too long to be kept whole, is not taken for what the organisation means.
    """
    wrong = returned.field.split(", ")
    before = {column: returned.cells.get(column, "").strip() for column in COLUMNS}
    return {
        column: sent.cells.get(column, "").strip() or ("" if column in wrong or _CUT.search(text) else text)
        for column, text in before.items()
    }


def shown_cells(returned: RowProblem) -> dict[str, str]:
    """Return the cells that a corrections workbook shows of a row that went back."""
    hidden = WITHHELD - set(returned.field.split(", "))
    return {column: "" if column in hidden else returned.cells.get(column, "") for column in COLUMNS}


def forged(sent: CorrectionRead) -> RowProblem:
    """Return the row as one whose reference is not ours, or belongs to somebody else."""
    return row_problem(sent.number, sent.cells, "correction", Message.of("reference_forged"))
