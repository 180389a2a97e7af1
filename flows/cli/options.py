"""Options that many commands share, and how results are shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

console = Console()
problems = Console(stderr=True)

Election = Annotated[str | None, typer.Option("--election", "-e", help="Code of the election; not needed with one.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help="Count the work as done then (UTC).",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="For scripts: JSON on standard output.")]
Some = Annotated[
    list[str] | None, typer.Option("--application", "-a", help="Only this application (id or case number); repeatable.")
]


def show_json(content: Any) -> None:
    """Print *content* as JSON."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def show_table(title: str, rows: Sequence[Mapping[str, Any]], *, empty: str = "nothing") -> None:
    """Print *rows* as a table; numbers to the right, columns without any entry left out."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold cyan")
    filled = (name for row in rows for name, value in row.items() if value is not None and value != "")
    names = list(dict.fromkeys(filled))
    for name in names:
        numeric = any(isinstance(row.get(name), int | float) for row in rows)
        width = _width_of_codes([str(row.get(name) or "") for row in rows])
        justify: Literal["left", "right"] = "right" if numeric else "left"
        table.add_column(name, justify=justify, overflow="fold", min_width=width)
    for row in rows:
        table.add_row(*(_cell(row.get(name, "")) for name in names))
    console.print(table if rows else f"[bold]{title}[/bold]: {empty}")


def _width_of_codes(texts: Sequence[str]) -> int | None:
    """Return the width of *texts* where all are case numbers, which are copied and must stay in one line."""
    return len(texts[0]) if all(re.fullmatch(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}", text) for text in texts) else None


def _cell(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.1f}"
        case _:
            return str(value)


def counted(counts: Mapping[str, int], *, names: Iterable[str] = ()) -> str:
    """Return *counts* as one line, *names* first and always."""
    every = dict.fromkeys(names, 0) | dict(counts)
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in every.items())
