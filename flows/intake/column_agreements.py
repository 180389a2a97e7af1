"""What was agreed with an organisation about the names over its columns, so that nobody is asked twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.store import open_reader, open_store
from domain.application.nomination import COLUMNS
from domain.errors import BadInputError
from domain.values import ElectionCode, OrganisationCode
from flows.context import database


def agreed_names(election: ElectionCode, organisation: str) -> dict[str, str]:
    """Return the columns that the organisation's own names mean; nothing where the sender is not known."""
    if not organisation:
        return {}
    with open_reader(database()) as store:
        return store.intake.agreed_names(election, organisation)


def agree_names(election: ElectionCode, organisation: OrganisationCode, names: Mapping[str, str]) -> None:
    """Keep what *names* mean in this organisation's files from now on; an empty column means: never read it."""
    with open_store(database()) as store:
        store.intake.agree_names(election, organisation, names)


def read_agreement(said: Sequence[str]) -> dict[str, str]:
    """Return names and columns of texts such as ``Nom complet=surname``; raises :class:`BadInputError`."""
    names: dict[str, str] = {}
    for agreement in said:
        name, sign, column = agreement.rpartition("=")
        if not sign or not name.strip() or (column and column not in COLUMNS):
            raise BadInputError(
                "--column",
                f"{agreement[:80]!r} does not name a column.",
                remedy=f"Write NAME=COLUMN, with one of: {', '.join(COLUMNS)}.",
            )
        names[name.strip()] = column
    return names
