"""``accredit demo``: a complete invented election, from nominations to badges in the mail, on this machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final

import typer

from db.store import open_reader
from domain.numbers import number_of
from flows.cli.election.installation import invented
from flows.cli.options import console, counted, problems, show_table
from flows.cli.registry import command
from flows.cli.stage_display import run_flow, stage_display
from flows.context import database, moment
from flows.intake.mending.returned_rows import file_reports, write_returns
from flows.oversight.counts import reasons_of, status_of
from flows.runtime.server.lifetime import temporary_server
from flows.settings import prepare_home, settings

ELECTION: Final = "VALDARA-2027"
AS_OF: Final = datetime(2027, 3, 10, 8, 0, tzinfo=UTC)
"""Four days before the invented election: the last nominations are in, decisions are due in a day."""


class _Watch:
    """How long each part took, by the clock on the wall."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    @contextmanager
    def timing(self, what: str) -> Generator[None]:
        started = monotonic()
        yield
        self.rows.append({"part": what, "seconds": monotonic() - started})

    def total(self) -> list[dict[str, Any]]:
        return [*self.rows, {"part": "all", "seconds": sum(row["seconds"] for row in self.rows)}]


@command("demo", example="--applications 300")
def demo(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    applications: Annotated[int, typer.Option("--applications", "-n", min=1, help="Rows of nominations.")] = 1500,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same election.")] = 2027,
    oddities: Annotated[bool, typer.Option(help="Add nonsense, unusable files, poor documents: 2 % more rows.")] = True,
    renumbered: Annotated[
        bool, typer.Option(help="Further lists: numbered anew, without numbers, or with a column sorted apart.")
    ] = True,
    kinds: Annotated[bool, typer.Option(help="Further lists: drivers with their vehicles, and media.")] = True,
    changes: Annotated[bool, typer.Option(help="Change an office, a rule and an address when all have badges.")] = True,
    postpone: Annotated[int, typer.Option(min=0, help="Among these changes: the vote so many days later.")] = 0,
    run_off: Annotated[bool, typer.Option("--run-off", help="At the end a run-off, an election of its own.")] = False,
) -> None:
    """Run the invented election of Valdara, from nominations to badges in the mail. A second run changes nothing.

    Exit code 1: something failed, or the results differ from what was planted.
    """
    from flows.issuance.signing.process import signing_process
    from flows.rehearsal.acknowledged import answer_lists

    watch, package = _Watch(), prepare_home() / "rehearsal"
    _require_home_of_demo(package)
    console.rule("[bold]The invented election of Valdara")
    with signing_process(), watch.timing("Prefect server, beside the rest"), temporary_server(wait=False) as server:
        lists = {"oddities": oddities, "renumbered": renumbered, "kinds": kinds}
        election, before = _prepared(package, applications, seed, watch, lists)
        with watch.timing("waiting for the Prefect server"):
            server.wait_until_healthy()
        done = _stages(election, package, watch, changes=changes, postpone=postpone)
        with watch.timing("answers about lists"):
            done.lists = answer_lists(election, now=moment(AS_OF))
        differing = _run_off(election, watch, done.failures) if run_off else []
    watch.rows[-1]["seconds"] -= sum(row["seconds"] for row in watch.rows[:-1])
    _show(election, watch)
    _say_what_was_done(election, done)
    _say_what_changed(before, _figures(election), done.decided)
    if run_off:
        _say_what_differs(differing)
    _end(done.failures, all_right=_say_what_is_wrong(election, package) and not differing)


def _end(failures: list[str], *, all_right: bool) -> None:
    """Say what comes next; exit code 1 where something went wrong."""
    for failure in failures:
        problems.print(f"[red]{failure}[/red]")
    if failures or not all_right:
        raise typer.Exit(1)
    console.print("Next: accredit up shows it in the browser; accredit status says what waits.", highlight=False)


def _say_what_differs(differing: list[str]) -> None:
    for difference in differing[:20]:
        problems.print(difference, highlight=False, markup=False)
    console.print(f"The run-off held against the first election: {number_of(len(differing), 'differences')}.")


def _say_what_is_wrong(election: str, package: Path) -> bool:
    """Hold everything against what was planted and against everything else; returns whether nothing is wrong."""
    from flows.oversight.contradictions import check_election
    from flows.rehearsal.acknowledged import differences_of_lists
    from flows.rehearsal.run import check_against_truth

    differences = [*check_against_truth(election, package), *differences_of_lists(election, now=moment(AS_OF))]
    for difference in differences[:20]:
        problems.print(str(difference), highlight=False, markup=False)
    console.print(f"Held against what was planted: {number_of(len(differences), 'differences')}.")
    contradictions = check_election(election, now=AS_OF)
    for told in contradictions[:20]:
        problems.print(str(told), highlight=False, markup=False)
    console.print(
        f"Everything held against everything else (accredit check): {number_of(len(contradictions), 'contradictions')}."
    )
    return not (differences or contradictions)


