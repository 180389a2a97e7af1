"""How many there are of something, in English: *1 case to check*, *2 cases to check*."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_PLURAL: Final = re.compile(
    r"\b(?:(?P<people>people)|(?P<stem>\w+?)(?P<ending>ies|sses|s))\b"
    r"(?:(?P<of>(?: of the [a-z ]+?)?) (?P<verb>are|were|have|wait|hold|take|share)\b)?"
)
_SINGULAR: Final = {"ies": "y", "sses": "ss", "s": ""}
_VERBS: Final = {"are": "is", "were": "was", "have": "has"}


def number_of(count: int, things: str) -> str:
    """Return *count* with *things*, which are given as of several; of one, their first plural is made a singular.

    So is the verb that follows it at once: *1 case waits for officers*.
    """
    return f"{count:,} {_PLURAL.sub(_singular, things, count=1) if count == 1 else things}"


def spans(numbers: Iterable[int], *, most: int = 12) -> str:
    """Return *numbers* as people list them: *2-4, 7*; what is left out after *most* of them is told by dots."""
    found: list[tuple[int, int]] = []
    for number in sorted({*numbers}):
        first = found.pop()[0] if found and found[-1][1] == number - 1 else number
        found.append((first, number))
    listed = [str(last) if first == last else f"{first}-{last}" for first, last in found[:most]]
    return ", ".join([*listed, "…"] if len(found) > most else listed)


def _singular(plural: re.Match[str]) -> str:
    one = "person" if plural["people"] else plural["stem"] + _SINGULAR[plural["ending"]]
    verb = plural["verb"]
    return f"{one}{plural['of']} {_VERBS.get(verb, f'{verb}s')}" if verb else one
