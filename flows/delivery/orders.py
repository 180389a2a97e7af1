"""What officers order about letters: confirm, cancel, send again, retry. Each order is signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from db.journal import Book
from db.letters.letters import LetterFilter
from db.letters.outbox import QueuedLetter
from db.store import Store, open_store
from domain.errors import AccreditationError, BadInputError
from domain.identity.contact import is_usable
from domain.letters.delivery import CAN_ORDER
from domain.letters.envelope import LetterOrder, LetterState
from domain.numbers import number_of
from domain.statements.officers import OfficerRefusedError
from domain.statements.statement import ActKind, Deed, plain
from domain.values import ElectionCode, OfficerCode
from flows.context import database
from flows.statements.acceptance import ActingOfficer, accept

_SENT_AGAIN: Final = frozenset({LetterOrder.RESEND, LetterOrder.RETRY})


class OrderRefusedError(AccreditationError):
    """A letter is in a state in which it cannot be ordered this; no letter of the order was changed."""

    def __init__(self, order: LetterOrder, key: str, state: LetterState) -> None:
        allowed = ", ".join(sorted(CAN_ORDER[order]))
        super().__init__(f"Letter {key} is {state}; {order} is for letters that are {allowed}. Nothing was changed.")
        self.key = key
        self.state = state


class HeldCountError(AccreditationError):
    """The confirmed count is not the number of letters that are held; nothing was released."""

    def __init__(self, confirmed: int, held: int) -> None:
        super().__init__(
            f"{number_of(held, 'letters are held')} now, not {confirmed:,}. Nothing was released; "
            "look at them again with: accredit letters confirm"
        )
        self.held = held


class HeldChangedError(AccreditationError):
    """As many letters are held as the officer was shown, but others; nothing was released."""

    def __init__(self) -> None:
        super().__init__("Other letters are held than those you were shown. Nothing was released; look at them again.")


def order_letters(order: LetterOrder, keys: Sequence[str], by: ActingOfficer, *, how: str = "") -> int:
    """Carry out *order* on the letters *keys*, on all or none, and return how many those are.

    *how* says in which other way a letter was handed over, as "on paper at the focal point's desk": it names nobody.

    Raises :class:`UnknownThingError` for an officer or letter that is not there, :class:`OrderRefusedError`, and
    :class:`ProofRefusedError`.
    """
    with open_store(database()) as store:
        _require(store, order, keys, by, how=how)
        for key in keys:
            letter = store.letters.get(by.election, key)
            if letter.state not in CAN_ORDER[order]:
                raise OrderRefusedError(order, key, letter.state)
            if order in _SENT_AGAIN:
                _readdress(store, by.election, letter)
        return _carry_out(store, order, LetterFilter(only=tuple(keys)), by, how=how)


def _readdress(store: Store, election: ElectionCode, letter: QueuedLetter) -> None:
    """Address *letter* anew where it went to an address, of person or organisation, that was corrected since."""
    known, to, code = letter.envelope.application_id, letter.envelope.to, letter.envelope.organisation
    if known is None and code is not None:
        now = store.organisations.get(election, code).focal_point.email
        if now != to:
            store.letters.readdress(letter.envelope.key, to=now)
        return
    if known is None or not (person := store.people.current([known]).get(known)) or to == person.email:
        return
    last = store.applications.get(known).person_version
    former = store.people.at({(known, version) for version in range(1, last)})
    if is_usable(person.email) and to in {nomination.email for nomination in former.values()}:
        store.letters.readdress(letter.envelope.key, to=person.email)


def retry_all(by: ActingOfficer) -> int:
    """Make every deferred letter due at once and every failed one once more; returns how many."""
    with open_store(database()) as store:
        _require(store, LetterOrder.RETRY, [], by)
        return _carry_out(store, LetterOrder.RETRY, LetterFilter(), by)


def confirm_held(count: int, by: ActingOfficer, *, mark: str = "") -> int:
    """Release the held letters if they are exactly *count*, and with *mark* exactly those that it was made of.

    Raises :class:`HeldCountError` or :class:`HeldChangedError` otherwise. The mark is signed.
    """
    held = LetterFilter(state=LetterState.HELD)
    with open_store(database()) as store:
        _require(store, LetterOrder.CONFIRM, [str(count), *filter(None, [mark])], by)
        if (found := store.letters.count(by.election, held)) != count:
            raise HeldCountError(count, found)
        if mark and store.letters.mark(by.election, held) != mark:
            raise HeldChangedError
        return _carry_out(store, LetterOrder.CONFIRM, held, by)


def _carry_out(store: Store, order: LetterOrder, wanted: LetterFilter, by: ActingOfficer, *, how: str = "") -> int:
    """Carry out a proved order and write it into the journal; returns how many letters it was about."""
    found = store.letters.order(by.election, order, wanted, officer=by.officer, now=by.now, how=how)
    write_down(store, by.election, officer=by.officer, now=by.now)
    return found


def write_down(store: Store, election: ElectionCode, *, officer: OfficerCode, now: datetime) -> None:
    """Write into the journal what *officer* orders about letters *now*: it belongs to a chain that the audit checks."""
    for subject, (at, content) in store.letters.kept(election, officer=officer, at=now).items():
        store.journal.add(election, Book.LETTERS, subject, content, by=officer, at=at)


def _require(store: Store, order: LetterOrder, about: Sequence[str], by: ActingOfficer, *, how: str = "") -> None:
    officer = store.officers.get(by.election, by.officer)
    if officer.suspended:
        raise OfficerRefusedError(officer.code, "is suspended.")
    if (order is LetterOrder.HAND_OVER) != bool(how.strip()):
        raise BadInputError("--how", "goes with handing over.", remedy="Say how: --how 'on paper, at the front desk'")
    said = {"how": how} if how else {}
    deed = Deed(kind=ActKind.LETTERS, terms={"order": order.value, "about": plain(about), **said})
    accept(store, by, deed)
