"""``accredit credential reissue|correct|suspend|lift|revoke|expire|ledger``: a credential after its issue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from domain.application.reasons import ReasonCode
from domain.credentials.states import Cause
from domain.decisions.rulings import Outcome, Ruling
from flows.cli.next_steps import show_next
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, counted, show_json, show_results, show_table
from flows.cli.registry import command
from flows.context import chosen_election, elections_in_turn, moment
from flows.decisions.case_file import find_application
from flows.decisions.rulings import decide_applications
from flows.issuance import correction, life
from flows.statements.acceptance import ActingOfficer, Result

Cases = Annotated[list[str], typer.Argument(metavar="APPLICATION...", help="Ids, case numbers or serials.")]
SomeCases = Annotated[list[str] | None, typer.Argument(metavar="[APPLICATION...]", help="As in accredit show.")]
Facts = Annotated[str, typer.Option("--facts", help="The facts; of a measure also “Proportionality: …”.")]
Reasons = Annotated[list[ReasonCode], typer.Option("--reason", help="Reason code (V…); repeatable.")]
_UNTIL = ["%Y-%m-%dT%H:%M", "%Y-%m-%d"]


@command("credential reissue", example="VD-000017 --cause loss --officer OFF-1")
@by_officer
def reissue(
    by: ActingOfficer,
    applications: SomeCases = None,
    cause: Annotated[Cause, typer.Option("--cause", help="loss, damage, correction or key_compromised.")] = Cause.LOSS,
    signed_by: Annotated[str, typer.Option("--signed-by", help="Everything that this key signed (its id).")] = "",
    as_json: Json = False,
) -> None:
    """Replace credentials: new serial, badge and letters; the old serial is void. Exit code 1: some were skipped.

    After the compromise of a key: retire it as compromised, make a new one, then re-issue with --signed-by.
    """
    why = Cause.KEY_COMPROMISED if signed_by else cause
    ids = [find_application(by.election, application) for application in applications or ()]
    ids += life.signed_by(by.election, signed_by) if signed_by else []
    results = life.reissue(ids, why, by)
    _tell("Re-issue", results, by, _NEW_BADGE, as_json=as_json)


@command("credential correct", example="VD-000017 --surname TORNEK --officer OFF-1")
@by_officer
def correct(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    application: Annotated[str, typer.Argument(help="Id, case number or serial.")],
    surname: Annotated[str | None, typer.Option("--surname", help="As in the identity document.")] = None,
    given_names: Annotated[str | None, typer.Option("--given-names", help="As in the identity document.")] = None,
    native_name: Annotated[str | None, typer.Option("--native-name", help="In its own script; empty for none.")] = None,
    photo: Annotated[Path | None, typer.Option("--photo", help="A better photograph (JPEG or PNG).")] = None,
    as_json: Json = False,
) -> None:
    """Correct the text of a badge that is in use and replace the badge: it gets a new serial; the old one is void."""
    given = {"surname": surname, "given_names": given_names, "native_name": native_name}
    changes = {name: text for name, text in given.items() if text is not None}
    changes |= {"photo": correction.kept_photo(photo)} if photo else {}
    done = correction.correct(find_application(by.election, application), changes, by)
    _tell("Correction", [done], by, _NEW_BADGE, as_json=as_json)


@command("credential suspend", example="VD-000017 --until 2027-03-12 --facts … --officer OFF-1")
@by_officer
def suspend(
    by: ActingOfficer,
    applications: Cases,
    until: Annotated[datetime, typer.Option("--until", formats=_UNTIL, help="When it ends at the latest (UTC).")],
    reason: Reasons = [ReasonCode.V02],  # noqa: B006 -- the one code there is
    facts: Facts = "",
    as_json: Json = False,
) -> None:
    """Suspend credentials while facts are established; stations see it with the next published list.

    The facts end with “Proportionality: …”, which says why a warning is not enough.
    """
    ruling = Ruling(outcome=Outcome.SUSPEND, reasons=tuple(reason), until=_utc(until), facts=facts)
    _decide(applications, ruling, by, as_json=as_json)


@command("credential lift", example="VD-000017 --officer OFF-1")
@by_officer
def lift(
    by: ActingOfficer,
    applications: Cases,
    facts: Facts = "",
    as_json: Json = False,
) -> None:
    """End a suspension: the credential is valid again."""
    ruling = Ruling(outcome=Outcome.LIFT, facts=facts)
    _decide(applications, ruling, by, as_json=as_json)


@command("credential revoke", example="VD-000017 --reason V03 --facts … --officer OFF-1")
@by_officer
def revoke(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    applications: Cases,
    reason: Annotated[list[ReasonCode] | None, typer.Option("--reason", help="V03, V04 or V05; to propose.")] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="As the second officer, confirm what is proposed.")
    ] = False,
    reply_until: Annotated[
        datetime | None, typer.Option("--reply-until", formats=_UNTIL, help="By default the profile's cure period.")
    ] = None,
    facts: Facts = "",
    as_json: Json = False,
) -> None:
    """Revoke accreditations in two steps: one officer proposes; after the time to reply another officer confirms.

    The facts end with “Proportionality: …”; where no warning and no suspension came before a breach (V03), also with
    “Steps skipped: …”. The person is told them with the proposal. To return one: accredit decide --outcome return.
    """
    outcome = Outcome.CONFIRM if confirm else Outcome.REVOKE
    ruling = Ruling(outcome=outcome, reasons=tuple(reason or ()), until=_utc(reply_until), facts=facts)
    _decide(applications, ruling, by, as_json=as_json)


@command("credential expire", example="--as-of 2027-04-10")
def expire(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """End accreditations and suspensions whose time is over, and write the letters. A second run does nothing.

    The flow validity does the same every hour while accredit up runs; so does accredit run before its stages.
    """
    ended = [life.end_what_is_over(code, now=moment(as_of)) for code in elections_in_turn(election)]
    counts = {what: sum(each[what] for each in ended) for what in ended[0]}
    show_json(counts) if as_json else console.print(counted(counts))


@command("credential ledger", example="--json")
def ledger(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show every serial with its explanation.

    Exit code 1: a number is missing or was never given out, or a line contradicts its case.
    """
    del as_of
    found = life.serial_ledger(chosen_election(election))
    rows = [
        {"serial": line.serial, "state": line.shown_state, "replaces": line.replaces or "",
         "since (UTC)": f"{line.changed_at:%Y-%m-%d %H:%M}" if line.changed_at else "",
         "why": line.explanation} for line in found.lines
    ]  # fmt: skip
    wrong = [line.serial for line in found.contradictions]
    if as_json:
        numbers = {"given_out": found.given_out, "missing": found.missing, "beyond": found.beyond}
        show_json({**numbers, "contradictions": wrong, "lines": rows})
    else:
        show_table(f"{found.given_out} serials", rows)
        console.print(f"Missing numbers: {', '.join(map(str, found.missing)) or 'none'}")
        console.print(f"Never given out: {', '.join(map(str, found.beyond)) or 'none'}")
        console.print(f"Contradicting their case: {', '.join(wrong) or 'none'}")
    if not found.is_whole:
        raise typer.Exit(1)


def _decide(applications: list[str], ruling: Ruling, by: ActingOfficer, *, as_json: bool) -> None:
    ids = [find_application(by.election, application) for application in applications]
    results = decide_applications(ids, ruling, by)
    _tell(ruling.outcome.capitalize(), results, by, as_json=as_json)


_NEW_BADGE: Final = "accredit print OFFICE for the new badges"


def _tell(title: str, results: Sequence[Result], by: ActingOfficer, *first: str, as_json: bool) -> None:
    """Print what became of each case, and what comes *first* now, with the rest of the work."""
    show_results(title, results, as_json=as_json)
    if not as_json:
        show_next(by.election, *first)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
