"""What the engine did with a rehearsal, compared with the truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from domain.errors import BadInputError
from domain.numbers import number_of
from flows.intake.reading.tables import open_table
from flows.rehearsal.package.lists.refused import LISTS, REFUSED
from flows.rehearsal.package.truth import RowOutcome, TruthRow


@dataclass(frozen=True, slots=True)
class CheckedOutcome:
    """What the engine did with a row.

    A returned row is known by *file* (as in the truth, or its last part) and *row*; any other by its reference.
    """

    organisation: str
    reference: str
    row_outcome: str
    codes: frozenset[str]
    path: str
    file: str = ""
    row: int = 0
    document: str = ""
    """The number of the travel document on record: references may mean several people."""
    mended: bool = False
    """What was asked for came; of a row that went back: it was recorded after all."""


class DifferenceKind(StrEnum):
    """How truth and engine can disagree."""

    LOST = "lost"
    INVENTED = "invented"
    DOUBLED = "doubled"
    ROW_OUTCOME = "row outcome"
    CODE_MISSED = "code missed"
    CODE_UNFOUNDED = "code unfounded"
    PATH = "path"
    NOT_MENDED = "not mended"


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement; as text one sentence with ids and codes only."""

    kind: DifferenceKind
    row: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.row}: {self.sentence}"


def differences(
    truth: Iterable[TruthRow], outcomes: Iterable[CheckedOutcome], *, corrections_came: bool = False
) -> list[Difference]:
    """Return every disagreement, rows in the order of *truth*, then what the truth does not know.

    Where corrections came, what was planted to be mended must be.
    """
    seen: dict[str, list[CheckedOutcome]] = {}
    for outcome in outcomes:
        seen.setdefault(_key_of_outcome(outcome), []).append(outcome)
    found: list[Difference] = []
    for row in truth:
        its = _taken_out(seen, row)
        found += _of_row(row, its)
        if corrections_came and row.mends:
            if row.row_outcome is RowOutcome.RETURNED:
                its = [it for it in its if it.mended and seen.pop(f"{row.organisation}/{row.mended_reference}", [])]
            found += _of_mending(row, its)
    for key in seen:
        found.append(Difference(DifferenceKind.INVENTED, key, "the engine has it, the package does not."))
    return found


def _taken_out(seen: dict[str, list[CheckedOutcome]], row: TruthRow) -> list[CheckedOutcome]:
    """Take from *seen* what the engine did with *row*; people of one reference are told apart by their documents."""
    found = seen.pop(_key_of_truth(row), [])
    if not row.document:
        return found
    if others := [outcome for outcome in found if outcome.document != row.document]:
        seen[_key_of_truth(row)] = others
    return [outcome for outcome in found if outcome.document == row.document]


def _key_of_truth(row: TruthRow) -> str:
    if row.row_outcome is RowOutcome.RETURNED:
        return _place(row.file, row.row)
    return f"{row.organisation}/{row.reference}"


def _key_of_outcome(outcome: CheckedOutcome) -> str:
    if outcome.row_outcome == RowOutcome.RETURNED and outcome.file:
        return _place(outcome.file, outcome.row)
    return f"{outcome.organisation}/{outcome.reference}"


def _place(file: str, row: int) -> str:
    return f"{file.rpartition('/')[2]} row {row}"


def _of_row(row: TruthRow, outcomes: list[CheckedOutcome]) -> Iterator[Difference]:
    name = _key_of_truth(row)
    planted = ", ".join(row.problems) or "nothing"
    if not outcomes:
        yield Difference(DifferenceKind.LOST, name, f"the engine does not know it (planted: {planted}).")
        return
    if len(outcomes) > 1:
        yield Difference(DifferenceKind.DOUBLED, name, f"the engine has it {number_of(len(outcomes), 'times')}.")
    outcome = outcomes[0]
    if outcome.row_outcome != row.row_outcome:
        sentence = f"should be {row.row_outcome}, was {outcome.row_outcome} (planted: {planted})."
        yield Difference(DifferenceKind.ROW_OUTCOME, name, sentence)
    yield from _codes(name, row, outcome, planted)
    if outcome.path != row.path:
        sentence = f"should go {row.path}, went {outcome.path} (planted: {planted})."
        yield Difference(DifferenceKind.PATH, name, sentence)


def _of_mending(row: TruthRow, outcomes: list[CheckedOutcome]) -> Iterator[Difference]:
    if not any(outcome.mended for outcome in outcomes):
        sentence = f"should be mended, was not (planted: {', '.join(row.problems)})."
        yield Difference(DifferenceKind.NOT_MENDED, _key_of_truth(row), sentence)


def _codes(name: str, row: TruthRow, outcome: CheckedOutcome, planted: str) -> Iterator[Difference]:
    expected = {code.value for code in row.codes}
    for code in sorted(expected - outcome.codes):
        yield Difference(DifferenceKind.CODE_MISSED, name, f"{code} was not noted (planted: {planted}).")
    for code in sorted(outcome.codes - expected):
        yield Difference(DifferenceKind.CODE_UNFOUNDED, name, f"{code} was noted (planted: {planted}).")


def taken_or_misnamed(package: Path) -> Iterator[Difference]:
    """Yield what is wrong with how intake reads each of them: not refused, or for another reason."""
    for path in sorted((package / REFUSED).glob("*")):
        said = _refused_as(path)
        if said != LISTS.get(path.name):
            sentence = f"should be refused ({LISTS.get(path.name)}), was {said or 'read'}."
            yield Difference(DifferenceKind.ROW_OUTCOME, f"{REFUSED}/{path.name}", sentence)


def _refused_as(path: Path) -> str:
    try:
        with open_table(path, name=path.name) as table:
            list(table.rows)
    except BadInputError as refused:
        return refused.message.code
    return ""
