"""Planning from files, without a database."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.assignment.plan import Plan
from domain.assignment.problem import Problem, Region
from domain.errors import BadInputError
from flows.cli.registry import application

app = application("assignment")

RUNNER = CliRunner()


def run(*words: object) -> tuple[int, str]:
    """Return exit code and output; errors of the tree are raised for the caller, who gives them their exit code."""
    result = RUNNER.invoke(app, [str(word) for word in words])
    if isinstance(result.exception, BadInputError):
        raise result.exception
    return result.exit_code, result.output


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    problem, plan = tmp_path / "problem.json", tmp_path / "plan.json"
    assert run("invent", problem, "--observers", 80, "--regions", 6, "--capacity", 0.9)[0] == 0
    assert run("solve", problem, "--plan", plan)[0] == 0
    return problem, plan


def test_a_planner_solves_checks_explains_and_pairs_from_files(files: tuple[Path, Path]) -> None:
    problem, plan = files
    assert run("check", problem, plan, "--redraw") == (0, "Faults: none. The plan is lawful and optimal.\n")
    made = Plan.model_validate_json(plan.read_bytes())
    wishes = {
        observer.id: observer.preferences[0] for observer in Problem.model_validate_json(problem.read_bytes()).observers
    }
    person = next(one for one, region in made.placements.items() if region not in {None, wishes[one]})
    code, answer = run("why", problem, plan, person, wishes[person], "--json")
    assert code == 0
    assert json.loads(answer)["verdict"] in {"not_eligible", "tie", "price"}
    code, paired = run("teams", problem, plan, "--json")
    assert code == 0
    assert len(json.loads(paired)["teams"]) > 20


def test_every_verdict_is_put_into_words(files: tuple[Path, Path]) -> None:
    problem, plan = files
    given = Problem.model_validate_json(problem.read_bytes())
    said = [run("why", problem, plan, observer.id, observer.preferences[0])[1] for observer in given.observers[:25]]
    for words in ("is in", "may not serve in", "would make the plan worse"):
        assert any(words in answer for answer in said)


def test_a_tampered_plan_fails_with_exit_code_one(files: tuple[Path, Path]) -> None:
    problem, plan = files
    body = json.loads(plan.read_text())
    first, second = list(body["placements"])[:2]
    body["placements"][first], body["placements"][second] = None, "R001"
    plan.write_text(json.dumps(body))
    code, output = run("check", problem, plan, "--json")
    assert code == 1
    assert json.loads(output)["faults"]
    with pytest.raises(BadInputError):
        run("teams", problem, plan)


def test_keys_of_a_stored_plan_may_come_back_in_any_order(files: tuple[Path, Path]) -> None:
    problem, plan = files
    plan.write_text(json.dumps(json.loads(plan.read_text()), sort_keys=True))
    assert run("check", problem, plan, "--redraw")[0] == 0


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"regions": 1}', '{"regions": [], "offices": [], "observers": [{}]}']
)
def test_a_bad_file_is_named_with_place_and_remedy(tmp_path: Path, content: str) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    with pytest.raises(BadInputError, match=r"bad\.json"):
        run("solve", bad, "--plan", tmp_path / "plan.json")
    assert not (tmp_path / "plan.json").exists()


@pytest.mark.parametrize("kind", ["problem", "plan", "answer", "teams"])
def test_the_schema_says_what_every_field_means(kind: str) -> None:
    schema = json.loads(run("schema", kind)[1])
    models = {"it": schema, **schema.get("$defs", {})}
    fields = [(name, *field) for name, one in models.items() for field in one.get("properties", {}).items()]
    assert len(fields) > 5
    assert [(name, key) for name, key, field in fields if not field.get("description")] == []


def test_rows_given_twice_are_named(tmp_path: Path, files: tuple[Path, Path]) -> None:
    body = json.loads(files[0].read_text())
    body["observers"] *= 2
    twice = tmp_path / "twice.json"
    twice.write_text(json.dumps(body))
    with pytest.raises(BadInputError, match=r"every observer must be listed once: A000000, .* more"):
        run("solve", twice, "--plan", tmp_path / "plan.json")


def test_files_that_cannot_be_read_or_written_are_bad_input(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with pytest.raises(BadInputError, match="none"):
        run("solve", tmp_path / "none.json", "--plan", tmp_path / "plan.json")
    with pytest.raises(BadInputError):
        run("solve", files[0], "--plan", tmp_path / "nowhere" / "plan.json")


@pytest.mark.parametrize("command", ["invent", "schema", "solve", "why", "check", "teams"])
def test_each_help_shows_an_example(command: str) -> None:
    code, output = run(command, "--help")
    assert code == 0
    assert f"accredit assignment {command}" in " ".join(output.split())


def test_a_byte_order_mark_before_a_problem_or_plan_is_no_fault(files: tuple[Path, Path]) -> None:
    for file in files:
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert run("check", *files)[0] == 0


@pytest.mark.parametrize(
    ("rows", "first", "last", "named"),
    [("regions", "opens", "closes", "code"), ("observers", "arrives", "leaves", "id")],
)
def test_days_in_the_wrong_order_are_refused_and_one_day_is_in_order(
    files: tuple[Path, Path], rows: str, first: str, last: str, named: str
) -> None:
    problem, plan = files
    body = json.loads(problem.read_text())
    wrong = body[rows][1]
    wrong |= {first: "2027-03-15", last: "2027-03-14"}
    problem.write_text(json.dumps(body))
    for command in (("solve", problem, "--plan", plan), ("check", problem, plan), ("teams", problem, plan)):
        with pytest.raises(BadInputError, match=f": {wrong[named]}\\.") as refused:
            run(*command)
        assert refused.value.remedy
    wrong[first] = wrong[last]
    problem.write_text(json.dumps(body))
    assert run("solve", problem, "--plan", plan)[0] == 0


def test_a_region_that_only_opens_or_only_closes_is_that_one_day() -> None:
    region = {"code": "VD-01", "capacity": 1, "office": None}
    opens, closes = (Region.model_validate(region | {name: "2027-03-14"}) for name in ("opens", "closes"))
    assert opens.first_day == opens.last_day == closes.first_day == closes.last_day == date(2027, 3, 14)
    described = Region.model_json_schema()["properties"]
    assert ["the only one" in described[name]["description"] for name in ("opens", "closes")] == [True, True]


def test_solve_says_how_many_asked_to_stay_together_in_vain(files: tuple[Path, Path]) -> None:
    problem, plan = files
    assert "stay together" not in run("solve", problem, "--plan", plan)[1]
    body = json.loads(problem.read_text())
    for observer in body["observers"][:3]:
        observer["delegation"] = "D1"
    problem.write_text(json.dumps(body))
    assert "which solve does not heed: 3." in run("solve", problem, "--plan", plan)[1]
    assert json.loads(run("solve", problem, "--plan", plan, "--json")[1])["delegation_not_heeded"] == 3
