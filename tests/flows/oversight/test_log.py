"""The log: what outsiders can check with it, and that whoever rewrites the database is found by one kept checkpoint."""

from __future__ import annotations

import hmac
import json
import random
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text
from support import other_verifier
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due

from db.store import open_reader, open_store
from domain.application.status import Status
from domain.errors import BadInputError
from domain.oversight.log.checkpoint import CheckpointRefusedError
from flows.cli.app import main
from flows.context import database
from flows.decisions.casework import write_note
from flows.issuance.publication.files import publish
from flows.issuance.publication.log import proof_of, published_log, take_checkpoint
from flows.oversight.exports import growth_faults
from flows.oversight.overview import audit
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer
from flows.statements.kept_log import LogForkedError
from flows.statements.log_look import look_at_log

FIRST = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)


@pytest.fixture(autouse=True)
def issued(stages: Stages) -> Iterator[Stages]:
    with stages.copy("issued"):
        yield stages


@pytest.fixture
def accredit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(*words: object) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["accredit", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return run


def edited(*statements: str) -> None:
    with open_store(database()) as store:
        for statement in statements:
            store.session.execute(text(statement))


def test_an_applicants_lawyer_checks_a_case_without_the_commission(
    tmp_path: Path, accredit: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = due(Status.CREDENTIALED)[0]
    public, proof = tmp_path / "public", tmp_path / "proof.json"
    moment = f"{AS_OF:%Y-%m-%dT%H:%M}"
    publish(public, ELECTION, now=AS_OF)
    assert accredit("audit", "prove", case, proof, "--as-of", moment)[0] == 0
    key, checkpoint = (public / "log/key").read_text().strip(), public / "log/checkpoint"
    monkeypatch.setenv("ACCREDIT_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("ACCREDIT_DATABASE_URL", f"sqlite:///{tmp_path}/nothing.db")
    code, said = accredit("audit", "check", proof, checkpoint, "--key", key)
    assert (code, "application_approved" in said) == (0, True)
    proof.write_text(proof.read_text().replace('"application_approved"', '"application_refused"'))
    assert accredit("audit", "check", proof, checkpoint, "--key", key)[0] != 0
    assert accredit("audit", "check", proof, checkpoint, "--key", key.replace("VALDARA", "ANOTHER"))[0] == 2


def test_the_published_log_grows_and_its_readers_see_that_nothing_was_changed(tmp_path: Path) -> None:
    public, kept = tmp_path / "public", tmp_path / "kept"
    publish(public, ELECTION, now=AS_OF)
    shutil.copy(public / "log/checkpoint", kept)
    write_note(due(Status.CREDENTIALED)[0], "Seen.", FIRST)
    publish(public, ELECTION, now=AS_OF)
    assert [*growth_faults(kept, public / "log/checkpoint", public / "log")] == []
    assert [*growth_faults(public / "log/checkpoint", kept, public / "log")] == [
        f"{public / 'log/checkpoint'} is the later one"
    ]
    for part in (public / "log/tile/entries").rglob("*.p/*"):
        content = bytearray(part.read_bytes())
        content[5] ^= 1
        part.write_bytes(content)
    assert "is not the one of" in str([*growth_faults(kept, public / "log/checkpoint", public / "log")])


def test_a_published_log_that_this_one_does_not_go_on_from_is_left_alone(tmp_path: Path) -> None:
    public, later = tmp_path / "public", tmp_path / "later"
    publish(public, ELECTION, now=AS_OF)
    write_note(due(Status.CREDENTIALED)[0], "Seen.", FIRST)
    size = int(take_checkpoint(ELECTION, now=AS_OF).splitlines()[1])
    publish(later, ELECTION, now=AS_OF)
    edited(f"DELETE FROM log_entry WHERE position = {size - 1}")  # noqa: S608 -- a number
    edited(f"DELETE FROM log_checkpoint WHERE size = {size}")  # noqa: S608 -- a number
    (settings().keys_folder / "log-checkpoints.json").unlink()
    before = {place: place.read_bytes() for place in later.rglob("*") if place.is_file()}
    with pytest.raises(BadInputError, match="does not go on from; nothing was published"):
        publish(later, ELECTION, now=AS_OF)
    (later / "log/checkpoint").unlink()
    with pytest.raises(BadInputError, match="keep it as evidence"):
        publish(later, ELECTION, now=AS_OF)
    del before[later / "log/checkpoint"]
    assert before == {place: place.read_bytes() for place in later.rglob("*") if place.is_file()}
    (later / "log").rename(tmp_path / "evidence")
    publish(later, ELECTION, now=AS_OF)
    publish(public, ELECTION, now=AS_OF)


def test_a_reader_that_shares_no_code_with_the_engine_checks_log_and_proof(tmp_path: Path) -> None:
    case, log = due(Status.CREDENTIALED)[0], tmp_path / "log"
    publish(tmp_path, ELECTION, now=AS_OF)
    size, names = other_verifier.verified(log, [(log / "key").read_text()])
    assert (size > 256, len(names)) == (True, 1)
    entries, root = (
        other_verifier.entries_of(log, size),
        other_verifier.read_checkpoint((log / "checkpoint").read_bytes())[2],
    )
    head = "0" * 64
    for entry in json.loads(proof_of(ELECTION, case, now=AS_OF).model_dump_json())["entries"]:
        path, position = [bytes.fromhex(step) for step in entry["path"]], entry["position"]
        assert other_verifier.root_by_path(position, size, entries[position], path) == root
        said = json.dumps(entry["event"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        head = sha256(f"{head}\n{said}".encode()).hexdigest()  # as docs/operating/oversight.md says
        assert hmac.digest(bytes.fromhex(entry["salt"]), bytes.fromhex(head), "sha256") == entries[position]


def test_no_proof_is_handed_out_of_a_history_that_is_not_the_one_in_the_log() -> None:
    case = due(Status.CREDENTIALED)[0]
    take_checkpoint(ELECTION, now=AS_OF)
    other = "replace(CAST(body AS TEXT), 'ORG-0', 'ORG-1')"
    kind = "TEXT" if settings().database_url.startswith("sqlite") else "JSON"
    edited(f"UPDATE application_event SET body = CAST({other} AS {kind})")  # noqa: S608 -- two words
    with pytest.raises(CheckpointRefusedError, match="audit verify"):
        proof_of(ELECTION, case, now=AS_OF)


def test_a_restored_or_rewritten_database_is_found_by_what_lies_beside_the_keys() -> None:
    take_checkpoint(ELECTION, now=AS_OF)
    write_note(due(Status.CREDENTIALED)[0], "Seen.", FIRST)
    newest = take_checkpoint(ELECTION, now=AS_OF)
    assert take_checkpoint(ELECTION, now=AS_OF) == newest
    size = int(newest.splitlines()[1])
    edited(f"DELETE FROM log_entry WHERE position = {size - 1}")  # noqa: S608 -- a number
    edited(f"DELETE FROM log_checkpoint WHERE size = {size}")  # noqa: S608 -- a number
    assert "does not go on" in str(audit(ELECTION).links)
    with pytest.raises(LogForkedError, match="after-restore"):
        published_log(ELECTION, now=AS_OF)
    take_checkpoint(ELECTION, now=AS_OF, after_restore=True)
    assert audit(ELECTION).is_whole


@pytest.mark.parametrize(
    "edit",
    [
        "DELETE FROM log_entry WHERE position = 3",
        "UPDATE log_entry SET salt = NULL WHERE position = 3",
        "UPDATE log_entry SET entry = (SELECT e.entry FROM log_entry e WHERE e.position = 4) WHERE position = 3",
        "UPDATE log_checkpoint SET note = replace(note, 'TEST/', 'TEXT/')",
        "DELETE FROM log_checkpoint",
    ],
)  # fmt: skip
def test_an_edit_of_the_log_is_found(edit: str) -> None:
    take_checkpoint(ELECTION, now=AS_OF)
    edited(edit)
    assert "log: " in "\n".join(map(str, audit(ELECTION).links))


EDITS = (
    "DELETE FROM log_entry WHERE position = {place}",
    "UPDATE log_entry SET salt = NULL WHERE position = {place}",
    "UPDATE log_entry SET entry = substr(entry, 2) || '0' WHERE position IN ({place}, {other})",
    "UPDATE application_event SET hash = replace(hash, 'a', 'b') WHERE sequence = 1 + {place} % 3",
    "DELETE FROM log_entry WHERE position >= {place}",
    "DELETE FROM log_entry WHERE position < 256",
)


def test_what_was_kept_of_the_last_look_changes_no_answer_whatever_is_edited() -> None:
    take_checkpoint(ELECTION, now=AS_OF)
    chance = random.Random(2027)
    with open_reader(database()) as store:
        size, kept = store.log.size(ELECTION), settings().home / f"log-tiles-{ELECTION}"
        assert kept.stat().st_size == 32 + size // 256 * 64
        for _ in range(12):
            place, other = chance.sample(range(size), 2)
            edit = chance.choice(EDITS).format(place=place, other=other)
            store.session.execute(text(edit))
            look, anew = look_at_log(store, ELECTION), look_at_log(store, ELECTION, anew=True)
            assert (look.faults, look.tree.root(), look.tree.size) == (anew.faults, anew.tree.root(), anew.tree.size)
            store.session.rollback()


def test_what_is_not_whole_or_others_could_have_written_is_not_taken_for_the_last_look() -> None:
    take_checkpoint(ELECTION, now=AS_OF)
    place = settings().home / f"log-tiles-{ELECTION}"
    kept = place.read_bytes()
    forged = kept[32:64] + bytes(32) + kept[96:]
    with open_reader(database()) as store:
        right = look_at_log(store, ELECTION, anew=True).tree.root()
        for content, mode in (
            (kept[:-7], 0o600),
            (kept[:32] + forged, 0o600),
            (sha256(forged).digest() + forged, 0o666),
        ):
            place.write_bytes(content)
            place.chmod(mode)
            assert look_at_log(store, ELECTION).tree.root() == right
