"""The columns of the form as options of a command, as a file, and as questions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import yaml

from domain.application.nomination import COLUMNS
from domain.errors import BadInputError
from domain.intake.columns import meaning
from flows.cli.options import console, problems

OFFERED: Final = tuple(column for column in COLUMNS if column != "organisation")
"""All but the organisation, which the command itself asks for."""
_FILES: Final = ("photo", "identity_page")


def with_columns(command: Callable[..., None]) -> Callable[..., None]:
    """Return *command* with an option for every column; what was given arrives in its parameter ``given``."""

    def called(**arguments: Any) -> None:
        given = {column: text for column in OFFERED if (text := arguments.pop(column)) is not None}
        command(**arguments, given=given)

    own = [
        parameter
        for parameter in inspect.signature(command, eval_str=True).parameters.values()
        if parameter.name != "given"
    ]
    columns = [_option(column) for column in OFFERED]
    called.__signature__ = inspect.Signature([*own, *columns])  # type: ignore[attr-defined]  # what typer reads
    called.__annotations__ = {parameter.name: parameter.annotation for parameter in (*own, *columns)}
    called.__name__, called.__doc__ = command.__name__, command.__doc__
    return called


def _option(column: str) -> inspect.Parameter:
    flag = f"--{column.replace('_', '-')}"
    said = "path of the file" if column in _FILES else COLUMNS[column]
    option = typer.Option(flag, help=said, rich_help_panel="Columns of the form", show_default=False)
    return inspect.Parameter(
        column, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, option]
    )


def cells_in(path: Path) -> dict[str, str]:
    """Return the cells in a YAML or JSON file, whose keys are names of columns in any language the form knows.

    Paths of files are read from its folder. Raises :class:`BadInputError` naming the key.
    """
    try:
        said: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInputError(path.name, "is not a YAML or JSON file.", remedy="Save it as UTF-8 text.") from error
    if not isinstance(said, Mapping):
        raise BadInputError(path.name, "is not a list of columns with values.", remedy="Write column: value.")
    cells: dict[str, str] = {}
    for name, value in said.items():  # pyright: ignore[reportUnknownVariableType]  # of whatever stands there
        column = meaning(str(name))  # pyright: ignore[reportUnknownArgumentType]
        if not isinstance(column, str) or column not in OFFERED:
            raise BadInputError(
                f"{path.name}, {str(name)[:40]}",  # pyright: ignore[reportUnknownArgumentType]
                "is not a column of the form.",
                remedy=f"Columns are {', '.join(OFFERED)}.",
            )
        text = _text(value)
        cells[column] = str(path.parent / text) if column in _FILES and text else text
    return cells


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case list():
            return ";".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]  # codes
        case _:
            return str(value)


def ask(given: Mapping[str, str], required: tuple[str, ...], problem_of: Callable[[str, str], Any]) -> dict[str, str]:
    """Return *given* with what the officer types for the other columns, each asked again until it can be read."""
    cells = dict(given)
    for column in OFFERED:
        if column in cells:
            continue
        console.print(f"[bold]{column}[/bold]: {COLUMNS[column]}", highlight=False)
        must = column in required or column in {"surname", "given_names", "role"}
        if text := _asked(column, must=must, problem_of=problem_of):
            cells[column] = text
    return cells


def _asked(column: str, *, must: bool, problem_of: Callable[[str, str], Any]) -> str:
    while True:
        hint = "needed; Enter leaves it open" if must else "Enter for none"
        text: str = typer.prompt(f"  {column} ({hint})", default="", show_default=False).strip()
        if not text or column in _FILES or (wrong := problem_of(column, text)) is None:
            return text
        problems.print(f"  {wrong}", highlight=False, markup=False, style="yellow")
