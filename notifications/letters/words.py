"""The words of letters: one TOML file a letter and language, which a jurisdiction may replace key by key.

A folder of words holds, per language, ``common.toml`` (salutation, labels, roles), ``legal.toml`` (sentences with
legal effect, for a jurisdiction's lawyers to replace), ``reasons.toml`` (sentences and advice by reason code) and one
file per kind of letter. A folder of overrides has the same layout and needs only the keys that it changes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

from domain.errors import BadInputError
from domain.letters.envelope import LetterKind

SHIPPED: Final = Path(__file__).parent / "templates"
"""Where the shipped templates and words lie."""

FALLBACK: Final = "en"
"""The language that is always complete."""

_SHARED: Final = ("common", "legal", "reasons")

Words = Mapping[str, str]
"""Phrases by key; keys of tables inside a file are joined by dots, as in ``roles.expert``."""


@lru_cache(maxsize=16)
def languages(overrides: Path | None = None) -> tuple[str, ...]:
    """Return the languages that letters can be written in, from the shipped words and those in *overrides*."""
    folders = [root / "words" for root in (SHIPPED, overrides) if root is not None]
    return tuple(sorted({path.parent.name for folder in folders for path in folder.glob("*/common.toml")}))


@lru_cache(maxsize=512)
def words(kind: LetterKind, language: str, overrides: Path | None = None) -> Words:
    """Return all phrases a letter of *kind* may use in *language*; what a language lacks comes from English.

    Raises BadInputError for an override that is no TOML, or whose key exists in no shipped file.
    """
    phrases: dict[str, str] = {}
    for tongue in dict.fromkeys((FALLBACK, language)):
        for name in (*_SHARED, kind.value):
            phrases |= _phrases(SHIPPED / "words" / tongue / f"{name}.toml")
    if overrides is not None:
        for name in (*_SHARED, kind.value):
            phrases |= _known(_phrases(path := overrides / "words" / language / f"{name}.toml"), phrases, path)
    return MappingProxyType(phrases)


def _phrases(path: Path) -> dict[str, str]:
    """Return the phrases in *path*; none where the file does not exist."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(
            str(path), "this file of words cannot be read.", remedy="Save it as UTF-8, in a file that can be read."
        ) from error
    try:
        return dict(_flat(tomllib.loads(text), path))
    except tomllib.TOMLDecodeError as error:
        raise BadInputError(str(path), f"this file of words is not TOML: {error}.", remedy="Correct it.") from error


def _flat(table: Mapping[str, object], path: Path, prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(cast("Mapping[str, object]", value), path, f"{prefix}{key}.")
        elif isinstance(value, str):
            yield prefix + key, value
        else:
            raise BadInputError(str(path), f"{prefix}{key} is no text.", remedy="Put its value in quotes.")


def _known(phrases: dict[str, str], shipped: Words, path: Path) -> dict[str, str]:
    if unknown := sorted(phrases.keys() - shipped.keys()):
        raise BadInputError(
            str(path), f"no letter uses the key {', '.join(unknown)}.", remedy="Take the key from the shipped file."
        )
    return phrases
