"""The option by which somebody says what a column of a list or of a table of people holds."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.errors import BadInputError
from domain.reference_lists.headings import AGREEABLE

Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="HEADING=field for a heading that is not understood; HEADING= leaves it out."),
]


def said_of_columns(said: list[str]) -> dict[str, str]:
    """Return heading to field; raises :class:`BadInputError` for a field that there is not."""
    parts = [text.rpartition("=") for text in said]
    for heading, sign, field in parts:
        if not sign or not heading.strip() or (field and field not in AGREEABLE):
            remedy = f"Write HEADING=field, with one of: {', '.join(AGREEABLE)}."
            raise BadInputError("--column", f"{heading or field} does not say what a column is.", remedy=remedy)
    return {heading.strip(): field for heading, _, field in parts}
