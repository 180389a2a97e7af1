"""The command lives in ``flows/cli/identity/mrz.py``; its test stands here with the rest of the zones."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.errors import BadInputError
from flows.cli.registry import application

app = application("mrz")

FINE = "P<XVDORTEGA<<LINA<<<<<<<<<<<<<<<<<<<<<<<<<<<\nQ123456786XVD8003041F3105065<<<<<<<<<<<<<<<0"
WRONG = FINE[:-1] + "7"


def run(*arguments: str, text: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", *arguments], input=text, catch_exceptions=False)
    return result.exit_code, result.stdout


def test_each_block_of_lines_gets_its_verdict(tmp_path: Path) -> None:
    zones = tmp_path / "zones.txt"
    zones.write_text(f"\n{FINE}\n\n \n{WRONG}\n\nnothing\n")
    code, answer = run(str(zones), "--json", "--as-of", "2026-11-23")
    said = json.loads(answer)
    assert code == 1
    assert (said["read"], said["odd"]) == (3, 2)
    assert [zone["first_line"] for zone in said["zones"]] == [2, 6, 9]
    assert [zone["verdict"] for zone in said["zones"]] == ["clear", "to look at", "unrecognised"]
    assert said["zones"][0]["fields"]["birth_date"] == "1980-03-04"
    assert said["zones"][1]["verdicts"]["composite"] == {"verdict": "MISMATCH", "found": "7", "computed": "0"}
    assert said["zones"][1]["warnings"][0]["code"] == "mrz_check_digit"
    assert said["zones"][2]["fields"] == {}


def test_clear_zones_exit_with_zero_and_are_shown_for_reading() -> None:
    code, answer = run("-", "--as-of", "2026-11-23", text=FINE)
    assert code == 0
    assert "ORTEGA" in answer
    assert "TD3, clear" in answer
    assert answer.count("names may be cut     no\n") == 1
    assert "[" not in answer


def test_a_likely_reading_is_shown_beside_the_text_as_given() -> None:
    code, answer = run("-", "--as-of", "2026-11-23", text=FINE.replace("8003041F", "8OO3O41F"))
    assert code == 1
    assert "perhaps (birth_date):" in answer
    assert FINE.splitlines()[1] in answer


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "holds no lines"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"A" * 5_000_001, "larger than 5 MB"),
        (None, "No such file"),
    ],
)
def test_input_that_cannot_be_used_is_named_with_a_remedy(tmp_path: Path, content: bytes | None, problem: str) -> None:
    zones = tmp_path / "zones.txt"
    if content is not None:
        zones.write_bytes(content)
    with pytest.raises(BadInputError, match=problem) as refused:
        run(str(zones), "--json")
    assert refused.value.remedy
    with pytest.raises(BadInputError, match="directory"):
        run(str(tmp_path))


def test_swapped_lines_are_put_in_order_and_it_is_said() -> None:
    first, second = FINE.splitlines()
    code, answer = run("-", "--as-of", "2026-11-23", text=f"{second}\n{first}")
    assert code == 1
    assert "ORTEGA" in answer
    assert "The lines came in another order" in answer
    code, answer = run("-", "--json", "--as-of", "2026-11-23", text=f"{second}\n{first}")
    (zone,) = json.loads(answer)["zones"]
    assert (zone["digits_fit"], [warning["code"] for warning in zone["warnings"]]) == (True, ["mrz_lines_swapped"])


def test_lines_whose_digits_fit_in_no_order_stay_as_they_came() -> None:
    first, second = WRONG.splitlines()
    assert "another order" not in run("-", "--as-of", "2026-11-23", text=f"{second}\n{first}")[1]


def test_an_x_for_the_sex_is_read_as_unspecified() -> None:
    code, answer = run("-", "--json", "--as-of", "2026-11-23", text=FINE.replace("8003041F", "8003041X"))
    (zone,) = json.loads(answer)["zones"]
    assert (code, zone["verdict"], zone["fields"]["sex"]) == (0, "clear", "<")
