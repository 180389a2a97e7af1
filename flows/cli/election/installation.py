"""Commands that set things up: elections, rehearsals, the database, the server with its UI."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import Progress

from db.store import open_reader
from domain.errors import UnavailableError
from domain.numbers import number_of
from flows.cli.next_steps import show_next
from flows.cli.options import AsOf, Election, Json, console, counted, problems, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, database, moment
from flows.oversight.counts import status_of
from flows.runtime.server.lifetime import running_server
from flows.settings import change_settings, settings

_NAMED: Final = 20

Folder = Annotated[
    Path,
    typer.Argument(help="Folder with election.yaml, geography.yaml, and organisations and officers as .yaml or .xlsx."),
]


@command("init", example="var/rehearsal")
def init(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    folder: Folder,
    officer: Annotated[str, typer.Option("--officer", help="To change what is loaded: your officer code.")] = "",
    key: Annotated[Path | None, typer.Option("--key", help="Your signing key (PEM).")] = None,
    ground: Annotated[str, typer.Option("--ground", help="Why the rules change: the act or resolution.")] = "",
    wizard: Annotated[
        bool, typer.Option("--wizard", help="Ask for the essentials and write the folder first.")
    ] = False,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Load an election into the database, made or upgraded where needed. Loading it again changes nothing.

    Where the folder differs from what is loaded, the difference is shown and nothing is changed: two administrators
    sign it, one after the other. With --election a folder that holds another election is refused. With --wizard a few
    questions are asked, and a folder with usual rules is written to be read and changed; nothing is loaded yet.
    """
    if wizard:
        from flows.cli.election.wizard import start_package

        start_package(folder, today=moment(as_of).date())
        return
    from flows.election.loading import init_election

    loaded = init_election(folder, now=moment(as_of), expected=election, by=officer or None, key=key, ground=ground)
    show_json(loaded.model_dump(mode="json")) if as_json else _tell_loaded(loaded, folder)


def _tell_loaded(loaded: Any, folder: Path) -> None:
    if loaded.proposed:
        console.print(f"Proposed, and nothing is changed yet: {'; '.join(loaded.changes)}.", highlight=False)
        _concerned(loaded)
        console.print(
            f"Next: a second administrator signs the same: accredit init {folder} --officer CODE --key FILE "
            "(a rehearsal needs no --key). It is signed on the same ground.",
            highlight=False,
            markup=False,
        )
        return
    if loaded.ground:
        console.print(f"Ground, signed by both: {loaded.ground}", highlight=False, markup=False)
    _concerned(loaded)
    changed = "rules loaded" if loaded.rules_changed else "rules unchanged"
    console.print(
        f"{loaded.election}: {changed}, {number_of(loaded.organisations_changed, 'organisations')} new or changed, "
        f"{number_of(loaded.officers, 'officers')}, {number_of(loaded.lists, 'reference lists')}."
    )
    if status_of(loaded.election)["applications"]:
        show_next(loaded.election)
    else:
        _begin(loaded.election)


def _begin(election: str) -> None:
    """Say what comes first; the keys of a rehearsal are there already."""
    with open_reader(database()) as store:
        rehearsal = store.statements.is_rehearsal(election)
    keys = "" if rehearsal else "accredit keys new; accredit desk link, for the first two administrators; "
    console.print(f"Next: {keys}accredit intake FOLDER takes nominations in; accredit up starts the desk and Prefect.")


def _concerned(loaded: Any) -> None:
    """Say whom the change concerns, and who is decided by it from then on; the JSON names all of them."""
    will = "are" if loaded.proposed else "were"
    _named(f"Moved, written to, asked or looked at again by it {will}", loaded.touched)
    _named("Decided or placed by it from then on are", loaded.ahead)


def _named(told: str, cases: Sequence[str]) -> None:
    if cases:
        named = ", ".join(cases[:_NAMED])
        more = f" and {len(cases) - _NAMED} more (--json names all)" if len(cases) > _NAMED else ""
        console.print(f"{told} {number_of(len(cases), 'cases')}: {named}{more}.", highlight=False)


