"""Corrections: for each organisation its rows to mend in one workbook, and one letter about them for each intake."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from db.intake.corrections import Returned
from db.letters.letters import LetterFilter
from db.store import Store, open_reader
from domain.application.application import Application, application_id
from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.errors import BadInputError
from domain.intake.columns import CORRECTION
from domain.intake.corrections import (
    CorrectionTarget,
    RowToMend,
    cells_to_mend,
    correction_key,
    correction_reference,
    shown_cells,
)
from domain.intake.moved_columns import COLUMN_MOVED
from domain.intake.remedies import Asked, FieldProblem, problems_of
from domain.letters.envelope import Attachment, Envelope, LetterKind
from domain.messages import Message
from domain.values import ElectionCode, OrganisationCode, UtcTime
from domain.words import LANGUAGES
from flows.context import ElectionContext, database, election_context
from flows.intake.workbooks.corrections import corrections_book
from flows.letters.application_letters import ApplicationLetters
from flows.settings import settings
from flows.storage.files import file_store
from notifications.letters.organisation import CorrectionsLetter
from notifications.letters.words import FALLBACK, words

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 10_000
MOST_CASES: Final = 500
"""Cases in the workbook of a letter, the first received first; when these are mended, the next letter brings more.

A row costs 41 kB while its workbook is drawn, and an organisation that forgot every photograph has thousands.
"""


@dataclass(frozen=True, slots=True)
class Mendable:
    """What an organisation has to mend."""

    organisation: OrganisationCode
    rows: tuple[RowToMend, ...]
    deficient: int
    returned: int
    due: UtcTime | None
    """When the first clock that still runs ends."""
    mark: str
    """The same for the same rows in the same state."""


def mendable(
    store: Store, context: ElectionContext, organisations: Collection[OrganisationCode], *, most: int = MOST_CASES
) -> Iterator[Mendable]:
    """Yield what each of *organisations* has to mend, by code; nothing for one that has nothing.

    Of each the *most* cases received first are written out, and all are counted.
    """
    wanted = set(organisations) & context.organisations.keys()
    writer = _Writer(context, correction_key(store.elections.secret(context.election)))
    returned: defaultdict[str, list[Returned]] = defaultdict(list)
    for row in _still_open(store, context.election, store.corrections.returned(context.election, wanted)):
        returned[row.target.organisation].append(row)
    waiting = store.applications.count_by_organisation(context.election, Status.INCOMPLETE)
    for code in sorted(wanted & (waiting.keys() | returned.keys())):
        cases = store.applications.first_of(context.election, code, Status.INCOMPLETE, most=most)
        state = [f"{case.id}:{case.person_version}:{case.due_at}" for case in cases]
        state += [str(returned_row.target.id) for returned_row in returned[code]]
        yield Mendable(
            organisation=code,
            rows=(*_written_out(store, writer, cases), *map(writer.of_returned, returned[code])),
            deficient=waiting.get(code, 0),
            returned=len(returned[code]),
            due=min((case.due_at for case in cases if case.due_at and case.due_at > context.now), default=None),
            mark=hashlib.sha256("\x1f".join(state).encode()).hexdigest()[:16],
        )


def _written_out(store: Store, writer: _Writer, cases: Sequence[Application]) -> list[RowToMend]:
    ids = [case.id for case in cases]
    people, findings = store.people.current(ids), store.people.findings_on(ids)
    return [writer.of_case(case, people[case.id], findings.get(case.id, [])) for case in cases if case.id in people]


def _still_open(store: Store, election: ElectionCode, returned: Sequence[Returned]) -> list[Returned]:
    """Return the rows that went back and still have to be mended, each once however often it was sent.

    A row that was itself a correction is not mended for itself, and one that came again with its reference and could
    be recorded needs no mending. A list of which a column seems sorted apart waits until another file answers.
    """
    mended = {_content(row) for row in returned if row.application_id}
    latest = {_content(row): row for row in returned if not row.problem.cells.get(CORRECTION)}
    left = [row for content, row in latest.items() if content not in mended]
    ids = {id(row): _id_by_reference(election, row) for row in left}
    there = store.applications.get_many([known for known in ids.values() if known])
    asked = [correction for correction in left if correction.problem.message.code == COLUMN_MOVED]
    newest = {report.file.organisation: report.file.id for report in (store.intake.reports(election) if asked else ())}
    waits = {
        id(correction)
        for correction in asked
        if correction.target.file_id == newest.get(correction.target.organisation)
    }
    return [correction for correction in left if ids[id(correction)] not in there or id(correction) in waits]


def _content(returned: Returned) -> tuple[str, ...]:
    return (
        returned.target.organisation,
        returned.problem.field,
        *(f"{k}={v}" for k, v in sorted(returned.problem.cells.items())),
    )


def _id_by_reference(election: ElectionCode, returned: Returned) -> UUID | None:
    reference = " ".join(returned.problem.cells.get("reference", "").split())
    return application_id(election, returned.target.organisation, f"ref\x1f{reference}") if reference else None


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes rows to mend in the languages of their organisations."""

    context: ElectionContext
    key: bytes

    def of_case(self, case: Application, current: Nomination, findings: Sequence[Finding]) -> RowToMend:
        language = language_of(self.context, case.organisation)
        problems = list(problems_of(findings, Asked.of(self.context.profile, current)))
        asked = {finding.code for finding in findings if finding.severity is Severity.CURE}
        problems += [
            FieldProblem(
                field="",
                message=Message.of(
                    "reason_asked", reason=code, sentence=_wording(self.context, code, language), case=case.case_number
                ),
            )
            for code in case.reasons
            if code not in asked
        ]
        wrong = {problem.field for problem in problems}
        cells = cells_to_mend(current, wrong, language)
        target = CorrectionTarget(organisation=case.organisation, application_id=case.id, version=case.person_version)
        return self._row(target, cells, problems)

    def of_returned(self, returned: Returned) -> RowToMend:
        row = returned.problem
        message = row.message if row.field else row.message.hinting("may_stand")
        problem = FieldProblem(field=row.field, message=message)
        return self._row(returned.target, shown_cells(row), [problem])

    def _row(self, target: CorrectionTarget, cells: Mapping[str, str], problems: Iterable[FieldProblem]) -> RowToMend:
        reference = correction_reference(self.key, self.context.election, target)
        return RowToMend(
            correction=reference, cells={**cells, "organisation": target.organisation}, problems=tuple(problems)
        )


