"""Which commands there are: each stands in one module below this folder, which is loaded when the command runs.

Listing the commands reads the modules as text; no module is imported for it. So ``accredit --help`` costs what its
own libraries cost, and a new command is one new function with the decorator :func:`command`.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from flows.cli.failures import with_plain_files

GROUPS: Final[Mapping[str, str]] = {
    "application": "Applications one at a time: what arrives on paper or by phone, checked like a row of a file.",
    "assignment": "Plan who goes to which region, from files alone.",
    "audit": "Check what was recorded.",
    "clearance": "Questions to other authorities.",
    "collect": "What reaches the office by itself: drop folder, mailbox, held messages.",
    "consent": "Consent to notices of regions: whom to ask, and what they answered.",
    "credential": "Look inside a credential, replace it, or take it back.",
    "db": "The database.",
    "desk": "The officers' desk in the browser: sign in with a passkey, decide, sign.",
    "election": "Election day and its calendar: move it, and look at every version.",
    "fairness": "Reviews of groups that stand out: each step is signed by an officer who decided none of the cases.",
    "keys": "Make, rotate, retire and publish the keys that sign.",
    "letters": "Letters: what left, what waits, what is wrong, and what to do about it.",
    "mrz": "Read machine-readable zones of travel documents.",
    "office": "Offices: who takes over from whom, who has their list, who is sent to help.",
    "officer": "Officers and what proves them.",
    "organisation": "Nominating organisations: who applied, who is admitted. Nominees of the others wait, held.",
    "plan": "Draft, show, compare, check and adopt deployment plans.",
    "policy": "Policies: dated records with authority, ground and text. They inform officers and decide nothing.",
    "prefect": "A Prefect server for several machines: what it must hold, and its workers.",
    "profile": "Election profiles.",
    "reference": "Reference lists: load, look at, retire.",
    "register": "The public register.",
    "session": "Sessions of a deciding body.",
    "webhook": "Other systems that are told of events: who, what waits, what was given up.",
}
"""What the commands that share a first word have in common."""

PANELS: Final[Mapping[str, str]] = {
    "": "The whole way",
    "election": "Election and installation",
    "organisations": "Organisations",
    "intake": "Intake",
    "identity": "Identity",
    "vetting": "Vetting",
    "decisions": "Decisions",
    "assignment": "Assignment",
    "issuance": "Credentials",
    "delivery": "Letters",
    "oversight": "Oversight",
    "upkeep": "Upkeep",
}
"""Headings of the list of commands, by the folder that a command stands in."""

_HERE: Final = Path(__file__).parent
_DECLARED: Final = re.compile(
    r'^@command\(\s*"(?P<path>[^"]+)".*?^def \w+\(.*?"""(?P<help>[^\n]*?)(?:"""|\n)', re.MULTILINE | re.DOTALL
)

Function = TypeVar("Function", bound=Callable[..., None])


_SIGNS: Final = (("%Y", "2027"), ("%m", "03"), ("%d", "10"), ("%H", "08"), ("%M", "00"), ("%S", "00"))
"""The signs of formats of time, each with an example."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A command as the text of its module declares it."""

    path: str
    """Its words, such as ``plan draft``."""
    module: str
    help: str

    @property
    def panel(self) -> str:
        """The heading it is listed under."""
        parts = self.module.split(".")[2:-1]
        return PANELS[parts[0] if parts else ""]


@dataclass(frozen=True, slots=True)
class Registered:
    """A command whose module is loaded."""

    function: Callable[..., None]
    epilog: str
    settings: Mapping[str, Any]


_REGISTERED: dict[str, Registered] = {}


def command(path: str, *, example: str = "", **settings: Any) -> Callable[[Function], Function]:
    """Make a function the command ``accredit PATH``; its docstring is the help, *example* what follows the path."""

    def register(function: Function) -> Function:
        _REGISTERED[path] = Registered(function, f"Example: accredit {path} {example}".rstrip(), settings)
        return function

    return register


@cache
def declared() -> Mapping[str, Declared]:
    """Return every command by its path; none is loaded."""
    found: dict[str, Declared] = {}
    for folder in PANELS:
        for file in sorted((_HERE / folder).glob("*.py")):
            module = ".".join(("flows.cli", *filter(None, (folder,)), file.stem))
            for match in _DECLARED.finditer(file.read_text("utf-8")):
                found[match["path"]] = Declared(match["path"], module, match["help"])
    return found


@cache
def loaded(path: str) -> TyperCommand:
    """Return the command *path*, its module loaded now."""
    importlib.import_module(declared()[path].module)
    known = _REGISTERED[path]
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
    alone.command(path.rpartition(" ")[2], epilog=known.epilog, **known.settings)(with_plain_files(known.function))
    made = typer.main.get_command(alone)
    if not isinstance(made, TyperCommand):
        raise TypeError(f"typer makes a command of one function: {path}")
    for option in made.params:
        described = getattr(option, "type_descriptor", None)
        formats = getattr(getattr(described, "parameter_info", None), "formats", None)
        if formats and option.param_type_name == "option":
            option.metavar = _by_example(max(formats[:2], key=len))
    return made


def _by_example(text: str) -> str:
    """Return *text* with an example of a day for the signs of its formats: nobody types a percent sign."""
    return reduce(lambda said, pair: said.replace(*pair), _SIGNS, text)


class LazyGroup(TyperGroup):
    """A group of commands that loads only the one that runs."""

    prefix = ""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the names of the commands and of the groups below this one."""
        below = (path.removeprefix(f"{self.prefix} ") for path in declared() if self._holds(path))
        return list(dict.fromkeys(path.split(" ", 1)[0] for path in below))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 -- click's signature
        """Return the command, the group, or None."""
        path = f"{self.prefix} {cmd_name}".strip()
        if path in declared():
            return loaded(path)
        return typer.main.get_command(application(path)) if path in GROUPS else None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read *args*; where nothing is asked for, show what there is, and end as after wrong input."""
        if not args:
            typer.echo(ctx.get_help())
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what is no day is told by an example."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            said = error.message.removeprefix("Value error, ")
            error.message = _by_example(said.replace("does not match the formats", "is not written as"))
            raise

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that *args* begin with; where there is none, the nearest one is offered."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from domain.errors import UnknownThingError

            ctx.fail(str(UnknownThingError("command", args[0][:40], known=self.list_commands(ctx))))
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help as plain text: what draws boxes takes longer to load than all the rest."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write what each command does, under the heading of its folder; no command is loaded for it."""
        listed = [_described(f"{self.prefix} {name}".strip(), name) for name in self.list_commands(ctx)]
        for panel, lines in groupby(listed, key=lambda described: described[0]):
            with formatter.section(panel):
                formatter.write_dl([(name, told) for _, name, told in lines])

    def _holds(self, path: str) -> bool:
        return not self.prefix or path.startswith(f"{self.prefix} ")


def application(prefix: str = "") -> typer.Typer:
    """Return the commands that begin with *prefix* as an application of typer; all of them without one."""
    about = GROUPS.get(
        prefix, "Accredit foreign election observers: intake, vetting, assignment, credentials, letters."
    )
    made = typer.Typer(
        name=prefix or "accredit", help=about, cls=_below(prefix), rich_markup_mode="rich",
        pretty_exceptions_enable=False, add_completion=not prefix,
    )  # fmt: skip
    made.callback()(_nothing if prefix else _whole)
    return made


def _below(prefix: str) -> type[LazyGroup]:
    return type("LazyGroup", (LazyGroup,), {"prefix": prefix})


def _nothing() -> None:
    """Do nothing: what a group does, its commands do."""


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"accredit {version('observer-accreditation')}")
        raise typer.Exit


def _whole(
    _: Annotated[bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Which version.")] = False,
) -> None:
    """Do nothing more: what accredit does, its commands do."""


def _described(path: str, name: str) -> tuple[str, str, str]:
    """Return the heading, the name and the help of a command or a group."""
    first = next(known for known in declared().values() if known.path == path or known.path.startswith(f"{path} "))
    return first.panel, name, GROUPS.get(path) or first.help
