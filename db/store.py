"""The one transaction: begun and ended here and nowhere else."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Generic, Self, TypeVar, overload

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from db.engine import READ_ONLY, planted, write_lock
from db.oversight.restorations import is_unseen
from db.schema_version import require_same_version
from db.tables.encryption import check_keys, settle_keys
from domain.errors import ConcurrentChangeError, UnavailableError

if TYPE_CHECKING:
    from db.application.applications import Applications
    from db.application.people import People
    from db.assignment.acknowledgements import Acknowledgements
    from db.assignment.consents import ConsentRequests
    from db.assignment.plans import Plans
    from db.credentials.serials import Credentials
    from db.decisions.casework import Casework
    from db.decisions.decisions import Decisions
    from db.decisions.sessions import Sessions
    from db.decisions.waiting_cases import Waiting
    from db.election.elections import Elections
    from db.election.loaded import LoadedElections
    from db.election.pledges import Pledges
    from db.election.policies import Policies
    from db.identity.portraits import Portraits
    from db.intake.corrections import Corrections
    from db.intake.identities import Identities
    from db.intake.mailbox import Incoming
    from db.intake.nominations_files import Intake
    from db.journal import Journal
    from db.letters.letters import Letters
    from db.letters.notices import Notices
    from db.letters.outbox import Outbox
    from db.letters.parcels import Parcels
    from db.letters.webhooks import Webhooks
    from db.organisations.organisations import Admissions, Organisations
    from db.oversight.counts import Counts
    from db.oversight.log import Log
    from db.oversight.restorations import Restorations
    from db.screening.reference_lists import ReferenceLists
    from db.screening.resemblances import Resemblances
    from db.statements.officers import Officers, Staff
    from db.statements.passkeys import EnrolmentLinks
    from db.statements.record import Statements

_UNDEFINED_TABLE = "42P01"  # PostgreSQL's code; SQLite says it in words

Part = TypeVar("Part")


class _Kept(Generic[Part]):
    """A part of the store, whose module is loaded when the part is asked for.

    Everything kept belongs to one store, because it belongs to one transaction. Whoever reads a case should not wait
    for the modules (NumPy, names' keys, signatures) of plans, screening and letters that they do not ask for.
    """

    def __init__(self, module: str, kind: str) -> None:
        self._module, self._kind = module, kind

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, store: None, owner: type) -> Self: ...
    @overload
    def __get__(self, store: Store, owner: type) -> Part: ...
    def __get__(self, store: Store | None, owner: type) -> Self | Part:
        """Make the part at the first call; later ones find it in the store itself."""
        if store is None:
            return self
        made: Part = getattr(import_module(self._module), self._kind)(store.session)
        store.__dict__[self._name] = made
        return made


class Store:
    """Everything the engine keeps, within one transaction."""

    loaded: _Kept[LoadedElections] = _Kept("db.election.loaded", "LoadedElections")
    counts: _Kept[Counts] = _Kept("db.oversight.counts", "Counts")
    elections: _Kept[Elections] = _Kept("db.election.elections", "Elections")
    policies: _Kept[Policies] = _Kept("db.election.policies", "Policies")
    organisations: _Kept[Organisations] = _Kept("db.organisations.organisations", "Organisations")
    admissions: _Kept[Admissions] = _Kept("db.organisations.organisations", "Admissions")
    officers: _Kept[Officers] = _Kept("db.statements.officers", "Officers")
    links: _Kept[EnrolmentLinks] = _Kept("db.statements.passkeys", "EnrolmentLinks")
    references: _Kept[ReferenceLists] = _Kept("db.screening.reference_lists", "ReferenceLists")
    applications: _Kept[Applications] = _Kept("db.application.applications", "Applications")
    people: _Kept[People] = _Kept("db.application.people", "People")
    portraits: _Kept[Portraits] = _Kept("db.identity.portraits", "Portraits")
    pledges: _Kept[Pledges] = _Kept("db.election.pledges", "Pledges")
    resemblances: _Kept[Resemblances] = _Kept("db.screening.resemblances", "Resemblances")
    decisions: _Kept[Decisions] = _Kept("db.decisions.decisions", "Decisions")
    casework: _Kept[Casework] = _Kept("db.decisions.casework", "Casework")
    sessions: _Kept[Sessions] = _Kept("db.decisions.sessions", "Sessions")
    staff: _Kept[Staff] = _Kept("db.statements.officers", "Staff")
    statements: _Kept[Statements] = _Kept("db.statements.record", "Statements")
    acknowledgements: _Kept[Acknowledgements] = _Kept("db.assignment.acknowledgements", "Acknowledgements")
    consents: _Kept[ConsentRequests] = _Kept("db.assignment.consents", "ConsentRequests")
    plans: _Kept[Plans] = _Kept("db.assignment.plans", "Plans")
    credentials: _Kept[Credentials] = _Kept("db.credentials.serials", "Credentials")
    intake: _Kept[Intake] = _Kept("db.intake.nominations_files", "Intake")
    identities: _Kept[Identities] = _Kept("db.intake.identities", "Identities")
    incoming: _Kept[Incoming] = _Kept("db.intake.mailbox", "Incoming")
    corrections: _Kept[Corrections] = _Kept("db.intake.corrections", "Corrections")
    outbox: _Kept[Outbox] = _Kept("db.letters.outbox", "Outbox")
    letters: _Kept[Letters] = _Kept("db.letters.letters", "Letters")
    notices: _Kept[Notices] = _Kept("db.letters.notices", "Notices")
    parcels: _Kept[Parcels] = _Kept("db.letters.parcels", "Parcels")
    webhooks: _Kept[Webhooks] = _Kept("db.letters.webhooks", "Webhooks")
    journal: _Kept[Journal] = _Kept("db.journal", "Journal")
    log: _Kept[Log] = _Kept("db.oversight.log", "Log")
    restorations: _Kept[Restorations] = _Kept("db.oversight.restorations", "Restorations")
    waiting: _Kept[Waiting] = _Kept("db.decisions.waiting_cases", "Waiting")

    def __init__(self, session: Session) -> None:
        self.session = session

    @classmethod
    def over(cls, session: Session) -> Store:
        """Return a store whose parts share *session*."""
        return cls(session)

    def flush(self) -> None:
        """Write what was recorded so far, applications first because the rest refers to them."""
        asked_for = vars(self)
        if "applications" in asked_for:
            self.applications.flush()
        if "people" in asked_for and (recorded := self.people.flush()):
            # Names' keys need NumPy and tables of names, and most transactions record nobody.
            from db.screening.applicant_keys import put_keys  # noqa: PLC0415

            put_keys(self.session, recorded)
        if "resemblances" in asked_for:
            self.resemblances.flush()
        if "outbox" in asked_for:
            self.outbox.flush()
        self.session.flush()

    def close(self) -> None:
        """Write everything, and last what signed statements brought about."""
        # The journal's books read most of the tables, and readers write none.
        from db.oversight.kept_rows import journal_touched  # noqa: PLC0415

        self.flush()
        journal_touched(self.session)
        self.applications.journal(at=datetime.now(UTC))
        self.statements.flush(self.applications.moved)
        settle_keys()


@contextmanager
def open_store(sessions: sessionmaker[Session], *, after_restore: bool = False) -> Generator[Store]:
    """Begin a transaction and commit it at the end, or roll all of it back.

    Raises :class:`ConcurrentChangeError` where somebody else was first and :class:`UnavailableError` where the
    database does not answer; both may be tried again. Raises it, too, where the tables are of another version than
    this program, and where somebody put a trigger or a view there: what is written would not be what is kept. Raises
    :class:`BadInputError` without the keys under which people's data is encrypted: nothing is begun that could not be
    ended. *after_restore* is for what finds out what was given out since a backup, and for the act that accepts it:
    nothing else is recorded before.
    """
    # Rows are written in the order of their references, for which every table must be known; readers need no order.
    import_module("db.tables.catalogue")
    with _translated(), write_lock(sessions), sessions.begin() as session:
        check_keys()
        require_same_version(session)
        if name := planted(session):
            raise UnavailableError(
                f"Somebody put {name[:40]!r} into the database: a trigger, view or rule, which the engine never makes. "
                "Nothing is recorded until it is removed. Run: accredit audit verify"
            )
        if not after_restore and is_unseen(session):
            raise UnavailableError(
                "A backup was restored, and no officer has signed yet that they saw what was given out since. "
                "Nothing is recorded until then. Run: accredit restored"
            )
        store = Store.over(session)
        yield store
        store.close()


@contextmanager
def open_reader(sessions: sessionmaker[Session]) -> Generator[Store]:
    """Open a store for reading only: it waits for no writer, and nothing recorded in it is kept.

    Everything that is read was so at one moment, whatever is recorded meanwhile.
    """
    with _translated(), sessions() as session:
        # On SQLite that is so of itself.
        moment = {"isolation_level": "REPEATABLE READ"} if session.get_bind().dialect.name == "postgresql" else {}
        session.connection(execution_options={READ_ONLY: True, **moment})
        yield Store.over(session)


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except IntegrityError as error:
        raise ConcurrentChangeError(
            "Somebody recorded the same thing at the same moment. Run the command again."
        ) from error
    except OperationalError as error:
        raise _unavailable(error) from error
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", "") != _UNDEFINED_TABLE:
            raise
        raise _without_tables() from error


def _unavailable(error: DBAPIError) -> ConcurrentChangeError | UnavailableError:
    text = str(error.orig).lower()
    if "deadlock" in text or "serialize" in text:
        return ConcurrentChangeError("Two programs wrote at the same time. Run the command again.")
    if "no such column" in text or "has no column" in text:
        return UnavailableError("The database and this program have different versions. Run: accredit db upgrade")
    if "no such table" in text:
        return _without_tables()
    if "unable to open" in text:
        return UnavailableError("The database file is not there or cannot be opened. To begin: accredit init FOLDER")
    return UnavailableError("The database does not answer, or is busy. Nothing is lost; run the command again.")


def _without_tables() -> UnavailableError:
    return UnavailableError("The database has no tables yet. Run: accredit init FOLDER (or accredit db upgrade)")
