"""What one organisation of a rehearsal mends when its rows come back: planted beside the mistakes, cell by cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from flows.rehearsal.package.cases import RehearsalCase
from flows.rehearsal.package.truth import PlantedProblem, RowOutcome, TruthRow

MENDABLE: Final = frozenset(
    {
        PlantedProblem.MISSING_PHOTO, PlantedProblem.MISSING_IDENTITY_PAGE, PlantedProblem.EXPIRED_DOCUMENT,
        PlantedProblem.BAD_EMAIL, PlantedProblem.MISSING_PLEDGE, PlantedProblem.MALFORMED,
    }
)  # fmt: skip
_OF_A_RETURNED_ROW: Final = ("reference", "surname", "given_names", "photo", "identity_page")
"""What is written in any case, for the row and its pictures to be found again."""


def plan_mending(every: Sequence[RehearsalCase], right: Sequence[Mapping[str, str]]) -> None:
    """Write into the truth of one organisation's rows what it mends; *right* are the cells before anything was planted.

    It is the organisation with the most kinds of mendable mistakes, one of whose rows went back if there is such a
    one; of equals the one with the fewest rows.
    """
    mistakes: defaultdict[str, list[int]] = defaultdict(list)
    for place, case in enumerate(every):
        if len(case.truth.problems) == 1 and case.truth.problems[0] in MENDABLE:
            mistakes[case.truth.organisation].append(place)
    if not mistakes:
        return
    chosen = max(sorted(mistakes), key=lambda code: _worth([every[place].truth for place in mistakes[code]]))
    for place in mistakes[chosen]:
        case = every[place]
        case.truth = case.truth.revised(mends=_mends(case, right[place]))


def _worth(rows: Iterable[TruthRow]) -> tuple[bool, int, int]:
    known = list(rows)
    returned = any(row.row_outcome is RowOutcome.RETURNED for row in known)
    return returned and len(known) > 1, len({row.problems for row in known}), -len(known)


def _mends(case: RehearsalCase, right: Mapping[str, str]) -> dict[str, str]:
    always = _OF_A_RETURNED_ROW if case.truth.row_outcome is RowOutcome.RETURNED else tuple(sorted(case.missing))
    return {column: text for column, text in right.items() if text != case.cells[column] or column in always}