def _require_home_of_demo(package: Path) -> None:
    """Refuse a home folder that holds another election: nothing invented is mixed with it."""
    from db.schema import is_made
    from db.store import open_reader
    from domain.errors import BadInputError
    from flows.context import database
    from flows.settings import settings

    if not is_made(settings().database_url):
        return
    with open_reader(database()) as store:
        codes = store.loaded.codes()
    if codes and (not {*codes} <= {ELECTION, f"{ELECTION}-2"} or not (package / "truth.jsonl").is_file()):
        raise BadInputError(
            str(settings().home), f"holds another election: {', '.join(codes)}.",
            remedy="The demo wants a home folder of its own: ACCREDIT_HOME=demo accredit demo. To upgrade this one: "
            "make upgrade",
        )  # fmt: skip


def _prepared(
    package: Path, applications: int, seed: int, watch: _Watch, lists: dict[str, bool]
) -> tuple[str, dict[str, Any]]:
    """Invent the nominations and load the election; returns its code and where it stands."""
    from flows.election.loading import init_election
    from flows.rehearsal.half_way import folder_of

    with watch.timing("inventing the nominations"):
        invented(package, applications, seed, **lists)
    with watch.timing("loading the election"):
        election = init_election(folder_of(package), now=moment(AS_OF)).election
    return election, _figures(election)


@dataclass
class _Done:
    """What came of the stages: decisions, failures, corrections that came back, and what changed half-way."""

    decided: Counter[str] = field(default_factory=Counter[str])
    failures: list[str] = field(default_factory=list[str])
    sent_back: Any = None
    changed: Any = None
    lists: Counter[str] = field(default_factory=Counter[str])
    """How many recipients of lists answered, let their time pass, or never got the letter."""


def _stages(election: str, package: Path, watch: _Watch, *, changes: bool, postpone: int) -> _Done:
    """Run every stage as a flow; one organisation's corrections come after intake, officers decide after vetting.

    With *changes* something of each kind changes when everybody has a badge, *postpone* days of the vote among it.
    """
    from flows.assignment.flow import assignment
    from flows.delivery.flow import delivery
    from flows.intake.flow import intake
    from flows.issuance.flow import issuance
    from flows.rehearsal.half_way import change_half_way
    from flows.rehearsal.package.lists.returned_corrections import fill_in_corrections
    from flows.rehearsal.run import decide_as_demonstration_officers
    from flows.vetting.flow import vetting

    done = _Done()

    stage = partial(_stage, watch, done.failures)
    with stage_display():
        files = [str(package / "nominations")]
        stage("intake", lambda: intake(files, election, as_of=AS_OF, return_state=True))
        done.sent_back = fill_in_corrections(election, package)
        if back := done.sent_back:
            corrected = [str(back.path)]
            stage("corrections", lambda: intake(corrected, election, back.organisation, as_of=AS_OF, return_state=True))
        stage("vetting", lambda: vetting(election, [], AS_OF, return_state=True))
        with watch.timing("officers' decisions"):
            done.decided = decide_as_demonstration_officers(election, now=AS_OF)
        stage("assignment", lambda: assignment(election, [], AS_OF, return_state=True))
        stage("issuance", lambda: issuance(election, [], AS_OF, return_state=True))
        stage("delivery", lambda: delivery(election, AS_OF, return_state=True))
        if changes:
            with watch.timing("changes half-way"):
                done.changed = change_half_way(
                    election, package, now=AS_OF, postponed_by=timedelta(days=postpone) if postpone else None
                )
        if done.changed:
            stage("letters about them", lambda: delivery(election, AS_OF, return_state=True))
    return done


def _run_off(first: str, watch: _Watch, failures: list[str]) -> list[str]:
    """Hold a run-off after the first election, carry it to badges, and return what is not as it follows from that."""
    from flows.assignment.flow import assignment
    from flows.delivery.flow import delivery
    from flows.intake.flow import intake
    from flows.issuance.flow import issuance
    from flows.oversight.contradictions import check_election
    from flows.rehearsal.run_off import hold_run_off, moved_by_run_off, run_off_differences
    from flows.vetting.flow import vetting

    stage = partial(_stage, watch, failures)
    with watch.timing("calling a run-off"):
        held = hold_run_off(first, now=AS_OF)
    code = held.election
    with stage_display():
        for organisation, path in held.answers:
            said, whose = [str(path)], organisation
            stage("who stays", partial(intake, said, code, whose, as_of=AS_OF, return_state=True))
        stage("run-off: vetting", lambda: vetting(code, [], AS_OF, return_state=True))
        stage("run-off: assignment", lambda: assignment(code, [], AS_OF, return_state=True))
        stage("run-off: issuance", lambda: issuance(code, [], AS_OF, return_state=True))
        stage("run-off: delivery", lambda: delivery(code, AS_OF, return_state=True))
    console.print(
        f"In the run-off {number_of(moved_by_run_off(first, held), 'people have')} another region than before."
    )
    return [*run_off_differences(first, held), *map(str, check_election(code, now=AS_OF))]


