"""The drop folder: each file taken once, when nobody writes it, and put away with its report; by its plain steps."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages

from domain.errors import BadInputError, UnavailableError
from domain.intake.nominations_file import ChunkCounts
from flows.intake import flow as intake
from flows.intake.arrivals import readable
from flows.intake.collection.flow import look_around, settle, stage
from flows.intake.collection.working import being_read
from flows.intake.mending.returned_rows import account_text
from flows.intake.reading import readers
from flows.settings import reset_settings

CLOCK = datetime(2027, 3, 10, 8, 0, tzinfo=UTC)
HEADER = "reference,role,surname,given_names,birth_date\n"


@pytest.fixture
def folder(sqlite_stages: Stages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Give the drop folder of an installation with an election and nobody in it yet."""
    with sqlite_stages.copy("loaded"):
        place = tmp_path / "drop"
        (place / "ORG-01").mkdir(parents=True)
        monkeypatch.setenv("ACCREDIT_DROP_FOLDER", str(place))
        reset_settings()
        yield place


def collect(after: int, *, stop: str = "") -> Counter[str]:
    """Do what the flow does, so many seconds later, up to the step *stop*."""
    clock = CLOCK + timedelta(seconds=after)
    with closing(look_around(ELECTION, "drop folder", now=AS_OF, clock=clock, real=False)) as harvest:
        chunks = stage(harvest, Path(), source="drop folder", real=False)
        for chunk in chunks:
            intake.take_in(chunk, ELECTION, now=AS_OF)
        if stop != "recorded":
            intake.close_files(ELECTION, now=AS_OF)
        if not stop:
            settle(harvest)
    return +harvest.counts


def sent(path: Path, *rows: str) -> Path:
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), "utf-8")
    return path


def counts() -> ChunkCounts:
    return sum((report.counts for report in intake.reports(ELECTION)), ChunkCounts())


def lying(folder: Path) -> set[str]:
    """Return what lies in *folder*, without the engine's own notes."""
    found = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return {path.as_posix() for path in found if not (path.parts[0] == "working" and path.name.startswith("."))}


ONE = "1,expert,LINDENGARD,Ava,1985-05-17"
TWO = "2,,LINDENGARD,Bo,1985-05-18"


def test_a_file_is_taken_once_nobody_writes_it_and_put_away_with_its_report(folder: Path) -> None:
    path = sent(folder / "ORG-01" / "list.csv", ONE)
    (folder / "ORG-01" / "half.csv.part").write_text(HEADER)
    assert collect(0) == {"files left alone": 1}, "the first look only looks"
    with path.open("a", encoding="utf-8") as more:
        more.write(TWO + "\n")
    assert collect(20) == {"files left alone": 1}, "it has grown"
    assert collect(25) == {"files left alone": 1}, "it has not been quiet for long"
    assert counts() == ChunkCounts()
    assert collect(40) == {"files taken": 1}
    assert counts() == ChunkCounts(recorded=1, returned=1)
    (place,) = (folder / "taken" / "ORG-01").iterdir()
    assert place.name.startswith("2027-03-10-")
    endings = ("", ".report.json", ".report.txt", ".report.xlsx")
    assert {one.name for one in place.iterdir()} == {f"list.csv{ending}" for ending in endings}
    sheet = openpyxl.load_workbook(place / "list.csv.report.xlsx")["Rows"]
    assert [cell.value for cell in sheet[2]][:3] == [3, "returned", "role"]
    report = json.loads((place / "list.csv.report.json").read_text("utf-8"))
    assert (report["rows"], report["recorded"], report["not_processed"][0]["row"]) == (2, 1, 3)
    assert "Row 3, returned, Role" in (place / "list.csv.report.txt").read_text("utf-8")
    assert "Строка 3, возвращено, Роль: Такой роли на этих выборах нет." in account_text(report, "ru")
    assert collect(60) == {}
    assert "ORG-01/half.csv.part" in lying(folder), "what is being written stays"


def test_a_crash_between_recording_and_putting_away_is_harmless(folder: Path) -> None:
    sent(folder / "ORG-01" / "list.csv", ONE, TWO)
    collect(0)
    for again, stop in enumerate(("recorded", "closed"), start=1):
        collect(20 * again, stop=stop)
        assert counts() == ChunkCounts(recorded=1, returned=1)
        (left,) = lying(folder)
        assert re.fullmatch(r"working/ORG-01/\w+/list\.csv", left), "moved before it was read, and still there"
    assert collect(60) == {"files taken": 1}
    assert counts() == ChunkCounts(recorded=1, returned=1)


