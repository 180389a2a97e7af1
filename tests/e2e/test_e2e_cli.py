"""The command as people use it: what it prints, what it answers, and what a second time changes."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2
import pytest
import typer
from e2e.installation import APPLICATIONS, AS_OF, ELECTION, Installation, change

from flows.cli.app import app, main
from flows.runtime.server.lifetime import OneServer
from flows.settings import reset_settings

pytestmark = [pytest.mark.xdist_group("e2e-cli"), pytest.mark.timeout(600)]


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Accredit = Callable[..., Answer]
README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


@pytest.fixture
def accredit(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Accredit:
    """Give the command, run in this process: starting one costs seconds."""
    monkeypatch.setenv("COLUMNS", "300")

    def ran(*arguments: str | Path, code: int = 0) -> Answer:
        monkeypatch.setattr(sys, "argv", ["accredit", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        answer = Answer(int(ended.value.code or 0), captured.out, captured.err)
        assert answer.code == code, answer.err + answer.out
        return answer

    return ran


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Installation], Path]]:
    """Give a function that makes the command work on an installation; returns its home."""

    def chosen(installation: Installation) -> Path:
        for name, value in installation.environment.items():
            if name.startswith("ACCREDIT_"):
                monkeypatch.setenv(name, value)
        reset_settings()
        return installation.home

    yield chosen
    reset_settings()


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command below *group*; typer brings its own click, without types."""
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def test_every_command_helps_with_an_example(accredit: Accredit) -> None:
    every = dict(commands(typer.main.get_command(app)))
    wanted = "init rehearse intake vet queue decide assign issue deliver run up status show history verify demo"
    assert {(name,) for name in wanted.split()} | {("audit", "verify"), ("db", "upgrade")} <= every.keys()
    for path, command in every.items():
        assert command.help, path
        assert command.epilog.startswith(f"Example: accredit {' '.join(path)}"), path
    assert "Example: accredit audit verify" in accredit("audit", "verify", "--help").out


def test_every_command_that_works_on_an_election_takes_it_and_the_moment() -> None:
    working = "intake vet queue decide assign issue deliver run status show history verify"
    for path, command in commands(typer.main.get_command(app)):
        if path[0] in working.split() or path == ("audit", "verify"):
            options = {option for parameter in command.params for option in parameter.opts}
            assert {"--election", "--as-of", "--json"} <= options, path


def take_in(accredit: Accredit, package: Path) -> None:
    """Take everything in; what goes back is explained, and a second time nothing happens."""
    taken = accredit("intake", package / "nominations", "--as-of", AS_OF, "--json", code=4).json
    assert taken["intake"]["rows"] == APPLICATIONS
    assert taken["intake"]["returned"] > 0
    with Path(taken["returned_rows"]).open(encoding="utf-8-sig", newline="") as lines:
        returned = list(csv.DictReader(lines))
    assert len(returned) == taken["intake"]["returned"]
    assert all(row["problem"] and row["remedy"] for row in returned)
    second = accredit("intake", package / "nominations", "--as-of", AS_OF, "--json").json
    assert set(second["intake"].values()) == {0}


def decide_three(accredit: Accredit, home: Path, cases: list[str]) -> None:
    """Approve the first case by signature, refuse the second by two officers, and leave the third as it is."""
    approved, refused, kept = cases
    by = ("--officer", "OFF-DEMO-1", "--as-of", AS_OF)
    done = accredit("decide", approved, "--outcome", "approve", *by, "--facts", "Looked at.", "--json").json
    assert [one["applied"] for one in done] == [True]
    accredit("decide", approved, "--outcome", "approve", *by, code=1)  # no longer in review
    accredit("decide", refused, "--outcome", "refuse", *by, code=2)  # no reason given
    accredit("decide", refused, "--outcome", "refuse", "--reason", "R04", *by, code=1)  # nothing it rests on
    accredit("decide", refused, "--outcome", "refuse", "--reason", "R04", *by, "--facts", "Page 2 is missing.")
    assert accredit("show", refused, "--json").json["application"]["status"] == "in review"
    accredit("decide", refused, "--outcome", "confirm", *by, code=1)  # the same officer
    other = ("--officer", "OFF-DEMO-2", "--as-of", AS_OF)
    accredit("decide", refused, "--outcome", "confirm", *other)
    assert accredit("show", refused, "--json").json["application"]["status"] == "refused"
    no_key = ("--officer", "OFF-DEMO-2", "--key", home / "none")
    accredit("decide", kept, "--outcome", "approve", *no_key, code=2)


