"""What officers start from the pages of Prefect besides deciding, and what an automation raises there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from support.builders import ELECTION
from support.prefect import asked
from support.signing import signed
from support.stages import AS_OF, Stages, due

from domain.application.application import case_number
from domain.application.status import Status
from flows.decisions.casework import claim_cases
from flows.decisions.clocks import RAN_OUT
from flows.decisions.flow import cases_of, decide, escalation
from flows.deployments import DEPLOYMENTS
from flows.runtime.server.lifetime import OneServer
from flows.runtime.setup import runner_deployment
from flows.settings import settings
from flows.vetting.case_queue import queue_table

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("prefect_server")]
FIRST = "OFF-DEMO-1"


@pytest.fixture
def vetted(stages: Stages) -> Iterator[Stages]:
    with stages.copy("vetted"):
        yield stages


def ended(call: Any, *arguments: Any, **more: Any) -> Any:
    async def run() -> Any:
        return await call(*arguments, **more, return_state=True)

    return asyncio.run(run())


def holder_of(known: UUID) -> object:
    return next(row["with"] for row in queue_table(ELECTION, now=AS_OF) if row["application"] == str(known))


@pytest.mark.usefixtures("vetted")
def test_a_signed_claim_is_applied_by_its_digest_once_and_a_late_case_is_raised_as_a_run_of_its_own() -> None:
    known = due(Status.IN_REVIEW)[0]
    hand = signed(FIRST, lambda by: claim_cases([known], by))
    assert cases_of({"statements": [hand.signed]}) == case_number(known)
    taken = ended(decide, [hand.signed])
    assert (taken.name, taken.message) == ("Completed", f"1 with {FIRST} until 08:30 UTC.")
    assert holder_of(known) == f"{FIRST} until 08:30"
    for digest, told in ((hand.signed, "already"), ("0" * 64, "no signed statement")):
        refused = ended(decide, [digest])
        assert (refused.is_failed(), told in refused.message) == (True, True), refused.message
    late = ended(escalation, ELECTION, AS_OF + timedelta(days=30))
    assert (late.name, late.is_failed(), "are late: " in late.message) == ("Late", True, True)


def test_the_automation_that_raises_late_cases_is_made_once_however_often_the_office_starts(
    prefect_server: OneServer,
) -> None:
    deployed = next(one for one in DEPLOYMENTS if one.name == "escalation")

    async def registered() -> str:
        return str(await (await runner_deployment(deployed, settings())).apply())

    deployment = [asyncio.run(registered()) for _ in range(2)][-1]
    listed = asked(prefect_server.api_url, prefect_server.password, "POST", "/automations/filter", {})
    made = [one for one in listed if one["name"] == f"Start escalation upon {RAN_OUT}"]
    assert [one["trigger"]["expect"] for one in made] == [[RAN_OUT]]
    assert [action["deployment_id"] for one in made for action in one["actions"]] == [deployment]