def test_the_same_content_again_counts_nothing_and_overwrites_nothing(folder: Path) -> None:
    for after in (0, 20):
        sent(folder / "ORG-01" / "list.csv", ONE)
        collect(after * 10)
        assert collect(after * 10 + 100) == {"files taken": 1}
    assert counts() == ChunkCounts(recorded=1)
    assert len([name for name in lying(folder / "taken") if name.endswith("/list.csv")]) == 2


def test_what_cannot_be_read_goes_to_refused_with_the_reason_beside_it(folder: Path, tmp_path: Path) -> None:
    secret = sent(tmp_path / "outside.csv", ONE)
    (folder / "ORG-01" / "list.csv").write_text("colour,size\nred,44\n")
    (folder / "ORG-01" / "link.csv").symlink_to(secret)
    (folder / "ORG-99").mkdir()
    sent(folder / "ORG-99" / "stranger.csv", ONE)
    sent(folder / "ORG-01" / "good.csv", ONE)
    collect(0)
    assert collect(20) == {"files taken": 1, "files refused": 3}
    reasons = {path.name: path.read_text("utf-8") for path in (folder / "refused").rglob("*.report.txt")}
    assert "missing: surname" in reasons["list.csv.report.txt"]
    assert "is a link" in reasons["link.csv.report.txt"]
    assert "no registered organisation" in reasons["stranger.csv.report.txt"]
    assert counts() == ChunkCounts(recorded=1)
    assert secret.is_file()


def test_pictures_beside_a_file_are_read_and_go_with_it_and_rows_may_name_their_organisation(
    small_package: Path, folder: Path
) -> None:
    first = next(path for path in sorted((small_package / "nominations").glob("ORG-01*.csv")))
    shutil.copy(first, folder / "sent.csv")
    shutil.copytree(first.with_suffix(""), folder / "sent")
    collect(0)
    os.utime(next((folder / "sent").iterdir()), (1, 1))
    assert collect(20) == {"files left alone": 1}, "a picture has changed"
    assert collect(40) == {"files taken": 1}
    assert counts().recorded
    (place,) = (folder / "taken" / "without-folder").iterdir()
    assert (place / "sent").is_dir()
    assert not (folder / "sent").exists()


def test_a_file_that_ends_its_reader_goes_to_quarantine_with_its_report_and_the_next_is_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = sent(folder / "ORG-01" / "bad.csv", ONE, "x" * 2**25)  # more than is free in what the reader has already
    with monkeypatch.context() as without_memory:
        without_memory.setattr(readers, "INPUT_MEMORY", 0)
        collect(0)
        assert collect(11)["files quarantined"] == 1
    assert not bad.exists()
    (report,) = (folder / "quarantined").rglob("bad.csv.report.txt")
    assert "limits of memory and time" in report.read_text("utf-8")
    sent(folder / "ORG-01" / "good.csv", ONE)
    collect(20)
    assert collect(31)["files taken"] == 1


KILLED = """
import os, signal
from pathlib import Path
from flows.intake.collection.drop_folder import all_files
from flows.intake.collection.working import WorkingFolder

def end(*_):
    os.kill(os.getpid(), signal.SIGKILL)

{place}
WorkingFolder.opened(Path({folder!r})).take(all_files(Path({folder!r})))
end()
"""
PLACES = {
    "with the pictures moved alone": "m = Path.rename; Path.rename = lambda *p: m(*p) if p[0].is_dir() else end()",
    "with all moved and nothing read": "",
}


