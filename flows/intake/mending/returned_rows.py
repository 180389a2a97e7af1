"""Rows that went back, as a file for the office: file, row, field, problem and remedy, and the row as it came."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from db.intake.nominations_files import FileReport
from db.store import Store, open_reader
from domain.application.application import case_number
from domain.intake.nominations_file import KnownBy, RowProblem
from domain.messages import Message, ReadingNote
from domain.values import ElectionCode
from domain.words import words_in
from flows.context import database
from flows.settings import settings
from notifications.workbooks import plain

_OUTCOMES = ("recorded", "unchanged", "corrected", "held", "returned")
_KNOWN = ("recognised_by_other_evidence", "reference_reused")
COLUMNS = ("file", "organisation", "row", "outcome", "field", "problem", "remedy", "reference", "mended", "person")


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
        **_people(store, report),
        "notes": [{"text": note.said(), **note.model_dump()} for note in report.notes],
        "not_processed": [
            {"row": problem.number, "outcome": problem.outcome, "field": problem.field, **told(problem.message),
             "mended_at": problem.mended_at and problem.mended_at.isoformat()}
            for problem in store.intake.problems(report.file.id)
        ],
    }  # fmt: skip


def told(message: Message) -> dict[str, Any]:
    """Return *message* as reports give it to programs: its English sentences, and the code and facts behind them."""
    return {"problem": message.problem(), "remedy": message.remedy(), "message": message.model_dump()}


def _people(store: Store, report: FileReport) -> dict[str, Any]:
    """Return about how many people the rows are, and which rows were not known by their own reference alone.

    Rows about somebody = people + rows that come again for one of them. Files of older programs have no such account.
    """
    rows, people = store.identities.people_in(report.file.id)
    return {
        "people": people if rows else None,
        "rows_again": rows - people if rows else None,
        "recognised": [
            {"row": trace.number, "known_by": trace.known_by.value, "case": case_number(trace.application_id),
             "case_before": case_number(trace.known_before) if trace.known_before else ""}
            for trace in store.identities.traces(report.file.id)
        ],
    }  # fmt: skip


def account_text(account: Mapping[str, Any], language: str = "en") -> str:
    """Return an account as a page of text in *language*; of a file that could not be read, why and what to do."""
    words = words_in(language)

    def say(name: str, *filled: object) -> str:
        return words.report[name].format(*filled)

    lines = [say("report", account["file"]), ""]
    if "problem" in account:
        message = Message.kept(account.get("message"), account["problem"], account["remedy"])
        return "\n".join([*lines, say("refused"), "", message.problem(language), message.remedy(language), ""])
    sums = " + ".join(f"{account[name]:,} {say(name)}" for name in _OUTCOMES)
    lines += [
        say("organisation", account["organisation"] or say("by_row")),
        say("received", account["received_at"]),
        say("rows", f"{account['rows']:,} = {sums}"),
        "",
    ]
    lines += _told_of_people(account, say)
    if notes := account.get("notes"):
        said = [ReadingNote.model_validate({"code": note["code"], "facts": note["facts"]}) for note in notes]
        lines += [say("notes"), "", *(f"  {note.said(language)}" for note in said), ""]
    if account["not_processed"]:
        lines += [say("not_processed"), ""]
    for entry in account["not_processed"]:
        columns = [words.titles[name] for name in entry["field"].split(", ") if name in words.titles]
        message = Message.kept(entry.get("message"), entry["problem"], entry["remedy"])
        place = ", ".join([say("row", entry["row"], say(entry["outcome"])), *columns])
        lines += [f"  {place}: {message.problem(language)}", f"      {message.remedy(language)}"]
    return "\n".join([*lines, say("rest"), ""])


def _told_of_people(account: Mapping[str, Any], say: Callable[..., str]) -> list[str]:
    """Return how many people the rows are about, and the rows that are not what their references say."""
    if account["people"] is None:
        return []
    lines = [say("people", f"{account['people']:,}", f"{account['rows_again']:,}")]
    lines += [say(name, f"{account[name]:,}") for name in _KNOWN if account[name]]
    for entry in account["recognised"]:
        if entry["known_by"] == KnownBy.REUSED_REFERENCE:
            lines.append("  " + say("row_reused", entry["row"], entry["case"], entry["case_before"]))
        elif entry["known_by"] == KnownBy.NO_REFERENCE:
            lines.append("  " + say("row_no_reference", entry["row"], entry["case"]))
    return [*lines, ""]


def write_returns(election: ElectionCode) -> Path:
    """Write all rows of the election that went back or are held to one CSV file (mode 0600) and return its path."""
    path = settings().home / f"returned-{election.lower()}.csv"
    with open_reader(database()) as store:
        lines: list[tuple[object, ...]] = [
            (report.file.name, report.file.organisation, problem.number, problem.outcome, problem.field,
             problem.problem, problem.remedy, problem.cells.get("reference", ""),
             f"{problem.mended_at:%Y-%m-%d %H:%M}" if problem.mended_at else "", _name(problem))
            for report in store.intake.reports(election)
            for problem in store.intake.problems(report.file.id)
        ]  # fmt: skip
        lines += _reused(store, election)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows(map(plain, line) for line in lines)
    return path


def _name(problem: RowProblem) -> str:
    return " ".join(filter(None, (problem.cells.get("given_names", ""), problem.cells.get("surname", "")))).strip()


def _reused(store: Store, election: ElectionCode) -> Iterator[tuple[object, ...]]:
    """Yield the rows of new people under a reference that was another person's: an officer sees who they are."""
    said = words_in("en").report["row_reused"]
    for report in store.intake.reports(election):
        reused = [(trace, trace.known_before) for trace in store.identities.traces(report.file.id)]
        people = store.people.current([trace.application_id for trace, before in reused if before])
        for trace, before in reused:
            if before is None:
                continue
            person = people.get(trace.application_id)
            sentence = said.format(trace.number, case_number(trace.application_id), case_number(before))
            yield (
                report.file.name, report.file.organisation, trace.number, "recorded", "reference", sentence, "",
                person.reference if person else "", "", person.name if person else "",
            )  # fmt: skip
