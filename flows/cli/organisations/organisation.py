"""``accredit organisation list|apply|admit|refuse|appeal|suspend|withdraw``: organisations before their nominees."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from domain.application.reasons import ReasonCode
from domain.errors import BadInputError
from domain.numbers import number_of
from domain.organisations.organisation import Organisation, OrganisationActKind
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, in_utc, moment
from flows.documents import load_document
from flows.organisations.admission import Grounds, act, acts_of, organisations_table, receive_papers
from flows.organisations.admission import apply as entered
from flows.statements.acceptance import ActingOfficer

Which = Annotated[str, typer.Argument(metavar="ORGANISATION", help="Its code.")]
Reasons = Annotated[list[ReasonCode] | None, typer.Option("--reason", help="Reason code; repeatable.")]
Facts = Annotated[str, typer.Option("--facts", help="The facts, as the letter shall state them.")]


_ASIDE = ("kind", "invited", "admitted", "answer due")


@command("organisation list", example="--json")
def list_organisations(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show every organisation: standing, declared limit, number of nominees, and how many of them wait."""
    rows = organisations_table(chosen_election(election), now=moment(as_of))
    if as_json:
        show_json(rows)
        return
    # What fits on a line of a terminal; the rest is in the JSON.
    show_table("Organisations", [{name: cell for name, cell in row.items() if name not in _ASIDE} for row in rows])


@command("organisation apply", example="new-organisation.yaml --officer OFF-1")
@by_officer
def apply(
    by: ActingOfficer,
    file: Annotated[Path, typer.Argument(help="YAML with code, name, kind, country, focal_point, as in a package.")],
    reason: Reasons = None,
    facts: Facts = "",
    as_json: Json = False,
) -> None:
    """Record an organisation's application; its letter is a receipt; with --reason D07 --facts it asks for more."""
    organisation = load_document(file, Organisation)
    grounds = Grounds(tuple(reason or ()), facts)
    done = entered(organisation, by, grounds)
    _tell(done.organisation.code, str(done.organisation.standing), as_json=as_json)


@command("organisation admit", example="ORG-07 --officer OFF-1")
@by_officer
def admit(
    by: ActingOfficer,
    organisation: Which,
    facts: Annotated[str, typer.Option("--facts", help="Why, where something that the profile asks for is open.")] = "",
    as_json: Json = False,
) -> None:
    """Admit an organisation, also after a suspension; the nominations that waited go on at once.

    Where its file lacks what the profile asks for (kind, invitation, papers, time), the officer says why.
    """
    _act(organisation, OrganisationActKind.ADMIT, by, (None, facts), as_json=as_json)


@command("organisation ask", example="ORG-07 --reason D07 --facts 'The statute is missing.' --officer OFF-1")
@by_officer
def ask(
    by: ActingOfficer,
    organisation: Which,
    facts: Annotated[str, typer.Option("--facts", help="What is missing or wrong, as the letter shall state it.")],
    reason: Reasons = None,
    as_json: Json = False,
) -> None:
    """Ask an organisation that applied for what is missing. It has the time to mend, from when the letter arrives.

    Until that time is over nobody refuses it.
    """
    _act(organisation, OrganisationActKind.ASK, by, (reason, facts), as_json=as_json)


@command("organisation papers", example="ORG-07 request_letter founding_papers --officer OFF-1")
@by_officer
def papers(
    by: ActingOfficer,
    organisation: Which,
    names: Annotated[list[str], typer.Argument(metavar="PAPER", help="Names of papers, as in the profile.")],
    as_json: Json = False,
) -> None:
    """Record the papers of an organisation that came; what is still missing is shown."""
    file = receive_papers(organisation, names, by)
    if as_json:
        show_json({"organisation": organisation} | file.model_dump(mode="json"))
        return
    console.print(f"{organisation}: still missing: {', '.join(file.missing) or 'nothing'}.", highlight=False)


