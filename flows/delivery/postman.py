"""Sending claimed letters: written, handed over at the pace allowed, and recorded as the way out needs it."""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from db.letters.outbox import QueuedLetter, Settlement
from db.locks import exclusive
from db.store import Store, open_reader, open_store
from domain.election.profile import ElectionProfile
from domain.errors import UnavailableError
from domain.letters.delivery import Prospect, dealt, prospect
from domain.letters.envelope import LetterKind, LetterState
from domain.values import ElectionCode, UtcTime
from flows.context import database
from flows.delivery.journal import DeliveryJournal, left_behind
from flows.delivery.messages import WritingRules, write_letters
from flows.delivery.transport import SendingPace, configured_mailer, configured_pace
from flows.runtime.processes.cores import spread
from flows.settings import settings
from notifications.mail.mailers import MailDeferredError, Mailer, MailRefusedError, MailUnavailableError, SealedMessage
from notifications.mail.message import Sender

BATCH: Final = 500
PART: Final = 25
"""Letters written at a time; the first go out while the next are written."""
RECORDED: Final = 25
"""Letters whose outcomes go into the database together; until then the journal has them."""
LONGEST: Final = 1.0
"""Seconds after which they go there, however few."""
JOURNALS: Final = "outbox"
"""Folder below home with what deliveries have noted and not recorded yet."""
LEASE: Final = timedelta(minutes=15)
EMPTY: Final = "not sent: nothing is left in it"
VANISHED: Final = "not sent: what it reminds of no longer stands"


class UnderWayError(UnavailableError):
    """Another process delivers the letters of this database; it keeps the pace, and takes what waits too."""

    def __init__(self) -> None:
        super().__init__("Another delivery is running; it sends the letters that wait.")


class Postman:
    """Sends claimed letters of one election through one mailer.

    What became of a letter is noted in the *journal* before the next one goes (or some at a time, where a repeat
    changes nothing), and recorded some at a time. Without a journal what is noted is recorded.
    """

    def __init__(
        self,
        profile: ElectionProfile,
        mailer: Mailer,
        *,
        now: UtcTime,
        shared_pace: SendingPace | None = None,
        journal: DeliveryJournal | None = None,
    ) -> None:
        election = profile.election
        with open_reader(database()) as store:
            house = replace(WritingRules.of(profile, store.elections.secret(election.code)), sends=True)
        self._write = partial(write_letters, sender=Sender.of(election, address=settings().mail_from), house=house)
        self._mailer = mailer
        self._now = now
        self._shared_pace = shared_pace
        self._journal = journal
        self._unsure: list[Settlement] = []
        self._noted: list[Settlement] = []
        self._recorded_at = time.monotonic()
        self.counts: Counter[str] = Counter(sent=0)

    def send(self, letters: Sequence[QueuedLetter]) -> None:
        """Send *letters*, recipient domains in turn.

        Raises :class:`MailUnavailableError` where the server is gone: the letter at hand is deferred, so that one the
        server stumbles over does not stay the first for ever, and the rest is released untried.
        """
        ordered = [letters[place] for place in dealt([_domain(letter) for letter in letters])]
        messages = spread(self._write, ordered, few=PART, part=PART)
        for letter, message in zip(ordered, messages, strict=True):
            try:
                self._settle(letter, *self._attempt(letter, message))
                if len(self._unsure) >= self._mailer.together:
                    self._note()
                if self._is_time_to_record() or letter is ordered[-1]:
                    self._record()
            except MailUnavailableError as error:
                self._give_back(letter, error, ordered)
                raise

    def _is_time_to_record(self) -> bool:
        most = RECORDED if self._journal is not None else 1
        return len(self._noted) >= most or time.monotonic() - self._recorded_at > LONGEST

    def _give_back(self, letter: QueuedLetter, error: MailUnavailableError, claimed: Sequence[QueuedLetter]) -> None:
        """Record what is sure, put *letter* off, and release the rest of *claimed*."""
        with suppress(MailUnavailableError):
            self._note()
        # What could not be secured is not sure to have arrived; to send it again is.
        self._unsure.clear()
        self._settle(letter, self._prospect(letter, error), error.answer)
        self._record()
        with open_store(database()) as store:
            store.outbox.release([taken.envelope.key for taken in claimed])

    def _attempt(self, letter: QueuedLetter, message: SealedMessage | str) -> tuple[Prospect, str]:
        if isinstance(message, str):
            return Prospect(state=LetterState.FAILED), message
        if self._shared_pace is not None:
            self._shared_pace.take(_domain(letter))
        try:
            return Prospect(state=LetterState.SENT), self._mailer.send(message)
        except (MailRefusedError, MailDeferredError) as error:
            return self._prospect(letter, error), error.answer

    def _prospect(
        self, letter: QueuedLetter, error: MailRefusedError | MailDeferredError | MailUnavailableError
    ) -> Prospect:
        return prospect(error, key=letter.envelope.key, attempts=letter.attempts, now=self._now)

    def _settle(self, letter: QueuedLetter, found: Prospect, answer: str) -> None:
        said = _without_recipients(letter, answer)
        self._unsure.append(Settlement(letter.envelope.key, found.state, said, found.next_at))

    def _note(self) -> None:
        """Note what became of the letters since the last time, once the mailer has secured them."""
        if not self._unsure:
            return
        self._mailer.secure()
        if self._journal is not None:
            self._journal.note(self._unsure)
        self._noted += self._unsure
        self._unsure.clear()

    def _record(self) -> None:
        """Let the database know what was noted."""
        self._note()
        if not self._noted:
            return
        with open_store(database()) as store:
            store.outbox.settle(self._noted, now=self._now)
        if self._journal is not None:
            self._journal.clear()
        self.counts.update(settlement.state.value for settlement in self._noted)
        self._noted.clear()
        self._recorded_at = time.monotonic()


