"""``accredit review``: the queue case by case on one screen, decided by keys and proved once for the whole batch."""

from __future__ import annotations

import sys
from datetime import UTC
from typing import Annotated, Final
from uuid import UUID

import click
import typer
from rich.columns import Columns
from rich.panel import Panel
from rich.text import Text

from db.store import open_reader
from domain.application.application import case_number
from domain.application.reasons import ReasonCode
from domain.decisions.facts import without_facts
from domain.decisions.rulings import FOUNDED_ON_FACTS, NEEDS_REASON, ON_REPLIES, Outcome, Ruling
from domain.errors import AccreditationError
from domain.numbers import number_of
from flows.cli.decisions.findings import WHY_OVER, evidence_line, is_to_judge, rule_in_words
from flows.cli.officer_options import by_officer
from flows.cli.options import console, problems, show_table
from flows.cli.registry import command
from flows.cli.vetting.hits import show_hit
from flows.context import database, zone_of
from flows.decisions import casework
from flows.decisions.openings import record_opening
from flows.decisions.review import (
    CaseView,
    DecisionBatch,
    Seen,
    note_lines,
    parse_until,
    reserved,
    screen_of,
    waiting_for,
)
from flows.decisions.rulings import decide_together
from flows.decisions.setting_aside import come_up
from flows.statements.acceptance import ActingOfficer

KEYS: Final = {
    "a": Outcome.APPROVE,
    "r": Outcome.REFUSE,
    "d": Outcome.DEFER,
    "i": Outcome.REQUEST_INFORMATION,
    "c": Outcome.CONFIRM,
    "t": Outcome.RETURN,
    "y": Outcome.ANSWER_REPLY,
    "h": Outcome.UPHOLD,
}
HELP: Final = (
    "a approve · r refuse · d defer · i ask · c confirm · t return · y answer a reply · h it stands · n note · "
    "s skip · u undo · p sign now · q quit"
)


@command("review", example="--officer OFF-1 --key OFF-1.pem")
@by_officer
def review(
    by: ActingOfficer,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Decisions proved together.")] = 10,
) -> None:
    """Go through the queue: one screen for a case, one key for a decision, one proof for all.

    Before the proof nothing is decided: u takes the last one back, and who quits signs nothing. Exit code 1: some
    decisions were skipped, each with the reason.
    """
    waiting = waiting_for(by.officer, by.election, now=by.now)
    reviewing = _Review(by, DecisionBatch(by.officer))
    console.print(f"{number_of(len(waiting), 'cases wait')} for {by.officer}.", highlight=False)
    for place, case in enumerate(waiting, start=1):
        if not reviewing.take(case, f"{place} of {len(waiting)}"):
            reviewing.leave()
            break
        if len(reviewing.batch.decided) >= batch:
            reviewing.prove()
    reviewing.prove()
    if reviewing.skipped:
        raise typer.Exit(1)


