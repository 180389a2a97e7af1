"""The one tree of errors. Messages are for officers; personal data never enters them."""

from __future__ import annotations

from typing import overload

from domain.messages import Message


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


class UnknownThingError(AccreditationError):
    """An id or code that names nothing in this election."""

    exit_code = 2

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"There is no {kind} {key} in this election.")
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
