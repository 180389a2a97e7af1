"""``screen`` and ``duplicates`` as commands in their own right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from domain.errors import BadInputError
from flows.cli.app import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=True)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def reference(tmp_path: Path) -> str:
    return written(tmp_path / "list.csv", "id,name,birth_date\ne1,Åsa Lindqvist,1980-02-03\ne2,Roman Malkovich,\n,x,\n")


def test_each_query_gives_one_line_with_score_band_and_evidence(tmp_path: Path, reference: str) -> None:
    queries = written(tmp_path / "q.csv", "id,name,birth_date\n1,LINDQVIST Asa,1980\n2,Nobody Inparticular,\n3,,\n")
    result = run("screen", queries, "--against", reference, "--jsonl")
    first, second, third = lines(result)
    assert result.exit_code == 0
    assert (first["id"], first["outcome"], first["hits"][0]["entry"], first["hits"][0]["band"]) == (
        "1", "needs review", "e1", "exact",
    )  # fmt: skip
    assert first["hits"][0]["evidence"][0]["reason"] == "the names have the same parts in another order"
    assert (second["outcome"], second["hits"]) == ("clear", [])
    assert third["outcome"] == "unread"
    assert "row 4, id" in result.stderr


def test_the_same_run_prints_the_same_bytes(tmp_path: Path, reference: str) -> None:
    queries = written(tmp_path / "q.csv", "id,name\n1,Lindqvist\n2,R. Malkovic\n")
    arguments = ("screen", queries, "--against", reference, "--jsonl", "--at-least", "0.3")
    assert run(*arguments).stdout == run(*arguments).stdout


def test_duplicates_are_printed_with_their_evidence(tmp_path: Path) -> None:
    people = written(
        tmp_path / "p.csv", "id,given_name,surname,date_of_birth\na,Asa,Lind,1980-02-03\nb,Lind,Asa,19800203\n"
    )
    pair, last = lines(run("duplicates", people, "--jsonl"))
    assert (pair["a"], pair["b"], pair["band"]) == ("a", "b", "exact")
    assert sum(added for added, _ in pair["evidence"]) == pytest.approx(pair["score"])
    assert last["counts"]["to_look_at"] == 1
    assert "1 to look at" in run("duplicates", people).stdout


@pytest.mark.parametrize("text", ["", "number,title\n1,x\n"])
def test_a_file_without_the_columns_is_refused_in_words(tmp_path: Path, reference: str, text: str) -> None:
    refused = run("screen", written(tmp_path / "q.csv", text), "--against", reference).exception
    assert isinstance(refused, BadInputError)
    assert "at least id and name" in str(refused)


def test_a_missing_file_is_refused_in_words(tmp_path: Path, reference: str) -> None:
    refused = run("screen", str(tmp_path / "none.csv"), "--against", reference).exception
    assert isinstance(refused, BadInputError)
    assert "Name a file that you may read" in str(refused)


def test_half_recognised_names_stop_both_commands_with_the_remedy(tmp_path: Path, reference: str) -> None:
    people = written(tmp_path / "p.csv", "id;Surname;clan name;Given names\na;Lindqvist;Corvo;Asa\n")
    for arguments in (["screen", people, "--against", reference], ["screen", reference, "--against", people],
                      ["duplicates", people]):  # fmt: skip
        refused = run(*arguments).exception
        assert isinstance(refused, BadInputError)
        assert "“clan name”" in str(refused)
        assert "--column" in str(refused.remedy)
    told = run("screen", people, "--against", reference, "--column", "clan name=", "--jsonl")
    (found,) = lines(told)
    assert (found["outcome"], found["hits"][0]["entry"]) == ("needs review", "e1")
    assert "not read are the columns clan name" in told.stderr


def test_a_field_that_there_is_not_is_refused(reference: str) -> None:
    refused = run("screen", reference, "--against", reference, "--column", "clan name=clan").exception
    assert isinstance(refused, BadInputError)
    assert "second_surname" in str(refused.remedy)


def test_weak_pairs_and_namesakes_too_many_to_compare_are_counted_in_the_result(tmp_path: Path) -> None:
    rows = [f"n{number},Suparno," for number in range(101)]
    rows += ["a,Anna Lindqvist,1980-02-03", "b,Anna Bergman,1980-02-03"]
    people = written(tmp_path / "p.csv", "\n".join(["id,name,dob", *rows]))
    (last,) = lines(run("duplicates", people, "--jsonl"))
    assert (last["counts"]["weak"], last["counts"]["namesakes_not_compared"]) == (1, 101)
    assert "1 weak" in run("duplicates", people).stdout
    pair, _ = lines(run("duplicates", people, "--jsonl", "--weak"))
    assert (pair["a"], pair["b"], pair["band"]) == ("a", "b", "weak")
