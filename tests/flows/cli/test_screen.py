"""What people sent is shown on the screen as they wrote it."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from flows.cli.decisions import case_queue
from flows.cli.decisions.findings import rule_in_words
from flows.cli.options import Screen, console
from flows.cli.registry import application
from flows.desk.said import FALLBACK, said_in


@pytest.mark.parametrize("markup", [None, False])
@pytest.mark.parametrize(
    "sent", ["[/q]NOPE", "[red", "[link=https://x.example]y[/link]", "[/bold]", "\\[x]", ":smile:", "[a]z[/]"]
)
def test_text_that_somebody_sent_is_neither_obeyed_nor_a_fault(sent: str, *, markup: bool | None) -> None:
    shown = Screen(file=io.StringIO(), emoji=False, width=200)
    shown.print("Row \x1b[2J\x9b" + sent, markup=markup)
    assert isinstance(shown.file, io.StringIO)
    assert shown.file.getvalue() == f"Row [2J{sent}\n"


def waiting(number: int, rules: list[str], changes: dict[str, str]) -> dict[str, str]:
    """Return a row of the queue, as wide as rows are."""
    row = {"case": f"{number:04}-XC4S-YVNU".translate(str.maketrans("0189", "AIJK")), "organisation": "ORG-01",
           "region": "VD-07", "findings": ", ".join(rules), "priority": "due_today", "due (UTC)": "2027-03-11 21:59",
           "proposal": "", "with": "", "office": "OF-01", "application": str(number)}  # fmt: skip
    return row | changes


@pytest.mark.parametrize(
    "changes",
    [{}, {"proposal": "refusal by OFF-DEMO-1"}, {"proposal": "appeal against a measure"},
     {"proposal": "revocation by OFF-DEMO-1", "with": "OFF-DEMO-12 until 10:30", "yours": "yes"}],
)  # fmt: skip
def test_the_queue_is_a_table_of_80_columns_in_which_no_word_is_broken(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]
) -> None:
    rules = [key.removeprefix("rule.") for key in said_in(FALLBACK) if key.startswith("rule.")]
    rows = [waiting(number, [*part], changes) for number, part in enumerate(pairwise(rules))]
    monkeypatch.setattr(case_queue, "queue_table", lambda *_, **__: rows)
    monkeypatch.setattr(case_queue, "chosen_election", lambda _: "VALDARA-2027")
    monkeypatch.setattr(console, "_width", 80)
    told = CliRunner().invoke(application(), ["queue"]).output
    lines = told.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert sum(line.startswith(("├", "┡")) for line in lines), "a table, not a list of paragraphs"
    said = {word for line in lines for cell in line.split("│") for word in re.split(r"[\s,;]+", cell)}
    words = {word for rule in rules for word in rule_in_words(rule).replace(",", " ").split()}
    assert words | {*" ".join(text for name, text in changes.items() if name != "yours").split()} <= said
    assert "Next: accredit show CASE" in told


def test_our_own_styles_are_styles() -> None:
    assert str(Screen(emoji=False).render_str("[bold]Row[/bold] [x]")) == "Row [x]"
    assert str(Screen(emoji=False).render_str("[bold green]VALID[/bold green] [x]")) == "VALID [x]"


@pytest.mark.parametrize("prefix", ["", "db"])
def test_a_command_that_is_only_begun_shows_what_there_is(prefix: str) -> None:
    told = CliRunner().invoke(application(prefix), [])
    assert told.exit_code == 2
    assert told.output.startswith("Usage: ")


def test_a_day_is_asked_for_by_an_example() -> None:
    told = CliRunner().invoke(application(), ["vet", "--as-of", "tomorrow"])
    assert told.exit_code == 2
    assert "2027-03-10T08:00" in told.output
    assert "2027-03-10T08:00" in CliRunner().invoke(application(), ["vet", "--help"]).output
    assert "%" not in told.output
