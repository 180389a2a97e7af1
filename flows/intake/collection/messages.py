"""Messages with nominations: fetched and judged, their files taken in, answered; the doubtful held for officers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from db.store import open_reader, open_store
from domain.errors import BadInputError
from domain.intake.mailbox import HeldBecause, IncomingMessage, judge, message_key, unread_key
from domain.intake.message_states import MessageState
from domain.letters.envelope import Attachment, Envelope
from domain.messages import Message
from domain.statements.officers import OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, OrganisationCode, UtcTime
from flows.context import ElectionContext, database, election_context
from flows.delivery.bounces import mark_bounces
from flows.delivery.imap import LARGEST_MESSAGE, Mailbox
from flows.intake.arrivals import Arrival
from flows.intake.collection.together import Parcel, as_sent, earlier_pictures, lists_of, packed_together
from flows.intake.collection.working import MOST_READ, being_read, forget, times_cut_off
from flows.intake.mending.returned_rows import account_text
from flows.intake.reading.readers import message_apart
from flows.letters.application_letters import ApplicationLetters
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer, authorise, refuse_recused
from flows.storage.files import file_store
from notifications.letters.lines import FileLine
from notifications.letters.organisation import FileReceiptLetter

_AGAIN: Final = " (+)"
"""Behind the name of an earlier list, of which only the pictures that came since are taken."""
RELEASE, DISCARD = "release_message", "discard_message"
_COUNTS: Final = ("recorded", "unchanged", "corrected", "held", "returned")
_DUE: Final = (MessageState.ARRIVED, MessageState.RELEASED)


def fetch_messages(election: ElectionCode, mailbox: Mailbox, *, now: UtcTime, real: bool) -> Counter[str]:
    """Move every message that arrived out of the way, then read and judge it, keep it and move it to where it belongs.

    What a run that was cut off left in the working folder is taken first, and known again by its content. In a
    rehearsal (not *real*) all arrive at the rehearsal's moment.
    """
    chosen = settings()
    counts: Counter[str] = Counter()
    mailbox.make_folders(chosen.imap_working, chosen.imap_taken, chosen.imap_held)
    mailbox.choose(chosen.imap_folder)
    for uid in mailbox.search():
        mailbox.move(uid, chosen.imap_working)
    mailbox.choose(chosen.imap_working)
    for uid in mailbox.search():
        message = _fetched(election, mailbox, uid, now=now if not real else None)
        if message is None:
            continue
        if isinstance(message, str):
            counts[message] += 1
            mailbox.move(uid, chosen.imap_taken)
            continue
        with open_store(database()) as store:
            is_new = store.incoming.put(message)
        is_held = message.state is MessageState.HELD
        counts[("held" if is_held else "arrived") if is_new else "known"] += 1
        mailbox.move(uid, chosen.imap_held if is_held else chosen.imap_taken)
    return counts


def _fetched(
    election: ElectionCode, mailbox: Mailbox, uid: str, *, now: UtcTime | None
) -> IncomingMessage | str | None:
    """Return the message as it is kept; a word for a delivery report; None for what is gone."""
    size = mailbox.size(uid)
    if size > LARGEST_MESSAGE:
        return _unread(election, f"{uid}:{size}", HeldBecause.TOO_LARGE, at=now or datetime.now().astimezone())
    found = mailbox.fetch(uid)
    if found is None:
        return None
    content, received = found
    note = settings().home / "working" / hashlib.sha256(content).hexdigest()
    if times_cut_off(note) >= MOST_READ:
        forget(note)
        return _unread_but_kept(election, content, at=now or received)
    note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with being_read(note):
        if mark_bounces(election, content, now=now or received):
            return "delivery reports"
        return kept_message(election, content, received_at=now or received)


def kept_message(election: ElectionCode, content: bytes, *, received_at: UtcTime) -> IncomingMessage:
    """Keep the message *content* in the file store and return what is known of it and whether it is held."""
    kept = file_store().put(content)
    try:
        read = message_apart(content)
    except BadInputError:
        return _unread_but_kept(election, content, at=received_at)
    with open_reader(database()) as store:
        organisations = store.organisations.all_in(election)
    code, reason = judge(read, organisations.values(), vouching=settings().imap_vouching)
    message = IncomingMessage(
        id=message_key(election, read),
        election=election,
        message_id=read.message_id,
        sender=read.sender,
        subject=read.subject,
        attachments=tuple(attachment.name for attachment in read.attached),
        received_at=received_at,
        content=kept,
        state=MessageState.HELD if reason else MessageState.ARRIVED,
        reason=reason,
        organisation=code,
    )
    if reason is HeldBecause.NO_NOMINATIONS and read.has_pictures and any(lists_of(message)):
        return message.revised(state=MessageState.ARRIVED, reason=None)
    return message


def _unread_but_kept(election: ElectionCode, content: bytes, *, at: UtcTime) -> IncomingMessage:
    kept = file_store().put(content)
    return _unread(election, kept, HeldBecause.UNREADABLE, at=at).revised(content=kept)


def _unread(election: ElectionCode, mark: str, reason: HeldBecause, *, at: UtcTime) -> IncomingMessage:
    return IncomingMessage(
        id=unread_key(election, mark), election=election, received_at=at, state=MessageState.HELD, reason=reason
    )


@dataclass(frozen=True, slots=True)
class MessageFile:
    """A nominations file out of a message, with the photographs that came beside it, ready to be taken in."""

    message: IncomingMessage
    name: str
    arrival: Arrival


def due_files(election: ElectionCode, folder: Path) -> tuple[list[IncomingMessage], list[MessageFile]]:
    """Return the messages whose files are to be taken in, and those files, written to *folder*."""
    with open_reader(database()) as store:
        due = store.incoming.in_states(election, *_DUE)
    return due, [file for message in due for file in _files_of(message, folder / str(message.id))]


def _files_of(message: IncomingMessage, folder: Path) -> Iterator[MessageFile]:
    """Yield the lists of a message with the pictures that belong to them, whether they came with them or earlier.

    Where pictures came alone, they are looked for in the lists that came before, of which nothing else is taken. What
    cannot be opened comes last, so that its sender is told what it is.
    """
    parcel = Parcel.of(message_apart(file_store().get(message.content)))
    folder.mkdir(parents=True)
    yield from _lists_of(message, parcel, folder)
    for number, wrapped in enumerate(parcel.wrapped):
        inside = folder / f"wrapped-{number}"
        inside.mkdir()
        path = packed_together(wrapped, (), inside)
        yield MessageFile(message, wrapped.name, Arrival(path, message.organisation, message.received_at))


def _lists_of(message: IncomingMessage, parcel: Parcel, folder: Path) -> Iterator[MessageFile]:
    parcels = [parcel, *earlier_pictures(message)] if parcel.lists else [parcel]
    for table in parcel.lists:
        path = packed_together(table, parcels, folder)
        yield MessageFile(message, table.name, Arrival(path, message.organisation, message.received_at))
    lists = list(lists_of(message)) if parcel.has_pictures and not parcel.lists else []
    for number, (file, table) in enumerate(lists):
        inside = folder / str(number)
        inside.mkdir()
        path = packed_together(table, parcels, inside)
        arrival = Arrival(path, message.organisation, message.received_at, only_files=True)
        yield MessageFile(message, f"{as_sent(file.name)}{_AGAIN}", arrival)
    for archive in parcel.sealed if lists or parcel.lists else parcel.archives:
        path = packed_together(archive, (), folder)
        yield MessageFile(message, archive.name, Arrival(path, message.organisation, message.received_at))


def answer_message(
    election: ElectionCode, message: IncomingMessage, accounts: Sequence[dict[str, Any]], *, now: UtcTime
) -> None:
    """Record that the files of *message* are accounted for, and queue the receipt to the focal point as registered.

    No answer goes to an address that is in no register: From can be forged, and the answer would reach a stranger.
    """
    context = election_context(election, now)
    language = _language_of(context, message.organisation)
    accounts = [account for account in accounts if not _is_untouched(account)] or accounts
    report = "\n\n".join(account_text(account, language) for account in accounts)
    kept = Attachment(filename="report.txt", media_type="text/plain", content=file_store().put(report.encode()))
    with open_store(database()) as store:
        store.incoming.settle(message.revised(state=MessageState.TAKEN, settled_at=now), before=message.state)
        if message.organisation in context.organisations:
            files = [_line(account, language) for account in accounts]
            store.outbox.put(election, ReceiptLetters.at(context).file_receipt(message, files, kept), now=now)


def _is_untouched(account: Mapping[str, Any]) -> bool:
    """Whether it is of an earlier list in which pictures that came alone were looked for, and nobody's were found."""
    return (
        str(account["file"]).endswith(_AGAIN) and "problem" not in account and account["rows"] == account["unchanged"]
    )


