"""What is in hand, as the doctor looks at it: mail, letters, late clocks, and what was set aside."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Final

from db.store import open_reader
from domain.letters.webhooks import EventState
from domain.numbers import number_of
from domain.values import ElectionCode
from flows.context import database
from flows.delivery.transport import configured_mailer
from flows.delivery.webhooks.receivers import receivers
from flows.intake.collection.drop_folder import QUARANTINED
from flows.oversight.contradictions import moment_of
from flows.oversight.counts import status_of
from flows.oversight.open_work import failed_work, late_work
from flows.settings import Settings, settings
from flows.upkeep.diagnosis import Diagnosis, right, soon, wrong

SECONDS_FOR_MAIL: Final = 5.0


def mail() -> Iterator[Diagnosis]:
    """Look whether letters could leave: the server answers, or the Maildir can be written."""
    known = settings()
    configured_mailer(known)
    if known.smtp_host is None:
        yield soon("mail", f"no mail server: letters go into {known.maildir.name}/", "Set ACCREDIT_SMTP_HOST")
        return
    yield _greeting(known, known.smtp_host)


def _greeting(known: Settings, host: str) -> Diagnosis:
    place = f"{host}:{known.smtp_port}"
    remedy = "Letters wait meanwhile. Look at the mail server, and at ACCREDIT_SMTP_HOST and _PORT"
    try:
        with socket.create_connection((host, known.smtp_port), SECONDS_FOR_MAIL) as connection:
            connection.settimeout(SECONDS_FOR_MAIL)
            # With TLS from the first byte on the server says nothing before.
            greets = known.smtp_security == "tls" or connection.recv(64).startswith(b"220")
    except OSError as error:
        return wrong("mail", f"{place} does not answer ({error.strerror or 'too slow'})", remedy)
    return right("mail", f"{place} answers") if greets else wrong("mail", f"{place} greets with no 220", remedy)


def elections() -> Iterator[Diagnosis]:
    """Look at each election: what is late, what went wrong."""
    with open_reader(database()) as store:
        codes = store.loaded.codes()
    if not codes:
        yield soon("election", "none is loaded", "accredit init FOLDER")
    for code in codes:
        yield from _late(code)
        yield from _went_wrong(code)


def _late(code: ElectionCode) -> Iterator[Diagnosis]:
    late = late_work(code, now=moment_of(code, None))
    for pile in late:
        yield soon(f"late, {code}", number_of(pile.number, pile.what), pile.next)
    if not late:
        yield right(f"late, {code}", "nothing")


def _went_wrong(code: ElectionCode) -> Iterator[Diagnosis]:
    failed = failed_work(status_of(code))
    for pile in failed:
        yield wrong(f"open, {code}", number_of(pile.number, pile.what), pile.next)
    if not failed:
        yield right(f"open, {code}", "nothing that went wrong")


def told_of_events() -> Iterator[Diagnosis]:
    """Look at each system that is told of events: the file that names them, and what it would not take."""
    if settings().webhooks is None:
        return
    named = receivers()
    for receiver in named:
        receiver.read_secrets()
    with open_reader(database()) as store:
        found = [listening for code in store.webhooks.elections() for listening in store.webhooks.receivers(code)]
    for listening in found:
        remedy = f"Ask who runs it, then: accredit webhook replay {listening.receiver}"
        if listening.stopped_at:
            yield wrong("webhooks", f"{listening.receiver} said that it is gone", remedy)
        elif dead := listening.counts[EventState.DEAD]:
            yield wrong(
                "webhooks",
                f"{listening.receiver}: {number_of(dead, 'events')} given up ({listening.last_answer})",
                remedy,
            )
        elif listening.last_answer:
            told = f"{listening.receiver} does not take events ({listening.last_answer})"
            yield soon(
                "webhooks", told, f"They go again by themselves. To try: accredit webhook test {listening.receiver}"
            )
    if not any(listening.stopped_at or listening.last_answer for listening in found):
        yield right("webhooks", f"{number_of(len(named), 'receivers take')} what they are told")


def quarantine() -> Iterator[Diagnosis]:
    """Look for files that ended the process that read them."""
    folder = settings().drop_folder
    if folder is None:
        return
    held = [path for path in (folder / QUARANTINED).rglob("*.report.json") if path.is_file()]
    if not folder.is_dir():
        yield wrong("drop folder", f"{folder} is not there", "Make it, or correct ACCREDIT_DROP_FOLDER")
    elif held:
        remedy = f"Read its report in {QUARANTINED}/ and ask the sender for another file. Do not open it"
        yield wrong("quarantine", number_of(len(held), "files that ended their reader"), remedy)
    else:
        yield right("quarantine", "empty")
