"""Every letter in every language, rendered with invented data before anything real is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from domain.errors import BadInputError
from domain.letters.envelope import LetterKind
from domain.values import Frozen, LanguageCode
from notifications.letters.lines import Letter
from notifications.letters.rendering import render
from notifications.letters.samples import SAMPLES
from notifications.letters.words import languages

_SHARED: Final = frozenset({"common", "legal", "reasons"})
_FRAMES: Final = frozenset({"base.txt", "base.html", "parts.txt", "parts.html"})


class Mistake(Frozen):
    """What is wrong with a letter or with a file of the profile's own folder, and how to mend it."""

    place: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem} {self.remedy}".rstrip()


def mistakes(overrides: Path | None = None, *, tongues: Sequence[LanguageCode] = ()) -> tuple[Mistake, ...]:
    """Return all mistakes in the letters as they would be sent; none is the permission to send.

    Renders each sample in *tongues*, or in all languages that have words, with the profile's own files from
    *overrides*, and names files there that no letter would ever use. The same mistake is reported once.
    """
    found = [*_rendering(overrides, tongues or languages(overrides))]
    if overrides is not None:
        found += _unused(overrides)
    return tuple(dict.fromkeys(found))


def _rendering(overrides: Path | None, tongues: Sequence[LanguageCode]) -> Iterator[Mistake]:
    """Yield each mistake once, with the languages that it is in: a template has the same one in all of them."""
    of_letters: defaultdict[tuple[LetterKind, str, str], dict[LanguageCode, None]] = defaultdict(dict)
    for language in tongues:
        for letter in SAMPLES.values():
            place = f"{letter.kind} letter in {language}"
            if (found := _mistake(letter, language, overrides)) is None:
                continue
            if found.place != place:
                yield found
            else:
                of_letters[letter.kind, found.problem, found.remedy][language] = None
    for (kind, problem, remedy), languages_ in of_letters.items():
        yield Mistake(place=f"{kind} letter in {', '.join(languages_)}", problem=problem, remedy=remedy)


def _mistake(letter: Letter, language: LanguageCode, overrides: Path | None) -> Mistake | None:
    try:
        rendered = render(letter, language, overrides=overrides)
    except BadInputError as error:
        return Mistake(place=error.place, problem=error.problem, remedy=error.remedy)
    if rendered.subject:
        return None
    return Mistake(place=f"{letter.kind} letter in {language}", problem="it has no subject.", remedy="Add one.")


def _unused(overrides: Path) -> Iterator[Mistake]:
    kinds = {kind.value for kind in LetterKind}
    bodies = {f"{kind}.{form}" for kind in kinds for form in ("body", "txt", "html")} | _FRAMES
    for path in sorted(overrides.rglob("*")):
        if path.is_file() and not _is_used(path.relative_to(overrides), bodies, kinds):
            yield Mistake(
                place=str(path), problem="no letter uses a file of this name.", remedy="Correct its name or remove it."
            )


def _is_used(path: Path, bodies: set[str] | frozenset[str], kinds: set[str]) -> bool:
    match path.parts:
        case (name,):
            return name in bodies
        case ("words", language, _) if len(language) in {2, 3}:
            return path.suffix == ".toml" and path.stem in kinds | _SHARED
        case _:
            return False
