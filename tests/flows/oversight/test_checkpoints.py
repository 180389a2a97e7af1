"""Checkpoints that make themselves: published, sent, cosigned, stamped. A log that was touched is found at a start."""

from __future__ import annotations

import asyncio
import base64
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import Need
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prefect.client.schemas.objects import State
from sqlalchemy import text, update
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due

from db.letters.letters import LetterFilter
from db.store import open_reader, open_store
from db.tables.application import EventRow
from domain.application.status import Status
from domain.election.profile import OversightRules, Witness
from domain.errors import UnavailableError
from domain.letters.envelope import LetterKind, LetterState
from domain.oversight.alarms import AlarmKind
from domain.oversight.log.checkpoint import COSIGNED, CheckpointRefusedError, NoteKey, as_signed
from flows.accreditation import accreditation
from flows.context import database
from flows.decisions.casework import write_note
from flows.issuance.publication.checkpoints import checkpoint_if_it_can, checkpoints, make_checkpoint, send_checkpoint
from flows.issuance.publication.log import add_cosignature, published_log, take_checkpoint
from flows.issuance.publication.stamps import stamp_newest, stamp_of
from flows.oversight.exports import published_witnesses, signers
from flows.runtime.alarms import heard_alarms
from flows.settings import reset_settings
from flows.statements.acceptance import ActingOfficer
from flows.statements.kept_log import LogForkedError, given_out, require_whole_log
from flows.storage.files import file_store
from flows.upkeep.service import up
from flows.vetting.flow import vetting

OFFICER = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)
HELD = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEY = NoteKey("witness.example/w1", HELD.public_key().public_bytes_raw(), COSIGNED)


@pytest.fixture(autouse=True)
def issued(sqlite_stages: Stages) -> Iterator[Stages]:
    """Give it on one database: what the log itself does is tried on both by ``test_log.py``."""
    with sqlite_stages.copy("issued"):
        yield sqlite_stages


def edited(*statements: str) -> None:
    with open_store(database()) as store:
        for statement in statements:
            store.session.execute(text(statement))


def something_happens() -> None:
    write_note(due(Status.CREDENTIALED)[0], "Seen.", OFFICER)


def vet_again() -> None:
    async def vetted() -> None:
        await vetting.fn(ELECTION, [], AS_OF)

    asyncio.run(vetted())


def watched_by(rules: OversightRules) -> None:
    with open_store(database()) as store:
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        store.elections.put(profile.revised(oversight=rules, languages=("en", "fr")), land, now=AS_OF)


def a_witness() -> Witness:
    return Witness(name=KEY.name, key=str(KEY), email="w1@witness.example", language="fr")


def signed_by_witness(note: str, *, moment: int = 1_800_000_000, told: int = 1_800_000_000) -> str:
    """Return *note* as a witness sends it back (C2SP tlog-cosignature, cosignature/v1)."""
    said = note.rpartition("\n\n")[0] + "\n"
    signature = HELD.sign(f"cosignature/v1\ntime {moment}\n{said}".encode())
    return f"{note}\u2014 {KEY.name} {base64.b64encode(KEY.id + told.to_bytes(8, 'big') + signature).decode()}\n"


def rewritten(_: Stages) -> None:
    edited(
        "UPDATE log_entry SET entry = (SELECT e.entry FROM log_entry e WHERE e.position = 4) WHERE position = 3",
        "DELETE FROM log_checkpoint",
    )


def truncated(_: Stages) -> None:
    edited(
        "DELETE FROM log_entry WHERE position > 10",
        "DELETE FROM log_checkpoint",
    )


def reordered(_: Stages) -> None:
    edited(
        "UPDATE log_entry SET position = -1 WHERE position = 3",
        "UPDATE log_entry SET position = 3 WHERE position = 4",
        "UPDATE log_entry SET position = 4 WHERE position = -1",
    )


def forked(stages: Stages) -> None:
    """What is left of the log grows on, longer than it ever was."""
    truncated(stages)
    something_happens()
    with open_store(database()) as store:
        store.log.grow(ELECTION)


@pytest.mark.parametrize("attack", [rewritten, truncated, reordered, forked])
def test_a_log_that_was_touched_is_found_at_the_next_start(attack: Callable[[Stages], None], issued: Stages) -> None:
    take_checkpoint(ELECTION, now=AS_OF)
    assert require_whole_log(ELECTION) == ()
    attack(issued)
    with pytest.raises(LogForkedError, match="does not go on"):
        vet_again()
    with pytest.raises(LogForkedError, match="after-restore"):
        up()
    assert [alarm.kind for alarm in heard_alarms(ELECTION)] == [AlarmKind.LOG]


