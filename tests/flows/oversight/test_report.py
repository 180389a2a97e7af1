"""The public report: from a whole rehearsal, in files, in a browser, and as a flow's form."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from conftest import Need
from support.axe import violations
from support.stages import AS_OF, Kept, Stages
from typer.testing import CliRunner

from db.store import open_reader
from domain.application.status import Status
from domain.oversight.cases import Outcome
from domain.oversight.report.report import Report, newer
from domain.oversight.report.suppression import SMALLEST
from flows.cli.app import app
from flows.context import chosen_election, database
from flows.oversight.reporting import gather, names_of, report_of, reviews, write_report
from flows.rehearsal import valdara
from flows.rehearsal.decided import Pace, decided_election
from flows.settings import settings
from notifications.pages.report import report_files
from notifications.pages.report_sheets import report_words

WHEN = ["--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"]


@pytest.fixture
def decided(stages: Stages) -> Iterator[Kept]:
    with stages.copy("decided") as kept:
        yield kept


def test_the_report_counts_what_the_database_holds(decided: Kept, tmp_path: Path) -> None:
    del decided
    answer = CliRunner().invoke(app, ["report", str(tmp_path), "--json", *WHEN])
    assert answer.exit_code == 0, answer.output
    made = json.loads(answer.stdout)
    with open_reader(database()) as store:
        counts = store.counts.applications(chosen_election(None))
    figures = made["figures"]
    assert figures["received"] == sum(counts.values())
    assert figures["accredited"] == counts[Status.APPROVED]
    findings = CliRunner().invoke(app, ["report", "--findings", "--json", *WHEN])
    assert all(finding["cases"] for finding in json.loads(findings.stdout))
    assert figures["refused"] in {None, counts.get(Status.REFUSED, 0)}
    assert made["waits"]["since_receipt"]["p50"] > 0
    assert made == json.loads((tmp_path / "report" / "report.json").read_text())
    again = CliRunner().invoke(app, ["report", str(tmp_path), *WHEN])
    assert "Received" in again.stdout
    assert max(map(len, again.stdout.splitlines())) <= 80


def test_a_later_report_knows_what_the_earlier_one_told(decided: Kept, tmp_path: Path) -> None:
    del decided
    election = chosen_election(None)
    every = decided_election(400, 3, profile=valdara(), pace=Pace(refused=0.04))
    fewer = [case for case in every if case != next(one for one in every if one.outcome is Outcome.WITHDRAWN)]
    earlier = write_report(replace(gather(election, now=AS_OF), cases=fewer), tmp_path)[0]
    before = numbers(earlier)
    assert write_report(replace(gather(election, now=AS_OF), cases=fewer), tmp_path)[1] == ()
    later = AS_OF + timedelta(days=1)
    assert small_steps(before, numbers(report_of(replace(gather(election, now=later), cases=every, told={}))))
    assert not small_steps(before, numbers(report_of(replace(gather(election, now=later), cases=every))))
    (settings().keys_folder / "report-told.json").unlink()  # what lies in the folder is asked as well
    made, _ = write_report(replace(gather(election, now=later), cases=every), tmp_path)
    assert not small_steps(before, numbers(made))


def numbers(report: Report) -> dict[str, int]:
    """Return what a report tells of groups, without what the public register tells anyway."""
    return {
        f"{name} {group} {column}": count
        for name, table in report.tables.items()
        for group, row in table.items()
        for column, count in row.items()
        if count is not None and name != "all" and column != "accredited"
    }


def small_steps(before: dict[str, int], after: dict[str, int]) -> list[str]:
    return [cell for cell, count in after.items() if cell in before and 0 < abs(before[cell] - count) < SMALLEST]


def test_tables_that_tell_more_stay_with_their_day_and_the_page_says_so(decided: Kept) -> None:
    del decided
    gathered = gather(chosen_election(None), now=AS_OF)
    standing, later = report_of(gathered), AS_OF + timedelta(days=1)
    bare = {name: {group: dict.fromkeys(row) for group, row in rows.items()} for name, rows in standing.tables.items()}
    made = newer(standing.revised(as_of=later, tables=bare), standing)
    assert (made.as_of, made.groups_as_of) == (later, AS_OF)
    assert made.tables == {**standing.tables, "days": bare["days"]}
    assert newer(standing.revised(as_of=later), made).groups_as_of is None
    files = report_files(made, ("en",), names_of(gathered.context))
    assert "newer tables would tell fewer numbers" in files["report.html"].decode()
    assert "days.svg" not in files, "it would draw withheld counts as nobody"


def test_no_name_of_a_person_and_no_small_number_is_in_any_file(decided: Kept) -> None:
    del decided
    gathered = gather(chosen_election(None), now=AS_OF)
    with open_reader(database()) as store:
        people = store.people.current([application.id for application in gathered.applications])
    files = report_files(report_of(gathered), ("en", "ar"), names_of(gathered.context))
    text = b"\n".join(content for name, content in files.items() if not name.endswith(".svg")).decode()
    for person in people.values():
        assert person.document_number is None or str(person.document_number) not in text
        assert person.name not in text
        assert not person.email or str(person.email) not in text
    table = list(csv.DictReader(io.StringIO(files["by_nationality.csv"].decode())))
    figures = csv.DictReader(io.StringIO(files["figures.csv"].decode()))
    assert not [row for row in figures if row["cases"] in {*"1234"}]
    assert table
    assert not [row for row in table for count in (row["received"], row.get("refused", "")) if count in {*"1234"}]


def test_every_language_has_all_words_and_equal_reports_give_equal_pictures(sqlite_stages: Stages) -> None:
    words = report_words()
    assert len({frozenset(phrases) for phrases in words.values()}) == 1
    with sqlite_stages.copy("decided"):
        gathered = gather(chosen_election(None), now=AS_OF)
    made, names = report_of(gathered), names_of(gathered.context)
    first, second = (report_files(made, ("zh",), names) for _ in range(2))
    assert first == second
    charts = {name: content for name, content in first.items() if name.endswith(".svg")}
    assert len(charts) >= 3
    assert all(content.startswith(b"<?xml") and content.rstrip().endswith(b"</svg>") for content in charts.values())
    assert all(contrast.p <= 1 for contrast in reviews(gathered))


def test_the_page_needs_no_script_fits_a_phone_and_reads_well(
    sqlite_stages: Stages, tmp_path: Path, need: Need
) -> None:
    need(shutil.which("chromium"), "Chromium", "Install it (apt-get install chromium).")
    need(find_spec("axe_playwright_python"), "axe-core", "Install the development requirements.")
    sync_api: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sqlite_stages.copy("decided"):
        gathered = gather(chosen_election(None), now=AS_OF)
        files = report_files(report_of(gathered), ("en", "ar"), names_of(gathered.context))
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, direction in (("report.html", "ltr"), ("report-ar.html", "rtl")):
            assert b"<script" not in files[name]
            for width in (360, 1200):
                page = browser.new_page(viewport={"width": width, "height": 800}, bypass_csp=True)
                page.goto((tmp_path / name).as_uri())
                assert page.evaluate("document.documentElement.dir") == direction
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
                assert violations(page) == []
                page.close()
        browser.close()


def test_a_planted_bias_is_looked_for_by_command() -> None:
    words = ["rehearse", "--bias", "delay:nationality:XAG:6:60", "--seed", "3", "-n", "900", "--json"]
    answer = CliRunner().invoke(app, words)
    assert answer.exit_code == 0, answer.output
    assert [found for found in json.loads(answer.stdout)["found"] if found["planted"]]
    wrong = CliRunner().invoke(app, ["rehearse", "--bias", "delay:religion:X"])
    assert wrong.exit_code != 0