def _stage(watch: _Watch, failures: list[str], name: str, call: Callable[[], Any]) -> None:
    with watch.timing(name):
        state = run_flow(call)
    if not state.is_completed():
        failures.append(f"{name}: {state.message}")


def _figures(election: str) -> dict[str, Any]:
    return status_of(election)


def _say_what_changed(before: dict[str, Any], after: dict[str, Any], decided: Counter[str]) -> None:
    recorded = after["intake"]["recorded"] - before["intake"]["recorded"]
    letters = _sum(after["letters"]) - _sum(before["letters"])
    console.print(
        f"\n[bold]This run:[/bold] {recorded:,} recorded, {decided.total():,} decided ({counted(decided) or 'none'}), "
        f"{number_of(letters, 'letters')}."
    )
    if not (recorded or decided.total() or letters):
        console.print("Everything was done before; nothing changed.")


def _say_what_was_done(election: str, done: _Done) -> None:
    _say_what_was_mended(election, done.sent_back)
    _say_what_changed_half_way(done.changed)
    console.print(f"Lists and summaries: {', '.join(f'{what} {count}' for what, count in sorted(done.lists.items()))}.")


def _say_what_was_mended(election: str, sent_back: Any) -> None:
    """Say what became of the rows that one organisation had to mend."""
    if sent_back is None:
        return
    came = next(report for report in file_reports(election) if report["file"] == sent_back.path.name)
    counts = {name: came[name] for name in ("corrected", "recorded", "unchanged", "held", "returned")}
    show_table("A deficiency cured: the corrections workbook that came back", [
        {"organisation": sent_back.organisation, "rows to mend": sent_back.rows, **counts}
    ])  # fmt: skip


def _say_what_changed_half_way(changed: Any) -> None:
    """Say what changed when everybody had a badge, and that everything followed."""
    if changed is None:
        return
    console.print(
        f"\n[bold]Half-way:[/bold] {changed.closed} closed and {changed.acting} acts for it: "
        f"{number_of(changed.moved, 'people')}, their badges and letters followed. "
        "The time to mend was made longer by two officers."
    )
    if changed.postponed:
        console.print(
            f"Two administrators moved election day to {changed.postponed}; badges, clocks and letters followed."
        )
    if changed.helper:
        console.print(f"The shift of {changed.helper} went with them; two administrators had sent them help.")
    if changed.returned:
        console.print(f"The letter of {changed.returned} came back; it went again, to the corrected address.")


def _sum(letters: dict[str, dict[str, int]]) -> int:
    return sum(count for states in letters.values() for count in states.values())


def _show(election: str, watch: _Watch) -> None:
    """Print the tables at the end."""
    from flows.assignment.occupancy import by_office, occupancy
    from flows.delivery.recipients import mail_by_recipient

    found = status_of(election)
    with open_reader(database()) as store:
        files = store.intake.reports(election)
    show_table("Rows by file", [
        {"file": file.file.name, "organisation": file.file.organisation, "rows": file.counts.rows}
        | file.counts.model_dump()
        for file in files
    ] + [{"file": "all", "organisation": "", **found["intake"]}],
    spare=("unchanged", "organisation", "reference_reused", "recognised_by_other_evidence"))  # fmt: skip
    show_table("Applications by status", [{"status": s, "applications": n} for s, n in found["applications"].items()])
    show_table("Applications by status and reason", reasons_of(election))
    show_table("Places by region", occupancy(election), spare=("minimum", "office"))
    show_table("Places by office", by_office(election))
    show_table("Letters by kind and state", [{"letter": kind, **states} for kind, states in found["letters"].items()])
    show_table("Messages by recipient", [mail.model_dump() for mail in mail_by_recipient(election)])
    show_table("Credentials", [{"state": state, "count": count} for state, count in found["credentials"].items()])
    show_table("Time", watch.total())
    _say_where(election)


def _say_where(election: str) -> None:
    chosen = settings()
    places: dict[str, Path | str] = {
        "database": chosen.database_url.removeprefix("sqlite:///"),
        "photographs, documents, badges (encrypted)": chosen.files_url,
        "letters (Maildir)": chosen.maildir,
        "rows that went back": write_returns(election),
        "the invented nominations": chosen.home / "rehearsal",
        "demonstration officers' keys": chosen.home / "officers",
    }
    show_table("Where everything lies", [{"what": what, "where": _from_here(where)} for what, where in places.items()])


def _from_here(where: Path | str) -> str:
    """Return a path as one would type it in this folder, and an address as it is."""
    inside = Path(where).is_relative_to(Path.cwd())
    return str(Path(where).relative_to(Path.cwd())) if inside else str(where)
