"""Encryption at rest: what a thief of database, backups and files reads, and what an erasure takes from all copies."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import text, update
from support.builders import ELECTION
from support.databases import copy_file, let_go
from support.stages import AS_OF, Stages, deliver, due, everything

from db.encrypted_files import UnreadableFileError
from db.personal_keys import KeyGoneError, PersonalKeys
from db.schema import _config, drift
from db.store import open_reader, open_store
from db.tables.encryption import Wanted
from db.tables.letters import LetterRow
from domain.application.actors import ArrivalWay
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.errors import BadInputError, UnavailableError
from domain.letters.envelope import LetterState
from flows.context import database
from flows.decisions.casework import write_note
from flows.election.database import upgraded
from flows.intake.withdrawal import withdraw
from flows.issuance.publication.files import publish
from flows.issuance.publication.log import take_checkpoint
from flows.oversight.erasure import confirm, plan_of, propose
from flows.oversight.overview import audit
from flows.settings import reset_settings, settings
from flows.statements.acceptance import ActingOfficer
from flows.storage.files import file_store
from flows.storage.personal_keys import MASTER_KEY_FILE, make_personal_keys, master_key, rotate_master

FIRST, SECOND = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF), ActingOfficer("OFF-DEMO-2", ELECTION, AS_OF)
PHOTO = b"\xff\xd8\xff the portrait of Ava Marit Lindengard" * 50


@pytest.fixture
def made(home: Path) -> Path:
    """Return the folder of the stored files of an installation that has nothing but its keys."""
    home.mkdir(mode=0o700)
    make_personal_keys()
    return home / "files"


def stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_what_is_stored_comes_back_and_cannot_be_read_beside_the_store(made: Path, size: int) -> None:
    content = (PHOTO * (1 + size // len(PHOTO)))[:size]
    name = file_store().put(content)
    assert file_store().get(name) == content
    with file_store().local(name) as path:
        assert path.read_bytes() == content
    assert b"Lindengard" not in stored(made)


def test_a_stored_file_that_was_changed_cut_or_moved_does_not_open(made: Path) -> None:
    one, other = file_store().put(PHOTO), file_store().put(PHOTO * 2**10)
    place, long = made / one[:2] / one, made / other[:2] / other
    whole = long.read_bytes()
    for broken in (whole[:-1], whole[: 2**20], whole[:-1] + bytes([whole[-1] ^ 1]), place.read_bytes(), PHOTO):
        long.write_bytes(broken)
        with pytest.raises(UnreadableFileError):
            file_store().get(other)


def test_removing_a_file_takes_it_from_every_copy(made: Path, tmp_path: Path) -> None:
    name = file_store().put(PHOTO)
    shutil.copytree(made, tmp_path / "backup")
    assert file_store().remove(name)
    assert not file_store().remove(name)
    shutil.rmtree(made)
    shutil.copytree(tmp_path / "backup", made)
    with pytest.raises(KeyGoneError, match="erased"):
        file_store().get(name)
    shutil.rmtree(made)
    assert file_store().put(PHOTO) == name
    assert file_store().get(name) == PHOTO


def test_an_upgrade_encrypts_what_an_older_version_stored(made: Path) -> None:
    name = file_store().put(PHOTO)
    place = made / name[:2] / name
    place.write_bytes(PHOTO)
    with pytest.raises(UnreadableFileError, match="accredit db upgrade"):
        file_store().get(name)
    assert [*file_store().encrypt_older()] == [*file_store().encrypt_older()] == [str(place)]
    assert file_store().get(name) == PHOTO


def test_what_somebody_lays_under_another_files_name_is_never_taken_for_it_by_an_upgrade(made: Path) -> None:
    store = file_store()
    name = store.put(PHOTO)
    (made / name[:2] / name).write_bytes(b"somebody else's passport")
    assert [*store.encrypt_older()]
    with pytest.raises(UnreadableFileError, match="not what its name"):
        store.get(name)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("MASTER_KEY", base64.b64encode(bytes(32)).decode(), "is not the one"),
        ("MASTER_KEY", "short", "is no key"),
        ("MASTER_KEY_COMMAND", "false", "gives no key"),
        ("PERSONAL_KEYS_URL", "sqlite:////nowhere/keys.db", "there are no personal keys"),
    ],
)
def test_a_wrong_key_is_said_in_plain_words(
    made: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"ACCREDIT_{variable}", value)
    reset_settings()
    with pytest.raises(BadInputError, match=told):
        file_store().put(PHOTO)
    assert not made.exists()


def test_a_missing_key_is_said_in_plain_words_and_none_is_made_in_its_place(made: Path) -> None:
    master = made.parent / MASTER_KEY_FILE
    master.rename(made.parent / "elsewhere")
    reset_settings()
    with pytest.raises(BadInputError, match="is missing"):
        make_personal_keys()
    (made.parent / "elsewhere").rename(master)
    master.chmod(0o644)
    with pytest.raises(BadInputError, match="open to group or others"):
        master_key(made.parent)


def test_a_master_key_with_a_pass_phrase_opens_with_it_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir(mode=0o700)
    monkeypatch.setenv("ACCREDIT_MASTER_PASSPHRASE", "correct horse")
    reset_settings()
    make_personal_keys()
    key = master_key(home, passphrase=SecretStr("correct horse"))
    assert b"ENCRYPTED" in (home / MASTER_KEY_FILE).read_bytes()
    for phrase, told in ((None, "pass-phrase is missing"), (SecretStr("wrong"), "does not open")):
        with pytest.raises(BadInputError, match=told):
            master_key(home, passphrase=phrase)
    assert master_key(home, command=f"echo {base64.b64encode(key).decode()}") == key


@pytest.mark.usefixtures("made")
def test_under_a_new_master_key_everything_opens_and_the_old_one_opens_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, old, store = file_store().put(PHOTO), master_key(home), settings().personal_keys_url
    still_runs = PersonalKeys(store, old)
    still_runs.check()
    assert rotate_master() >= 1
    assert file_store().get(name) == PHOTO
    assert master_key(home) != old
    with pytest.raises(BadInputError, match="was changed while this ran"):
        still_runs.new([Wanted("file")])
    with pytest.raises(BadInputError, match="is not the one"):
        PersonalKeys(store, old).check()
    before = master_key(home)
    with monkeypatch.context() as killed:  # after the keys were brought under the new one, before it is in its place
        killed.setattr(PersonalKeys, "rewrap", _then_killed(PersonalKeys.rewrap))
        with pytest.raises(KeyboardInterrupt):
            rotate_master()
    reset_settings()
    assert master_key(home) == before
    with pytest.raises(BadInputError, match="rotate-master"):
        PersonalKeys(store, before).check()
    assert rotate_master() == 0
    assert file_store().get(name) == PHOTO
    assert not [*home.glob("master.key.*")]


def _then_killed(rewrap: Callable[[PersonalKeys, bytes], int]) -> Callable[[PersonalKeys, bytes], int]:
    def killed(keys: PersonalKeys, master: bytes) -> int:
        rewrap(keys, master)
        raise KeyboardInterrupt

    return killed


@pytest.mark.usefixtures("made")
def test_a_change_of_the_master_key_that_breaks_off_changes_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [file_store().put(PHOTO + bytes([number])) for number in range(3)]
    with monkeypatch.context() as broken:
        broken.setattr(PersonalKeys, "_under", _killed)
        with pytest.raises(KeyboardInterrupt):
            rotate_master()
    PersonalKeys(settings().personal_keys_url, master_key(home)).check()
    assert [file_store().get(name)[-1] for name in names] == [0, 1, 2]
    assert rotate_master() >= len(names)
    assert [file_store().get(name)[-1] for name in names] == [0, 1, 2]


def _killed(*_: object) -> bytes:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("made")
def test_a_master_key_that_lies_elsewhere_is_given_with_its_successor(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, old, new = file_store().put(PHOTO), base64.b64encode(master_key(home)).decode(), tmp_path / "next"
    monkeypatch.setenv("ACCREDIT_MASTER_KEY", old)
    reset_settings()
    with pytest.raises(BadInputError, match="--new-key"):
        rotate_master()
    new.write_text(base64.b64encode(os.urandom(32)).decode())
    new.chmod(0o600)
    assert rotate_master(new) >= 1
    assert rotate_master(new) == 0
    monkeypatch.setenv("ACCREDIT_MASTER_KEY", new.read_text())
    reset_settings()
    assert file_store().get(name) == PHOTO


def test_a_key_is_bound_to_what_it_opens_and_whose_it_is(home: Path) -> None:
    home.mkdir(mode=0o700)
    keys = make_personal_keys()
    of_a, of_b, of_nobody = Wanted("note.text/1", "a"), Wanted("note.text/2", "b"), Wanted("letter.body/x")
    names = [name for name, _ in keys.new([of_a, of_a, of_b, of_nobody])]
    assert keys.person_of([of_a.place, of_nobody.place]) == {of_a.place: "a"}
    assert keys.destroy(names=[names[1]]) == 2  # what stood there before goes, too
    assert keys.destroy(people=["b"]) == 1
    for gone in names[:3]:
        with pytest.raises(KeyGoneError):
            keys.get(gone)
    keys.get(names[3])


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[Path]:
    with sqlite_stages.copy("issued") as kept:
        yield kept.home


def database_file() -> Path:
    return Path(settings().database_url.removeprefix("sqlite:///"))


def everybody() -> dict[UUID, Nomination]:
    with open_reader(database()) as store:
        return store.people.current([case.id for case in store.applications.all_in(ELECTION)])


def in_database_files() -> bytes:
    """Return what the files of a SQLite database hold, its log included."""
    file = database_file()
    return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*")) if settings().on_sqlite else b""


def test_a_thief_of_database_log_and_files_finds_nobody(issued: Path) -> None:
    known = next(iter(everybody()))
    write_note(known, "The officer called the embassy of Valdara.", FIRST)
    with open_reader(database()) as store:
        contacts = [one.focal_point.email for one in store.organisations.all_in(ELECTION).values()]
    personal = {
        text
        for one in everybody().values()
        for text in (one.email, one.document_number, one.native_name, one.surname, one.phone, one.mrz, one.name)
        if len(text) > 7
    }
    stolen = in_database_files() + stored(issued / "files")
    assert len(personal) > 200
    assert [text for text in (*personal, *contacts, "the embassy") if text.encode() in stolen] == []
    escaped = [json.dumps(text)[1:-1] for text in personal if not text.isascii()]
    assert [text for text in escaped if text.encode() in stolen] == []
    assert b"%PDF-1." not in stolen  # long enough that no cipher text holds it by chance
    assert b"\xff\xd8\xff\xe0\x00\x10JFIF" not in stolen


def test_in_the_whole_home_folder_people_stand_only_where_the_threat_model_says_so(issued: Path) -> None:
    deliver()
    publish(issued / "public", ELECTION, now=AS_OF)
    take_checkpoint(ELECTION, now=AS_OF)
    personal = {
        text.encode()
        for one in everybody().values()
        for text in (one.email, one.document_number, one.native_name, one.surname, one.phone, one.mrz, one.name)
        if len(text) > 7
    }
    anybody = re.compile(b"|".join(map(re.escape, sorted(personal, key=len, reverse=True))))
    looked_at = [path for path in issued.rglob("*") if path.is_file()]
    hits = {path.relative_to(issued).parts[0] for path in looked_at if anybody.search(path.read_bytes())}
    assert {"public", "files", "keys"} <= {path.relative_to(issued).parts[0] for path in looked_at}
    assert hits == {"mail"}
    told = Path(__file__).parents[3].joinpath("docs/threat-model.md").read_text("utf-8")
    assert "| `mail/`, the drop folder, `uploads/`" in told.partition("## What is not encrypted")[2]


def test_what_was_erased_opens_in_no_older_copy(issued: Path, tmp_path: Path) -> None:
    known = next(one for one in due(Status.CREDENTIALED) if everybody()[one].photo)
    person, neighbour = everybody()[known], next(one for one in due(Status.CREDENTIALED) if one != known)
    write_note(known, "One note.", FIRST)
    withdraw(known, "applicant", ArrivalWay.PHONE, FIRST)
    with open_store(database()) as store:
        store.session.execute(update(LetterRow).values(state=LetterState.SENT.value))
        letters = [letter.envelope.key for letter in store.outbox.of_application(known)]
    let_go(settings().database_url)
    copy_file(database_file(), tmp_path / "older.db")
    shutil.copytree(issued / "files", tmp_path / "files")
    plan = plan_of(ELECTION, [known])
    propose(plan, FIRST, ground="Request 2027/14")
    confirm(plan, SECOND)
    assert audit(ELECTION).is_whole
    os.environ["ACCREDIT_DATABASE_URL"], os.environ["ACCREDIT_FILES_URL"] = (
        f"sqlite:///{tmp_path / 'older.db'}", str(tmp_path / "files"),
    )  # fmt: skip
    reset_settings()
    with open_reader(database()) as store:
        for read in (
            lambda: store.people.current([known]),
            lambda: store.casework.notes_on(known),
            lambda: [store.letters.get(ELECTION, key) for key in letters],
            lambda: file_store().get(str(person.photo)),
        ):
            with pytest.raises(KeyGoneError, match="erased"):
                read()
        assert store.people.current([neighbour])


MOVED: Final = {
    "to another row": "UPDATE person SET body = (SELECT body FROM person p WHERE p.sha256 <> person.sha256)",
    "to another column": "UPDATE note SET text = (SELECT facts FROM decision WHERE facts <> '' LIMIT 1)",
    "in the open": "UPDATE note SET text = 'I never wrote this.'",
    "beside its open part": "UPDATE person SET body = json_set(body, '$.preferred_regions', json_array('VD-03'))",
}


@pytest.mark.usefixtures("issued")
@pytest.mark.parametrize("moved", MOVED)
def test_a_value_that_was_moved_or_written_in_does_not_open_and_the_audit_says_so(moved: str) -> None:
    known = next(iter(everybody()))
    write_note(known, "One note.", FIRST)
    assert audit(ELECTION).is_whole
    with open_store(database()) as store:
        store.session.execute(text(MOVED[moved]))
    assert not audit(ELECTION).is_whole
    with open_reader(database()) as store, pytest.raises(UnavailableError, match=r"moved|changed|not encrypted"):
        _ = store.people.current([known]), store.casework.notes_on(known)


def test_an_older_database_is_encrypted_as_it_is_upgraded_and_says_the_same(stages: Stages) -> None:
    with stages.copy("issued"):
        before, figures = everybody(), everything()
        config = _config(settings().database_url)
        command.downgrade(config, "0013_seals")
        mail = [one.email.encode() for one in before.values() if len(one.email) > 7]
        assert all(address in in_database_files() for address in mail) or not settings().on_sqlite
        assert upgraded().tables
        assert not any(address in in_database_files() for address in mail)
        assert (everybody(), everything()) == (before, figures)
        assert audit(ELECTION).is_whole
        with open_reader(database()) as store:
            first = min(one.email for one in before.values() if one.email)
            assert store.people.reached_at(ELECTION, f" {first.upper()}")
            assert drift(store.session.connection()) == []


def test_without_its_key_the_engine_starts_nothing(issued: Path) -> None:
    (issued / MASTER_KEY_FILE).unlink()
    reset_settings()
    with pytest.raises(BadInputError, match="is missing"):
        everybody()
    with pytest.raises(BadInputError, match="is missing"):
        upgraded()
    with pytest.raises(BadInputError, match="is missing"), open_store(database()):
        pass