def _domain(letter: QueuedLetter) -> str:
    return letter.envelope.to.partition(",")[0].rpartition("@")[2].strip().lower()


def _without_recipients(letter: QueuedLetter, answer: str) -> str:
    """Return *answer* without the local parts of its recipients, which are often names."""
    for address in f"{letter.envelope.to},{letter.envelope.copy_to}".split(","):
        if local := address.strip().rpartition("@")[0]:
            answer = answer.replace(local, "‹name›")
    return answer


def claimant() -> str:
    """Return the name under which this process claims letters: machine, process and when it began."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid())}"


def is_dead(name: str) -> bool:
    """Whether *name* was a process of this machine that has ended; of other machines nothing is known."""
    host, pid, began = name.rsplit(":", 2)
    return host == socket.gethostname() and _began(int(pid)) != began


def _began(pid: int) -> str:
    """Return when process *pid* began, in ticks of the kernel's clock, or an empty text where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return ""


def claim(election: ElectionCode, *, now: UtcTime, profile: ElectionProfile | None = None) -> list[QueuedLetter]:
    """Claim the next batch that is due; the real clock decides about leases, *now* about retries.

    No more than surely go within a third of the lease at the pace allowed. Reminders whose reason has vanished are
    cancelled instead; so are those of briefings that *profile* no longer has like that.
    """
    briefings = {briefing.mark for briefing in profile.letters.briefings} if profile else set[str]()
    clock, pace = datetime.now(UTC), configured_pace(settings())
    limit = min(BATCH, pace.most_within(LEASE.total_seconds() / 3)) if pace else BATCH
    with open_store(database()) as store:
        while letters := store.outbox.claim(election, claimant(), limit=limit, now=now, clock=clock, lease=LEASE):
            if standing := _still_wanted(store, letters, briefings, now=now):
                return standing
    return []


def _still_wanted(
    store: Store, letters: Sequence[QueuedLetter], briefings: Collection[str], *, now: UtcTime
) -> list[QueuedLetter]:
    """Cancel the reminders among *letters* whose application is no longer what they rest on; return the others.

    A parcel in which nothing is left is not sent either.
    """
    if empty := [
        letter.envelope.key for letter in letters if letter.envelope.kind is LetterKind.PARCEL and not letter.enclosed
    ]:
        store.outbox.settle([Settlement(key, LetterState.CANCELLED, EMPTY) for key in empty], now=now)
        letters = [letter for letter in letters if letter.envelope.key not in empty]
    conditions = {
        letter.envelope.key: (letter.envelope.only_while, letter.envelope.application_id)
        for letter in letters
        if letter.envelope.only_while and letter.envelope.application_id
    }
    if not conditions:
        return list(letters)
    cases = store.applications.get_many([about for _, about in conditions.values()])
    vanished = {
        key
        for key, (condition, about) in conditions.items()
        if about not in cases or not condition.holds(cases[about], now=now, briefings=briefings)
    }
    store.outbox.settle([Settlement(key, LetterState.CANCELLED, VANISHED) for key in sorted(vanished)], now=now)
    return [letter for letter in letters if letter.envelope.key not in vanished]


def send_due(
    election: ElectionCode, profile: ElectionProfile, *, now: UtcTime, shared: Callable[[], None] | None = None
) -> Iterator[Counter[str]]:
    """Send batch after batch until nothing is due, and yield what became of all so far after each.

    Raises :class:`MailUnavailableError` where no letter can be sent, and :class:`UnderWayError` where another process
    delivers. Run again after a crash, it sends again at most the letter that was under way, with the same Message-ID.
    """
    pace = configured_pace(settings())
    with exclusive(database(), "delivery") as had:
        if not had:
            raise UnderWayError
        recover(election, lambda name: name == claimant() or is_dead(name))
        with configured_mailer(settings()) as mailer, DeliveryJournal(_journals(), claimant(), now=now) as journal:
            shared_pace = SendingPace(pace, shared, memory=_journals() / "turns") if pace else None
            postman = Postman(profile, mailer, now=now, shared_pace=shared_pace, journal=journal)
            while letters := claim(election, now=now, profile=profile):
                try:
                    postman.send(letters)
                except MailUnavailableError:
                    yield postman.counts
                    raise
                yield postman.counts


def _journals() -> Path:
    return settings().home / JOURNALS


def recover(election: ElectionCode, has_ended: Callable[[str], bool] = is_dead) -> int:
    """Record what ended processes of this machine had noted, and release what else they had claimed."""
    with open_reader(database()) as store:
        ended = {name for name in store.outbox.claimants(election) if has_ended(name)}
    for noted in left_behind(_journals()):
        with open_store(database()) as store:
            store.outbox.settle_of(noted.claimant, noted.settled, now=noted.at)
    # Not who has ended since: what it noted may have been looked for before.
    with open_store(database()) as store:
        return store.outbox.recover(election, ended.__contains__)


def hold_mass(election: ElectionCode, profile: ElectionProfile) -> int:
    """Hold new letters for an officer's confirmation where they are more than the profile's number."""
    with open_store(database()) as store:
        return store.letters.hold_mass(election, threshold=profile.mass_mail_threshold)


def rest_at_night(election: ElectionCode, profile: ElectionProfile, *, now: UtcTime) -> int:
    """Let letters that can wait rest until the profile's quiet hours end; returns how many rest from now on."""
    quiet = profile.letters.quiet_hours
    until = quiet.end(now, profile.zone) if quiet else None
    if quiet is None or until is None:
        return 0
    with open_store(database()) as store:
        return store.letters.rest(election, until=until, now=now, but=quiet.urgent)
