"""A real election: the present counts, two administrators change what is loaded, and outsiders can check it."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from support.builders import ELECTION
from support.stages import Stages
from typer.testing import CliRunner

from db.store import open_reader, open_store
from domain.decisions.rulings import Outcome, Ruling
from domain.errors import AccreditationError, BadInputError
from domain.oversight.seals import maker
from domain.statements.officers import OfficerRefusedError
from flows.cli.app import app
from flows.context import database, engine_key, moment, right_now
from flows.decisions.rulings import decide_applications
from flows.deployments import DEPLOYMENTS, Deployed
from flows.election.loading import PackageDiffersError, enrol_officer, init_election
from flows.intake.flow import intake
from flows.issuance.validity import validity
from flows.oversight.exports import check_record, export_record
from flows.oversight.overview import audit
from flows.settings import reset_settings
from flows.statements.acceptance import ActingOfficer

EXAMPLE = Path(__file__).parents[3] / "examples" / "valdara" / "package"
ADMINS = ("OFF-ADMIN-1", "OFF-ADMIN-2")


@pytest.fixture
def real(sqlite_stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the package of an election that is no rehearsal, loaded, with its first two administrators enrolled."""
    package = tmp_path / "package"
    shutil.copytree(sqlite_stages.package, package, ignore=shutil.ignore_patterns("nominations"))
    changed(package, "election.yaml", lambda profile: profile["credential"].update(issuer="VDR"))
    monkeypatch.setenv("ACCREDIT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ACCREDIT_AS_OF", raising=False)
    reset_settings()
    init_election(package, now=right_now())
    for officer in ADMINS:
        enrol_officer(officer, ELECTION, tmp_path / "home" / "officers")
    yield package
    reset_settings()


def changed(package: Path, name: str, change: Callable[[Any], object]) -> None:
    content = yaml.safe_load((package / name).read_text())
    change(content)
    (package / name).write_text(yaml.safe_dump(content, allow_unicode=True))


@pytest.mark.parametrize("year", [2030, 2099])
def test_work_of_a_real_election_is_dated_by_nobody(real: Path, year: int, monkeypatch: pytest.MonkeyPatch) -> None:
    then = datetime(year, 1, 1, tzinfo=UTC)
    with pytest.raises(BadInputError, match="rehearsals"):
        moment(then)
    answer = CliRunner().invoke(app, ["clocks", "--as-of", f"{year}-01-01"])
    assert answer.exit_code != 0
    monkeypatch.setenv("ACCREDIT_AS_OF", f"{year}-01-01T00:00")
    reset_settings()
    with pytest.raises(BadInputError, match="rehearsals"):
        moment(None)
    with pytest.raises(BadInputError, match="rehearsals"):
        init_election(real, now=then)


@pytest.mark.parametrize("command", ["intake", "vet", "assign", "deliver", "run"])
def test_each_stage_of_a_real_election_runs_by_command(real: Path, command: str) -> None:
    del real
    nominations = [str(EXAMPLE / "nominations" / "ORG-02.csv")] if command in {"intake", "run"} else []
    answer = CliRunner().invoke(app, [command, *nominations])
    assert "rehearsals" not in answer.output
    assert answer.exit_code in {0, 4}, answer.output


@pytest.mark.usefixtures("real")
def test_whom_a_command_gives_links_for_a_real_election() -> None:
    answer = CliRunner().invoke(app, ["desk", "link"])
    assert "The first two have their keys" in str(answer.exception)


def ended(deployed: Deployed, **given: Any) -> str:
    """Run a deployment's flow without Prefect, and return what it says where it is refused."""
    try:
        state = asyncio.run(deployed.flow().fn(**given))
    except AccreditationError as error:
        return str(error)
    return str(state.message) if state.is_failed() else ""


def moments(deployed: Deployed) -> list[dict[str, Any]]:
    """Return the ways in which the form of a deployment could say another moment, with what it asks for besides."""
    asked = {"files": ["nowhere.csv"]} if deployed.name == "intake" else {}
    then = datetime(2099, 1, 1, tzinfo=UTC)
    return [asked | {name: then} for name in ("as_of", "received_at") if deployed.takes(name)]


@pytest.mark.usefixtures("real")
def test_no_deployment_lets_the_work_of_a_real_election_be_dated() -> None:
    dated = [(deployed, given) for deployed in DEPLOYMENTS if deployed.name != "case" for given in moments(deployed)]
    assert len(dated) > len(DEPLOYMENTS) / 2
    answers = {(deployed.name, *given): ended(deployed, **given) for deployed, given in dated}
    assert {name: told for name, told in answers.items() if "rehearsals" not in told} == {}


@pytest.mark.usefixtures("real", "prefect_server")
@pytest.mark.xdist_group("prefect")
def test_a_run_that_was_given_another_moment_fails_and_expires_nobody() -> None:
    async def run() -> Any:
        return await validity(as_of=datetime(2099, 1, 1, tzinfo=UTC), return_state=True)

    state = asyncio.run(run())
    assert state.is_failed()


