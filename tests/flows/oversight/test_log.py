"""The log: what outsiders can check with it, and that whoever rewrites the database is found by one kept checkpoint."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due

from db.store import open_store
from domain.application.status import Status
from flows.cli.app import main
from flows.context import database
from flows.decisions.casework import write_note
from flows.issuance.log import LogForkedError, published_log, take_checkpoint
from flows.issuance.publication import publish
from flows.oversight.exports import growth_faults
from flows.oversight.overview import audit
from flows.statements.acceptance import ActingOfficer

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
