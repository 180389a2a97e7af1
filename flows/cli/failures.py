"""What is said when a command cannot go on: a sentence and a remedy, never a traceback."""

from __future__ import annotations

import errno
import os
import stat
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic import ValidationError

WRONG_INPUT: Final = 2
NOT_DONE: Final = 1

_KNOWN: Final = {
    errno.ENOENT: "There is no such file or folder.",
    errno.EACCES: "You may not read or write it.",
    errno.EISDIR: "It is a folder; a file is needed.",
    errno.ENOTDIR: "It is not a folder.",
    errno.EEXIST: "It is there already, and is not a folder.",
    errno.ENAMETOOLONG: "The name is too long.",
    errno.ENOSPC: "The disk is full.",
}


def refusal(error: Exception) -> tuple[str, int]:
    """Return what the terminal says of *error*, and the exit code."""
    # The errors of the domain bring pydantic, which takes longer than all else that --help needs.
    from pydantic import ValidationError

    from domain.errors import AccreditationError

    if isinstance(error, AccreditationError):
        return str(error), error.exit_code
    if isinstance(error, ValidationError):
        return _of_values(error), WRONG_INPUT
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {_KNOWN.get(error.errno or 0, error.strerror)} Nothing was changed.", WRONG_INPUT
    if isinstance(error, UnicodeDecodeError):
        return "A file given to this command holds no text (UTF-8). Name another, or save it as UTF-8.", WRONG_INPUT
    if isinstance(error, MemoryError):
        return "What was given to this command is too large for this machine. Nothing was changed.", NOT_DONE
    return _fault(error), NOT_DONE


def _of_values(error: ValidationError) -> str:
    """Return which values cannot be; they are not repeated, since they may be about a person."""
    told = {
        ".".join(str(part) for part in problem["loc"]) or "value": _rule(problem["type"], problem["msg"])
        for problem in error.errors(include_input=False, include_url=False)
    }
    return " ".join(f"{name}: {rule}" for name, rule in told.items()) + " Nothing was changed."


def _rule(kind: str, message: str) -> str:
    if kind == "string_pattern_mismatch":
        return "such a code is not written like this. Look how the lists of the engine write it."
    return f"{message[:1].lower()}{message[1:]}."


def _fault(error: Exception) -> str:
    """Keep what happened for whoever mends the program; its text may name a person, so it is not shown."""
    from domain.errors import AccreditationError
    from flows.settings import settings

    told = "This is a fault of the program, not yours. Work that was not finished can be started again."
    try:
        folder = settings().home / "faults"
        file = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.txt"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text("".join([" ".join(sys.argv[:2]), "\n", *traceback.format_exception(error)]), "utf-8")
    except (OSError, AccreditationError):
        return told
    return f"{told} Please report it with this file, which may name people: {file}"


def with_plain_files(function: Callable[..., None]) -> Callable[..., None]:
    """Return *function*, which refuses a device where a file is named: reading one has no end."""

    @wraps(function)
    def run(**given: Any) -> None:
        for value in given.values():
            every: list[Any] = value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]
            for named in every:
                _require_no_device(named)
        function(**given)

    return run


def _require_no_device(named: object) -> None:
    path = (
        named if isinstance(named, Path) else Path(named[1:]) if isinstance(named, str) and named[:1] == "@" else None
    )
    if path is None or str(path) == "-":
        return
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return
    if (stat.S_ISCHR(mode) or stat.S_ISBLK(mode)) and path != Path("/dev/stdin"):
        from domain.errors import BadInputError

        raise BadInputError(str(path), "this is a device and not a file.", remedy="Name a file.")
