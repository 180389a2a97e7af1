"""The steps of docs/operating/several-machines.md, read from there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/operating/several-machines.md"


@dataclass(frozen=True)
class Steps:
    """What one section tells people to type: variables to export, and commands, each block by itself."""

    exports: list[str]
    commands: list[list[str]]


def steps(section: str) -> Steps:
    text = PAGE.read_text("utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    assert text, f"{PAGE.name} has no section {section!r}"
    blocks = [re.findall(r"^ {4}(\S.*)$", block, re.MULTILINE) for block in re.split(r"\n(?=\S)", text)]
    exports = [line for block in blocks for line in block if line.startswith("export ")]
    commands = [[line for line in block if not line.startswith("export ")] for block in blocks]
    return Steps(exports, [block for block in commands if block])
