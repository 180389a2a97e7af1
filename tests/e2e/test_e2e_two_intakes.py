"""Two officers take the same people in at the same moment."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from e2e.installation import AS_OF, ELECTION, Installation, final_state, require_sound
from support.databases import keys_of

from db.engine import sessions
from db.store import open_reader

pytestmark = [pytest.mark.xdist_group("e2e-two-intakes"), pytest.mark.timeout(600)]

ROWS = 45
OVERLAP = 30


SYLLABLES = ("ba", "dor", "fen", "gil", "hus", "jam", "kol", "mir", "nev", "pas", "rud", "tis")


def rows_of(reference: int) -> dict[str, str]:
    """Return a person whom nobody takes for the next: name, birth date and document all differ."""
    first, second = divmod(reference, len(SYLLABLES))
    given = f"{SYLLABLES[second]}{SYLLABLES[first]}{SYLLABLES[(first * 5 + second * 7) % 12]}an".title()
    return {
        "reference": f"{reference:04d}",
        "role": "short_term_observer",
        "surname": "Kelaral",
        "given_names": given,
        "birth_date": f"{1950 + reference % 40}-{1 + reference % 12:02d}-{1 + reference % 27:02d}",
        "nationality": "XAD",
        "document_kind": "passport",
        "document_number": f"B{(reference + 1) * 7_654_321 % 100_000_000:08d}",
        "document_issuer": "XAD",
        "document_expiry": "2030-01-01",
        "email": f"person.{reference}@mission.example",
    }


def written(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_intakes_of_overlapping_files_at_once_record_everybody_once(
    request: pytest.FixtureRequest, fresh: Installation, package: Path, tmp_path: Path, database: str
) -> None:
    used = fresh
    if database == "postgresql":
        new_database: Callable[[], str] = request.getfixturevalue("new_database")
        used = Installation(fresh.home, {**fresh.variables, "ACCREDIT_DATABASE_URL": new_database()}, fresh.api_url)
        used.inside("init", package, "--as-of", AS_OF)
    first = written(tmp_path / "first.csv", [rows_of(number) for number in range(ROWS)])
    second = written(
        tmp_path / "second.csv", [rows_of(number) for number in reversed(range(ROWS - OVERLAP, 2 * ROWS - OVERLAP))]
    )
    running = [used.start("intake", path, "--organisation", "ORG-01", "--as-of", AS_OF) for path in (first, second)]
    said = [process.communicate(timeout=280)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    with keys_of(used.home), open_reader(sessions(used.database_url)) as store:
        people = store.people.current([application.id for application in store.applications.all_in(ELECTION)])
        references = Counter(person.reference for person in people.values())
        counts = [report.counts for report in store.intake.reports(ELECTION)]
    assert references == {f"{number:04d}": 1 for number in range(2 * ROWS - OVERLAP)}
    assert sorted(count.rows for count in counts) == [ROWS, ROWS]
    assert sum(count.recorded for count in counts) == 2 * ROWS - OVERLAP
    assert sum(count.unchanged for count in counts) == OVERLAP
    kinds = Counter(key.partition(":")[0] for key in final_state(used).letters)
    assert kinds["receipt"] == 2 * ROWS - OVERLAP
    require_sound(used.database_url)