@command("organisation refuse", example="ORG-07 --reason R03 --facts 'No invitation.' --officer OFF-1")
@by_officer
def refuse(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    organisation: Which,
    reason: Reasons = None,
    facts: Facts = "",
    confirm: Annotated[
        bool, typer.Option("--confirm", help="As the second officer, confirm what is proposed.")
    ] = False,
    give_back: Annotated[
        bool, typer.Option("--return", help="As the second officer, return what is proposed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Refuse to admit an organisation, in two steps: one officer proposes, another confirms or returns it."""
    what = (
        OrganisationActKind.REFUSE
        if confirm
        else OrganisationActKind.RETURN_REFUSAL
        if give_back
        else OrganisationActKind.PROPOSE_REFUSAL
    )
    _act(organisation, what, by, (reason, facts), as_json=as_json)


class OnAppeal(StrEnum):
    """What can be done about an organisation's appeal."""

    LODGE = "lodge"
    GRANT = "grant"
    DISMISS = "dismiss"
    CONFIRM = "confirm"
    RETURN = "return"
    REMAND = "remand"


_ON_APPEAL: Final = {
    OnAppeal.LODGE: OrganisationActKind.LODGE_APPEAL,
    OnAppeal.GRANT: OrganisationActKind.GRANT_APPEAL,
    OnAppeal.DISMISS: OrganisationActKind.PROPOSE_DISMISSAL,
    OnAppeal.CONFIRM: OrganisationActKind.DISMISS_APPEAL,
    OnAppeal.RETURN: OrganisationActKind.RETURN_DISMISSAL,
    OnAppeal.REMAND: OrganisationActKind.REMAND_APPEAL,
}


@command("organisation appeal", example="ORG-07 --outcome grant --facts 'It was invited in January.' --officer OFF-4")
@by_officer
def appeal(
    by: ActingOfficer,
    organisation: Which,
    outcome: Annotated[OnAppeal, typer.Option("--outcome", help="To dismiss takes two: dismiss, then confirm.")],
    facts: Facts = "",
    arrived_at: Annotated[
        datetime | None,
        typer.Option("--arrived-at", formats=["%Y-%m-%dT%H:%M"], help="With lodge: when it arrived (UTC)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Lodge an organisation's appeal against its refusal, or decide it: by officers who took no part before."""
    if arrived_at and outcome is not OnAppeal.LODGE:
        raise BadInputError("--arrived-at", "is for an appeal that is lodged.", remedy="Leave it out.")
    by = by.on_arrival(arrived_at and in_utc(arrived_at))
    _act(organisation, _ON_APPEAL[outcome], by, (None, facts), as_json=as_json)


@command("organisation suspend", example="ORG-07 --facts 'Funding under review.' --officer OFF-1")
@by_officer
def suspend(
    by: ActingOfficer,
    organisation: Which,
    facts: Annotated[str, typer.Option("--facts", help="What is to be established, as the letter shall state it.")],
    reason: Reasons = None,
    as_json: Json = False,
) -> None:
    """Suspend an organisation: new nominations wait; granted accreditations stay. To end it: admit."""
    _act(organisation, OrganisationActKind.SUSPEND, by, (reason, facts), as_json=as_json)


@command("organisation withdraw", example="ORG-07 --officer OFF-1")
@by_officer
def withdraw(
    by: ActingOfficer,
    organisation: Which,
    as_json: Json = False,
) -> None:
    """Record that an organisation withdraws: its undecided applications end, each with a letter.

    Granted accreditations stay. Single accreditations are withdrawn with accredit application withdraw.
    """
    _act(organisation, OrganisationActKind.WITHDRAW, by, (None, ""), as_json=as_json)


@command("organisation acts", example="ORG-07")
def acts(organisation: Which, election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show every act about an organisation: who, what, when and why."""
    del as_of
    found = acts_of(chosen_election(election), organisation)
    if as_json:
        show_json([known.model_dump(mode="json") for known in found])
        return
    show_table(organisation, [
        {"when (UTC)": f"{step.at:%Y-%m-%d %H:%M}", "what": step.act.replace("_", " "), "by": step.officer,
         "reasons": ", ".join(step.reasons), "facts": step.facts} for step in found
    ])  # fmt: skip


def _act(
    organisation: str,
    what: OrganisationActKind,
    by: ActingOfficer,
    grounds: tuple[list[ReasonCode] | None, str],
    *,
    as_json: bool,
) -> None:
    done = act(organisation, what, by, Grounds(tuple(grounds[0] or ()), grounds[1]))
    proposal = {OrganisationActKind.PROPOSE_REFUSAL: "refusal", OrganisationActKind.PROPOSE_DISMISSAL: "dismissal"}
    proposed = f", {proposal[what]} proposed: a second officer confirms it" if what in proposal else ""
    standing = f"{done.organisation.standing}{proposed}"
    _tell(organisation, standing, released=done.released, withdrawn=done.withdrawn, as_json=as_json)


def _tell(organisation: str, standing: str, *, released: int = 0, withdrawn: int = 0, as_json: bool) -> None:
    if as_json:
        show_json({"organisation": organisation, "standing": standing, "released": released, "withdrawn": withdrawn})
        return
    console.print(f"{organisation}: {standing.replace('_', ' ')}.", highlight=False)
    if released:
        console.print(f"Taken up: {number_of(released, 'nominees')} who waited. Next: accredit vet")
    if withdrawn:
        console.print(f"With it ended: {number_of(withdrawn, 'undecided applications')}.")
