"""One bed of five hosts for all tests on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.bed import Bed, Need, require_machine, running
from e2e.installation import AS_OF, FinalState, Installation, final_state

from flows.rehearsal import write_package

APPLICATIONS = 60


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("election") / "package"
    write_package(folder, applications=APPLICATIONS, seed=11, processes=1)
    return folder


@pytest.fixture(scope="session")
def expected(package: Path, tmp_path_factory: pytest.TempPathFactory) -> FinalState:
    """Give the state in which one machine ends."""
    alone = Installation(tmp_path_factory.mktemp("alone") / "var", {"ACCREDIT_CHUNK_SIZE": "10"})
    alone.accredit("init", package, "--as-of", AS_OF)
    alone.accredit("run", package / "nominations", "--as-of", AS_OF)
    return final_state(alone)


@pytest.fixture(scope="session")
def bed(need: Need, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    require_machine(need)
    # Not below pytest's folder: its parents are closed to the user that PostgreSQL runs as.
    folder = Path(tmp_path_factory.mktemp("bed"))
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(0o755)
    with running(folder, package) as found:
        yield found
