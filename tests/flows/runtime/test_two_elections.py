"""Two elections on one database: what names none works on both, and one rehearsal keeps its keys beside another."""

from __future__ import annotations

import asyncio
import inspect
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.client.schemas.objects import State
from prefect.states import Completed
from support.builders import ELECTION
from support.stages import AS_OF, Stages
from typer.testing import CliRunner

from domain.errors import BadInputError, ConcurrentChangeError
from flows.cli.app import app
from flows.context import chosen_election, elections_in_turn
from flows.deployments import DEPLOYMENTS
from flows.election.loading import init_election
from flows.runtime import elections
from flows.runtime.elections import in_turn
from flows.settings import reset_settings
from flows.statements.keys import file_key, officers_folder, signing_key

SECOND = "VALDARA-2028"


@in_turn
async def _course(election: str = "", as_of: datetime | None = None) -> State[Any]:
    raise NotImplementedError


IN_TURN = _course.__code__  # type: ignore[attr-defined]  # a function, whatever it is annotated as


@pytest.fixture
def two(sqlite_stages: Stages, tmp_path: Path) -> Any:
    """Load the rehearsal, and the same land once more under another code."""
    with sqlite_stages.copy("loaded"):
        folder = tmp_path / "second"
        shutil.copytree(sqlite_stages.package, folder)
        said = yaml.safe_load((folder / "election.yaml").read_text())
        said["election"]["code"], said["credential"]["serial_prefix"] = SECOND, "VR"
        (folder / "election.yaml").write_text(yaml.safe_dump(said))
        before = {path.name: path.read_bytes() for path in officers_folder().glob("*.pem")}
        init_election(folder, now=AS_OF)
        yield before


def test_a_second_rehearsal_leaves_the_keys_of_the_first_and_each_signs_with_its_own(two: dict[str, bytes]) -> None:
    assert {path.name: path.read_bytes() for path in officers_folder().glob("*.pem")} == two
    first, second = (signing_key("OFF-DEMO-1", election=code) for code in (ELECTION, SECOND))
    assert file_key(first) != file_key(second)
    for code in (ELECTION, SECOND):
        told = CliRunner().invoke(app, ["letters", "retry", "--officer", "OFF-DEMO-1", "-e", code])
        assert told.exit_code == 0, told.output


@pytest.mark.usefixtures("two")
def test_a_run_that_names_no_election_works_on_all_and_one_that_fails_stops_no_other() -> None:
    worked: list[str] = []

    @in_turn
    async def work(election: str | None = None, as_of: datetime | None = None) -> State[Any]:
        del as_of
        worked.append(str(election))
        if election == ELECTION:
            raise ConcurrentChangeError("somebody was quicker")
        return Completed(message="done")

    with pytest.raises(BadInputError, match="there are 2"):
        chosen_election(None)
    assert elections_in_turn(None) == [ELECTION, SECOND]
    state = asyncio.run(work())  # type: ignore[arg-type]  # a coroutine, as the flow makes it
    assert worked == [ELECTION, SECOND]
    assert state.is_failed()
    assert state.message == f"{ELECTION}: somebody was quicker; {SECOND}: done"
    worked.clear()
    assert asyncio.run(work(SECOND)).is_completed()  # type: ignore[arg-type]  # a coroutine, as the flow makes it
    assert worked == [SECOND]


@pytest.mark.usefixtures("two")
def test_the_check_looks_at_every_election_where_none_is_named() -> None:
    told = CliRunner().invoke(app, ["check", "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"])
    assert told.exit_code == 0, told.output
    assert ELECTION in told.output
    assert SECOND in told.output


@pytest.mark.usefixtures("two")
def test_every_scheduled_run_works_on_all_elections_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the collection: one drop folder and one mailbox serve one election, which is named or set.

    What looks after the installation takes no election.
    """
    tried: list[str] = []

    async def noted(_course: object, code: str, _as_of: object) -> State[Any]:
        tried.append(code)
        return Completed(message="done")

    monkeypatch.setattr(elections, "_tried", noted)
    monkeypatch.setenv("ACCREDIT_ELECTION", SECOND)  # whose drop folder it is; the other's letters leave all the same
    reset_settings()
    for deployed in DEPLOYMENTS:
        if deployed.every_seconds and deployed.takes("election") and deployed.name != "collection":
            course = inspect.unwrap(deployed.flow().fn, stop=lambda known: known.__code__ is IN_TURN)
            tried.clear()
            asyncio.run(course())
            assert tried == [ELECTION, SECOND], deployed.name


@pytest.mark.usefixtures("two")
def test_commands_that_do_scheduled_work_name_no_election() -> None:
    for words in (
        ["credential", "expire"], ["office", "follow"], ["remind"], ["clocks"], ["consent", "ask"], ["webhook", "send"],
    ):  # fmt: skip
        told = CliRunner().invoke(app, [*words, "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"])
        assert told.exit_code == 0, told.output


def test_a_scheduled_flow_where_nothing_is_loaded_yet_has_nothing_to_do(home: Path) -> None:
    home.mkdir(mode=0o700)
    state: Any = asyncio.run(_course())  # type: ignore[arg-type]  # a coroutine, as the flow makes it
    assert (state.is_completed(), state.message) == (True, "No election is loaded yet.")
