"""Letters that wait while what they say stops being so."""

from __future__ import annotations

from typing import Final

from db.store import Store
from domain.application.application import Application
from domain.application.status import FINAL, Status
from domain.letters.envelope import LetterKind
from flows.context import ElectionContext

_OF_DECISION: Final = (LetterKind.REFUSAL, LetterKind.MEASURE)
_OF_COURSE: Final = (
    LetterKind.DEFICIENCY, LetterKind.APPROVAL, LetterKind.DEFERRAL, LetterKind.PLACEMENT, LetterKind.CREDENTIAL,
    LetterKind.COLLECTION,
)  # fmt: skip


def cancel_overtaken(store: Store, context: ElectionContext, application: Application, *, before: Status) -> None:
    """Cancel what waits about *application* and is not so since it left *before*; what follows is written afterwards.

    Who withdrew or whose time ended is asked, told to come and sent nothing more; a refusal or revocation that an
    appeal undid is told to nobody.
    """
    kinds: tuple[LetterKind, ...] = _OF_DECISION
    if application.status in FINAL:
        kinds = (*_OF_COURSE, *_OF_DECISION)
    elif before is not Status.UNDER_APPEAL or application.status in {Status.REFUSED, Status.REVOKED, before}:
        return
    store.letters.overtake(context.election, kinds, [application.id], now=context.now)
