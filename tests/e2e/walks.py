"""Pages typed as they are written: each indented block of a page is typed, in its order, in one folder."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from unittest.mock import patch

from e2e.installation import COMMAND, typed_here

from flows.cli import options

ROOT = Path(__file__).parents[2]
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"(?:^ *<!-- not typed: (?P<reason>[^>]*) -->\n\n)?(?P<lines>(?:^ {4}.*\n)+)", re.MULTILINE)
_FILE = re.compile(r"^<!-- file: (?P<name>\S+) -->\n\n```\w*\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
_OF_A_SHELL = re.compile(r"[|<>;&]|\$\(")


@dataclass(frozen=True)
class Block:
    """Lines of a page that are to be typed, or the reason that its source gives for why they cannot be here."""

    page: str
    number: int
    lines: tuple[str, ...]
    reason: str


def blocks(page: Path) -> list[Block]:
    """Return the indented blocks of *page*; what a fence encloses is shown and not typed."""
    text = _FENCED.sub(lambda fenced: "\n" * fenced[0].count("\n"), page.read_text("utf-8"))
    return [
        Block(
            str(page.relative_to(ROOT)),
            text.count("\n", 0, found.start("lines")) + 1,
            tuple(dedent(found["lines"]).replace("\\\n", "").splitlines()),
            found["reason"] or "",
        )
        for found in _BLOCK.finditer(text)
    ]


class Typed(io.StringIO):
    """What somebody types who sits at a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass
class Terminal:
    """A folder, what was exported in it, and what each line said."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])
    said: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a user who has set nothing but what was exported here."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("ACCREDIT_", "PREFECT_"))}
        path = f"{COMMAND.parent}:{kept['PATH']}"
        return {
            **kept,
            "COLUMNS": "80",
            "PWD": str(self.folder),
            "PATH": path,
            "PYTHONPATH": str(ROOT),
        } | self.variables

    def type(self, line: str, answers: str = "") -> str:
        """Type *line*, answer what it asks, and return what it said; it must end with 0."""
        words = shlex.split(line, comments=True)
        if words[0] == "export":
            self.variables |= _exported(words[1:], self.environment)
            return ""
        inside = words[0] == "accredit" and not _OF_A_SHELL.search(line.partition(" #")[0])
        code, text = self._inside(words, answers) if inside else self._shell(line, answers)
        self.said[line.partition("#")[0].strip()] = text
        assert code == 0, f"{line}\nended with {code}:\n{text}"
        return text

    def _shell(self, line: str, answers: str) -> tuple[int, str]:
        run = subprocess.run(["bash", "-ec", line], cwd=self.folder, env=self.environment, capture_output=True,
                             text=True, input=answers, timeout=300, check=False)  # fmt: skip
        return run.returncode, run.stdout + run.stderr

    def _inside(self, words: list[str], answers: str) -> tuple[int, str]:
        """Run the command in this process: to start one costs seconds, and nothing here is about processes."""
        with (
            patch.object(sys, "stdin", Typed(answers) if answers else io.StringIO()),
            patch("typer.launch"),
            patch("getpass.getpass", lambda _prompt="": sys.stdin.readline().rstrip("\n")),
            patch.object(options.console, "_width", 80),
            patch.object(options.problems, "_width", 80),
        ):
            return typed_here(words, self.environment, self.folder)


def _exported(words: list[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return what ``export NAME=VALUE...`` sets, as a shell would."""
    pairs = (word.partition("=") for word in words)
    return {name: re.sub(r"\$(\w+)", lambda found: known.get(found[1], ""), value) for name, _, value in pairs}


def files(page: Path) -> dict[str, str]:
    """Return the files whose content *page* shows, by name."""
    return {found["name"]: found["content"] for found in _FILE.finditer(page.read_text("utf-8"))}
