"""One case as a whole, without anything personal: its course, findings, clocks and next step."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from operator import ne
from typing import Final
from uuid import UUID

from db.letters.outbox import QueuedLetter
from db.store import Store, open_reader
from domain.application.application import Application, case_number
from domain.application.events import Event
from domain.application.findings import Finding
from domain.application.reasons import MEANING
from domain.application.status import UNDECIDED, Status
from domain.decisions.rulings import Decision
from domain.decisions.sought import best
from domain.election.pledge import Acceptance
from domain.errors import UnknownThingError
from domain.screening.hits import Hit, marked
from domain.values import ElectionCode, Frozen, UtcTime
from flows.context import ElectionContext, database
from flows.vetting.policies import come_since

_CODE: Final = re.compile(r"[a-z]+(?:_[a-z]+)+")
_SLIPS: Final = 2
"""Letters of a case number that may be mistyped for it to be offered."""


class CaseFile(Frozen):
    """What is known of a case besides the person: ids, codes and times."""

    application: Application
    history: tuple[Event, ...]
    findings: tuple[Finding, ...]
    decisions: tuple[Decision, ...]
    letters: tuple[tuple[str, str, UtcTime], ...]
    hits: tuple[Hit, ...] = ()
    """Whom the case resembles as far as an officer must still judge it, without the words that were compared."""
    pledges: tuple[Acceptance, ...] = ()
    """The text of the pledge accepted with each version, without its words."""

    def details(self, event: Event) -> str:
        """Return what an event says beyond its name, with the versions of policies that its decision cites."""
        decision_id = getattr(event, "decision_id", None)
        cited = [
            str(policy) for decision in self.decisions if decision.id == decision_id for policy in decision.policies
        ]
        return ", ".join(filter(None, [describe(event), f"cites {', '.join(cited)}" if cited else ""]))

    @property
    def next_step(self) -> str:
        """What should happen next, in one sentence."""
        application = self.application
        if application.proposal:
            proposed = f"the {application.proposal.kind} that {application.proposal.by} proposed"
            return f"A second officer confirms or returns {proposed}."
        if application.reply_id:
            return "An officer answers the person's reply: accredit decide --outcome answer_reply."
        if application.appeal_due_at:
            return "Officers who took no part decide the appeal against the measure."
        if application.look_due_at:
            return "An officer looks at what came to light: accredit decide --outcome uphold, or a measure."
        return application.status.next_step


def find_application(election: ElectionCode, key: str) -> UUID:
    """Return the id of the application called *key*: its id, its case number, or its serial.

    Raises :class:`UnknownThingError`, which offers the case whose number is nearest.
    """
    wanted = key.strip().upper()
    try:
        return UUID(wanted)
    except ValueError:
        pass
    with open_reader(database()) as store:
        found = store.applications.called(election, wanted)
        if found is None:
            ids = store.applications.ids_in(election, *Status)
            raise UnknownThingError("application", key[:40], known=_alike(wanted, map(case_number, ids)))
    return found


def find_cases(election: ElectionCode, typed: str, *, most: int = 20) -> list[Application]:
    """Return the cases that *typed* may mean: a name, document, e-mail address, serial or case number, with a slip."""
    with open_reader(database()) as store:
        ids = best(typed, store.people.sought(election), most=most)
        found = store.applications.get_many(ids)
    return [found[known] for known in ids]


def _alike(wanted: str, numbers: Iterable[str]) -> list[str]:
    """Return the case numbers that differ from *wanted* in two letters at most: slips of whoever types."""
    bare = wanted.replace("-", "")
    same_length = (number for number in numbers if len(number) - 2 == len(bare))
    return [number for number in same_length if sum(map(ne, number.replace("-", ""), bare)) <= _SLIPS]


def case_file(application_id: UUID, *, now: UtcTime | None = None) -> CaseFile:
    """Return everything about a case that is not personal; raises :class:`UnknownThingError`.

    With *now* the findings hold also what policies say that came into force after the case was checked.
    """
    with open_reader(database()) as store:
        application = store.applications.get(application_id)
        return CaseFile(
            application=application,
            history=tuple(store.applications.history(application_id)),
            findings=findings_of(store, application, now=now),
            hits=tuple(hit.without_words() for hit in hits_of(store, application) if hit.is_open),
            decisions=tuple(store.decisions.of_application(application_id)),
            pledges=tuple(store.pledges.of(application_id)),
            letters=tuple(_line(letter) for letter in store.outbox.of_application(application_id)),
        )


def findings_of(store: Store, application: Application, *, now: UtcTime | None) -> tuple[Finding, ...]:
    """Return what was found of a case, and what policies in force at *now* add to it."""
    noted = store.people.findings_on([application.id])
    if now is None or application.status not in UNDECIDED:  # no policy speaks of what is decided
        return tuple(noted.get(application.id, ()))
    since = come_since(store, ElectionContext.of(store, application.election, now=now), [application], noted)
    return (*noted.get(application.id, ()), *since.get(application.id, ()))


def hits_on(application_id: UUID) -> list[Hit]:
    """Return what :func:`hits_of` says of a case."""
    with open_reader(database()) as store:
        return hits_of(store, store.applications.get(application_id))


def hits_of(store: Store, application: Application) -> list[Hit]:
    """Return whom a case resembles, strongest first, with the evidence (personal) and what officers cleared."""
    hits = store.resemblances.hits_on([application]).get(application.id, [])
    cleared = store.resemblances.cleared(application.election, [hit.pair for hit in hits])
    return marked(hits, {pair: pair for pair in cleared})


def _line(letter: QueuedLetter) -> tuple[str, str, UtcTime]:
    return letter.envelope.kind.value, letter.state.value, letter.sent_at or letter.queued_at


def describe(event: Event) -> str:
    """Return what an event says beyond its name: codes, times and ids."""
    left_out = {"application_id", "at", "actor", "kind", "facts_sha256"}
    facts = event.model_dump(exclude=left_out, exclude_defaults=True)
    return ", ".join(f"{name.replace('_', ' ')} {_shown(value)}" for name, value in facts.items() if value)


def _shown(value: object) -> str:
    match value:
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case tuple():
            return ", ".join(_shown(item) for item in value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- of whatever the event lists
        case _:
            return _CODE.sub(lambda code: code[0].replace("_", " "), str(value))


def case_markdown(file: CaseFile) -> str:
    """Return the case as the UI shows it."""
    application = file.application
    ends = application.next_due_at
    due = f"{ends:%Y-%m-%d %H:%M} UTC" if ends else "no clock runs"
    parts = [
        f"# Case {application.case_number}",
        f"**{application.status}** · version {application.version} · {application.organisation} · clock: {due}",
        f"**Next:** {file.next_step}",
        "## Course\n\n| when (UTC) | what | by | details |\n| --- | --- | --- | --- |\n"
        + "\n".join(
            f"| {event.at:%Y-%m-%d %H:%M} | {event.kind.replace('_', ' ')} | {event.actor} | {file.details(event)} |"
            for event in file.history
        ),
    ]
    if file.findings:
        parts.append(
            "## Findings\n\n| code | meaning | rule | fields | about |\n| --- | --- | --- | --- | --- |\n"
            + "\n".join(
                f"| {finding.code} | {MEANING[finding.code]} | {finding.rule.replace('_', ' ')}"
                f" | {', '.join(finding.fields)} | {finding.about} |"
                for finding in file.findings
            )
        )
    if file.letters:
        parts.append(
            "## Letters\n\n| letter | state | when (UTC) |\n| --- | --- | --- |\n"
            + "\n".join(f"| {kind} | {state} | {at:%Y-%m-%d %H:%M} |" for kind, state, at in file.letters)
        )
    return "\n\n".join(parts)
