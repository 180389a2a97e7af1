"""The breach drill: in minutes, whose data lay in a stolen part, which letters must be written, and by when."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from db.oversight.holdings import Holdings
from db.oversight.looks import Looks
from db.store import Store, open_reader, open_store
from domain.application.case import Case
from domain.application.nomination import Nomination
from domain.errors import BadInputError, UnknownThingError
from domain.intake.message_states import MessageState
from domain.letters.envelope import Envelope, LetterKind
from domain.organisations.organisation import Organisation
from domain.oversight.breach import WHOLE, Breach, StolenPart
from domain.oversight.looks import subject_of
from domain.values import ElectionCode, LanguageCode, OfficeCode, OrganisationCode, UtcTime
from flows.context import ElectionContext, database, right_now
from flows.letters.breach_letters import REPORT, BreachLetters
from flows.settings import settings
from notifications.letters import letter_of
from notifications.letters.rendering import render
from notifications.workbooks import plain

MOST: Final = 1_000_000
"""Letters of one election, more than there ever are."""
_NOT_NEEDED: Final = "not needed while nobody has the keys"


def breach_of(
    election: ElectionCode, parts: Sequence[StolenPart], *, known_at: UtcTime, office: OfficeCode | None = None
) -> Breach:
    """Return what the theft of *parts* means: whose data, what of it, by when it is reported.

    A mailbox has whoever was written to, everybody of an organisation that wrote, and the rows of its workbooks.

    A roster is of one *office*; lists may be old, so whoever was ever on it counts. Who was erased is there no more.
    """
    whole = bool(WHOLE & {*parts})
    with open_reader(database()) as store:
        profile, cases = store.elections.profile(election), store.applications.all_in(election)
        if StolenPart.ROSTER in parts:
            _require_office(store, election, office)
        people, organisations = store.people.current([case.id for case in cases]), store.organisations.all_in(election)
        letters = store.letters.matching(election, limit=MOST) if StolenPart.MAILBOX in parts else []
        left = store.parcels.left(election)
        wrote = _who_wrote(store, election) if StolenPart.MAILBOX in parts else set[OrganisationCode]()
        on_list = office if StolenPart.ROSTER in parts else None
        listed = Holdings(store.session).ever_at(election, on_list) if on_list else set[UUID]()
        loose = Holdings(store.session).rows_without_case(election)
    sent = [letter.envelope for letter in letters if letter.envelope.key in left]
    known = listed | {envelope.application_id for envelope in sent if envelope.application_id}
    meant = [case for case in cases if case.id in people and (whole or case.id in known or case.organisation in wrote)]
    mending = wrote | {envelope.organisation for envelope in sent if envelope.kind is LetterKind.CORRECTIONS}
    loose = {code: count for code, count in loose.items() if whole or code in mending}
    contacts = _contacts(parts, organisations, sent, wrote)
    spoken = Counter(_language(people[case.id], organisations.get(case.organisation)) for case in meant)
    rights = profile.data_rights
    return Breach(
        election=election, parts=tuple(dict.fromkeys(parts)), office=on_list,
        people=tuple(sorted(case.id for case in meant)), organisations=contacts,
        languages=dict(sorted(spoken.items())), without_case=loose, known_at=known_at,
        due_at=profile.breach_due(known_at), supervisor=rights.supervisor, ground=rights.ground,
    )  # fmt: skip


def _require_office(store: Store, election: ElectionCode, office: OfficeCode | None) -> None:
    known = [office.code for office in store.elections.geography(election).offices]
    if office is None:
        raise BadInputError("--office", "is missing.", remedy="Say whose roster was stolen.")
    if office not in known:
        raise UnknownThingError("office", office, known=known)


def _who_wrote(store: Store, election: ElectionCode) -> set[OrganisationCode]:
    """Return the organisations of whom a message came, with whatever was in it."""
    return {message.organisation for message in store.incoming.in_states(election, *MessageState)} - {""}


def _contacts(
    parts: Sequence[StolenPart],
    every: Mapping[OrganisationCode, Organisation],
    sent: Sequence[Envelope],
    wrote: Collection[OrganisationCode],
) -> tuple[OrganisationCode, ...]:
    """Return the organisations whose contact persons are named there: in the mailbox those who got or sent letters."""
    there = {
        code: organisation.focal_point.email
        for code, organisation in every.items()
        if "@" in organisation.focal_point.email
    }
    if WHOLE & {*parts}:
        return tuple(sorted(there))
    addresses = {address for envelope in sent for address in (envelope.to, envelope.copy_to)}
    met = (code for code, email in there.items() if email in addresses or code in wrote)
    return tuple(sorted(met)) if StolenPart.MAILBOX in parts else ()


def _language(person: Nomination, organisation: Organisation | None) -> LanguageCode:
    return person.letter_language or (organisation.language if organisation else "en")


def letters_in(store: Store, breach: Breach, *, now: UtcTime) -> Iterator[Envelope]:
    """Yield every letter that *breach* calls for, as the outbox takes it: the report first."""
    context = ElectionContext.of(store, breach.election, now=now)
    people, cases = store.people.current(breach.people), store.applications.get_many(breach.people)
    meant = {known: Case(cases[known], people[known]) for known in breach.people}
    return BreachLetters.at(context).all_of(breach, meant)


def write_drafts(breach: Breach, folder: Path, *, by: str) -> list[Path]:
    """Write every letter as it would go, and whom each goes to; return the files.

    They name people: each of these looks is on record under *by* before, and the files are their owner's alone.
    """
    if not breach.must_be_told:
        return []
    with open_store(database()) as store:
        written_to = breach.people if breach.can_be_read else ()
        subjects = [subject_of("breach", known, "breach") for known in written_to]
        Looks(store.session).keep(breach.election, by, subjects, at=right_now())
    with open_reader(database()) as store:
        envelopes = [*letters_in(store, breach, now=breach.known_at)]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = [_draft(folder, envelope) for envelope in envelopes]
    written = [folder / file for *_, file in lines]
    return [*written, _written(folder / "recipients.csv", _table(lines))]


def _draft(folder: Path, envelope: Envelope) -> tuple[str, ...]:
    about = envelope.key.rpartition(":")[2]
    file = "authority.txt" if about == REPORT else f"{about}.txt"
    said = render(letter_of(envelope), envelope.language, overrides=settings().letters_folder)
    _written(folder / file, f"{said.subject}\n\n{said.text.strip()}\n")
    return about, envelope.to, envelope.language, file


def _table(lines: Sequence[tuple[str, ...]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([("about", "to", "language", "letter"), *(map(plain, line) for line in lines)])
    return written.getvalue()


def _written(path: Path, text: str) -> Path:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path


def breach_table(breach: Breach) -> list[dict[str, str | int]]:
    """Return what must be written, to how many, and by when: counts and codes."""
    due = f"{breach.due_at:%Y-%m-%d %H:%M}" if breach.due_at else "not set in the profile"
    if not breach.must_be_told:
        return []
    at_once = "at once" if breach.can_be_read else _NOT_NEEDED
    lines = [
        ("report", breach.supervisor or "the supervising authority", 1, due),
        *((f"to people, {language}", "the people", count, at_once) for language, count in breach.languages.items()),
        ("to organisations", "their contact persons", len(breach.organisations), at_once),
        ("about rows that went back", "whoever sent them", sum(breach.without_case.values()), at_once),
    ]
    return [
        {"letter": letter, "to": to, "number": number, "until (UTC)": until}
        for letter, to, number, until in lines
        if number
    ]
