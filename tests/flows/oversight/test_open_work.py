"""Status begins with what waits, what is late and what went wrong; commands end with what can be done next."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import ArtifactCollection
from prefect.types._datetime import DateTime
from sqlalchemy import update
from support.builders import ELECTION
from support.stages import AS_OF, Stages, deliver, due
from typer.testing import CliRunner

from db.store import open_store
from db.tables.letters import LetterRow
from domain.application.status import Status
from domain.letters.envelope import LetterState
from flows.cli.app import app
from flows.context import database
from flows.oversight.counts import status_of
from flows.oversight.open_work import OpenWork, failed_work, late_work, waiting_work
from flows.oversight.open_work_report import open_work_text
from flows.runtime.reports import OPEN_WORK, overview_text

LONG = timedelta(days=60)


def told(*words: str, code: int = 0) -> str:
    found = CliRunner().invoke(app, [*words, "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"])
    assert found.exit_code == code, found.output
    return found.output


def test_what_waits_stands_in_the_order_of_work_with_its_command(stages: Stages) -> None:
    with stages.copy("vetted"):
        waits = {pile.next: pile.number for pile in waiting_work(ELECTION, status_of(ELECTION))}
        assert waits["accredit queue"] == len(due(Status.IN_REVIEW)) > 0
        assert waits["accredit assign"] == len(due(Status.APPROVED)) > 0
        assert waits["accredit deliver"] > 0
        assert [*waits].index("accredit queue") < [*waits].index("accredit assign") < [*waits].index("accredit deliver")


def test_nothing_is_late_in_time_and_officers_and_organisations_are_late_each_with_their_command(
    stages: Stages,
) -> None:
    with stages.copy("vetted"):
        deliver()
        assert late_work(ELECTION, now=AS_OF) == []
        late = {pile.next: pile.number for pile in late_work(ELECTION, now=AS_OF + LONG)}
        assert late["accredit clocks"] == len(due(Status.IN_REVIEW))
        assert late["accredit overdue"] == len(due(Status.INCOMPLETE)) > 0


def test_letters_that_failed_are_what_went_wrong(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("vetted"):
        assert failed_work(status_of(ELECTION)) == []
        with open_store(database()) as store:
            one = store.letters.matching(ELECTION, limit=1)[0].envelope.key
            store.session.execute(update(LetterRow).where(LetterRow.key == one).values(state=LetterState.FAILED.value))
        wrong = OpenWork(1, "letters that failed", "accredit letters list --state failed")
        assert failed_work(status_of(ELECTION)) == [wrong]


def test_status_begins_with_what_waits_then_what_is_late_then_what_went_wrong(
    sqlite_stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.cli.options.console.width", 80)
    with sqlite_stages.copy("vetted"):
        lines = told("status").splitlines()
    heads = ["VALDARA-2027: waits", "Late: nothing", "Went wrong: nothing", "Applications", "Letters"]
    places = [next(at for at, line in enumerate(lines) if line.strip() == head) for head in heads]
    assert places == sorted(places)
    assert places[0] == 0
    assert max(map(len, lines)) <= 80


def test_a_decision_ends_with_what_is_next_and_as_json_with_nothing_more(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("vetted"):
        case = str(due(Status.IN_REVIEW)[0])
        words = ("decide", case, "--outcome", "approve", "--facts", "Seen.", "--officer", "OFF-DEMO-1")
        assert "; accredit queue (" in told(*words).partition("Next: ")[2]
        case = str(due(Status.IN_REVIEW)[0])
        assert told("decide", case, *words[2:], "--json").strip().endswith("]")


@pytest.mark.parametrize(
    "words",
    [
        ("queue", "--organisation", "ORG-99"),
        ("queue", "--region", "VD-99"),
        ("queue", "--office", "OF-99"),
        ("overdue", "-o", "ORG-99"),
        ("intake", "-o", "ORG-99", "none.csv"),
    ],
)
def test_a_code_that_names_nothing_is_no_empty_list(sqlite_stages: Stages, words: tuple[str, ...]) -> None:
    with sqlite_stages.copy("loaded"):
        refused = CliRunner().invoke(app, [*words])
        assert "Did you mean" in str(refused.exception)


def test_a_case_number_with_a_slip_is_offered_as_it_is(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("taken in"):
        number = told("show", str(due(Status.IN_VETTING)[0])).split()[1]
        slip = number[:-1] + ("A" if number[-1] != "A" else "B")
        refused = CliRunner().invoke(app, ["show", slip])
        assert str(refused.exception).endswith(f"Did you mean {number}?")


def test_a_command_that_is_not_there_is_answered_with_the_nearest() -> None:
    assert "Did you mean status?" in CliRunner().invoke(app, ["statos"]).output
    assert "Did you mean list?" in CliRunner().invoke(app, ["letters", "lst"]).output


def test_the_overview_begins_with_open_work_in_a_list_that_wraps(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("vetted"):
        work = open_work_text(ELECTION, now=AS_OF)
        reviewed = len(due(Status.IN_REVIEW))
    shown = [
        ArtifactCollection(
            key=key, data=data, description=said, type="markdown", latest_id=uuid4(), updated=DateTime.now("UTC")
        )
        for key, data, said in (
            ("valdara-2027-vetting-report", "", "48 applications: 31 cleared."),
            (f"valdara-2027-{OPEN_WORK}-report", work, ""),
        )
    ]
    lines = overview_text(shown, now=AS_OF).splitlines()
    assert f"- {reviewed} cases for an officer to decide: *accredit queue*" in lines
    assert lines.index(f"## {ELECTION}: waits") < lines.index("## Late") < lines.index("## Went wrong")
    assert lines[-1].endswith("UTC: 48 applications: 31 cleared.")
    assert not any(line.startswith("|") for line in lines)