@pytest.mark.usefixtures("real", "prefect_server")
@pytest.mark.xdist_group("prefect")
@pytest.mark.parametrize("at", ["2026-01-16T08:14:22+02:00", "2099-01-16T08:14:22+02:00"])
def test_nobody_dates_the_files_of_a_real_election_by_a_list_beside_them(at: str, tmp_path: Path) -> None:
    (folder := tmp_path / "sent").mkdir()
    (folder / "received.csv").write_text(f"file,organisation,received_at\nORG-01.csv,ORG-01,{at}\n")
    (folder / "ORG-01.csv").write_text("reference,organisation\n1,ORG-01\n")

    async def run() -> Any:
        return await intake([str(folder)], return_state=True)

    state = asyncio.run(run())
    assert state.is_failed()
    assert "rehearsals" in str(state.message)
    with open_reader(database()) as store:
        assert store.intake.reports(ELECTION) == []


@pytest.mark.usefixtures("real")
def test_a_decision_of_a_real_election_counts_from_now_and_nothing_arrived_in_the_future() -> None:
    for days in (-1, 400):
        with pytest.raises(AccreditationError):
            decide_applications(
                [],
                Ruling(outcome=Outcome.APPROVE),
                ActingOfficer("OFF-DEMO-1", ELECTION, right_now() + timedelta(days=days)),
            )


def test_administrators_are_not_replaced_by_loading_another_file(real: Path) -> None:
    def replaced(officers: Any) -> None:
        for officer in officers:
            officer["roles"] = ["administrator"] if officer["code"] == "OFF-DEMO-1" else ["case_officer"]

    changed(real, "officers.yaml", replaced)
    with pytest.raises(PackageDiffersError, match=r"officers: .*OFF-DEMO-1 roles: [a-z_, ]+ → administrator"):
        init_election(real, now=right_now())
    with pytest.raises(AccreditationError):
        init_election(real, now=right_now(), by="OFF-DEMO-1")
    assert init_election(real, now=right_now(), by=ADMINS[0]).proposed
    with pytest.raises(OfficerRefusedError, match="second, different"):
        init_election(real, now=right_now(), by=ADMINS[0])
    changed(real, "election.yaml", lambda profile: profile.setdefault("desk", {}).update(quorum=3))
    with pytest.raises(BadInputError, match="--ground: says nothing"):
        init_election(real, now=right_now(), by=ADMINS[1])
    grounds = {"ground": "Resolution 9"}
    assert init_election(real, now=right_now(), by=ADMINS[1], **grounds).proposed, "another package, another proposal"
    assert init_election(real, now=right_now(), by=ADMINS[0], ground="Resolution 8").proposed, "another ground as well"
    with open_reader(database()) as store:
        administrators = [one.code for one in store.officers.all_in(ELECTION) if "administrator" in one.roles]
    assert administrators == [*ADMINS, "OFF-ADMIN-3"]
    done = init_election(real, now=right_now(), by=ADMINS[0], **grounds)
    assert (done.proposed, done.rules_changed) == (False, True)
    with open_reader(database()) as store:
        assert [one.code for one in store.officers.all_in(ELECTION) if "administrator" in one.roles] == ["OFF-DEMO-1"]
    assert audit(ELECTION).is_whole


def test_the_first_two_are_counted_once_for_ever(real: Path, tmp_path: Path) -> None:
    del real
    with open_store(database()) as store:
        store.session.execute(text("UPDATE officer SET keys = '[]'"))
    for officer in (*ADMINS, "OFF-DEMO-1"):
        with pytest.raises(BadInputError, match="accredit officer propose"):
            enrol_officer(officer, ELECTION, tmp_path / "stolen")
    assert not audit(ELECTION).is_whole


def test_outsiders_check_an_export_and_find_what_was_changed_in_it(sqlite_stages: Stages, tmp_path: Path) -> None:
    with sqlite_stages.copy("decided"):
        file = tmp_path / "record.json"
        export_record(ELECTION, file)
        assert export_record(ELECTION, file) > 0  # an earlier one is replaced
        for other in (tmp_path / "passwd", tmp_path / "link"):
            other.symlink_to(file.with_name("passwd")) if other.name == "link" else other.write_text("root:x:0:0\n")
            with pytest.raises(BadInputError):
                export_record(ELECTION, other)
        assert other.read_text() == "root:x:0:0\n"
        head = audit(ELECTION).head
        key = engine_key()
        engine = maker(key) if key else "no key"
        assert audit(ELECTION, since=head).is_whole
        restored = audit(ELECTION, since=f"{int(head.partition(':')[0]) + 1}:{'a' * 64}")
        assert "older state" in str(restored.links[-1])
    good = check_record(file)
    assert (good.faults, good.head, good.cases > 0, good.sealed_by) == ((), head, True, engine)
    for change in (
        lambda body: body["entries"].pop(),
        lambda body: body["entries"][1].update(document=body["entries"][1]["document"].replace("OFF-DEMO-1", "OFF-X")),
        lambda body: body["entries"][1]["signature"].update(value="0" * 128),
        lambda body: [body["histories"].pop(known) for known in list(body["histories"])],
        lambda body: next(iter(body["histories"].values())).pop(),
        lambda body: body["journals"]["histories"].pop(),
        lambda body: body["journals"]["record"][-1].update(seal=None),
        lambda body: body.pop("journals"),
    ):
        body = json.loads(file.read_text())
        change(body)
        other = tmp_path / "other.json"
        other.write_text(json.dumps(body))
        found = check_record(other)
        assert found.faults or found.head != good.head or not found.sealed_by
