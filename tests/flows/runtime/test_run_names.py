"""Runs are named by stage and election, of an empty form too."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from prefect.runtime import flow_run
from support.builders import ELECTION
from support.stages import Stages

from flows.deployments import DEPLOYMENTS, Deployed
from flows.runtime.run_names import run_name
from flows.runtime.setup import runner_deployment
from flows.settings import Settings


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, f"case {ELECTION}"),
        ({"election": "", "application": "ABCD-EFGH-IJKL"}, f"case {ELECTION} ABCD-EFGH-IJKL"),
        ({"election": None, "application": "X"}, f"case {ELECTION} X"),
        ({"election": None, "application": None}, f"case {ELECTION}"),
        ({"election": "OTHER", "application": "X"}, "case OTHER X"),
    ],
)
def test_a_run_is_named_by_its_election_even_where_the_form_names_none(
    stages: Stages, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], name: str
) -> None:
    monkeypatch.setattr(flow_run, "parameters", given, raising=False)
    with stages.copy("loaded"):
        assert run_name("case", "application")() == name


def test_a_name_ends_no_run_where_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(election: str | None) -> list[str]:
        raise ConnectionError(election)

    monkeypatch.setattr("flows.runtime.run_names.scheduled_elections", broken)
    monkeypatch.setattr(flow_run, "parameters", {}, raising=False)
    assert run_name("vetting")() == "vetting no election"


@pytest.mark.parametrize("deployed", DEPLOYMENTS, ids=lambda deployed: deployed.name)
def test_no_form_asks_whether_something_is_none_and_every_run_is_named_by_election(deployed: Deployed) -> None:
    assert callable(deployed.flow().flow_run_name) == deployed.takes("election")
    made = asyncio.run(runner_deployment(deployed, Settings()))
    scheduled = [schedule.active for schedule in made.schedules or ()]
    assert scheduled == ([not deployed.needs] if deployed.every_seconds else [])  # no setting, no work for these
    fields = made._parameter_openapi_schema.properties
    assert [name for name, field in fields.items() if "anyOf" in field or field.get("default", "") is None] == []
    assert [field["title"] for field in fields.values() if "_" in field["title"]] == []
