"""The files in which the desk's words stand, one a language; without the letters' words, which load the rules."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

FOLDER: Final = Path(__file__).parent / "words"
FALLBACK: Final = "en"


@cache
def said_in(language: str) -> Mapping[str, str]:
    """Return every phrase of a shipped language by its key, such as ``rule.under_age``."""
    return dict(_flat(tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(cast("Mapping[str, Any]", value), f"{prefix}{key}.")
        else:
            yield prefix + key, value