def _language_of(context: ElectionContext, organisation: str) -> str:
    """Return the language in which letters go to *organisation*: its own where the election has it."""
    languages = context.profile.languages
    known = context.organisations.get(organisation)
    return known.language if known and known.language in languages else languages[0]


def _line(account: dict[str, Any], language: str) -> FileLine:
    if "problem" in account:
        message = Message.kept(account.get("message"), account["problem"], account["remedy"])
        return FileLine(name=account["file"], problem=message.problem(language), remedy=message.remedy(language))
    return FileLine(name=account["file"], **{name: account[name] for name in _COUNTS})


def held_messages(election: ElectionCode) -> list[IncomingMessage]:
    """Return the messages that wait for an officer, in the order they were received."""
    with open_reader(database()) as store:
        return store.incoming.in_states(election, MessageState.HELD)


def find_held(election: ElectionCode, key: str) -> UUID:
    """Return the id of the message called *key*, its id or the beginning of one that is held; raises BadInputError."""
    wanted = key.strip().lower().replace("-", "")
    found = [message.id for message in held_messages(election) if wanted and message.id.hex.startswith(wanted)]
    if len(found) != 1:
        problem = "begins the ids of several held messages." if found else "is no held message."
        raise BadInputError(key[:40], problem, remedy="See accredit collect held.")
    return found[0]


