"""The questions of ``accredit init --wizard`` at a terminal: each asked again until its answer can be used."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import typer

from flows.cli.options import console, problems
from flows.election.wizard.package import require_free, write_started
from flows.election.wizard.questions import QUESTIONS, Answers, Question

_ESCAPE: Final = "\x1b"


def start_package(folder: Path, *, today: date) -> None:
    """Ask for the essentials and write a package into *folder*; after Esc or Ctrl-C nothing is written."""
    require_free(folder)
    console.print("Enter takes what stands in brackets. Esc and Enter, or Ctrl-C, ends this; nothing is written then.")
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        answers[question.name] = _asked(question, answers, today)
    for path in write_started(folder, answers):
        console.print(f"Written: {path}", highlight=False, soft_wrap=True)
    console.print(
        f"These are usual rules, not your law: read {folder / 'election.yaml'} line by line. Next:\n"
        f"  accredit profile check {folder / 'election.yaml'}\n  accredit init {folder}",
        highlight=False, soft_wrap=True,
    )  # fmt: skip


def _asked(question: Question, answers: Answers, today: date) -> str:
    while True:
        proposal = question.proposal(answers)
        typed: str = typer.prompt(question.words, default=proposal, show_default=bool(proposal))
        if _ESCAPE in typed:
            raise typer.Abort
        answer = question.tidy(typed)
        if not (wrong := question.problem(answer, today)):
            return answer
        problems.print(f"  {wrong}", highlight=False, markup=False, style="yellow")
