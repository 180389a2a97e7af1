"""Metrics say what the database says, about nobody, on this machine alone; logs are JSON on request."""

from __future__ import annotations

import json
import logging
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from support.builders import ELECTION
from support.stages import Stages, due

from db.store import open_reader
from domain.application.status import Status
from domain.errors import BadInputError
from flows.context import database
from flows.oversight.counts import status_of
from flows.runtime.environment import prefect_environment
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.progress import note_pace, paces
from flows.runtime.server.lifetime import free_port
from flows.settings import reset_settings, settings
from flows.upkeep.json_lines import JsonLines
from flows.upkeep.metrics import exposition, serve_metrics

MONITORING = Path(__file__).parents[3] / "deploy/monitoring"


@pytest.fixture(autouse=True)
def office(sqlite_stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with sqlite_stages.copy("decided"):
        monkeypatch.setenv("ACCREDIT_METRICS_PORT", str(free_port()))
        monkeypatch.setenv("ACCREDIT_PUBLIC_FOLDER", str(tmp_path))
        reset_settings()
        yield


def collected() -> dict[str, dict[tuple[str, ...], float]]:
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(exposition().decode())
    }


def test_metrics_say_what_the_database_says() -> None:
    outcome = StageOutcome.of(
        "vetting", [ChunkOutcome(stage="vetting", chunk=1, counts={}, seconds=1)], applications=50, seconds=2
    )
    note_pace(outcome, ELECTION)
    found, counted = collected(), status_of(ELECTION)
    assert found["accredit_applications"] == {(ELECTION, name): n for name, n in counted["applications"].items()}
    assert sum(found["accredit_letters"].values()) == sum(sum(of.values()) for of in counted["letters"].values())
    assert found["accredit_stage_things"] == {(ELECTION, "vetting"): 50}
    assert found["accredit_unread_parts"] == {(): 0}
    assert ("database",) in found["accredit_doctor"]


def test_no_metric_is_about_a_person() -> None:
    told = exposition().decode()
    with open_reader(database()) as store:
        people = store.people.current(due(Status.APPROVED))
    assert people
    for case, person in people.items():
        for value in (str(case), person.surname, person.document_number, person.email or "@"):
            assert value not in told


def test_they_are_served_on_this_machine_alone_and_not_without_being_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = settings().metrics_port or 0
    serve_metrics(port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        assert b"accredit_applications" in answer.read()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.2", port)) != 0
    with pytest.raises(BadInputError, match="cannot be used"):
        serve_metrics(port)
    monkeypatch.delenv("ACCREDIT_METRICS_PORT")
    reset_settings()
    note_pace(StageOutcome(stage="assignment"), ELECTION)
    assert "assignment" not in {pace.stage for pace in paces()}


def test_alerts_and_dashboard_ask_for_metrics_that_exist() -> None:
    there = {*collected(), "accredit_backup_age_seconds", "accredit_list_age_seconds"}
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]
    panels = json.loads((MONITORING / "grafana.json").read_text())["panels"]
    asked = " ".join([*(rule["expr"] for rule in rules), *(t["expr"] for p in panels for t in p["targets"])])
    assert set(re.findall(r"accredit_\w+", asked)) <= there
    assert all(rule["annotations"]["action"] for rule in rules)


def test_a_log_line_is_json_with_run_stage_and_chunk_and_no_words_of_foreign_errors() -> None:
    with pytest.raises(ValueError, match="Aronel") as raised:
        raise ValueError("Aronel, Mira")
    record = logging.LogRecord("prefect.task_runs", logging.ERROR, "", 1, "Chunk %s failed", (3,), raised._excinfo)
    record.flow_run_name, record.task_run_name = f"vetting {ELECTION}", "vetting 3"
    said = json.loads(JsonLines().format(record))
    assert (said["run"], said["stage"], said["chunk"]) == (f"vetting {ELECTION}", "vetting", 3)
    assert (said["error"], said["message"]) == ("ValueError", "Chunk 3 failed")
    assert "Aronel" not in JsonLines().format(record)


def test_prefect_writes_its_log_as_json_where_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCREDIT_LOG_JSON", "true")
    reset_settings()
    script = (
        "import logging; from prefect.logging.configuration import setup_logging; setup_logging(); "
        "logging.getLogger('prefect.runner').error('Well: %s', 1)"
    )
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path.cwd()), **prefect_environment(settings())}
    told = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    said = json.loads(told.stderr.splitlines()[-1])
    assert (said["level"], said["message"]) == ("error", "Well: 1")
