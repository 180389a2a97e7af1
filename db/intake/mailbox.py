"""What reaches the office by itself: looks at the drop folder, and fetched messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from db.tables.intake import DropLookRow, IncomingMessageRow
from domain.errors import ConcurrentChangeError, UnknownThingError
from domain.intake.mailbox import IncomingMessage
from domain.intake.message_states import MessageState
from domain.values import ElectionCode

_FIELDS: Final = tuple(IncomingMessage.model_fields)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Looks and messages."""

    session: Session

    def looks(self, election: ElectionCode) -> dict[str, tuple[str, datetime]]:
        """Return each place of the drop folder with its mark and since when it has looked like that."""
        query = select(DropLookRow).filter_by(election=election)
        return {row.place: (row.mark, row.seen_at) for row in self.session.scalars(query)}

    def put_looks(self, election: ElectionCode, looks: Mapping[str, tuple[str, datetime]]) -> None:
        """Keep *looks* in place of all that were known."""
        self.session.execute(delete(DropLookRow).where(DropLookRow.election == election))
        rows = [
            {"election": election, "place": place, "mark": mark, "seen_at": seen_at}
            for place, (mark, seen_at) in looks.items()
        ]
        if rows:
            self.session.execute(insert(DropLookRow), rows)

    def put(self, message: IncomingMessage) -> bool:
        """Keep *message*; returns False, and changes nothing, where it was kept before."""
        if self.session.get(IncomingMessageRow, message.id) is not None:
            return False
        values = message.model_dump() | {"attachments": list(message.attachments)}
        self.session.add(IncomingMessageRow(**values))
        return True

    def get(self, election: ElectionCode, message: UUID) -> IncomingMessage:
        """Return a message; raises :class:`UnknownThingError`."""
        row = self.session.get(IncomingMessageRow, message)
        if row is None or row.election != election:
            raise UnknownThingError("message", str(message))
        return _message(row)

    def in_states(self, election: ElectionCode, *states: MessageState) -> list[IncomingMessage]:
        """Return the messages in *states* in the order they were received."""
        rows = IncomingMessageRow
        query = select(rows).where(rows.election == election, rows.state.in_([state.value for state in states]))
        return [_message(row) for row in self.session.scalars(query.order_by(rows.received_at, rows.id))]

    def settle(self, message: IncomingMessage, *, before: MessageState) -> None:
        """Write where *message* stands now; raises :class:`ConcurrentChangeError` unless it stood at *before*."""
        rows = IncomingMessageRow
        changed = (
            update(rows)
            .where(rows.id == message.id, rows.state == before.value)
            .values(
                state=message.state.value,
                organisation=message.organisation,
                officer=message.officer,
                settled_at=message.settled_at,
            )
        )
        if not self.session.connection().execute(changed).rowcount:
            raise ConcurrentChangeError("Somebody settled this message first.")


def _message(row: IncomingMessageRow) -> IncomingMessage:
    return IncomingMessage.model_validate({name: getattr(row, name) for name in _FIELDS})
