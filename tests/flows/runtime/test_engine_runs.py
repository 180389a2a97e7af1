"""Chunks under a real Prefect server: retried, counted, never lost, never personal."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import State, flow
from support.prefect import asked

from domain.errors import BadInputError
from flows.deployments import BAD_INPUT
from flows.runtime.outcomes import StageFailedError
from flows.runtime.progress import StageProgress, watching
from flows.runtime.server.lifetime import OneServer, drain
from flows.runtime.shield import shielded_flow
from flows.settings import change_settings

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("prefect_server", "home")]


@pytest.fixture(autouse=True)
def _trial_is_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def run_trial(trouble: str, folder: Path, *, watched: bool = True) -> Any:
    from engine_trial import trial

    async def ended() -> Any:
        return await (trial(trouble, str(folder), return_state=True) if watched else trial.fn(trouble, str(folder)))

    return asyncio.run(ended())


def tries(folder: Path) -> list[int]:
    return [len((folder / f"tries-{number}").read_text().splitlines()) for number in range(1, 6)]


@pytest.mark.parametrize(
    ("trouble", "state", "done", "tried"),
    [
        ("", "Tried", 50, [1, 1, 1, 1, 1]),
        ("one person", "With failures", 50, [1, 1, 1, 1, 1]),
        ("busy", "Tried", 50, [1, 2, 1, 1, 1]),
        ("refused", "Failed", 40, [1, 1, 1, 1, 1]),
        ("foreign", "Failed", 40, [1, 1, 1, 1, 1]),
    ],
)
@pytest.mark.parametrize("watched", [True, False])
def test_trouble_in_one_chunk_is_retried_if_that_helps_and_told_if_not(
    tmp_path: Path, trouble: str, state: str, done: int, tried: list[int], *, watched: bool
) -> None:
    ended = run_trial(trouble, tmp_path, watched=watched)
    assert ended.name == state
    assert tries(tmp_path) == tried
    answer = ended.result(raise_on_failure=False)
    outcome = answer.outcome if isinstance(answer, StageFailedError) else answer
    assert outcome.counts == {"done": done}
    assert outcome.untouched == 50 - done


def test_a_run_whose_form_cannot_be_used_ends_with_the_sentence_and_logs_no_traceback() -> None:
    @flow
    @shielded_flow
    async def told() -> State[Any]:
        raise BadInputError("list.csv", "there is no such file.", remedy="Name a file.")

    course: Any = told  # Prefect's types know either way of calling, not the choice between them

    async def ended(*, as_state: bool) -> Any:
        return await course(return_state=as_state)

    state = asyncio.run(ended(as_state=True))
    assert (state.name, state.message) == (BAD_INPUT, "list.csv: there is no such file. Name a file.")
    with pytest.raises(BadInputError):
        asyncio.run(ended(as_state=False))


def test_processes_share_the_chunks_and_a_killed_one_loses_none(tmp_path: Path) -> None:
    change_settings({"runner": "processes", "workers": 2})
    outcome = run_trial("killed", tmp_path).result(raise_on_failure=False).outcome
    assert outcome.chunks == 5
    assert outcome.counts.get("done", 0) + outcome.untouched == 50
    assert outcome.untouched >= 10
    pids = {line for kept in tmp_path.glob("tries-*") for line in kept.read_text().split()}
    assert len(pids) > 0


@pytest.mark.full
def test_a_dask_cluster_runs_the_chunks_in_its_own_processes(
    tmp_path: Path, need: Callable[[object, str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    need(find_spec("prefect_dask"), "prefect-dask", "Install the extra dask.")
    from distributed import LocalCluster

    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        elsewhere = "postgresql+psycopg://nowhere/for-a-trial-without-rows"
        change_settings({"runner": "dask", "dask_address": cluster.scheduler_address, "database_url": elsewhere})
        assert run_trial("", tmp_path).name == "Tried"
        failed = run_trial("foreign", tmp_path).result(raise_on_failure=False).outcome
    assert [(failure.chunk, failure.code) for failure in failed.failures] == [(2, "KeyError")]
    assert str(os.getpid()) not in {line for kept in tmp_path.glob("tries-*") for line in kept.read_text().split()}


def test_a_watcher_sees_every_chunk_and_prefect_shows_progress_and_one_report(
    tmp_path: Path, prefect_server: OneServer
) -> None:
    seen: list[StageProgress] = []
    with watching(seen.append):
        run_trial("", tmp_path)
    assert [step.applications_done for step in seen] == [0, 10, 20, 30, 40, 50]
    artifacts = asked(prefect_server.api_url, prefect_server.password, "POST", "/artifacts/latest/filter", {})
    shown = {artifact["key"]: artifact for artifact in artifacts}
    assert {"valdara-2027-trial-progress", "valdara-2027-trial-report", "overview"} <= shown.keys()
    assert "valdara-2027-trial-table" not in shown
    assert float(shown["valdara-2027-trial-progress"]["data"]) == 100.0
    report = shown["valdara-2027-trial-report"]["latest_id"]
    assert f"[valdara-2027-trial →](/artifacts/artifact/{report})" in shown["overview"]["data"]


def test_the_example_automation_starts_a_deployment_when_a_stage_ended(
    tmp_path: Path, prefect_server: OneServer
) -> None:
    def ask(path: str, body: object) -> Any:
        return asked(prefect_server.api_url, prefect_server.password, "POST", path, body)

    page = Path(__file__).parents[3] / "docs" / "exports.md"
    example = page.read_text("utf-8").split("```yaml\nname:")[1].split("```")[0]
    deployed = ask("/deployments/", {"name": "follower", "flow_id": ask("/flows/", {"name": "follower"})["id"]})["id"]
    automation = yaml.safe_load(f"name:{example}".replace("issuance", "trial").replace("DEPLOYMENT-ID", deployed))
    ask("/automations/", automation)
    runs = [run_trial(trouble, tmp_path).state_details.flow_run_id for trouble in ("one person", "refused")]
    drain()
    related = {"resources_in_roles": [[f"prefect.flow-run.{run}", "flow-run"] for run in runs]}
    wanted = {"filter": {"event": {"prefix": ["accreditation.trial."]}, "related": related}}
    found: list[Any] = []
    told: list[Any] = []
    until = time.monotonic() + 60
    while not (found and len(told) == len(runs)) and time.monotonic() < until:
        found = ask("/flow_runs/filter", {"deployments": {"id": {"any_": [deployed]}}})
        told = ask("/events/filter", wanted)["events"]
        time.sleep(0.2)
    assert [run["parameters"] for run in found] == [{"election": "VALDARA-2027"}]
    payloads = {event["event"].rpartition(".")[2]: event["payload"] for event in told}
    assert (payloads["completed"]["counts"], payloads["completed"]["not_processed"]) == ({"done": 50}, 1)
    assert payloads["failed"]["chunks_failed"] == 1


def test_a_stage_that_nobody_watches_shows_its_progress_and_leaves_nothing_in_prefect(
    tmp_path: Path, prefect_server: OneServer
) -> None:
    def count() -> Any:
        return asked(prefect_server.api_url, prefect_server.password, "POST", "/artifacts/count", {})

    before, seen = count(), list[StageProgress]()
    with watching(seen.append):
        run_trial("", tmp_path, watched=False)
    assert (len(seen), seen[-1].percent, count()) == (6, 100.0, before)


def test_the_words_of_a_foreign_error_are_nowhere_in_prefects_database(
    tmp_path: Path, prefect_server: OneServer, capfd: pytest.CaptureFixture[str]
) -> None:
    from engine_trial import PERSON

    run_trial("foreign", tmp_path)
    drain()
    assert prefect_server.child is not None
    with sqlite3.connect(prefect_server.child.log.parent / "prefect.db") as database:
        kept = "\n".join(database.iterdump())
    assert "UnexpectedError" in kept
    assert PERSON not in kept
    assert PERSON not in "".join(capfd.readouterr())
