"""Where chunks run changes nothing: threads, processes and a Dask cluster end in the same state."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from e2e.installation import AS_OF, FinalState, Installation, ended, final_state, require_sound

pytestmark = [pytest.mark.xdist_group("e2e-dask"), pytest.mark.timeout(600)]


@contextmanager
def cluster(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """Give the address of a scheduler with two worker processes that have the installation's environment."""
    with monkeypatch.context() as patch:
        for name, value in installation.environment.items():
            patch.setenv(name, value)
        library: Any = importlib.import_module("distributed")
        with library.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as local:
            yield str(local.scheduler_address)


@pytest.mark.full
def test_two_dask_workers_over_postgresql_end_like_threads_over_sqlite(
    need: Callable[[object, str, str], None],
    fresh: Installation,
    package: Path,
    new_database: Callable[[], str],
    expected: FinalState,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    need(find_spec("prefect_dask"), "prefect-dask", "Install the extra dask.")
    settings = {**fresh.variables, "ACCREDIT_DATABASE_URL": new_database()}
    elsewhere = Installation(fresh.home, settings, fresh.api_url)
    elsewhere.accredit("init", package, "--as-of", AS_OF)
    with cluster(elsewhere, monkeypatch) as address:
        spread = {**settings, "ACCREDIT_RUNNER": "dask", "ACCREDIT_DASK_ADDRESS": address}
        on_dask = Installation(fresh.home, spread, fresh.api_url)
        on_dask.accredit("run", package / "nominations", "--as-of", AS_OF)
    assert final_state(elsewhere) == expected
    require_sound(elsewhere.database_url)


@pytest.mark.full
def test_several_processes_over_sqlite_end_like_threads(
    fresh: Installation, package: Path, expected: FinalState
) -> None:
    several = Installation(
        fresh.home, {**fresh.variables, "ACCREDIT_RUNNER": "processes", "ACCREDIT_WORKERS": "2"}, fresh.api_url
    )
    several.accredit("run", package / "nominations", "--as-of", AS_OF)
    assert final_state(several) == expected
    require_sound(several.database_url)


@pytest.mark.full
def test_dask_over_sqlite_is_refused_in_one_sentence_and_nothing_is_recorded(
    fresh: Installation, package: Path
) -> None:
    before = final_state(fresh)
    refused = Installation(
        fresh.home,
        {**fresh.variables, "ACCREDIT_RUNNER": "dask", "ACCREDIT_DASK_ADDRESS": "tcp://127.0.0.1:8786"},
        fresh.api_url,
    )
    said = ended(refused.start("run", package / "nominations", "--as-of", AS_OF), code=2)
    assert "SQLite is one file on one machine" in said
    assert "ACCREDIT_DATABASE_URL" in said
    assert "Traceback" not in said
    assert final_state(fresh) == before
