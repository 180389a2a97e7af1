"""What people sent is shown on the screen as they wrote it."""

from __future__ import annotations

import io

import pytest
from typer.testing import CliRunner

from flows.cli.options import Screen
from flows.cli.registry import application


@pytest.mark.parametrize("markup", [None, False])
@pytest.mark.parametrize(
    "sent", ["[/q]NOPE", "[red", "[link=https://x.example]y[/link]", "[/bold]", "\\[x]", ":smile:", "[a]z[/]"]
)
def test_text_that_somebody_sent_is_neither_obeyed_nor_a_fault(sent: str, *, markup: bool | None) -> None:
    shown = Screen(file=io.StringIO(), emoji=False, width=200)
    shown.print("Row \x1b[2J\x9b" + sent, markup=markup)
    assert isinstance(shown.file, io.StringIO)
    assert shown.file.getvalue() == f"Row [2J{sent}\n"


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