@pytest.mark.parametrize("place", PLACES)
def test_what_a_run_that_was_killed_had_moved_is_taken_by_the_next_with_its_pictures(place: str, folder: Path) -> None:
    path = sent(folder / "ORG-01" / "list.csv", ONE)
    path.with_suffix("").mkdir()
    (path.with_suffix("") / "face.jpg").write_bytes(b"no picture")
    script = KILLED.format(place=PLACES[place], folder=str(folder))
    ended = subprocess.run([sys.executable, "-c", script], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not path.exists() or not path.with_suffix("").exists()
    collect(0)
    collect(20)
    assert counts() == ChunkCounts(recorded=1)
    (taken,) = (folder / "taken" / "ORG-01").iterdir()
    assert (taken / "list" / "face.jpg").is_file()
    assert [path.name for path in (folder / "working" / "ORG-01").iterdir()] == []


def test_a_file_keeps_the_time_at_which_it_came_and_one_that_cuts_off_two_runs_is_not_read_again(folder: Path) -> None:
    path = sent(folder / "ORG-01" / "list.csv", ONE)
    came = datetime.fromtimestamp(path.stat().st_ctime, UTC)
    look_around(ELECTION, "drop folder", now=AS_OF, clock=CLOCK, real=True, at_once=True).close()
    with closing(look_around(ELECTION, "drop folder", now=AS_OF, clock=CLOCK, real=True)) as harvest:
        (moved,) = harvest.dropped
        assert moved.changed_at == came
        assert collect(0) == {}, "another run is at it"
    cut_off = [being_read(moved.path) for _ in range(2)]
    for reading in cut_off:
        reading.__enter__()
    good = sent(folder / "ORG-01" / "good.csv", ONE)
    collect(20)
    assert collect(40) == {"files taken": 1}
    assert not good.exists()
    assert [path.name for path in (folder / "quarantined").rglob("*.csv")] == ["list.csv"]


def test_a_working_folder_that_leads_elsewhere_or_is_open_to_others_is_not_used(folder: Path, tmp_path: Path) -> None:
    sent(folder / "ORG-01" / "list.csv", ONE)
    (folder / "working").symlink_to(tmp_path)
    with pytest.raises(BadInputError, match="is a link"):
        collect(0)
    (folder / "working").unlink()
    (folder / "working").mkdir()
    (folder / "working").chmod(0o770)
    with pytest.raises(BadInputError, match="engine's alone"):
        collect(0)


@pytest.mark.parametrize("kind", ["taken", "refused", "quarantined"])
def test_nothing_is_put_away_where_somebody_else_could_lead_it(kind: str, folder: Path, tmp_path: Path) -> None:
    list_ = sent(folder / "ORG-01" / "list.csv", ONE)
    (folder / kind).symlink_to(tmp_path)
    with pytest.raises(BadInputError, match=f"{kind} .* is a link"):
        collect(0)
    (folder / kind).unlink()
    (folder / kind).mkdir()
    (folder / kind).chmod(0o722)
    with pytest.raises(BadInputError, match="engine's alone"):
        collect(0)
    assert list_.exists()


def test_a_name_that_nobody_can_read_stops_no_file_and_neither_does_what_is_no_file(folder: Path) -> None:
    place = folder / "ORG-01"
    sent(place / "list.csv", ONE)
    sent(place / os.fsdecode(b"un\xff\xfereadable.csv"), ONE.replace("LIST", "OTHER"))
    sent(place / "two\nlines\x1b[2J.csv", "")
    os.mkfifo(place / "pipe.csv")
    (place / "zero.csv").symlink_to("/dev/zero")
    collect(0)
    assert collect(11) == {"files taken": 2, "files refused": 3}
    assert {path.name for path in folder.rglob("*.csv")} == {
        "list.csv", "un__readable.csv", "two_lines_[2J.csv", "pipe.csv", "zero.csv",
    }  # fmt: skip


@pytest.mark.parametrize("name", [b"p" * 251, "漢".encode() * 83, b"\xff" * 250, b"p" * 244])
def test_no_length_of_a_name_stops_that_file_or_another(folder: Path, name: bytes) -> None:
    long = sent(folder / "ORG-01" / os.fsdecode(name + b".csv"), ONE)
    long.with_suffix("").mkdir()
    (long.with_suffix("") / "face.jpg").write_bytes(b"")
    sent(folder / "ORG-01" / "zz.csv", TWO)
    collect(0)
    assert collect(11) == {"files taken": 2}
    assert len([*(folder / "taken").rglob("*.report.*")]) == 6
    assert [path for path in lying(folder) if not path.startswith("taken/")] == []


def test_what_cannot_be_moved_stops_no_other_senders_files_and_is_said_when_nothing_else_waits(folder: Path) -> None:
    sent(folder / "ORG-01" / "list.csv", ONE)
    (folder / "ORG-02").mkdir()
    sent(folder / "ORG-02" / "list.csv", TWO)
    (folder / "working").mkdir(mode=0o700)
    (folder / "working" / "ORG-01").write_text("in the way")
    collect(0)
    assert collect(11) == {"files taken": 1, "files left alone": 1}
    with pytest.raises(UnavailableError, match="cannot be moved"):
        collect(22)


def test_a_name_ends_as_it_is_shown() -> None:
    assert readable("list\u202evsc.exe.csv") == "list_vsc.exe.csv"
    assert readable("نام\u200cها.csv") == "نام\u200cها.csv", "joiners are letters of several languages"
