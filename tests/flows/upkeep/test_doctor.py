"""The doctor: whatever is broken is found, named, and has a remedy; what is whole is not complained of."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from support.builders import ELECTION
from support.stages import AS_OF, Kept, Stages
from typer.testing import CliRunner

from db.engine import sessions
from flows.cli.app import app
from flows.context import ENGINE_KEY_FILE, _require_closed
from flows.issuance.publication.files import publish
from flows.issuance.signing import keys
from flows.runtime.server.lifetime import OneServer, RunningServer
from flows.settings import reset_settings, settings
from flows.storage.personal_keys import MASTER_KEY_FILE, _keys_of
from flows.upkeep import flow, ground, prefect_server
from flows.upkeep.diagnosis import Diagnosis, Standing
from flows.upkeep.doctor import examine
from flows.upkeep.vault import Manifest, Vault


@pytest.fixture(autouse=True)
def office(sqlite_stages: Stages, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with sqlite_stages.copy("issued") as kept:
        yield kept


def told(part: str) -> Diagnosis:
    return next(found for found in examine() if found.part == part)


def require(part: str, standing: Standing, says: str = "") -> None:
    found = told(part)
    assert (found.standing, says in found.says) == (standing, True), found
    assert bool(found.remedy) == (standing is not Standing.RIGHT)


def edited(statement: str) -> None:
    with sessions(settings().database_url).begin() as session:
        session.execute(text(statement))


def test_a_whole_installation_has_nothing_wrong_and_the_screen_fits_80_columns() -> None:
    found = examine()
    assert [one for one in found if one.standing is Standing.WRONG] == []
    assert {"database", "migrations", "engine.key", "disk", "clock", "badge key", "mail", "backup", "Prefect"} <= {
        one.part for one in found
    }
    ended = CliRunner().invoke(app, ["doctor"])
    assert ended.exit_code == 0
    assert max(map(len, ended.output.splitlines())) <= 80
    assert len(json.loads(CliRunner().invoke(app, ["doctor", "--json"]).output)) == len(found)


def test_a_database_that_is_gone_or_damaged_is_said_once(office: Kept) -> None:
    file = Path(office.url.removeprefix("sqlite:///"))
    sessions(office.url).kw["bind"].dispose()
    content = bytearray(file.read_bytes())
    content[len(content) // 2 :] = os.urandom(len(content) - len(content) // 2)
    file.write_bytes(content)
    bad = [one for one in examine() if one.standing is Standing.WRONG]
    assert [one.part for one in bad] == ["database"]
    assert CliRunner().invoke(app, ["doctor", "--bad"]).exit_code == 1


def test_an_empty_installation_is_told_to_load_an_election(sqlite_stages: Stages) -> None:
    with sqlite_stages.empty():
        require("database", Standing.WRONG, "no tables")


def test_a_database_of_another_version_is_found() -> None:
    edited("UPDATE alembic_version SET version_num = '0001_first'")
    require("migrations", Standing.WRONG, "0001_first")


def test_a_trigger_is_found() -> None:
    edited("CREATE TRIGGER quiet AFTER INSERT ON letter BEGIN DELETE FROM letter; END")
    require("tampering", Standing.WRONG, "quiet")


def test_a_lost_engine_key_is_found(office: Kept) -> None:
    (office.home / ENGINE_KEY_FILE).unlink()
    require("engine.key", Standing.WRONG, "not sealed")


def test_a_lost_master_key_is_found(office: Kept) -> None:
    (office.home / MASTER_KEY_FILE).unlink()
    reset_settings()
    _keys_of.cache_clear()
    require("personal keys", Standing.WRONG, "is missing")


def test_a_home_that_others_can_open_is_found(office: Kept) -> None:
    office.home.chmod(0o755)
    _require_closed.cache_clear()
    require("home", Standing.WRONG, "is open to group or others")
    office.home.chmod(0o700)
    _require_closed.cache_clear()


def test_a_copy_of_the_database_that_was_left_for_long_is_found(office: Kept) -> None:
    left = Path(f"{office.url.removeprefix('sqlite:///')}.before-upgrade-of-0001")
    left.touch()
    assert "old copies" not in {one.part for one in examine()}
    os.utime(left, (1, 1))
    require("old copies", Standing.SOON, "1 of the database")


def test_a_full_disk_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: SimpleNamespace(free=1 << 28))
    require("disk", Standing.WRONG, "0.2 GB free")


def test_a_clock_that_goes_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=20)
    monkeypatch.setattr(ground, "_other_clocks", lambda: {"newest entry": ahead})
    require("clock", Standing.WRONG, "s off the newest entry")
    monkeypatch.undo()
    monkeypatch.setattr(ground, "_kept_right", lambda: False)
    require("clock", Standing.SOON, "no time service")


def test_a_key_that_ends_soon_and_one_that_is_over_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = settings().keys_folder
    ends = keys.load_ring(folder).keys[0].not_after
    monkeypatch.setattr("flows.upkeep.issuer.moment_of", lambda _code, _as_of: ends - timedelta(days=10))
    require("badge key", Standing.SOON, f"{ends:%Y-%m-%d}")
    monkeypatch.setattr("flows.upkeep.issuer.moment_of", lambda _code, _as_of: ends + timedelta(days=1))
    require("badge key", Standing.WRONG, "out of its time")
    folder.chmod(0o750)
    require("keys", Standing.WRONG, "open to group")
    folder.chmod(0o700)


def test_a_key_whose_file_is_gone_is_found_before_anything_has_to_be_signed() -> None:
    folder = settings().keys_folder
    ring = keys.load_ring(folder)
    for key in ring.keys:
        keys.key_path(folder, key.key_id).unlink()
    require("badge key", Standing.WRONG, "is missing")
    require("status key", Standing.WRONG, "is missing")
    assert [one.part for one in examine() if one.remedy.endswith(".")] == []


def test_a_signing_process_that_does_not_answer_is_found(office: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCREDIT_SIGNING_SOCKET", str(office.home / "sign"))
    reset_settings()
    require("signing process", Standing.WRONG, "nobody answers")


def test_lists_that_were_never_published_that_age_and_that_ended_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require("published lists", Standing.SOON)
    monkeypatch.setenv("ACCREDIT_PUBLIC_FOLDER", str(tmp_path / "public"))
    reset_settings()
    require("status list", Standing.WRONG, "missing")
    publish(tmp_path / "public", ELECTION, now=AS_OF)
    for days, standing in ((1, Standing.RIGHT), (6, Standing.SOON), (8, Standing.WRONG)):
        later = AS_OF + timedelta(days=days)
        monkeypatch.setattr("flows.upkeep.issuer.moment_of", lambda _code, _as_of, later=later: later)
        require("status list", standing)


def test_a_mail_server_that_is_silent_and_one_that_is_none_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ACCREDIT_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("ACCREDIT_SMTP_PORT", str(other.getsockname()[1]))
        monkeypatch.setattr("flows.upkeep.work.SECONDS_FOR_MAIL", 0.2)
        reset_settings()
        require("mail", Standing.WRONG, "does not answer")
        other.listen()
        require("mail", Standing.WRONG, "does not answer")


def test_what_is_late_what_failed_and_what_is_in_quarantine_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited("UPDATE letter SET state = 'failed' WHERE key = (SELECT min(key) FROM letter)")
    edited("UPDATE application SET due_at = '2020-01-01 00:00:00' WHERE due_at IS NOT NULL")
    assert told(f"open, {ELECTION}").says == "1 letter that failed"
    assert told(f"late, {ELECTION}").standing is Standing.SOON
    drop = tmp_path / "drop"
    monkeypatch.setenv("ACCREDIT_DROP_FOLDER", str(drop))
    reset_settings()
    require("drop folder", Standing.WRONG)
    (drop / "quarantined").mkdir(parents=True)
    require("quarantine", Standing.RIGHT)
    (drop / "quarantined" / "list.xlsx.report.json").write_text("{}")
    require("quarantine", Standing.WRONG, "1 file")


def test_a_backup_that_is_missing_or_old_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("backup", Standing.SOON, "by itself")
    monkeypatch.setenv("ACCREDIT_BACKUP_TO", str(tmp_path / "vault"))
    reset_settings()
    require("backup", Standing.WRONG, "none yet")
    for hours, standing in ((100, Standing.WRONG), (40, Standing.SOON), (1, Standing.RIGHT)):
        made = Manifest(
            taken_at=datetime.now(UTC) - timedelta(hours=hours), kind="sqlite", schema_version="1",
            database_sha256="0" * 64, database_bytes=1, files=0, trial="tried",
        )  # fmt: skip
        (tmp_path / "manifest").write_text(made.model_dump_json())
        Vault(str(tmp_path / "vault")).put(made.name, "manifest.json", tmp_path / "manifest")
        require("backup", standing, f"{hours} h old")


@pytest.mark.xdist_group("prefect")
def test_a_prefect_without_its_set_up_and_one_that_is_gone_are_found(
    prefect_server: OneServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {
        one.part: one for one in examine(server=RunningServer(prefect_server.api_url, prefect_server.password or ""))
    }
    assert found["Prefect"].standing is Standing.RIGHT
    assert "the watch over dead runs" in found["Prefect's set-up"].says
    assert found["deployments"].standing is Standing.WRONG
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    require("Prefect", Standing.WRONG, "does not answer")


def test_the_flow_fails_where_something_is_wrong_and_says_what_in_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    emitted: list[tuple[str, Any]] = []
    monkeypatch.setattr(flow, "emit_event", lambda event, **named: emitted.append((event, named["payload"]["wrong"])))
    assert asyncio.run(flow.doctor.fn()).is_completed()
    edited("CREATE TRIGGER quiet AFTER INSERT ON letter BEGIN DELETE FROM letter; END")
    ended = asyncio.run(flow.doctor.fn())
    assert (ended.is_failed(), "tampering" in str(ended.message)) == (True, True)
    assert [(event, wrong[0]["part"]) for event, wrong in emitted] == [("accreditation.doctor.wrong", "tampering")]


def answering(**answers: Any) -> httpx.Client:
    """Return a client of a server that answers so, by the last but one part of the path."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content or b"{}")
        states = asked.get("flow_runs", {}).get("state", {}).get("type", {}).get("any_", [""])
        key = request.url.path.split("/")[-2] + ("_due" if "SCHEDULED" in states else "")
        return httpx.Response(200, json=answers.get(key, []))

    return httpx.Client(transport=httpx.MockTransport(answer), base_url="http://127.0.0.1/api")


