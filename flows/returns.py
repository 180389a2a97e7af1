"""Rows that went back, as a file for the office: file, row, field, problem and remedy, and the row as it came."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from db.store import open_reader
from domain.values import ElectionCode
from flows.desk import database
from flows.settings import settings

COLUMNS = ("file", "organisation", "row", "outcome", "field", "problem", "remedy", "reference")


def write_returns(election: ElectionCode) -> Path:
    """Write all rows of the election that went back or are held to one CSV file (mode 0600) and return its path."""
    path = settings().home / f"returned-{election.lower()}.csv"
    with open_reader(database()) as store:
        lines = [
            (_plain(report.file.name), report.file.organisation, problem.number, problem.outcome, problem.field,
             problem.problem, problem.remedy, _plain(problem.cells.get("reference", "")))
            for report in store.intake.reports(election)
            for problem in store.intake.problems(report.file.id)
        ]  # fmt: skip
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows(lines)
    return path


def _plain(text: str) -> str:
    """Return *text* so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
