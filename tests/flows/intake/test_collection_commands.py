"""The commands about what comes by itself, whole: flow, report, exit codes, and nothing personal in Prefect."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from support.builders import ELECTION
from support.imap import DOVECOT, PASSWORD, REMEDY, USER, PostBox, post_box
from support.stages import AS_OF, Stages

from flows.cli.app import main
from flows.context import election_context
from flows.runtime.server.lifetime import OneServer
from flows.settings import reset_settings

pytestmark = [pytest.mark.xdist_group("prefect")]

MESSAGE = """From: {sender}
Message-ID: <{sender}>
Content-Type: text/csv
Content-Disposition: attachment; filename="Qzxlist.csv"

reference,role,surname,given_names,birth_date
1,expert,QZXNAME,Ava,1985-05-17
""".replace("\n", "\r\n")


Need = Callable[[object, str, str], None]


class Accredit(Protocol):
    def __call__(self, *words: str, code: int = 0) -> str: ...


@pytest.fixture
def accredit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Accredit:
    def ran(*words: str, code: int = 0) -> str:
        monkeypatch.setattr("sys.argv", ["accredit", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert int(ended.value.code or 0) == code, captured.out + captured.err
        return captured.out

    return ran


@pytest.fixture
def places(sqlite_stages: Stages, tmp_path: Path, need: Need) -> Iterator[tuple[PostBox, Path]]:
    """Give a mailbox and a drop folder, beside an installation that does not know them yet."""
    need(DOVECOT, "The mail server dovecot", REMEDY)
    (tmp_path / "drop" / "ORG-01").mkdir(parents=True)
    with sqlite_stages.copy("loaded"), post_box() as box:
        yield box, tmp_path / "drop"


@pytest.mark.parametrize("sources", [("mailbox",), pytest.param(("folder", "mailbox"), marks=pytest.mark.full)])
def test_files_and_mail_are_collected_by_command_and_prefect_learns_nothing_of_them(
    sources: tuple[str, ...],
    places: tuple[PostBox, Path],
    prefect_server: OneServer,
    monkeypatch: pytest.MonkeyPatch,
    accredit: Accredit,
) -> None:
    box, drop = places
    moment = ("--as-of", AS_OF.strftime("%Y-%m-%dT%H:%M"), "--json")
    accredit("collect", "folder", code=2)
    accredit("collect", "mailbox", code=2)
    settled = {"DROP_FOLDER": drop, "IMAP_HOST": "127.0.0.1", "IMAP_PORT": box.tls, "IMAP_USER": USER,
               "IMAP_PASSWORD": PASSWORD, "IMAP_AUTHORITIES": box.authorities}  # fmt: skip
    for name, value in settled.items():
        monkeypatch.setenv(f"ACCREDIT_{name}", str(value))
    reset_settings()
    (drop / "ORG-01" / "Qzxbad.csv").write_text("colour\nred\n")
    if "folder" in sources:
        found = json.loads(accredit("collect", "folder", "--at-once", *moment, code=4))
        assert found["counts"] == {"files left alone": 0, "files refused": 1}
    for sender in (
        election_context(ELECTION, AS_OF).organisations["ORG-01"].focal_point.email,
        "qzxstranger@elsewhere.example",
    ):
        box.put(MESSAGE.format(sender=sender).encode())
    found = json.loads(accredit("collect", "mailbox", *moment))
    counts = found["counts"]
    assert [(one["organisation"], one["recorded"]) for one in found["files"]] == [("ORG-01", 1)]
    waiting = json.loads(accredit("status", "--json"))["waiting"]
    assert (waiting["messages_held"], waiting["files_not_finished"]) == (1, 0)
    assert (counts["recorded"], counts["messages taken"], counts["messages held"]) == (1, 1, 1)
    (held,) = json.loads(accredit("collect", "held", "--json"))
    assert (held["from"], held["files"]) == ("qzxstranger@elsewhere.example", "Qzxlist.csv")
    accredit("collect", "release", held["id"][:8], "-o", "ORG-02", "--officer", "OFF-DEMO-1", *moment[:2])
    accredit("collect", "discard", held["id"][:8], "--officer", "OFF-DEMO-1", code=2)
    assert prefect_server.child is not None
    with sqlite3.connect(prefect_server.child.log.parent / "prefect.db") as database:
        assert not [line for line in database.iterdump() if "qzx" in line.lower()]
