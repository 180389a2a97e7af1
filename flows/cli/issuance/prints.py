"""``accredit print`` and ``accredit handover``: the printed badges of an office, and who has them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.credentials.states import CopyState
from domain.errors import BadInputError
from domain.numbers import number_of
from flows.cli.next_steps import show_next
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, moment
from flows.issuance import prints
from flows.issuance.prints import Printed, Settled
from flows.issuance.signing.keys import write_public
from flows.statements.acceptance import ActingOfficer

Out = Annotated[Path | None, typer.Option("--out", help="The file to write; by default OFFICE-LAYOUT.pdf.")]
_LAYOUTS = "a6, card (front and back, ID-1), 2up or 4up (A4)"


@command("print", example="OF-NORTH --layout 4up")
def print_badges(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    office: Annotated[str, typer.Argument(help="Code of the office.")],
    layout: Annotated[str, typer.Option("--layout", help=_LAYOUTS)] = "a6",
    out: Out = None,
    again: Annotated[bool, typer.Option("--again", help="All its badges, not only those without a good copy.")] = False,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Write one file with the badges of an office by region and name, a separator before each region, and record it.

    Only badges without a good printed copy are in it, whatever its layout: run it again and there is nothing to
    print. To print another copy, also in another layout: --again. After that only the last copy counts as in stock.
    """
    from notifications.badge.sheets import SheetLayout

    if layout not in set(SheetLayout):
        raise BadInputError("--layout", f"{layout} is none.", remedy=f"Choose {_LAYOUTS}.")
    chosen, now, how = chosen_election(election), moment(as_of), SheetLayout(layout)
    printed = prints.print_office(chosen, office, how, now=now, again=again)
    target = out or Path(f"{office}-{layout}.pdf")
    if printed.serials:
        write_public(target, printed.pdf)
        prints.record_printed(printed, chosen, how, now=now)
    facts = {"office": office, "badges": len(printed.serials), "file": str(target) if printed.serials else ""}
    if as_json:
        show_json(facts | {"printed_before": printed.left, "serials": printed.serials})
    else:
        console.print(_told(printed, target), highlight=False)
        show_next(chosen, *(["accredit handover SERIAL for each badge that is fetched"] if printed.serials else []))


def _told(printed: Printed, target: Path) -> str:
    before = f"Printed before, and good: {printed.left}. --again prints all, in any layout."
    if printed.serials:
        written = f"{number_of(len(printed.serials), 'badges')} for {printed.office}: {target}"
        return f"{written}. {before}" if printed.left else written
    why = before if printed.left else "No credential in use belongs to it."
    return f"Nothing to print for {printed.office}. {why}"


@command("handover", example="VD-000017 --officer OFF-1")
@by_officer
def handover(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    serial: Annotated[str, typer.Argument(help="The printed serial number.")],
    document: Annotated[
        str, typer.Option("--document", help="Number of the identity document shown; asked for when left out.")
    ] = "",
    authority: Annotated[
        Path | None,
        typer.Option("--authority", help="Scan of the holder's written authority, where somebody else fetches it."),
    ] = None,
    proxy_document: Annotated[
        str, typer.Option("--proxy-document", help="Number of that person's own document; asked for when left out.")
    ] = "",
    damaged: Annotated[bool, typer.Option("--damaged", help="Instead: the copy was spoiled.")] = False,
    lost: Annotated[bool, typer.Option("--lost", help="Instead: the copy is missing from the stock.")] = False,
) -> None:
    """Record that a badge was handed over against the identity document, or that a copy is damaged or lost.

    Where the profile allows somebody else to fetch it: --document is then that of the copy they bring.
    A lost copy of a credential that somebody could use is replaced: accredit credential reissue.
    """
    if damaged and lost:
        raise BadInputError("--damaged and --lost", "exclude each other.", remedy="Give one of them.")
    state = CopyState.DAMAGED if damaged else CopyState.LOST if lost else CopyState.HANDED_OVER
    if state is CopyState.HANDED_OVER:
        prints.require_handover(serial.upper(), by)
    settled = _settled(serial.upper(), state, documents=(document, proxy_document), authority=authority)
    prints.settle_copy(settled, by)
    console.print(f"{settled.serial} is {state.replace('_', ' ')}.", highlight=False)


def _settled(serial: str, state: CopyState, *, documents: tuple[str, str], authority: Path | None) -> Settled:
    """Ask for document numbers that were not given, unseen: they should not stay in the shell's history."""
    document, proxy_document = documents
    if state is CopyState.HANDED_OVER and not document:
        document = str(typer.prompt("Number of the identity document", hide_input=True))
    if authority and not proxy_document:
        proxy_document = str(typer.prompt("Number of the document of who fetches it", hide_input=True))
    return prints.Settled(
        serial=serial,
        state=state,
        document_number=document,
        proxy_document=proxy_document,
        authority=prints.keep_authority(authority) if authority else None,
    )


@command("stock", example="--json")
def stock(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show, by office, how many printed copies are in stock, handed over, damaged, lost, and void: to be destroyed."""
    del as_of
    rows = prints.printed_counts(chosen_election(election))
    if as_json:
        show_json(rows)
    else:
        show_table("Printed copies", [{name.replace("_", " "): count for name, count in row.items()} for row in rows])
