"""What the benchmarks found: rich tables on the terminal, Markdown in docs/benchmarks.md, section by section."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "benchmarks.md"
console = Console()


def progress(line: str) -> None:
    """Say on the terminal how far the run is."""
    console.print(f"[dim]{line}[/dim]", highlight=False)


@dataclass
class Sheet:
    """A table with a title."""

    title: str
    heads: list[str]
    lines: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def add(self, *cells: str) -> None:
        self.lines.append(cells)

    def show(self) -> None:
        table = Table(*self.heads, title=self.title, title_justify="left")
        for line in self.lines:
            table.add_row(*line)
        console.print(table)

    def markdown(self) -> str:
        rows = [self.heads, ["---"] + ["---:"] * (len(self.heads) - 1), *self.lines]
        return f"### {self.title}\n\n" + "\n".join("| " + " | ".join(row) + " |" for row in rows)


@dataclass
class Section:
    """What one benchmark found."""

    name: str
    title: str
    parts: list[Sheet | str]
    command: str = ""
    load: tuple[float, float, float] = field(default_factory=os.getloadavg)
    """When the section began; others may have used the machine."""

    def show(self) -> None:
        for part in self.parts:
            part.show() if isinstance(part, Sheet) else console.print(part, markup=False, highlight=False)

    def markdown(self) -> str:
        ended = os.getloadavg()
        made = (
            f"`{self.command}` on {datetime.now(UTC):%-d %B %Y}, {len(os.sched_getaffinity(0))} cores; load average "
            f"{self.load[0]:.1f} before, {ended[0]:.1f} after."
        )
        parts = [part.markdown() if isinstance(part, Sheet) else part.strip() for part in self.parts]
        return "\n\n".join([f"## {self.title}", made, *parts])


HEAD: Final = """# Benchmarks

Written by `make bench`; `python -m benchmarks --only NAME` measures one section anew and leaves the others."""


def write(sections: list[Section], document: Path = DOCUMENT) -> None:
    """Put *sections* into the document in place of those of the same name."""
    there = document.read_text("utf-8") if document.is_file() else ""
    known = dict(re.findall(r"<!-- begin (\w+) -->\n(.*?)\n<!-- end \1 -->", there, re.DOTALL))
    known |= {section.name: section.markdown() for section in sections}
    body = [f"<!-- begin {name} -->\n{text}\n<!-- end {name} -->" for name, text in known.items()]
    document.parent.mkdir(exist_ok=True)
    document.write_text("\n\n".join([HEAD, *body]) + "\n", "utf-8")