def test_a_restored_older_database_is_found_at_the_next_start(issued: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    with issued.copy("decided") as kept:
        older = kept.url
    something_happens()
    take_checkpoint(ELECTION, now=AS_OF)
    monkeypatch.setenv("ACCREDIT_DATABASE_URL", older)
    reset_settings()
    with pytest.raises(LogForkedError, match="does not go on"):
        vet_again()
    take_checkpoint(ELECTION, now=AS_OF, after_restore=True)
    assert require_whole_log(ELECTION) == ()


def test_a_history_that_was_rewritten_beside_the_log_is_told_and_stops_nobody() -> None:
    take_checkpoint(ELECTION, now=AS_OF)
    case = due(Status.CREDENTIALED)[0]
    with open_store(database()) as store:
        changed = update(EventRow).where(EventRow.application_id == case, EventRow.sequence == 1)
        store.session.execute(changed.values(hash="0" * 64))
    assert "does not say what is recorded" in str(require_whole_log(ELECTION))
    assert [alarm.kind for alarm in heard_alarms(ELECTION)] == [AlarmKind.LOG]


def test_the_log_is_published_by_itself_and_a_second_time_nothing_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCREDIT_PUBLIC_FOLDER", str(tmp_path / "public"))
    reset_settings()
    first = make_checkpoint(ELECTION, now=AS_OF)
    assert (first["checkpoints"], first["files"] > 2) == (1, True)
    assert +make_checkpoint(ELECTION, now=AS_OF) == {}
    something_happens()
    assert make_checkpoint(ELECTION, now=AS_OF)["checkpoints"] == 1
    assert (tmp_path / "public/log/checkpoint").read_text("utf-8") == given_out(ELECTION)


def test_the_chain_and_the_schedule_make_checkpoints_by_themselves() -> None:
    async def run() -> tuple[State[Any], str, State[Any]]:
        chain = await accreditation.fn(ELECTION, [], [], AS_OF)
        made = given_out(ELECTION)
        something_happens()
        return chain, made, await checkpoints.fn(ELECTION, AS_OF)

    chain, made, scheduled = asyncio.run(run())
    assert (chain.is_completed(), scheduled.is_completed()) == (True, True)
    assert 0 < int(made.split("\n")[1]) < int(given_out(ELECTION).split("\n")[1])
    assert letters()


def test_a_published_folder_that_cannot_be_written_stops_no_stage_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("ACCREDIT_PUBLIC_FOLDER", str(tmp_path / "file"))
    reset_settings()

    async def run() -> State[Any]:
        return await accreditation.fn(ELECTION, [], [], AS_OF)

    ended = asyncio.run(run())
    assert (ended.is_failed(), "cannot be written" in str(ended.message)) == (True, True)
    with open_reader(database()) as store:
        assert store.letters.count(ELECTION, LetterFilter(state=LetterState.SENT)) > 0


def test_without_the_key_the_chain_goes_on_and_no_checkpoint_is_made() -> None:
    with open_store(database()) as store:
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        foreign = profile.credential.revised(issuer="VLD")
        store.elections.put(profile.revised(credential=foreign), land, now=AS_OF)
    assert checkpoint_if_it_can(ELECTION, now=AS_OF) == {}
    assert given_out(ELECTION) == ""


def letters() -> list[str]:
    with open_reader(database()) as store:
        return sorted(store.letters.keys_of(ELECTION, LetterKind.CHECKPOINT))


def test_organisations_get_a_checkpoint_a_week_and_witnesses_one_a_day_while_the_log_grows() -> None:
    watched_by(OversightRules(witnesses=(a_witness(),)))
    with open_reader(database()) as store:
        admitted = sum(organisation.may_nominate for organisation in store.organisations.all_in(ELECTION).values())
    take_checkpoint(ELECTION, now=AS_OF)
    sent = [send_checkpoint(ELECTION, now=AS_OF)]
    for days in (0, 1, 2, 7):
        if days:
            write_note(due(Status.CREDENTIALED)[0], f"Day {days}.", OFFICER)
            take_checkpoint(ELECTION, now=AS_OF + timedelta(days=days))
        sent.append(send_checkpoint(ELECTION, now=AS_OF + timedelta(days=days)))
    sent.append(send_checkpoint(ELECTION, now=AS_OF + timedelta(days=30)))  # nothing was recorded since
    assert sent == [admitted + 1, 0, 1, 1, admitted + 1, 0]
    assert sum(KEY.name in key for key in letters()) == 4
    with open_reader(database()) as store:
        to_witness = [store.letters.get(ELECTION, key).envelope for key in letters() if KEY.name in key]
        assert {(letter.to, letter.language) for letter in to_witness} == {("w1@witness.example", "fr")}
        assert file_store().get(to_witness[-1].attachments[0].content).decode() == given_out(ELECTION)
    watched_by(OversightRules(organisations_every_days=None))
    assert send_checkpoint(ELECTION, now=AS_OF + timedelta(days=90)) == 0
    with open_reader(database()) as store:
        assert store.letters.count(ELECTION, LetterFilter(kind=LetterKind.CHECKPOINT)) == sum(sent)


def test_a_witness_signs_and_readers_of_the_published_folder_are_told_so(tmp_path: Path) -> None:
    watched_by(OversightRules(witnesses=(a_witness(),)))
    note = take_checkpoint(ELECTION, now=AS_OF)
    back = signed_by_witness(note)
    assert add_cosignature(ELECTION, back) == add_cosignature(ELECTION, back) == (int(note.split("\n")[1]), (KEY.name,))
    assert take_checkpoint(ELECTION, now=AS_OF) == back
    something_happens()
    files = published_log(ELECTION, now=AS_OF)
    assert (files["log/cosigned"].decode(), as_signed(back)) == (back, note)
    for name in ("checkpoint", "cosigned", "key", "witnesses"):
        (tmp_path / name).write_bytes(files[f"log/{name}"])
    key, witnesses = (tmp_path / "key").read_text(), published_witnesses(tmp_path)
    assert signers(tmp_path / "cosigned", key, witnesses) == (KEY.name,)
    assert signers(tmp_path / "checkpoint", key, witnesses) == ()


def test_a_cosignature_of_a_stranger_of_another_checkpoint_or_a_wrong_one_is_refused() -> None:
    note = take_checkpoint(ELECTION, now=AS_OF)
    with pytest.raises(CheckpointRefusedError, match="no signature of a witness"):
        add_cosignature(ELECTION, signed_by_witness(note))
    watched_by(OversightRules(witnesses=(a_witness(),)))
    size = note.split("\n")[1]
    for other, problem in (
        (signed_by_witness(note.replace(f"\n{size}\n", "\n1\n", 1)), "never given out"),
        (signed_by_witness(note.replace("TEST/", "TEXT/")), "not the one"),
        (signed_by_witness(note, told=1_700_000_000), "is wrong"),
    ):
        with pytest.raises(CheckpointRefusedError, match=problem):
            add_cosignature(ELECTION, other)
    assert take_checkpoint(ELECTION, now=AS_OF) == note


class _Authority(BaseHTTPRequestHandler):
    """A time stamp authority: openssl answers in the folder of its certificate."""

    def __init__(self, folder: Path, *given: Any) -> None:
        self.folder = folder
        super().__init__(*given)

    def do_POST(self) -> None:
        (self.folder / "asked").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        openssl(
            self.folder, "ts", "-reply", "-queryfile", "asked", "-config", "ts.cnf", "-section", "ts", "-out", "answer"
        )
        self.send_response(200)
        self.end_headers()
        self.wfile.write((self.folder / "answer").read_bytes())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name that the base class gives it
        pass


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def authority(tmp_path: Path, need: Need, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    need(shutil.which("openssl"), "openssl", "Install it (apt-get install openssl).")
    folder = tmp_path / "authority"
    folder.mkdir()
    (folder / "serial").write_text("01\n")
    (folder / "ts.cnf").write_text(
        "[ts]\nserial = serial\nsigner_cert = tsa.pem\ncerts = tsa.pem\nsigner_key = tsa.key\nsigner_digest = sha256\n"
        "default_policy = 1.2.3.4.1\ndigests = sha256\naccuracy = secs:1\ness_cert_id_alg = sha256\n"
        "[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = Time of Valdara\n"
        "[tsa]\nextendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n"
    )
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-config",
            "ts.cnf", "-days", "3650", "-subj", "/CN=Root of Valdara", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
    openssl(
        folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-config", "ts.cnf"
    )
    openssl(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
            "tsa.pem", "-days", "3650", "-extfile", "ts.cnf", "-extensions", "tsa")  # fmt: skip
    server = HTTPServer(("127.0.0.1", 0), partial(_Authority, folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ACCREDIT_TIMESTAMP_URL", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("ACCREDIT_TIMESTAMP_AUTHORITY", str(folder / "ca.pem"))
    reset_settings()
    yield folder
    server.shutdown()
    server.server_close()


def test_a_checkpoint_is_stamped_once_and_others_tools_verify_the_stamp(authority: Path) -> None:
    note = take_checkpoint(ELECTION, now=AS_OF)
    assert (stamp_newest(ELECTION), stamp_newest(ELECTION)) == (1, 0)
    files = published_log(ELECTION, now=AS_OF)
    assert files["log/stamped"].decode() == note
    (authority / "stamped").write_bytes(files["log/stamped"])
    (authority / "stamped.tsr").write_bytes(files["log/stamped.tsr"])
    openssl(authority, "ts", "-verify", "-data", "stamped", "-in", "stamped.tsr", "-CAfile", "ca.pem")
    (authority / "stamped").write_bytes(files["log/stamped"] + b" ")
    with pytest.raises(subprocess.CalledProcessError):
        openssl(authority, "ts", "-verify", "-data", "stamped", "-in", "stamped.tsr", "-CAfile", "ca.pem")


def test_an_authority_that_others_vouch_for_or_that_is_away_stamps_nothing(
    authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_checkpoint(ELECTION, now=AS_OF)
    shutil.copy(authority / "ca.pem", authority / "known.pem")
    openssl(authority, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "b.key", "-out", "ca.pem", "-config",
            "ts.cnf", "-subj", "/CN=Another")  # fmt: skip
    with pytest.raises(UnavailableError, match="does not hold"):
        stamp_newest(ELECTION)
    monkeypatch.setenv("ACCREDIT_TIMESTAMP_URL", "http://127.0.0.1:1/")
    reset_settings()
    with pytest.raises(UnavailableError, match="does not answer"):
        stamp_of(b"anything")
    assert "log/stamped" not in published_log(ELECTION, now=AS_OF)
