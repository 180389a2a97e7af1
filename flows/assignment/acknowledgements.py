"""Lists and summaries as they are sent, and who says that theirs arrived: by a one-time link, by reply or on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from db.store import Store, open_reader, open_store
from domain.assignment.acknowledgements import AcknowledgedBy, Acknowledgement, Recipient
from domain.election.geography import Geography
from domain.errors import UnknownThingError
from domain.letters.asking import link_token
from domain.letters.envelope import Envelope
from domain.statements.officers import OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, Frozen, OfficeCode, UtcTime
from flows.assignment.rosters import ListLetter, OfficeList
from flows.context import ElectionContext, database
from flows.letters.application_letters import page_of_desk
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer, authorise
from notifications.letters import contents_of
from notifications.letters.office import OfficeChangeLetter

_NAMESPACE: Final = UUID("7a9e5b0c-2f64-5d1b-8c3a-1e6f0b9d4c27")
"""Of the marks of letters about badges that were handed over."""


def send_lists(store: Store, context: ElectionContext, lists: Sequence[OfficeList], *, renewed: bool = False) -> None:
    """Queue the letters of *lists*, and ask who gets them to say that they arrived.

    A plan's first letters bear its key; each version since then is *renewed*, and a letter of its own.
    """
    for drawn in lists:
        for letter in drawn.letters:
            key = f"{letter.envelope.key}:v{drawn.version}" if renewed else letter.envelope.key
            envelope = letter.envelope.revised(key=key)
            store.outbox.put(context.election, envelope, now=context.now)
            _ask(store, context, letter, envelope, version=drawn.version)


def _ask(store: Store, context: ElectionContext, letter: ListLetter, envelope: Envelope, *, version: int) -> None:
    due, mark = (envelope.contents[name] for name in ("due", "mark"))
    if due is None:
        store.acknowledgements.close(context.election, letter.recipient, letter.code, now=context.now)
        return
    asked = Acknowledgement(
        recipient=letter.recipient, code=letter.code, version=version, letter=envelope.key, asked_at=context.now,
        due_at=datetime.fromisoformat(str(due)),
    )  # fmt: skip
    _keep(store, context, asked, mark=str(mark))


def _keep(store: Store, context: ElectionContext, asked: Acknowledgement, *, mark: str) -> None:
    token = link_token(store.elections.secret(context.election), asked.letter, mark)
    store.acknowledgements.ask(context.election, asked, token=token)


def ask_for_receipt(
    store: Store, context: ElectionContext, envelope: Envelope, *, left: OfficeCode, badges: int
) -> Envelope:
    """Return the letter to the office that takes over printed *badges*, which asks it to say that they arrived."""
    hours = context.profile.letters.acknowledge_hours
    if hours is None:
        return envelope
    last = {each.code: each.version for each in store.acknowledgements.last(context.election) if _is_stock(each)}
    asked = Acknowledgement(
        recipient=Recipient.STOCK, code=left, version=last.get(left, 0) + 1, letter=envelope.key,
        asked_at=context.now, due_at=context.now + timedelta(hours=hours),
    )  # fmt: skip
    mark = uuid5(_NAMESPACE, f"{envelope.key} {asked.version}").hex
    _keep(store, context, asked, mark=mark)
    link = {"mark": mark, "link": page_of_desk("received", envelope.language)} if settings().desk_url else {}
    letter = OfficeChangeLetter.model_validate({**envelope.contents}, strict=False)
    asking = letter.revised(badges=badges, version=asked.version, due=asked.due_at, **link)
    return envelope.revised(contents=contents_of(asking))


def _is_stock(each: Acknowledgement) -> bool:
    return each.recipient is Recipient.STOCK


def ask_no_closed_office(store: Store, context: ElectionContext) -> None:
    """Ask no office any more that is not open today: nobody is there who could answer."""
    for office in context.geography.offices:
        if not context.geography.is_open(office.code, on=context.day):
            store.acknowledgements.close(context.election, Recipient.OFFICE, office.code, now=context.now)


class SentList(Frozen):
    """What the page of a link shows: whose list, which version; nothing of anybody on it."""

    recipient: Recipient
    name: str
    version: int


def sent_by_link(election: ElectionCode, token: str) -> SentList:
    """Return what the link is about; raises :class:`UnknownThingError` for one that counts no more, or never did."""
    with open_reader(database()) as store:
        asked = store.acknowledgements.behind(election, token)
        land = store.elections.geography(election)
    return SentList(recipient=asked.recipient, name=_name(asked, land), version=asked.version)


def _name(asked: Acknowledgement, land: Geography) -> str:
    of_office = asked.recipient in {Recipient.OFFICE, Recipient.STOCK}
    return land.office(asked.code).name if of_office else land.region(asked.code).name


def acknowledge_by_link(election: ElectionCode, token: str, *, now: UtcTime) -> None:
    """Use the link up and keep that the list arrived; raises as :func:`sent_by_link` does."""
    with open_store(database()) as store:
        asked = store.acknowledgements.behind(election, token)
        store.acknowledgements.close(election, asked.recipient, asked.code, now=now, answered="link")


def record_acknowledgement(
    recipient: Recipient, code: str, version: int, by: ActingOfficer, *, way: AcknowledgedBy
) -> bool:
    """Record what a recipient replied, or handed in on paper, about the last version; returns whether anything changed.

    Raises :class:`UnknownThingError` where this version is not the last that they were asked about,
    :class:`OfficerRefusedError` for an officer without the role.
    """
    with open_store(database()) as store:
        last = {(each.recipient, each.code): each for each in store.acknowledgements.last(by.election)}
        asked = last.get((recipient, code))
        if asked is None or asked.version != version:
            known = [f"{each.recipient} {each.code} {each.version}" for each in last.values()]
            raise UnknownThingError("last list of", f"{recipient} {code} {version}", known=known)
        if asked.closed:
            return False
        terms = {"recipient": recipient.value, "code": code, "version": version, "way": way}
        authorise(store, by, Deed(kind=ActKind.ACKNOWLEDGE, terms=terms), role=OfficerRole.CASE_OFFICER)
        return store.acknowledgements.close(by.election, recipient, code, now=by.now, answered=way)