Planted = Annotated[
    str | None,
    typer.Option("--bias", help="Look for one: refusal or delay, nationality or organisation, code, odds, people."),
]


@command("rehearse", example="var/rehearsal --applications 300 --seed 7")
def rehearse(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    folder: Annotated[Path, typer.Argument(help="Where the invented election is written.")] = Path("var/rehearsal"),
    applications: Annotated[int, typer.Option("--applications", "-n", min=1, help="Rows to invent.")] = 1500,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same election.")] = 2027,
    oddities: Annotated[
        bool, typer.Option(help="Add nonsense, unusable files, documents that say little: 2 % more rows.")
    ] = True,
    check: Annotated[bool, typer.Option("--check", help="Compare what the engine did with what was planted.")] = False,
    staff: Annotated[int | None, typer.Option("--staff", min=1, help="Simulate this many officers at work.")] = None,
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="With --staff: working time for a case.")] = 4.0,
    bias: Planted = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Write an invented election with planted problems; with --check: compare the engine's results with them.

    With --staff only a picture is written: officers' working hours over a real arrival curve, and which time limits
    are missed with how many officers. With --bias nothing is written: an election is drawn in which a group is refused
    more often, or waits longer, and what the fairness figures of accredit report find in it is shown.
    Exit code 1 of --check: the results differ; each difference is printed.
    """
    settle(election, as_of)
    if staff:
        _staffing(staff, folder, max(applications, 3000), minutes, seed, as_json=as_json)
        return
    if bias:
        _biased(bias, applications, seed, as_json=as_json)
        return
    if check:
        _check(folder, election, as_json=as_json)
        return
    summary = invented(folder, applications, seed, oddities=oddities)
    _say_what_lies_there(summary, as_json=as_json)


def _say_what_lies_there(summary: Any, *, as_json: bool) -> None:
    if as_json:
        show_json(summary.model_dump(mode="json"))
        return
    there = "lay there already" if summary.was_there else "written"
    console.print(
        f"{summary.folder}: {number_of(summary.applications, 'rows')} in {number_of(summary.files, 'files')}, {there}."
    )
    console.print(f"Planted: {counted(summary.problems)}.")


def invented(folder: Path, applications: int, seed: int, *, oddities: bool = True, **further: bool) -> Any:
    """Write the rehearsal with a progress bar and return its summary; *further* lists are those of the package."""
    from flows.rehearsal import write_package

    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task("Inventing people", total=applications)
        return write_package(
            folder,
            applications=applications,
            seed=seed,
            progress=lambda done, total: bars.update(bar, completed=done, total=total),
            oddities=oddities,
            **further,
        )


def _biased(bias: str, applications: int, seed: int, *, as_json: bool) -> None:
    """Show what stands out in a drawn election with a planted bias, the planted group marked."""
    from flows.rehearsal.decided import rehearse_bias

    planted, found = rehearse_bias(bias, applications=applications, seed=seed)
    if as_json:
        show_json({"planted": planted.model_dump(), "found": found})
        return
    told = f"{planted.kind} by {planted.by}, {planted.group}, odds {planted.odds:g}"
    show_table(f"Planted: {told}. What stands out in {number_of(applications, 'cases')}", found, empty="nothing")


def _staffing(staff: int, folder: Path, applications: int, minutes: float, seed: int, *, as_json: bool) -> None:
    """Say whether this many officers keep the time limits, and draw it."""
    from flows.rehearsal.workload import rehearse_staffing, write_picture

    report = rehearse_staffing(staff, applications=applications, minutes=minutes, seed=seed)
    picture = write_picture(report, folder / "staffing.svg")
    if as_json:
        show_json({"enough": report.enough, "levels": report.rows, "picture": str(picture)})
        return
    show_table(f"{number_of(applications, 'applications')}, {minutes:g} minutes a case", report.rows)
    enough = report.enough
    console.print(
        f"With {enough} officers or more no time limit is missed."
        if enough
        else "With each of these numbers of officers a time limit is missed; try more."
    )
    console.print(f"Picture: {picture}", highlight=False)


def _check(folder: Path, election: str | None, *, as_json: bool) -> None:
    from flows.rehearsal.run import check_against_truth

    found = check_against_truth(chosen_election(election), folder)
    if as_json:
        show_json(
            [
                {"kind": difference.kind.value, "row": difference.row, "sentence": difference.sentence}
                for difference in found
            ]
        )
    else:
        for difference in found:
            problems.print(str(difference), highlight=False, markup=False)
        console.print(f"{number_of(len(found), 'differences')} between what was planted and what the engine did.")
    if found:
        raise typer.Exit(1)


@command("up", example="--port 4300")
def up(
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Port of the UI; otherwise 4200, or a free one.")
    ] = None,
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Start the Prefect server with its UI and serve all deployments; Ctrl-C ends everything.

    --election and --as-of apply to every run whose form leaves them empty.
    """
    from flows.upkeep.service import up as start

    settle(election, as_of)
    start(port=port)


