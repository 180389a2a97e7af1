"""Letters that ask for an answer: each request with what became of its letter, and which of them a link opens."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.tables.letters import AskingRow, LetterRow
from domain.letters.asking import token_sha256
from domain.letters.envelope import LetterState
from domain.values import ElectionCode


def with_arrival(rows: type[AskingRow]) -> Select[Any]:
    """Return the query for *rows*, each with what became of its letter."""
    return select(rows, LetterRow.state, LetterRow.sent_at).outerjoin(LetterRow, LetterRow.key == rows.letter)


def behind_link(session: Session, rows: type[AskingRow], election: ElectionCode, token: str) -> Any:
    """Return the one of *rows* whose link carries *token*, with what became of its letter; None: there is none.

    Nobody else can use the link until the transaction ends.
    """
    query = with_arrival(rows).where(rows.election == election, rows.token == token_sha256(token))
    return session.execute(query.with_for_update(of=rows)).one_or_none()


def asked_in(found: Any) -> dict[str, Any]:
    """Return what a row of :func:`with_arrival` says of its letter: when it was written, until when, whether closed."""
    row, state, sent_at = found
    return {
        "letter": row.letter, "asked_at": row.asked_at, "due_at": row.due_at, "closed": row.closed_at is not None,
        "told_at": sent_at if state == LetterState.SENT.value else None,
    }  # fmt: skip
