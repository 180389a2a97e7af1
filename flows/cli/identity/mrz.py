"""``accredit mrz``: machine-readable zones from a file, read and explained."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer

from domain.errors import BadInputError
from domain.identity.mrz import parse
from domain.identity.readings import FieldCheck, Mrz
from flows.cli.registry import command

_LARGEST: Final = 5_000_000
"""Bytes beyond which a file cannot be a list of zones."""

EXAMPLE: Final = "Example: accredit mrz check zones.txt --json"


class Block(NamedTuple):
    """Lines of a file between blank lines, and the number of the first (from 1)."""

    first_line: int
    text: str


@command("mrz check", example="zones.txt --json")
def check(
    file: Annotated[
        Path, typer.Argument(help="Text with one zone per block of lines, blank lines between; - for input.")
    ],
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day that settles the century of birth.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="For scripts: fields, verdicts, warnings, suggestions.")
    ] = False,
) -> None:
    """Show for each zone how it reads, which check digits are right and what is unusual.

    Shows personal data on the screen. Exit code 0: nothing unusual; 1: something to look at; 2: no input.
    """
    day = (as_of or datetime.now(UTC)).date()
    readings = [(block, parse(block.text, on=day)) for block in _blocks(_text(file), place=str(file))]
    if as_json:
        zones = [_as_json(block, reading) for block, reading in readings]
        odd = sum(not reading.is_clear for _, reading in readings)
        typer.echo(json.dumps({"zones": zones, "read": len(zones), "odd": odd}, ensure_ascii=False, indent=2))
    else:
        for block, reading in readings:
            typer.echo("\n".join(_as_text(block, reading)))
    if not all(reading.is_clear for _, reading in readings):
        raise typer.Exit(1)


def _text(file: Path) -> str:
    """Return the text of *file*; raises ``BadInputError`` naming what is wrong with it."""
    try:
        content = sys.stdin.buffer.read(_LARGEST + 1) if str(file) == "-" else _head(file)
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise BadInputError(str(file), f"{reason}.", remedy="Name a text file that you may read.") from error
    if len(content) > _LARGEST:
        raise BadInputError(str(file), "is larger than 5 MB.", remedy="Split it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInputError(str(file), "is not UTF-8 text.", remedy="Save it as plain text in UTF-8.") from error


def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_LARGEST + 1)


def _blocks(text: str, *, place: str) -> Iterator[Block]:
    """Yield the blocks of *text*; raises ``BadInputError`` if there is none."""
    lines: list[str] = []
    found = False
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if line.strip():
            lines.append(line)
        elif lines:
            found = True
            yield Block(number - len(lines), "\n".join(lines))
            lines = []
    if not found:
        raise BadInputError(place, "holds no lines.", remedy="Put in two or three lines per document.")


def _verdict(reading: Mrz) -> str:
    if not reading.is_recognised:
        return "unrecognised"
    return "clear" if reading.is_clear else "to look at"


def _fields(reading: Mrz) -> dict[str, Any]:
    """Return the values by name as JSON has them; dates in ISO 8601, nothing for an unrecognised zone."""
    others = {"format", "lines", "verdicts", "findings", "suggestions"}
    return reading.model_dump(mode="json", exclude=others) if reading.is_recognised else {}


def _as_json(block: Block, reading: Mrz) -> dict[str, Any]:
    return {
        "first_line": block.first_line,
        "format": reading.format.value,
        "verdict": _verdict(reading),
        "digits_fit": reading.digits_fit,
        "fields": _fields(reading),
        "verdicts": {verdict.field: verdict.model_dump(mode="json", exclude={"field"}) for verdict in reading.verdicts},
        "warnings": [
            {"code": finding.code, "field": finding.field, "words": finding.words} for finding in reading.findings
        ],
        "suggestions": [suggestion.model_dump(mode="json") for suggestion in reading.suggestions],
    }


def _in_words(value: Any) -> str:
    """Return a value as officers read it: yes or no, lists by commas, nothing where nothing stands."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(str(part) for part in value if part)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- JSON
        case _:
            return str(value or "")


def _as_text(block: Block, reading: Mrz) -> Iterator[str]:
    yield f"line {block.first_line}: {reading.format}, {_verdict(reading)}"
    for name, value in _fields(reading).items():
        if _in_words(value):
            yield f"  {name.replace('_', ' '):<20} {_in_words(value)}"
    for verdict in reading.verdicts:
        if verdict.verdict is FieldCheck.MISMATCH:
            field = verdict.field.replace("_", " ")
            yield f"  {field:<20} digit {verdict.found} printed, {verdict.computed} belongs there"
    for finding in reading.findings:
        where = f"{finding.field.replace('_', ' ')}: " if finding.field else ""
        yield f"  look: {where}{finding.words}"
    for suggestion in reading.suggestions:
        yield f"  perhaps ({', '.join(suggestion.changed)}):"
        yield from (f"    {line}" for line in suggestion.lines)
