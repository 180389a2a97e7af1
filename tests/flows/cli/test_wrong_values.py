"""No command answers a wrong value with a traceback: each option is given what does not belong there."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from support.builders import ELECTION
from support.stages import Stages
from typer.main import get_command
from typer.testing import CliRunner

from db.store import open_reader
from domain.application.application import case_number
from flows.cli.app import app
from flows.cli.failures import refusal
from flows.context import database
from flows.settings import reset_settings

LONG = {"up", "desk serve", "keys serve", "demo", "run", "rehearse"}
"""Commands that go on until they are stopped, or invent whole elections."""
WRONG = ("", "-", "12345", "nonsense", "../no/such/place", "/dev/zero", "/nowhere/file", "@/nowhere", "a'b", "\u202e x",
         "x" * 300, "0", "-1", "ORG-99", "OFF-NOBODY", "AAAA-BBBB-CCCC", "9" * 30, '{"a":1}', "2027-13-45",
         "FOLDER", "@FOLDER", "BYTES", "@BYTES", "NOTHING")  # fmt: skip
WRONG_NUMBERS: tuple[str, ...] = ("-1", "0", "9" * 21, "x", "1e9", "")


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name in group.list_commands(None):
        found, path = group.get_command(None, name), f"{before} {name}".strip()
        if hasattr(found, "commands"):
            yield from commands(found, path)
        else:
            yield path, found


class Typist:
    """Types a command with one wrong value, and what could be right wherever else a value is wanted."""

    def __init__(self, folder: Path, cases: list[str], seed: int) -> None:
        self.random = random.Random(seed)
        self.cases = cases
        self.places = {"FOLDER": folder, "BYTES": folder / "bytes.dat", "NOTHING": folder / "nothing.txt"}
        self.places["BYTES"].write_bytes(bytes(range(256)) * 20)
        self.places["NOTHING"].touch()

    def wrong(self, param: Any, count: int) -> list[str]:
        values = WRONG_NUMBERS if param.bare_type in {int, float} else WRONG
        chosen = self.random.sample(values, min(count, len(values)))
        for word, place in self.places.items():
            chosen = [text.replace(word, str(place)) for text in chosen]
        return chosen

    def right(self, param: Any) -> str:
        if param.name in {"case", "cases", "application", "applications", "known"}:
            return self.random.choice(self.cases)
        if isinstance(param.bare_type, type) and issubclass(param.bare_type, Enum):
            return str(self.random.choice([*param.bare_type]).value)
        right = {"officer": "OFF-DEMO-1", "organisation": "ORG-01", "as_of": "2027-03-10"}
        return right.get(param.name, "1" if param.bare_type in {int, float} else "text")

    def typed(self, params: list[Any], about: Any, value: str) -> list[str]:
        options: list[str] = []
        arguments: list[str] = []
        for param in params:
            if param is not about and not param.required:
                continue
            text = value if param is about else self.right(param)
            if param.param_type_name == "argument":
                arguments.append(text)
            else:
                options += [param.opts[0]] if param.bare_type is bool else [param.opts[0], text]
        return [*options, *(["--", *arguments] if arguments else [])]


def raised(typed: list[str]) -> BaseException | None:
    """Run a command, and take back what it set for its own process."""
    before = dict(os.environ)
    error = CliRunner().invoke(app, typed, input="\n").exception
    os.environ.clear()
    os.environ.update(before)
    reset_settings()
    return error


NEVER_RIGHT: tuple[str, ...] = (
    "up --port 0", "up --port 99999", f"up --port {'9' * 30}", "up --as-of 2027-13-45", "desk serve --port 99999",
    "desk serve --as-of x", "keys serve /no/such/place/socket", "keys serve .", f"keys serve {'x' * 300}",
    "keys serve socket --group nobody-is-called-so", "demo -n 0", "demo --seed x", "run /no/such/file", "run /dev/zero",
    "run --application AAAA-BBBB-CCCC", "run --election ORG-99", "run --as-of x", "rehearse -n -1", "rehearse --seed x",
    "rehearse /dev/zero", "rehearse /proc/none", "rehearse --check /no/such/folder", "rehearse --staff 0",
    "rehearse --staff 3 --minutes 0",
)  # fmt: skip
"""For commands that would go on with a value that is only strange."""


def test_commands_that_go_on_do_not_begin_with_what_is_never_right(
    sqlite_stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert {name for name in LONG if any(typed.startswith(name) for typed in NEVER_RIGHT)} == LONG
    with sqlite_stages.copy("issued"):
        errors = {typed: raised(typed.split()) for typed in NEVER_RIGHT}
    assert {typed: str(error) for typed, error in errors.items() if error is None} == {}
    faults = {typed: e for typed, e in errors.items() if isinstance(e, Exception) and "fault of" in refusal(e)[0]}
    assert faults == {}


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("seed", "count"), [(1, 1), pytest.param(2, 30, marks=pytest.mark.full)])
def test_no_wrong_value_brings_a_traceback(
    sqlite_stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, count: int
) -> None:
    monkeypatch.chdir(tmp_path)
    faults: list[str] = []
    with sqlite_stages.copy("issued"):
        with open_reader(database()) as store:
            cases = [case_number(application.id) for application in store.applications.all_in(ELECTION)]
        typist = Typist(tmp_path, cases, seed)
        for path, command in commands(get_command(app)):
            params = [param for param in command.params if param.name != "help"]
            if path in LONG:
                continue
            for about in params:
                for value in typist.wrong(about, 1 if about.bare_type is bool else count):
                    typed = typist.typed(params, about, value)
                    error = raised([*path.split(), *typed])
                    if isinstance(error, Exception) and "fault of the program" in refusal(error)[0]:
                        faults.append(f"accredit {path} {' '.join(typed)}: {type(error).__name__}: {error}")
    assert faults == []