def _wording(context: ElectionContext, code: ReasonCode, language: str) -> str:
    """Return the sentence for *code*: the profile's own where it is in English, else that of the letters."""
    said = words(LetterKind.DEFICIENCY, language, settings().letters_folder).get(f"sentences.{code}", "")
    return said if said and language != FALLBACK else context.profile.wording(code)


def language_of(context: ElectionContext, organisation: OrganisationCode) -> str:
    """Return the language in which a form for *organisation* is written."""
    wanted = context.organisations[organisation].language
    return wanted if wanted in LANGUAGES else "en"


def workbook_of(context: ElectionContext, found: Mendable) -> bytes:
    """Return the corrections workbook of one organisation."""
    return corrections_book(context.profile, language_of(context, found.organisation), found.rows)


def organisations_workbook(election: ElectionCode, organisation: OrganisationCode, *, now: UtcTime) -> bytes:
    """Return the corrections workbook of *organisation* as its rows stand; raises where it has nothing to mend."""
    context = election_context(election, now)
    with open_reader(database()) as store:
        store.organisations.get(election, organisation)
        found = next(mendable(store, context, [organisation], most=MOST_ROWS), None)
    if found is None:
        raise BadInputError(organisation, "has nothing to mend.", remedy="No workbook was written.")
    return workbook_of(context, found)


def write_workbook(path: Path, election: ElectionCode, organisation: OrganisationCode, *, now: UtcTime) -> None:
    """Write the corrections workbook of *organisation* to *path*, for its owner alone (mode 0600)."""
    content = organisations_workbook(election, organisation, now=now)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


def correction_letters(election: ElectionCode, senders: Collection[str], *, now: UtcTime) -> list[Envelope]:
    """Return for each of *senders* the letter with its workbook, kept in the file store; an empty code means all.

    The key is made of what is to be mended, so that nobody is written to twice about the same rows.
    """
    if not senders:
        return []
    context = election_context(election, now)
    codes = context.organisations.keys() if "" in senders else senders
    with open_reader(database()) as store:
        return [
            _letter(context, found)  # one workbook in memory at a time
            for found in mendable(store, context, codes)
            if not store.letters.matching(election, LetterFilter(only=(_key(found),)))
        ]


def _key(found: Mendable) -> str:
    return f"{LetterKind.CORRECTIONS}:{found.organisation}:{found.mark}"


class CorrectionLetters(ApplicationLetters):
    """Writes to organisations about their rows to mend."""

    __slots__ = ()

    def corrections(self, found: Mendable, workbook: Attachment) -> Envelope:
        """Send an organisation the workbook of its rows to mend; the letter only counts them."""
        organisation = self.organisations[found.organisation]
        letter = CorrectionsLetter(
            **self._head(),
            organisation_name=organisation.name,
            deficient=found.deficient,
            returned=found.returned,
            due=found.due,
        )
        key = f"{found.organisation}:{found.mark}"
        return self._to_organisation(organisation, letter, key=key, attachments=(workbook,))


def _letter(context: ElectionContext, found: Mendable) -> Envelope:
    return CorrectionLetters.at(context).corrections(found, workbook_attached(context, found))


def workbook_attached(context: ElectionContext, found: Mendable) -> Attachment:
    """Return the corrections workbook of one organisation, kept in the file store, for its letter."""
    content = file_store().put(workbook_of(context, found))
    return Attachment(filename=f"corrections-{found.organisation}.xlsx", media_type=WORKBOOK, content=content)
