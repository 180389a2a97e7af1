"""Imported elections: by whose keys they were signed and sealed, kept beside the keys of this installation."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter, ValidationError

from domain.credentials.ring import KeyFolderError
from domain.values import ElectionCode, Frozen
from flows.settings import require_closed, settings

IMPORTED: Final = "imported-elections.json"


class Origin(Frozen):
    """The public keys of the installation that an election comes from."""

    log_key: str
    """Of its log, as notes write keys."""
    sealed_by: str = ""
    """Of the seals under its journals; empty where they bear none."""


ORIGINS: Final = TypeAdapter(dict[ElectionCode, Origin])


def origin_of(election: ElectionCode) -> Origin | None:
    """Return where an imported election comes from; None for one of this installation."""
    return origins().get(election)


def origins() -> dict[ElectionCode, Origin]:
    """Return where every imported election comes from; raises :class:`KeyFolderError` for a list that was damaged."""
    place = settings().keys_folder / IMPORTED
    if not place.exists():
        return {}
    require_closed(place, "Others may have changed it")
    try:
        return ORIGINS.validate_json(place.read_bytes())
    except (OSError, ValidationError) as error:
        raise KeyFolderError(f"list of imported elections {place}", "cannot be read.", remedy="Restore it.") from error
