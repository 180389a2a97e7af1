"""The wizard: answers are checked as typed, nothing is written before the last, and what is written loads."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from db.store import open_reader
from domain.errors import BadInputError
from domain.statements.officers import OfficerRole
from flows.cli.registry import application
from flows.context import database
from flows.election.loading import init_election

NOW = datetime(2027, 1, 4, 8, 0, tzinfo=UTC)
ANSWERS = (
    "valdara 2027!", "valdara-2027", 'The "first" election: $5 # of Valdara', "2020-01-01", "14 March 2027",
    "Nowhere/City", "Etc/GMT-2", "Election Commission of Valdara", "Vald", "xvd", "",
    "observers@commission.valdara.example", "", "en, qq", "en, fr", "Observers Act of Valdara", "Appeals Panel", "ten",
    "10", "TEST", "", "Valdhaven; Upper Serrin; Valdhaven", "50", "", "", "OFF-1", "OFF-1, off-admin-1", "",
)  # fmt: skip


def asked(folder: Path, *answers: str) -> Result:
    words = ["init", str(folder), "--wizard", "--as-of", "2027-01-04"]
    return CliRunner().invoke(application(), words, input="".join(f"{answer}\n" for answer in answers))


def test_answers_become_a_package_that_loads_with_the_usual_deadlines(home: Path, tmp_path: Path) -> None:
    told = asked(tmp_path / "new", *ANSWERS)
    assert told.exit_code == 0, told.output
    assert told.output.count("Code of the election") == told.output.count("Time zone") == 2
    assert init_election(tmp_path / "new", now=NOW).election == "VALDARA-2027"
    with open_reader(database()) as store:
        profile, land = store.elections.as_loaded("VALDARA-2027")
        officers = {officer.code: officer.roles for officer in store.officers.all_in("VALDARA-2027")}
    assert profile.election.title == ANSWERS[2]
    assert profile.languages == ("en", "fr")
    calendar = profile.calendar
    days = {
        name: getattr(calendar, name).offset_days
        for name in ("opens", "organisations_close", "persons_close", "decisions_due", "ends")
    }
    assert days == {"opens": -60, "organisations_close": -10, "persons_close": -5, "decisions_due": -4, "ends": 17}
    assert (calendar.cure_hours, calendar.decision_days, profile.remedy and profile.remedy.days) == (48, 5, 2)
    assert [region.name for region in land.regions] == ["Valdhaven", "Upper Serrin"]
    assert {OfficerRole.ADMINISTRATOR, OfficerRole.CASE_OFFICER} <= {*officers["OFF-ADMIN-1"]}
    assert home.exists()
    comments = [line for line in (tmp_path / "new" / "election.yaml").read_text("utf-8").splitlines() if "#" in line]
    assert len(comments) > 10
    again = asked(tmp_path / "new", *ANSWERS)
    assert isinstance(again.exception, BadInputError)


@pytest.mark.parametrize("last", [(), ("\x1b",)])
def test_who_ends_it_half_way_leaves_nothing(home: Path, tmp_path: Path, last: tuple[str, ...]) -> None:
    told = asked(tmp_path / "new", *ANSWERS[:-1], *last)
    assert told.exit_code == 1
    assert "Written" not in told.output
    assert not (tmp_path / "new").exists()
    assert not list(home.glob("*.db"))