class _Review:
    """An officer before the screen."""

    def __init__(self, by: ActingOfficer, batch: DecisionBatch) -> None:
        self.by, self.batch = by, batch
        self.skipped = 0

    def take(self, application_id: UUID, place: str) -> bool:
        """Show a case and do what the officer wants; returns whether to go on."""
        record_opening(self.by.election, self.by.officer, "case", application_id)
        while True:
            screen = screen_of(application_id, now=self.by.now)
            _show(screen, place)
            pressed = _pressed()
            if pressed in {"q", ""}:
                return False
            if pressed == "n":
                self._note(application_id)
                continue
            if pressed == "p":
                self.prove()
                continue
            if pressed == "u":
                self.undo()
                continue
            if pressed == "s":
                return True
            if pressed in KEYS and self._may(KEYS[pressed]) and (ruling := self._ruling(KEYS[pressed], screen)):
                self.batch.add(application_id, ruling, Seen(screen.application.version, screen.to_judge))
                return True
            console.print(HELP, highlight=False)

    def _may(self, outcome: Outcome) -> bool:
        """Whether officers decide this here; says so where a body does."""
        if told := reserved(outcome, self.by.election):
            problems.print(told, style="red", highlight=False, markup=False)
        return not told

    def _ruling(self, outcome: Outcome, screen: CaseView) -> Ruling | None:
        """Ask for what the outcome needs; nothing typed takes it back."""
        reasons: tuple[ReasonCode, ...] = ()
        if outcome in NEEDS_REASON:
            typed = _asked("Reason codes, with blanks between").upper().split()
            if not typed or not set(typed) <= {code.value for code in ReasonCode}:
                console.print("There is no such code; nothing was decided.")
                return None
            reasons = tuple(ReasonCode(code) for code in typed)
        until = None
        if outcome is Outcome.DEFER:
            end = _asked("Until (YYYY-MM-DD, or with THH:MM, UTC)")
            until = parse_until(end, day_in=zone_of(self.by.election), time_in=UTC)
            if until is None:
                console.print("This is not a day; nothing was decided.")
                return None
        facts = ""
        if outcome in NEEDS_REASON | ON_REPLIES | {Outcome.UPHOLD}:
            facts = _facts(reasons)
        elif outcome is Outcome.APPROVE and is_to_judge(screen):
            facts = _asked(WHY_OVER)
            if not facts:
                console.print("It is not said why what was found is set aside; nothing was decided.")
                return None
        if outcome in FOUNDED_ON_FACTS and without_facts(reasons, facts):
            console.print("No facts are stated for every reason; nothing was decided.")
            return None
        return Ruling(outcome=outcome, reasons=reasons, until=until, facts=facts)

    def undo(self) -> None:
        """Take the last decision off the pile; its case comes back with the next review."""
        if not self.batch.decided:
            console.print("There is nothing to take back.")
            return
        case, ruling = self.batch.decided.pop()
        console.print(f"Taken back: {ruling.outcome.replace('_', ' ')} of {case_number(case)}.", highlight=False)

    def leave(self) -> None:
        """Forget what was not signed, and say so."""
        if self.batch.decided:
            console.print(
                f"{number_of(len(self.batch.decided), 'decisions were')} not signed; nothing was recorded of them."
            )
        self.batch.decided.clear()

    def prove(self) -> None:
        """Sign what is on the pile, and apply it; a case of which more is to be judged by now comes back first."""
        self._give_back()
        if not self.batch.decided:
            return
        show_table("To be signed", [
            {"outcome": order.ruling.outcome, "reasons": ", ".join(order.ruling.reasons), "cases": len(order.ids)}
            for order in self.batch.orders
        ])  # fmt: skip
        try:
            results = decide_together(self.batch.orders, self.by, seen=self.batch.versions)
        except AccreditationError as error:
            problems.print(str(error), style="red", highlight=False, markup=False)
            self.batch.decided.clear()
            self.skipped += 1
            return
        self.batch.decided.clear()
        self.skipped += sum(not result.applied for result in results)
        for result in results:
            console.print(("✓ " if result.applied else "✗ ") + result.sentence, highlight=False)

    def _give_back(self) -> None:
        with open_reader(database()) as store:
            profile = store.elections.profile(self.by.election)
            unseen = come_up(store, self.batch.judged, profile, now=self.by.now)
        self.batch.decided = [piled for piled in self.batch.decided if case_number(piled[0]) not in unseen]
        self.skipped += len(unseen)
        for number, rules in unseen.items():
            told = f"{number}: more is to be judged by now ({', '.join(map(rule_in_words, rules))}). Look once more."
            problems.print(told, style="red", highlight=False, markup=False)

    def _note(self, application_id: UUID) -> None:
        try:
            casework.write_note(application_id, _asked("Note"), self.by)
        except AccreditationError as error:
            problems.print(str(error), style="red", highlight=False, markup=False)


def _facts(reasons: tuple[ReasonCode, ...]) -> str:
    """Ask for the facts; of several reasons, for those of each."""
    if not reasons:
        return _asked("What is answered, as the letter shall state it, or why the accreditation stands")
    if len(reasons) == 1:
        return _asked("Facts, as the letter shall state them")
    return " ".join(f"{code}: {_asked(f'Facts of {code}, as the letter shall state them')}" for code in reasons)


def _asked(question: str) -> str:
    return str(typer.prompt(question, default="", show_default=False)).strip()


def _pressed() -> str:
    """Return the key pressed; where input is fed, the first letter of the next line."""
    if sys.stdin.isatty():
        return click.getchar().lower()
    return _asked("Key")[:1].lower()


def _show(screen: CaseView, place: str) -> None:
    case = screen.application
    console.rule(f"[bold]{case.case_number}[/bold] · {place}")
    head = f"{case.status} · {case.organisation} · {case.role.replace('_', ' ')} · {screen.clock}"
    console.print(head, highlight=False, style="bold red" if "LATE" in screen.clock else "bold")
    if case.proposal:
        reasons = ", ".join(case.proposal.reasons)
        console.print(f"[bold]{case.proposal.kind} proposed by {case.proposal.by}[/bold]: {reasons}", highlight=False)
        console.print(screen.proposed_facts, highlight=False, markup=False)
    if case.reply_id:
        console.print("[bold]The person replied to a measure[/bold], and waits for an answer:", highlight=False)
        console.print(screen.reply, highlight=False, markup=False)
    console.print(Columns([Panel(_lines(screen.person | screen.documents), title="This case"), *_others(screen)]))
    for evidence in screen.evidence:
        console.print(f"• {evidence_line(evidence)} {evidence.other}", highlight=False)
    for hit in screen.hits:
        show_hit(hit)
    for clearance in screen.clearances:
        console.print(f"{clearance.authority}: {clearance.answer.replace('_', ' ')}", highlight=False)
    for line in [*note_lines(screen), *screen.events]:
        console.print(f"  {line}", highlight=False, markup=False, style="dim")
    console.print(HELP, highlight=False)


def _others(screen: CaseView) -> list[Panel]:
    return [
        Panel(_lines(evidence.other_person), title=Text(evidence.other))
        for evidence in screen.evidence
        if evidence.other_person
    ]


def _lines(said: dict[str, str]) -> str:
    return "\n".join(f"[dim]{name}[/dim] {value}" for name, value in said.items() if value)
