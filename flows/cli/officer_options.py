"""The options that every act of an officer has, given to a command as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Concatenate

import typer

from flows.cli.authority import hand_of
from flows.cli.options import AsOf, Election, Json

if TYPE_CHECKING:
    from flows.statements.acceptance import Hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who acts, with which key, in which election and when, and how the outcome is shown."""

    officer: Annotated[str, typer.Option("--officer", help="Your officer code.")]
    key: Annotated[Path | None, typer.Option("--key", help="Your signing key (PEM).")] = None
    election: Election = None
    as_of: AsOf = None
    as_json: Json = False

    @property
    def hand(self) -> Hand:
        """The officer with the key that will sign."""
        return hand_of(self.officer, self.key)


_OPTIONS = [
    parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in signature(Act, eval_str=True).parameters.values()
]


def by_officer(command: Callable[Concatenate[Act, ...], None]) -> Callable[..., None]:
    """Return *command* with the options of an :class:`Act` in place of its first parameter."""
    own = [*signature(command, eval_str=True).parameters.values()][1:]
    every = [*(parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in own), *_OPTIONS]

    @wraps(command)
    def run(**given: object) -> None:
        act = Act(**{field.name: given.pop(field.name) for field in fields(Act)})  # type: ignore[arg-type] # as typer read them
        command(act, **given)

    run.__signature__ = Signature(every)  # type: ignore[attr-defined] # read by typer
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in every}
    return run