@command("link")
def link(election: Election = None, as_of: AsOf = None) -> None:
    """Print a link to the pages of the running accredit up; it lets one browser in, once, within the hour."""
    settle(election, as_of)
    if not (running := running_server(settings())):
        raise UnavailableError(f"accredit up does not run here ({settings().home}).")
    typer.echo(running.link())


def settle(election: str | None, as_of: datetime | None) -> None:
    """Let *election* and *as_of* hold for whatever this command starts."""
    given = {"election": election, "as_of": as_of.isoformat() if as_of else None}
    change_settings({name: value for name, value in given.items() if value})


@command("db upgrade")
def upgrade(
    seal_anew: Annotated[bool, typer.Option("--seal-anew", help="Seal the journals as they stand.")] = False,
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Bring the database to the newest version; a second run does nothing.

    Where this edition makes other keys of names, those of everybody on record are computed anew. --seal-anew is for
    a home that lost engine.key, or after a look at what was written without it: then what stands there counts.
    """
    from flows.election.database import encrypt_files, upgraded

    settle(election, as_of)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task("database", total=None)
        done = upgraded(
            seal_anew=seal_anew,
            told=lambda place, rows: bars.update(bar, description=f"{place}, {number_of(rows, 'rows')} encrypted"),
        )
        encrypt_files(lambda count: bars.update(bar, description=f"{number_of(count, 'files')} encrypted"))
    if done.applicants or done.entries:
        console.print(
            f"The keys by which people are found were computed anew: {number_of(done.applicants, 'applicants')}, "
            f"{number_of(done.entries, 'entries of reference lists')}. "
            "Load the lists again: they may be read otherwise."
        )
    if done.copy:
        console.print(f"As it was before, it lies in {done.copy}", highlight=False, soft_wrap=True)
    console.print("The database is now at the newest version." if done else "The database was at the newest version.")


@command("officer enrol", example="OFF-7 /media/stick")
def enrol(
    officer: Annotated[str, typer.Argument(metavar="OFFICER", help="Code of an officer of this election.")],
    folder: Annotated[Path, typer.Argument(help="Where the key is written, mode 0600.")],
    link: Annotated[str, typer.Option("--link", help="The one-time link that an administrator handed over.")] = "",
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Make the signing key of one of the first two officers; the officer names it with --key.

    That happens twice in an election and never again. All further officers are enrolled by two: accredit officer
    propose enrol, then confirm. With a link of the first of them the key waits for the second.
    """
    from flows.desk.enrolling import fingerprint, key_by_link
    from flows.election.loading import enrol_officer

    settle(election, as_of)
    if link:
        number = fingerprint(key_by_link(chosen_election(election), officer, link, folder))
        console.print(f"Read this number to the second administrator: {number}", highlight=False)
        return
    key = enrol_officer(officer, chosen_election(election), folder)
    console.print(f"Give {key} to {officer}, and keep no copy.")
