from __future__ import annotations

import asyncio
from pathlib import Path

from support.builders import ELECTION
from support.stages import AS_OF, Stages

from domain.intake.nominations_file import file_id
from flows.intake.arrivals import Arrival
from flows.intake.dry_run import publish_dry_run
from flows.intake.file_names import FileNames
from flows.intake.flow import close_files, stage_files
from flows.storage.files import digest_of


def test_a_file_is_called_in_a_dry_run_what_it_is_called_afterwards(stages: Stages, tmp_path: Path) -> None:
    """No name of a file reaches Prefect: it may be a person's."""
    files = [tmp_path / "first.csv", tmp_path / "second.csv"]
    for number, path in enumerate(files):
        path.write_text(f"role,surname,given_names\nexpert,Meadow{number},Ava\n")
    with stages.copy("loaded"):
        before = FileNames.of(ELECTION)
        known = [file_id(ELECTION, "ORG-01", digest_of(path)) for path in files]
        foretold = [before.name("ORG-01", file) for file in known]
        stage_files([Arrival(path, "ORG-01") for path in files], ELECTION, now=AS_OF)
        after = FileNames.of(ELECTION)
        assert [after.name("ORG-01", file) for file in known] == foretold == ["ORG-01/1", "ORG-01/2"]
        assert {row["file"] for row in close_files(ELECTION, now=AS_OF)} == {"ORG-01/1", "ORG-01/2"}


def test_a_file_that_is_not_there_is_told_so_and_stops_no_other(stages: Stages, tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    there.write_text("role,surname,given_names\nexpert,Meadow,Ava\n")
    found = [Arrival(tmp_path / "missing.csv", "ORG-01"), Arrival(there, "ORG-01")]
    with stages.copy("loaded"):
        tried = asyncio.run(publish_dry_run(found, ELECTION, now=AS_OF))
        chunks, failures = stage_files(found, ELECTION, now=AS_OF)
    assert [failure.reason for failure in failures] == ["File 1 of 2: there is no such file."]
    assert [failure.reason for failure in tried.data.outcome.failures] == ["File 1 of 2: there is no such file."]
    assert len(chunks) == 1
