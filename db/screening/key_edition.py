"""The edition of the keys that the database holds: keys of an older one find nobody, so nobody is compared by them.

Who looks at a case asks for it; what computes the keys would load NumPy.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.tables.encryption import secret_for
from db.tables.screening import KeyEditionRow
from domain.errors import AccreditationError
from domain.screening.keys import KEYS_EDITION
from domain.values import ElectionCode

_EDITION: Final = f"{KEYS_EDITION}/keyed"
"""Of the texts, and of how they become numbers."""


class StaleKeysError(AccreditationError):
    """People are recorded under keys of another edition of the code; compared by them, they would seem unknown."""

    def __init__(self, found: str | None) -> None:
        super().__init__(
            f"People are recorded under keys of another edition ({found or 'unknown'}; this is {_EDITION}). Nobody "
            "is compared before they are computed anew: accredit db upgrade"
        )
        self.found = found


def keys_secret(election: ElectionCode) -> bytes:
    """Return what the numbers of an election's keys are made with; it hangs on the store of personal keys."""
    return secret_for(f"screening keys of {election}")


def is_current(session: Session) -> bool:
    """Return whether all keys in the database are of this edition; keys of code that noted none are not."""
    return _kept(session) == _EDITION


def check_edition(session: Session) -> None:
    """Let nobody be sought by keys of another edition. Raises :class:`StaleKeysError`."""
    if (kept := _kept(session)) != _EDITION:
        raise StaleKeysError(kept)


def note_edition(session: Session) -> None:
    """Keep that all keys are of this edition."""
    session.execute(delete(KeyEditionRow))
    session.add(KeyEditionRow(edition=_EDITION))
    session.flush()


def _kept(session: Session) -> str | None:
    return session.scalar(select(KeyEditionRow.edition))