def require_documented(status: dict[str, Any]) -> None:
    """Demand the shape that scripts rely on, and figures that agree with each other."""
    assert list(status) == [
        "election",
        "applications",
        "letters",
        "credentials",
        "intake",
        "waiting",
        "webhooks",
        "alarms",
    ]
    assert list(status["intake"]) == ["rows", "recorded", "unchanged", "corrected", "held", "returned"]
    assert status["applications"]["credentialed"] == status["credentials"]["issued"]
    assert sum(status["letters"]["credential"].values()) == status["credentials"]["issued"]
    assert status["intake"]["rows"] == sum(status["intake"].values()) - status["intake"]["rows"]


@pytest.mark.full
def test_cases_go_through_the_whole_course_by_single_commands(
    fresh: Installation, package: Path, accredit: Accredit, at: Callable[[Installation], Path]
) -> None:
    home = at(fresh)
    again = accredit("init", package, "--as-of", AS_OF, "--json").json
    assert (again["election"], again["rules_changed"], again["organisations_changed"]) == (ELECTION, False, 0)
    take_in(accredit, package)
    vetted = accredit("vet", "--as-of", AS_OF, "--json").json
    waiting = accredit("queue", "--json").json
    assert len(waiting) == vetted["counts"]["referred"] > 2
    decide_three(accredit, home, [row["case"] for row in waiting[:3]])
    approved = waiting[0]["case"]
    accredit("assign", "--as-of", AS_OF)
    issued = accredit("issue", "--as-of", AS_OF, "--application", approved, "--json").json
    assert issued["counts"] == {"issued": 1}
    accredit("issue", "--as-of", AS_OF)
    assert accredit("deliver", "--as-of", AS_OF, "--json").json["counts"]["sent"] > 2 * APPLICATIONS
    shown = accredit("show", approved, "--json").json
    assert shown["application"]["status"] == "credentialed"
    assert ["credential", "sent"] in [letter[:2] for letter in shown["letters"]]
    kinds = [event["kind"] for event in accredit("history", approved, "--json").json]
    assert kinds[0] == "nomination_recorded"
    assert kinds[-3:] == ["application_approved", "region_assigned", "credential_issued"]
    assert all(approved in accredit(command, approved).out for command in ("show", "history"))
    status = accredit("status", "--json").json
    require_documented(status)
    accredit("run", package / "nominations", "--as-of", AS_OF)
    assert accredit("status", "--json").json == status


def badge_of(installation: Installation) -> tuple[str, bytes]:
    """Return the serial and the drawn badge of somebody issued."""
    from flows.storage.files import file_store

    with sqlite3.connect(installation.home / "accreditation.db") as database:
        serial, badge = database.execute(
            "select serial, badge_sha256 from credential where state = 'issued'"
        ).fetchone()
    return serial, file_store().get(badge)


def test_a_badge_is_verified_as_pdf_as_picture_and_as_text(
    undisturbed: Installation, accredit: Accredit, at: Callable[[Installation], Path], tmp_path: Path
) -> None:
    from flows.issuance.publication.verification import tokens_of

    at(undisturbed)
    serial, stored = badge_of(undisturbed)
    pdf, png = tmp_path / "badge.pdf", tmp_path / "badge.png"
    pdf.write_bytes(stored)
    pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil().save(png)
    (token,) = tokens_of(str(pdf))
    for what in (pdf, png, token):
        verdict = accredit("verify", what, "--as-of", AS_OF, "--json").json
        assert (verdict["valid"], verdict["serial"]) == (True, serial)
    assert accredit("verify", token, "--as-of", "2029-01-01", "--json", code=1).json["valid"] is False
    assert accredit("verify", token[:-4] + "0000", "--as-of", AS_OF, "--json", code=1).json["valid"] is False
    (tmp_path / "white.png").write_bytes((tmp_path / "badge.png").read_bytes()[:100])
    accredit("verify", tmp_path / "white.png", code=2)


