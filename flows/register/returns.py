"""Rows that went back, as a file for the office: file, row, field, problem and remedy, and the row as it came."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from db.intake import FileReport
from db.store import Store, open_reader
from domain.values import ElectionCode
from flows.desk import database
from flows.settings import settings

COLUMNS = ("file", "organisation", "row", "outcome", "field", "problem", "remedy", "reference", "mended")


def file_reports(election: ElectionCode) -> list[dict[str, Any]]:
    """Return what became of the rows of each file, in order of receipt: ``rows`` is the sum of the five outcomes.

    Of rows that were not processed: row, outcome, field, problem and remedy, never what stood there.
    """
    with open_reader(database()) as store:
        return [_account(store, report) for report in store.intake.reports(election)]


def accounts_of(election: ElectionCode, files: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the same for *files*, by id; nothing of one that was never taken in."""
    with open_reader(database()) as store:
        found = [report for report in store.intake.reports(election) if report.file.id in files]
        return {report.file.id: _account(store, report) for report in found}


def finished_files(election: ElectionCode) -> set[UUID]:
    """Return the files that are taken in to their last row."""
    with open_reader(database()) as store:
        return {report.file.id for report in store.intake.reports(election) if report.finished}


def _account(store: Store, report: FileReport) -> dict[str, Any]:
    return {
        "file": report.file.name,
        "sha256": report.file.sha256,
        "organisation": report.file.organisation,
        "received_at": report.file.received_at.isoformat(),
        "finished": report.finished,
        "rows": report.counts.rows,
        **report.counts.model_dump(),
        "not_processed": [
            {"row": one.number, "outcome": one.outcome, "field": one.field, "problem": one.problem,
             "remedy": one.remedy, "mended_at": one.mended_at and one.mended_at.isoformat()}
            for one in store.intake.problems(report.file.id)
        ],
    }  # fmt: skip


def account_text(account: Mapping[str, Any]) -> str:
    """Return an account as a page of text; of a file that could not be read, why and what to do."""
    lines = [f"Report on {account['file']}", ""]
    if "problem" in account:
        return "\n".join(
            [*lines, "This file was not taken in.", "", str(account["problem"]), str(account["remedy"]), ""]
        )
    outcomes = ("recorded", "unchanged", "corrected", "held", "returned")
    lines += [
        f"Organisation: {account['organisation'] or 'named row by row'}",
        f"Received: {account['received_at']}",
        f"Rows: {account['rows']:,} = " + " + ".join(f"{account[name]:,} {name}" for name in outcomes),
        "",
    ]
    if account["not_processed"]:
        lines += ["Rows that were not processed:", ""]
    for one in account["not_processed"]:
        place = f"Row {one['row']}, {one['outcome']}" + (f", {one['field']}" if one["field"] else "")
        lines += [f"  {place}: {one['problem']}", f"      {one['remedy']}"]
    return "\n".join([*lines, "What is missing in recorded rows is asked for by letter, case by case.", ""])


def write_returns(election: ElectionCode) -> Path:
    """Write all rows of the election that went back or are held to one CSV file (mode 0600) and return its path."""
    path = settings().home / f"returned-{election.lower()}.csv"
    with open_reader(database()) as store:
        lines = [
            (_plain(report.file.name), report.file.organisation, problem.number, problem.outcome, problem.field,
             problem.problem, problem.remedy, _plain(problem.cells.get("reference", "")),
             f"{problem.mended_at:%Y-%m-%d %H:%M}" if problem.mended_at else "")
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
