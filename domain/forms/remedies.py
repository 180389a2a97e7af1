"""What to write instead: for each column the problem and the remedy in words, never with what stood there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from domain.findings import Finding, Severity
from domain.nomination import COLUMNS
from domain.values import Frozen

_DATES: Final = frozenset({"birth_date", "document_expiry", "arrival", "departure", "pledge_accepted_on"})
_PROBLEMS: Final = {
    "field_missing": "Nothing stands here.",
    "field_unreadable": "What stands here cannot be read.",
    "document_missing": "The file is not there.",
    "document_expires_early": "The document expires before the time that the rules ask for.",
    "email_unusable": "No letter can be sent to this address.",
}
_DATE_UNCLEAR: Final = "This is no date, or a date that can be read in two ways."
_DATE_REMEDY: Final = "Write year-month-day, such as 2027-04-03, or spell the month, such as 3 April 2027."
_REMEDIES: Final = {
    "document_missing": "Put the file into the folder or ZIP archive and its name into this cell.",
    "document_expires_early": "Give a document that is valid longer.",
    "email_unusable": "Write one address, such as name@mission.example.",
}


def remedy_for(finding: Finding, field: str) -> tuple[str, str]:
    """Return what is wrong with *field* according to *finding*, and what to write there instead."""
    if field in _DATES and finding.rule in {"field_missing", "field_unreadable"}:
        return (_DATE_UNCLEAR if finding.rule == "field_unreadable" else _PROBLEMS["field_missing"]), _DATE_REMEDY
    problem = _PROBLEMS.get(finding.rule, f"{finding.rule.replace('_', ' ').capitalize()}.")
    column = COLUMNS.get(field, "")
    remedy = _REMEDIES.get(finding.rule) or (f"Write {column}." if column else "Send it again.")
    return problem, remedy


class FieldProblem(Frozen):
    """What is wrong in one place of a row, and what to do; never what stands there."""

    field: str
    problem: str
    remedy: str


def problems_of(findings: Sequence[Finding]) -> Iterator[FieldProblem]:
    """Yield what the organisation can mend of *findings*, field by field."""
    for finding in findings:
        if finding.severity is Severity.CURE:
            for field in finding.fields:
                problem, remedy = remedy_for(finding, field)
                yield FieldProblem(field=field, problem=problem, remedy=remedy)
