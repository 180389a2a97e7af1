"""How the mail of an election stands: the account of all letters, and since when nothing can be sent."""

from __future__ import annotations

from db.store import open_reader, open_store
from domain.letters.delivery import Reconciliation
from domain.numbers import number_of
from domain.values import ElectionCode, Frozen, UtcTime
from flows.context import database
from notifications.mail.mailers import MailUnavailableError


class MailStanding(Frozen):
    """How the mail of an election stands."""

    account: Reconciliation
    unavailable_since: UtcTime | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """The account; since when nothing can be sent; what waits for an officer."""
        held = f"{number_of(self.account.held, 'letters are held')} until an officer confirms: accredit letters confirm"
        return (
            f"{self.account.sentence}.",
            *([self.outage] if self.unavailable_since else []),
            *([held] if self.account.held else []),
        )

    @property
    def outage(self) -> str:
        """Since when nothing can be sent and how much waits."""
        since = f"{self.unavailable_since:%Y-%m-%d %H:%M} UTC" if self.unavailable_since else "now"
        return f"No mail can be sent since {since}; {number_of(self.account.waiting, 'letters wait')} and none is lost."


def mail_standing(election: ElectionCode) -> MailStanding:
    """Return how the mail of *election* stands."""
    with open_reader(database()) as store:
        return MailStanding(
            account=store.letters.reconciliation(election), unavailable_since=store.letters.outage_since(election)
        )


def note_outage(election: ElectionCode, problem: MailUnavailableError, *, now: UtcTime) -> None:
    """Record that no letter could be sent, for the report to say since when."""
    with open_store(database()) as store:
        store.letters.note_outage(election, problem.answer, now=now)


def letters_table(election: ElectionCode) -> list[dict[str, str | int | float]]:
    """Return how many letters of each kind are in each state."""
    with open_reader(database()) as store:
        counts = store.counts.letters(election)
    return [{"letter": kind, **states} for kind, states in counts.items()]