def test_runs_that_are_stuck_or_late_and_a_runner_or_worker_that_is_dead_are_found() -> None:
    now = datetime.now(UTC)
    old, soon = (now - timedelta(hours=7)).isoformat(), now.isoformat()
    web = answering(
        flow_runs=[
            {"name": "vetting VALDARA-2027", "start_time": old},
            {"name": "intake", "start_time": soon, "end_time": soon, "state_name": "Crashed", "tags": ["again-3"]},
        ],
        flow_runs_due=[{"name": "clocks", "expected_start_time": old}],
        deployments=[{"name": "vetting", "last_polled": old, "paused": True, "work_pool_name": None}],
    )
    parts = {one.part: one for one in (*prefect_server._runs(web, now=now), *prefect_server._served(web, now=now))}
    assert "vetting VALDARA-2027" in parts["stuck runs"].says
    assert {one.standing for one in parts.values()} == {Standing.WRONG}
    assert parts.keys() == {"lost runs", "stuck runs", "late runs", "deployments", "schedules", "runner"}
    beats = [{"last_heartbeat_time": now.isoformat()}, {"last_heartbeat_time": old}]
    assert prefect_server._workers(beats, now=now).standing is Standing.SOON
    assert prefect_server._workers(beats[1:], now=now).standing is Standing.WRONG
    assert prefect_server._workers(beats[:1], now=now).standing is Standing.RIGHT