def release_message(by: ActingOfficer, message: UUID, organisation: OrganisationCode | str = "") -> None:
    """Let the files of a held message be taken in as *organisation*'s; empty: their rows name the organisations.

    Raises :class:`BadInputError` for a message without a nominations file, and for what the officer may not do.
    """
    with open_store(database()) as store:
        found = _held(store.incoming.get(by.election, message))
        terms = {"order": RELEASE, "message": str(message), "organisation": organisation}
        deed = Deed(kind=ActKind.MESSAGE, terms=terms)
        officer = authorise(store, by, deed, role=OfficerRole.CASE_OFFICER).officer
        refuse_recused(officer, organisation)
        if organisation:
            store.organisations.get(by.election, organisation)
        if found.reason in {HeldBecause.TOO_LARGE, HeldBecause.UNREADABLE} or not _is_of_use(found):
            raise BadInputError(
                str(found), "holds no nominations file that could be taken in.",
                remedy="Take the file out of the mailbox by hand and use accredit intake; then discard the message.",
            )  # fmt: skip
        released = {"state": MessageState.RELEASED, "organisation": organisation, "officer": officer.code}
        store.incoming.settle(found.revised(**released, settled_at=by.now), before=MessageState.HELD)


def discard_message(by: ActingOfficer, message: UUID) -> None:
    """Note that nothing of a held message is taken in; it stays where it is in the mailbox."""
    with open_store(database()) as store:
        found = _held(store.incoming.get(by.election, message))
        deed = Deed(kind=ActKind.MESSAGE, terms={"order": DISCARD, "message": str(message)})
        officer = authorise(store, by, deed, role=OfficerRole.CASE_OFFICER).officer
        refuse_recused(officer, found.organisation)
        discarded = {"state": MessageState.DISCARDED, "officer": officer.code, "settled_at": by.now}
        store.incoming.settle(found.revised(**discarded), before=MessageState.HELD)


def _held(message: IncomingMessage) -> IncomingMessage:
    if message.state is not MessageState.HELD:
        raise BadInputError(str(message), f"is {message.state}, not held.", remedy="See accredit collect held.")
    return message


def _is_of_use(message: IncomingMessage) -> bool:
    parcel = Parcel.of(message_apart(file_store().get(message.content)))
    return bool(parcel.lists or parcel.wrapped) or (parcel.has_pictures and any(lists_of(message)))


class ReceiptLetters(ApplicationLetters):
    """Writes answers to what came by mail."""

    __slots__ = ()

    def file_receipt(self, message: IncomingMessage, files: Sequence[FileLine], report: Attachment) -> Envelope:
        """Answer a message with nominations: what became of the rows, to the focal point as registered."""
        organisation = self.organisations[message.organisation]
        letter = FileReceiptLetter(
            **self._head(),
            organisation_name=organisation.name,
            received_at=message.received_at,
            files=tuple(files),
        )
        return self._to_organisation(
            organisation, letter, key=str(message.id), in_reply_to=message.message_id, attachments=(report,)
        )
