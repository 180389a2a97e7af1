"""The options that every act of an officer has, given to a command as one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Concatenate

import typer

from flows.cli.options import AsOf, Election
from flows.context import chosen_election, moment
from flows.statements.acceptance import ActingOfficer

Key = Annotated[Path | None, typer.Option("--key", help="Your signing key (PEM).")]


def acting_officer(
    officer: Annotated[str, typer.Option("--officer", help="Your officer code.")],
    key: Key = None,
    election: Election = None,
    as_of: AsOf = None,
) -> ActingOfficer:
    """Return who acts, with which key, in which election and as of when."""
    return ActingOfficer(officer, chosen_election(election), moment(as_of), key)


def by_officer(command: Callable[Concatenate[ActingOfficer, ...], None]) -> Callable[..., None]:
    """Return *command* with the options of :func:`acting_officer` in place of its first parameter."""
    return _with(command, signature(acting_officer, eval_str=True).parameters)


def perhaps_by_officer(
    said: str,
) -> Callable[[Callable[Concatenate[ActingOfficer, ...], None]], Callable[..., None]]:
    """Make a decorator like :func:`by_officer` for a command that also runs when no officer is named.

    *said* is the help of ``--officer``: what it is needed for.
    """
    options = dict(signature(acting_officer, eval_str=True).parameters)
    named = Annotated[str, typer.Option("--officer", help=said)]
    options["officer"] = options["officer"].replace(annotation=named, default="")
    return lambda command: _with(command, options)


def _with(
    command: Callable[Concatenate[ActingOfficer, ...], None], options: Mapping[str, Parameter]
) -> Callable[..., None]:
    own = [*signature(command, eval_str=True).parameters.values()][1:]
    every = [option.replace(kind=Parameter.KEYWORD_ONLY) for option in (*own, *options.values())]

    @wraps(command)
    def run(**given: object) -> None:
        by = acting_officer(**{name: given.pop(name) for name in options})  # type: ignore[arg-type] # as typer read them
        command(by, **given)

    run.__signature__ = Signature(every)  # type: ignore[attr-defined] # read by typer
    run.__annotations__ = {option.name: option.annotation for option in every}
    return run
