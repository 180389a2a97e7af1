"""Letters from which personal data is erased: that they were written and sent stays, what they said goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.tables.letters import LetterAttemptRow, LetterRow
from domain.letters.envelope import LetterKind, LetterState
from domain.values import ElectionCode, OrganisationCode, Sha256

_OVER: Final = frozenset({LetterState.SENT, LetterState.FAILED, LetterState.CANCELLED, LetterState.GATHERED})
_SHARED: Final = frozenset({LetterKind.CORRECTIONS, LetterKind.ROSTER})
"""Letters about many people, with files that name them."""

_BLANK: Final[dict[str, Any]] = {"to": "", "copy_to": "", "in_reply_to": "", "contents": {}, "attachments": []}


@dataclass(frozen=True, slots=True)
class ErasedLetters:
    """The letters of one election as one erasure sees them."""

    session: Session
    election: ElectionCode
    ids: frozenset[UUID]
    organisations: Collection[OrganisationCode]
    names_them: Callable[[object], bool]
    everybody: bool
    files: set[Sha256]
    counts: Counter[str]

    def wait(self) -> bool:
        """Whether a letter to others that names the people was not sent yet."""
        return any(
            LetterState(state) not in _OVER and self._tells_of_them(kind, body)
            for _, known, kind, state, body in self._letters()
            if known not in self.ids and (known is None or not self.everybody)
        )

    def blank(self) -> None:
        """Empty the letters about the people; of those to others, what names them. Their own are not sent any more."""
        for key, known, kind, state, body in self._letters():
            if known in self.ids:
                over = LetterState(state) in _OVER
                self._write(key, body | _BLANK, state if over else LetterState.CANCELLED.value, body)
            elif self.everybody:
                if known is None:
                    self._write(key, body | _BLANK, state, body)
            elif self._tells_of_them(kind, body):
                named = self.names_them(body["contents"])
                emptied = {name: _BLANK[name] for name in ("attachments", *(("contents",) if named else ()))}
                self._write(key, body | emptied, state, body)

    def _tells_of_them(self, kind: str, body: dict[str, Any]) -> bool:
        if self.everybody or self.names_them(body["contents"]):
            return True
        about_some = kind == LetterKind.ROSTER or body.get("organisation") in self.organisations
        return kind in _SHARED and about_some and bool(body["attachments"])

    def _write(self, key: str, body: dict[str, Any], state: str, before: dict[str, Any]) -> None:
        if body == before and not before["attachments"]:
            return
        self.files.update(attachment["content"] for attachment in before["attachments"])
        self.session.execute(update(LetterRow), [{"key": key, "body": body, "state": state, "answer": None}])
        told = update(LetterAttemptRow).where(LetterAttemptRow.key == key)
        self.session.execute(told.values(answer=None))
        self.counts["letters"] += 1

    def _letters(self) -> Iterator[tuple[str, UUID | None, str, str, dict[str, Any]]]:
        keys = self.session.scalars(select(LetterRow.key).where(LetterRow.election == self.election)).all()
        for start in range(0, len(keys), 200):
            query = select(LetterRow.key, LetterRow.application_id, LetterRow.kind, LetterRow.state, LetterRow.body)
            rows = self.session.execute(query.where(LetterRow.key.in_(keys[start : start + 200]))).all()
            for row in rows:
                yield row[0], row[1], row[2], row[3], row[4]


def attached(session: Session, wanted: Collection[Sha256]) -> set[Sha256]:
    """Return those of *wanted* that some letter still brings."""
    bodies = session.scalars(select(LetterRow.body).execution_options(yield_per=200))
    return {
        attachment["content"]
        for body in bodies
        for attachment in body["attachments"]
        if attachment["content"] in wanted
    }
