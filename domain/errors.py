"""The one tree of errors. Messages are for officers; personal data never enters them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, overload

from domain.messages import Message

_LISTED: Final = 8
_OF_NO_ELECTION: Final = frozenset({"election", "command"})


def nearest(key: str, known: Iterable[str]) -> str:
    """Return a question for the one of *known* codes that *key* may mean, in whatever case; else the first of them."""
    codes = {code.casefold(): code for code in known}
    if found := get_close_matches(key.strip().casefold(), codes, n=1):
        return f"Did you mean {codes[found[0]]}?"
    more = ", …" if len(codes) > _LISTED else "."
    return f"There are {', '.join(sorted(codes.values())[:_LISTED])}{more}" if codes else ""


class AccreditationError(Exception):
    """Anything this engine refuses or cannot do."""

    retryable = False
    """Whether waiting and trying again could help."""

    exit_code = 1
    """What the command line answers: 1 not done, 2 wrong input, 3 not now (try again)."""


class BadInputError(AccreditationError):
    """Something given to the engine cannot be used as it is; the text names place, problem and remedy in English.

    What a sender may be told is a message with a code, which has words in every language of the forms.
    """

    exit_code = 2

    @overload
    def __init__(self, place: str, problem: Message) -> None: ...
    @overload
    def __init__(self, place: str, problem: str, *, remedy: str) -> None: ...
    def __init__(self, place: str, problem: str | Message, *, remedy: str = "") -> None:
        self.place = place
        self.message = problem if isinstance(problem, Message) else Message.written(problem, remedy)
        super().__init__(f"{place}: {self.message}")

    @property
    def problem(self) -> str:
        """What is wrong, in English."""
        return self.message.problem()

    @property
    def remedy(self) -> str:
        """What to do, in English."""
        return self.message.remedy()


class ArchivedError(AccreditationError):
    """The election is archived: it is read, checked and exported, and nothing is done in it any more."""

    exit_code = 2

    def __init__(self, election: str) -> None:
        super().__init__(
            f"{election} is archived: two administrators froze it, and nothing is changed or sent in it any more. "
            "What was recorded can be read, checked and exported; work on another election with --election."
        )
        self.election = election


class UnknownThingError(AccreditationError):
    """An id or code that names nothing in this election; the nearest of *known* codes is offered."""

    exit_code = 2

    def __init__(self, kind: str, key: str, *, known: Iterable[str] = ()) -> None:
        where = "" if kind in _OF_NO_ELECTION else " in this election"
        super().__init__(" ".join(filter(None, [f"There is no {kind} {key}{where}.", nearest(key, known)])))
        self.kind = kind
        self.key = key


class ConcurrentChangeError(AccreditationError):
    """Somebody else changed the application first; read it again, then decide."""

    retryable = True
    exit_code = 3


class UnavailableError(AccreditationError):
    """A service outside (database, mail server, cluster) does not answer now; nothing is lost."""

    retryable = True
    exit_code = 3
