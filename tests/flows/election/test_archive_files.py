"""An archived election as one signed file: checked by anybody, taken up elsewhere, and deleted once its data ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from support.builders import ELECTION
from support.stages import AS_OF, Stages

from db.oversight.whole import rows_left
from db.store import open_reader, open_store
from db.tables.application import ApplicationRow
from db.tables.oversight import LogEntryRow
from domain.application.status import Status
from domain.errors import ArchivedError, BadInputError
from domain.statements.officers import OfficerRefusedError
from flows.context import database
from flows.election import archive_files, deleting
from flows.election.archive_files import check_archive, hand_over, write_archive
from flows.election.archiving import archive
from flows.election.deleting import delete, stands_in_the_way
from flows.election.importing import import_archive
from flows.issuance.publication.files import publish
from flows.issuance.publication.log import proof_of, take_checkpoint
from flows.oversight import erasure, retention
from flows.oversight.exports import growth_faults, proof_faults
from flows.oversight.overview import audit
from flows.statements.acceptance import ActingOfficer
from flows.statements.imported import IMPORTED
from flows.storage.encryption import new_key
from flows.storage.files import file_store
from flows.storage.personal_keys import personal_keys

FIRST, SECOND = (ActingOfficer(code, ELECTION, AS_OF) for code in ("OFF-ADMIN-1", "OFF-ADMIN-2"))
GROUND, OVER = "Archives Act, art. 4", datetime(2028, 6, 1, tzinfo=UTC)


@pytest.fixture
def archived(sqlite_stages: Stages) -> Iterator[Path]:
    def frozen() -> None:
        for officer in (FIRST, SECOND):
            archive(GROUND, officer)

    sqlite_stages.further("archived", frozen, after="delivered")
    with sqlite_stages.copy("archived") as kept:
        yield kept.home


def one_case() -> ApplicationRow:
    with open_reader(database()) as store:
        row = store.session.scalars(select(ApplicationRow).where(ApplicationRow.status == Status.CREDENTIALED)).first()
        assert row
        return row


def changed(file: Path, name: str, old: bytes, new: bytes) -> Path:
    """Return a copy of an archive with other words in one part."""
    copy = file.with_name("changed.zip")
    with ZipFile(file) as held, ZipFile(copy, "w") as into:
        for part in held.namelist():
            content = held.read(part)
            into.writestr(part, content.replace(old, new, 1) if part == name else content)
    return copy


def test_everybody_checks_the_file_and_sees_what_was_changed_in_it(
    archived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del archived
    file = tmp_path / "valdara.zip"
    write_archive(ELECTION, file, now=AS_OF)
    with open_reader(database()) as store:
        person = store.people.current([one_case().id])[one_case().id]
    held = ZipFile(file)
    assert not any(person.surname.encode() in held.read(name) for name in held.namelist())
    found = check_archive(file)
    assert (found.faults, found.manifest.election, found.record.faults) == ((), ELECTION, ())
    assert check_archive(file, key=found.key).faults == ()
    for name, old, new in (
        ("rules.json", b"2027", b"2028"), ("record.json", b"OFF-ADMIN-1", b"OFF-ADMIN-9"),
        ("log/checkpoint", b"\n", b" \n"), ("archive.json", b"Valdara", b"Another"),
    ):  # fmt: skip
        assert check_archive(changed(file, name, old, new)).faults, name
    with pytest.raises(BadInputError, match="already"):
        write_archive(ELECTION, file, now=AS_OF)
    with pytest.raises(BadInputError, match="checking only"):
        import_archive(file, tmp_path / "no-key")
    monkeypatch.setattr(archive_files, "MOST_BYTES", 1000)
    with pytest.raises(BadInputError, match="no archive has"):
        check_archive(file)


def test_another_installation_takes_it_up_under_its_own_keys(
    archived: Path, tmp_path: Path, sqlite_stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    del archived
    file, private = tmp_path / "valdara.zip", tmp_path / "archive.key"
    recipient, case = new_key(private), one_case()
    assert not hand_over("Archives Act, art. 9", recipient, FIRST)
    with pytest.raises(OfficerRefusedError, match="second"):
        hand_over("Archives Act, art. 9", recipient, FIRST)
    assert hand_over("Archives Act, art. 9", recipient, SECOND)
    write_archive(ELECTION, file, recipient=recipient, now=AS_OF)
    with open_reader(database()) as store:
        person, report = store.people.current([case.id])[case.id], audit(ELECTION)
    assert person.photo
    photo, names = file_store().get(person.photo), [*ZipFile(file).namelist()]
    assert f"files/{person.photo}" in names
    assert photo not in ZipFile(file).read(f"files/{person.photo}")
    write_archive(ELECTION, tmp_path / "bare.zip", recipient=recipient, pictures=False, now=AS_OF)
    assert {name for name in names if not name.startswith("files/")} == {*ZipFile(tmp_path / "bare.zip").namelist()}
    with sqlite_stages.empty() as other:
        with monkeypatch.context() as patch:  # stopped after the keys and before the rows
            patch.setattr("flows.election.importing.put_rows", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                import_archive(file, private)
        assert import_archive(file, private).rows > 0
        assert import_archive(file, private).was_there
        assert personal_keys().is_made
        with open_reader(database()) as store:
            assert store.people.current([case.id])[case.id] == person
            assert store.loaded.archived() == [ELECTION]
        assert file_store().get(person.photo) == photo
        here = audit(ELECTION)
        assert (here.links, here.broken, here.root, here.head) == ((), (), report.root, report.head)
        (other.home / "keys" / IMPORTED).unlink()
        assert audit(ELECTION).links, "nobody here sealed it"
        with pytest.raises(ArchivedError), open_store(database()) as store:
            store.elections.require_working(ELECTION)


def test_it_is_deleted_when_nothing_is_kept_any_more_and_what_was_proved_stays_proved(
    archived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del archived
    proof = proof_of(ELECTION, one_case().id, now=AS_OF)
    publish(tmp_path / "public", ELECTION, now=AS_OF)
    with pytest.raises(BadInputError, match="kept until"):
        delete("Archives Act, art. 12", FIRST)
    end_everything()
    assert stands_in_the_way(ELECTION, now=OVER) == []
    later = [replace(officer, now=OVER) for officer in (FIRST, SECOND)]
    assert delete("Archives Act, art. 12", later[0]).proposed
    with monkeypatch.context() as patch:  # stopped after the rows and before keys and files
        patch.setattr(deleting, "remove_files", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            delete("Archives Act, art. 12", later[1])
    assert delete("Archives Act, art. 12", later[1]).was_gone
    with open_reader(database()) as store:
        assert rows_left(store.session, ELECTION) == []
        assert store.elections.codes() == [ELECTION]
    assert audit(ELECTION).is_whole
    kept, now = tmp_path / "public/log/checkpoint", tmp_path / "checkpoint"
    now.write_text(take_checkpoint(ELECTION, now=OVER), "utf-8")
    publish(tmp_path / "public", ELECTION, now=OVER)
    assert [*proof_faults(proof, proof.key, None)] == []
    assert [*growth_faults(kept, now, tmp_path / "public/log")] == []
    with pytest.raises(ArchivedError):
        hand_over(GROUND, new_key(tmp_path / "archive.key"), later[0])
    with open_store(database()) as store:
        store.session.execute(LogEntryRow.__table__.delete().where(LogEntryRow.position == 3))
    assert {link.book for link in audit(ELECTION).links} == {"log"}


def end_everything() -> None:
    """Let all that is kept of people end, as its time is over."""
    one, two = (ActingOfficer(code, ELECTION, OVER) for code in ("OFF-DEMO-1", "OFF-DEMO-2"))
    plan = erasure.plan_of_all(ELECTION, now=OVER)
    erasure.propose(plan, one, ground="art. 17")
    erasure.confirm(plan, two)
    retention.propose(one)
    retention.confirm(two)