def test_the_rehearsal_and_the_audit_agree_until_somebody_changes_a_row_by_hand(
    undisturbed: Installation,
    package: Path,
    accredit: Accredit,
    at: Callable[[Installation], Path],
    tmp_path: Path,
) -> None:
    changed = undisturbed.copied(tmp_path / "var")
    at(changed)
    assert accredit("rehearse", package, "--check", "--json").json == []
    assert accredit("audit", "verify", "--json").json["broken"] == []
    change(
        changed.database_url, "delete from finding where application_id = (select application_id from finding limit 1)"
    )
    differences = accredit("rehearse", package, "--check", "--json", code=1).json
    assert {difference["kind"] for difference in differences} == {"code missed"}
    change(changed.database_url, "update application set region = 'VD-99' where serial like '%-000001'")
    assert len(accredit("audit", "verify", "--json", code=1).json["broken"]) == 1


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        (b"", ["file.csv", "is empty"]),
        (b"surname,given_names\nM\xfcller,A\n", ["file.csv", "encoding", "CSV UTF-8"]),
        (b"surname,given_names,favourite_colour\nA,B,red\n", ["file.csv", "favourite_colour"]),
        (b"\x89PNG\r\n\x1a\n\x00\x00", ["file.csv"]),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_a_remedy_and_leaves_the_database_as_it_was(
    undisturbed: Installation,
    accredit: Accredit,
    at: Callable[[Installation], Path],
    tmp_path: Path,
    content: bytes,
    sentences: list[str],
) -> None:
    at(undisturbed)
    before = accredit("status", "--json").json
    (tmp_path / "file.csv").write_bytes(content)
    refused = accredit("intake", tmp_path / "file.csv", "--organisation", "ORG-01", "--as-of", AS_OF, code=2)
    assert all(sentence in refused.err for sentence in sentences), refused.err
    assert "Traceback" not in refused.err
    assert accredit("status", "--json").json == before


def test_what_is_not_there_is_refused_in_one_sentence(
    undisturbed: Installation, accredit: Accredit, at: Callable[[Installation], Path], tmp_path: Path
) -> None:
    at(undisturbed)
    assert "there is no such file" in accredit("intake", tmp_path / "nowhere.csv", "-o", "ORG-01", code=2).err
    assert "NOWHERE" in accredit("status", "--election", "NOWHERE", code=2).err
    assert "ABCD-EFGH-IJKL" in accredit("show", "ABCD-EFGH-IJKL", code=2).err
    assert "election.yaml" in accredit("init", tmp_path, code=2).err


def shown_in_readme() -> list[str]:
    """Return what the README shows of the demo: headings and sentences, each up to its first number."""
    shown = README[README.index("```\nApplications by status") + 4 :].partition("```")[0]
    lines = [line for part in shown.splitlines() for line in part.split("   ") if line.strip()]
    return [found[0].strip() for line in lines if (found := re.match(r"[A-Z][a-z' ,()-]+", line.strip()))]


def test_the_demo_is_without_differences_and_a_second_one_changes_nothing(
    accredit: Accredit, at: Callable[[Installation], Path], tmp_path: Path, prefect_server: OneServer
) -> None:
    at(Installation(tmp_path / "var", {}, prefect_server.api_url))
    first = accredit("demo", "-n", "25", "--seed", "5").out
    assert "0 differences" in first
    assert [words for words in shown_in_readme() if words not in " ".join(first.split())] == []
    before = accredit("status", "--json").json
    second = accredit("demo", "-n", "25", "--seed", "5").out
    assert "0 recorded, 0 decided" in second
    assert "0 letters" in second
    assert "nothing changed" in second
    assert accredit("status", "--json").json == before
