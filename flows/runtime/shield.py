"""A shield before Prefect, which stores and shows the words of every exception: foreign ones may quote a person."""

from __future__ import annotations

import errno
import inspect
import socket
import traceback
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec, Self, TypeVar, get_type_hints

from domain.errors import AccreditationError, BadInputError, UnavailableError
from flows.deployments import BAD_INPUT, UNFINISHED

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

FULL: Final = {errno.ENOSPC, errno.EDQUOT}
"""What the system says where a disk has no room; there may be some later, or on another machine."""
ROOT = Path(__file__).parents[2]


class UnexpectedError(AccreditationError):
    """A foreign error, reduced to its class and place; its words are dropped, because they may name a person."""

    def __init__(self, kind: str, place: str) -> None:
        super().__init__(f"An unexpected {kind} at {place}. Nothing of this piece of work was recorded.")
        self.kind = kind
        self.place = place

    @property
    def code(self) -> str:
        """The foreign class, for tables."""
        return self.kind

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        """Survive the way between processes, where exceptions are rebuilt from their arguments."""
        return type(self), (self.kind, self.place)


@contextmanager
def shielded() -> Generator[None]:
    """Let our own errors pass, without what caused them, and replace every other by :class:`UnexpectedError`.

    Prefect logs tracebacks whole: behind a ConcurrentChangeError stands the database's own error, which quotes the
    values of the statement.
    """
    try:
        yield
    except AccreditationError as error:
        raise error from None
    except OSError as error:
        if error.errno in FULL:
            text = f"The disk of {socket.gethostname()} is full. Nothing of this piece of work was recorded."
            raise UnavailableError(text) from None
        raise UnexpectedError(type(error).__name__, _place(error)) from None
    except Exception as error:  # noqa: BLE001 -- every foreign error, whatever its kind, is replaced
        raise UnexpectedError(type(error).__name__, _place(error)) from None


def shielded_flow(
    work: Callable[Arguments, Awaitable[Answer]],
) -> Callable[Arguments, Awaitable[Answer]]:
    """Shield what an async flow does outside its chunks; stands directly below ``@flow``.

    A run that meets an error of ours ends with its sentence, and without the traceback that Prefect would log. One that
    waiting may mend ends *Unfinished*, and is started again by itself.
    """

    @wraps(work)
    async def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        try:
            with shielded():
                return await work(*args, **kwargs)
        except AccreditationError as error:
            if isinstance(error, UnexpectedError):  # a fault of the program: whoever mends it wants the traceback
                raise
            failed: Answer = _failed(error)
            return failed
        finally:
            _step_back()

    # Prefect reads the types of a flow's form in the module where the function was made, which would be this one.
    guarded.__annotations__ = get_type_hints(work, include_extras=True)
    guarded.__dict__["__signature__"] = inspect.signature(work, eval_str=True)
    return guarded


def _failed(error: AccreditationError) -> Any:
    """Return the state of a run that ends with *error*; outside Prefect the error goes on."""
    from prefect.states import Failed  # noqa: PLC0415 -- who only wants the shield does not wait for Prefect

    from flows.runtime.watched import is_watched  # noqa: PLC0415 -- as above

    if not is_watched():
        raise error
    by_hand = BAD_INPUT if error.exit_code == BadInputError.exit_code else "Failed"
    return Failed(name=UNFINISHED if error.retryable else by_hand, message=str(error), data=error)


def _step_back() -> None:
    """End the worker behind this run where its program has become the older one."""
    from flows.runtime.worker import end_outdated_worker  # noqa: PLC0415 -- as above

    end_outdated_worker()


def _place(error: Exception) -> str:
    """Return where in our own rooms *error* began, or the innermost frame if that was nowhere."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT) and ".venv" not in frame.filename]
    chosen = (ours or frames)[-1]
    name = Path(chosen.filename)
    shown = name.relative_to(ROOT) if name.is_relative_to(ROOT) else Path(name.name)
    return f"{shown}:{chosen.lineno} in {chosen.name}"
