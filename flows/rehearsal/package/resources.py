"""The invented election's own files, read from inside the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from domain.election.profile import ElectionProfile

_FOLDER: Final = files("flows.rehearsal")


def text_of(name: str) -> str:
    """Return the text of the resource *name*, such as ``valdara.yaml``."""
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")


@cache
def read(name: str) -> Any:
    """Return what the YAML resource *name* says; shared, so nobody changes it."""
    return yaml.safe_load(text_of(name))


@cache
def valdara() -> ElectionProfile:
    """Return the profile of the invented state, whose calendar the rehearsal follows."""
    return ElectionProfile.model_validate(read("valdara.yaml"))
