"""What every step works with: the rules, places and organisations of one election at one moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from sqlalchemy.orm import Session, sessionmaker

from db.engine import sessions
from db.journal import ENGINE_KEY
from db.store import Store, open_reader
from db.tables.encryption import Keys, use_keys
from domain.errors import BadInputError, UnavailableError
from domain.values import ElectionCode, OrganisationCode, UtcTime
from flows.settings import require_closed, settings

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from domain.election.geography import Geography
    from domain.election.profile import ElectionProfile
    from domain.organisations.organisation import Organisation

ENGINE_KEY_FILE: Final = "engine.key"
"""In the home folder, mode 0600: the key of the seals under the journals."""


@dataclass(frozen=True)
class ElectionContext:
    """The rules, places and organisations of one election at one moment."""

    profile: ElectionProfile
    geography: Geography
    organisations: dict[OrganisationCode, Organisation]
    now: UtcTime
    rules_version: str = ""
    """The rules' version: what decisions cite."""

    @classmethod
    def of(cls, store: Store, election: ElectionCode, *, now: UtcTime) -> Self:
        """Return the context of *election*; raises :class:`UnknownThingError`."""
        profile = store.elections.profile(election)
        return cls(
            profile=profile,
            geography=store.elections.geography(election),
            organisations=store.organisations.all_in(election),
            now=now,
            rules_version=f"{profile.profile_version} {(store.elections.rules_hash(election) or '')[:12]}",
        )

    @property
    def day(self) -> date:
        """The day whose offices count: today as the election counts days, within the service period."""
        return self.geography.day_served(self.now.astimezone(self.profile.zone).date())

    def on(self, day: date) -> Self:
        """Return the same election at noon of *day*."""
        noon = datetime.combine(day, time(12), tzinfo=self.profile.zone).astimezone(UTC)
        return replace(self, now=noon)

    @property
    def election(self) -> ElectionCode:
        """The election's code."""
        return self.profile.election.code


def database() -> sessionmaker[Session]:
    """Return the session factory of the database that the settings name; raises where the home is open to others."""
    known = settings()
    _require_closed(known.home)
    made = sessions(known.database_url)
    made.configure(info={ENGINE_KEY: engine_key})
    return made


def _personal_keys() -> Keys:
    from flows.storage.personal_keys import personal_keys  # noqa: PLC0415 -- who reads codes needs no cryptography

    return personal_keys()


use_keys(_personal_keys)


def engine_key() -> Ed25519PrivateKey | None:
    """Return the key of the engine's seals, which lies in the home; None where this home has none."""
    place = settings().home / ENGINE_KEY_FILE
    if not place.exists():
        return None
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 -- few need it

    require_closed(place, "Others may have copied this key. Remove it, and run accredit db upgrade")
    return Ed25519PrivateKey.from_private_bytes(place.read_bytes())


@lru_cache(maxsize=16)
def _require_closed(home: Path) -> None:
    if home.exists():
        require_closed(home, "Others on this machine may have read it")


def election_context(election: ElectionCode, now: UtcTime) -> ElectionContext:
    """Return the context of *election* as the database has it."""
    with open_reader(database()) as store:
        return ElectionContext.of(store, election, now=now)


def chosen_election(election: ElectionCode | None) -> ElectionCode:
    """Return the election to work on: the one named, else the one set, else the only one there is.

    Raises :class:`UnknownThingError` where the one that is named or set is not loaded.
    """
    with open_reader(database()) as store:
        if chosen := election or settings().election:
            store.loaded.require(chosen)
            return chosen
        codes = store.loaded.working() or store.loaded.codes()
    if len(codes) == 1:
        return codes[0]
    there = f"there are {len(codes)}: {', '.join(codes)}." if codes else "none is loaded."
    remedy = "Name one with --election." if codes else "Load one with: accredit init FOLDER"
    raise BadInputError("election", there, remedy=remedy)


def elections_in_turn(election: ElectionCode | None) -> list[ElectionCode]:
    """Return the election named, else the one set, else all that are not archived; raises where none is loaded."""
    return scheduled_elections(election or settings().election)


def scheduled_elections(election: ElectionCode | None) -> list[ElectionCode]:
    """Return the election named, else all that are not archived: the one that is set holds up no other's clocks."""
    if election:
        return [chosen_election(election)]
    with open_reader(database()) as store:
        working, loaded = store.loaded.working(), store.loaded.codes()
    return working if loaded else [chosen_election(None)]


def published_at(election: ElectionCode) -> Path | None:
    """Return the folder that the settings publish; with several elections loaded, the one of *election* in it."""
    if (folder := settings().public_folder) is None:
        return None
    with open_reader(database()) as store:
        return folder / election if len(store.loaded.codes()) > 1 else folder


def right_now() -> UtcTime:
    """Return the present, whatever moment is set: signatures know no other."""
    return datetime.now(UTC)


def moment(as_of: datetime | None) -> UtcTime:
    """Return *as_of* in UTC, else the moment that is set, else the present; without a zone it is read as UTC.

    Raises :class:`BadInputError` for a named moment where the database holds an election that is no rehearsal: for
    a real election the present counts.
    """
    chosen = as_of or settings().as_of
    if chosen is None:
        return right_now()
    require_rehearsal("--as-of")
    return in_utc(chosen)


def handed_on(as_of: datetime | None) -> UtcTime | None:
    """Return the moment that is named or set, for a flow that another starts; None where the present counts.

    The present itself is never handed on: a flow of a real election takes it for a date that somebody chose.
    Raises as :func:`moment` does.
    """
    return moment(as_of) if as_of or settings().as_of else None


def named_moment(as_of: datetime | None) -> UtcTime:
    """Return *as_of* as :func:`moment` does, else the present whatever is set: other systems' clocks know no other."""
    return moment(as_of) if as_of else right_now()


def zone_of(election: ElectionCode) -> ZoneInfo:
    """Return the zone in which the people of *election* read times."""
    with open_reader(database()) as store:
        return store.elections.profile(election).zone


def in_utc(typed: datetime) -> UtcTime:
    """Return what somebody typed in UTC; without a zone it is read as UTC."""
    return typed.replace(tzinfo=UTC) if typed.tzinfo is None else typed.astimezone(UTC)


def require_rehearsal(what: str) -> None:
    """Raise :class:`BadInputError` where *what* would date the work of an election that is no rehearsal."""
    try:
        with open_reader(database()) as store:
            real = [code for code in store.loaded.codes() if not store.statements.is_rehearsal(code)]
    except UnavailableError:
        return  # nothing is loaded yet
    if real:
        raise BadInputError(
            what, f"is for rehearsals (issuer TEST), and {real[0]} is none.",
            remedy="Leave it out, also ACCREDIT_AS_OF: the present counts. An officer signs when something arrived.",
        )  # fmt: skip
