"""What is said of rows whose person is not plain: the question to the sender, the note to the officer, the trace."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from domain.application.application import case_number
from domain.application.findings import Finding, Severity
from domain.application.reasons import ReasonCode
from domain.intake.nominations_file import KnownBy, RowRead, RowTrace
from domain.intake.roll import Recognition
from domain.intake.row_identity import Match, Verdict
from domain.messages import Message

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
    if found.by_other_evidence and found.verdict is Verdict.SAME:
        known_by = KnownBy.OTHER_EVIDENCE
    elif found.known_before is not None:
        known_by = KnownBy.REUSED_REFERENCE
    elif row.nomination.reference and not row.nomination.has_reference:
        known_by = KnownBy.NO_REFERENCE
    return RowTrace(number=row.number, application_id=case, known_by=known_by, known_before=found.known_before)
