"""Options that many commands share, and how results are shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.errors import MarkupError
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from domain.numbers import number_of

if TYPE_CHECKING:
    from flows.statements.acceptance import Result

_OURS: Final = re.compile(r"(\[/?(?:bold|dim|red|green|bold red|bold green)\])")
"""The styles in sentences of the command."""


_ORDERS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Screen(Console):
    """Knows the styles of our own sentences alone: what people sent is shown as they wrote it, and never obeyed."""

    def render_str(self, text: str, **given: Any) -> Text:
        """Return *text* with our styles, and everything else as it stands; orders to the terminal are left out."""
        text, unstyled = _ORDERS.sub("", text), dict[str, Any](given, markup=False)
        if given.get("markup") is False or "[" not in text:
            return super().render_str(text, **unstyled)
        parts = (part if number % 2 else escape(part) for number, part in enumerate(_OURS.split(text)))
        try:
            return super().render_str("".join(parts), **given)
        except MarkupError:  # one of ours, but closed by somebody else
            return super().render_str(text, **unstyled)


console = Screen(emoji=False)
problems = Screen(stderr=True, emoji=False)

Election = Annotated[
    str | None, typer.Option("--election", "-e", help="Code of the election; not needed if there is only one.")
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help="The moment at which the work counts as done (UTC).",
    ),
]
OneCase = Annotated[str, typer.Argument(metavar="APPLICATION", help="Id, case number or serial.")]
Json = Annotated[bool, typer.Option("--json", help="For scripts: JSON on standard output.")]
Some = Annotated[
    list[str] | None, typer.Option("--application", "-a", help="Only this application (id or case number); repeatable.")
]


def show_json(content: Any) -> None:
    """Print *content* as JSON."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def show_table(
    title: str, rows: Sequence[Mapping[str, Any]], *, empty: str = "nothing", spare: Sequence[str] = ()
) -> None:
    """Print *rows* as a table; numbers to the right, columns without any entry left out.

    Where the terminal is too narrow for it, the columns *spare* are left out, the last one first; where that does not
    help, each row is a paragraph: no name is broken letter by letter.
    """
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold cyan")
    filled = {name for row in rows for name, value in row.items() if value is not None and value != ""}
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name in filled]
    least = {name: _least(name, [_cell(row.get(name, "")) for row in rows]) for name in names}
    left_out = list[str]()
    for name in reversed([name for name in spare if name in names]):
        if not _is_too_wide(names, least):
            break
        names.remove(name)
        left_out.insert(0, name)
    if _is_too_wide(names, least):
        _show_paragraphs(title, [*names, *left_out], rows)
        return
    widths = _widths(
        {name: max(cell_len(_cell(row.get(name, ""))) for row in (*rows, {name: name})) for name in names}, least
    )
    for name in names:
        numeric = any(isinstance(row.get(name), int | float) for row in rows)
        justify: Literal["left", "right"] = "right" if numeric else "left"
        table.add_column(name, justify=justify, overflow="fold", width=widths[name])
    for row in rows:
        table.add_row(*(_cell(row.get(name, "")) for name in names))
    console.print(table if rows else f"[bold]{title}[/bold]: {empty}")
    if left_out:
        console.print(f"Left out, the terminal is too narrow: {', '.join(left_out)}.", style="dim")


def _widths(whole: Mapping[str, int], least: Mapping[str, int]) -> dict[str, int]:
    """Return the width of each column: *whole* where there is room, else the widest give way, down to their least."""
    widths = dict(whole)
    while _is_too_wide([*widths], widths):
        giving = [name for name in widths if widths[name] > least[name]]
        if not giving:
            break
        widths[max(giving, key=widths.__getitem__)] -= 1
    return widths


def _is_too_wide(names: Sequence[str], least: Mapping[str, int]) -> bool:
    return sum(least[name] for name in names) + 3 * len(names) + 1 > console.width


def show_results(title: str, results: Sequence[Result], *, as_json: bool) -> None:
    """Print what became of each application; exit code 1 where something was not applied to one of them."""
    from domain.application.application import case_number

    told = [(result, case_number(result.application_id)) for result in results]
    if as_json:
        show_json(
            [
                {
                    "application": result.application_id,
                    "case": case,
                    "applied": result.applied,
                    "result": result.sentence,
                }
                for result, case in told
            ]
        )
    else:
        show_table(
            title,
            [
                {"case": case, "applied": result.applied, "result": result.sentence.removeprefix(f"{case}: ")}
                for result, case in told
            ],
        )
        if len(results) > 1:
            applied = sum(result.applied for result in results)
            console.print(f"{number_of(len(results), 'cases')}: {applied} applied, {len(results) - applied} skipped.")
    if not all(result.applied for result in results):
        raise typer.Exit(1)


_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d)")
"""A day with a time of day, which is read as one."""
_LEAST: Final = 40
"""Letters below which a column with longer words is not squeezed."""


def _least(name: str, texts: Sequence[str]) -> int:
    """Return how wide a column is at least: as its longest word, up to a limit; codes and short columns whole."""
    words = [len(word) for text in (name, *texts) for word in _MOMENT.sub(r"\1_\2", text).split()]
    longest = max(words, default=0)
    return longest if _unbroken(name, texts) else min(longest, _LEAST)


def _show_paragraphs(title: str, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    console.print(f"[bold]{title}[/bold]")
    for row in rows:
        told = [f"{name}: {text}" for name in names if (text := _cell(row.get(name, "")))]
        console.print("  " + "; ".join(told), highlight=False, markup=False, soft_wrap=not console.is_terminal)


def _unbroken(name: str, texts: Sequence[str]) -> bool:
    """Whether a column stays in one line: one of case numbers, which are copied, or below a word no shorter."""
    codes = all(re.fullmatch(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}|[0-9a-f]{32,}", text) for text in texts)
    return codes or (" " not in name and all(len(text) <= len(name) for text in texts))


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
    return ", ".join(number_of(count, name.replace("_", " ")) for name, count in every.items())


def named(keys: list[str]) -> list[str]:
    """Return *keys* with every @FILE replaced by the case numbers on its lines."""
    found: list[str] = []
    for key in keys:
        lines = Path(key[1:]).read_text().splitlines() if key.startswith("@") else [key]
        found += [line.split(",", 1)[0].strip() for line in lines if line.strip() and not line.startswith("#")]
    return found
