"""The one transaction: begun and ended here and nowhere else."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from db.application.applications import Applications
from db.application.people import People
from db.assignment.plans import Plans
from db.credentials.serials import Credentials
from db.decisions.casework import Casework
from db.decisions.decisions import Decisions
from db.decisions.officer_acts import Staff
from db.decisions.sessions import Sessions
from db.decisions.waiting_cases import Waiting
from db.election.elections import Elections, Officers, Organisations
from db.election.pledges import Pledges
from db.election.policies import Policies
from db.engine import READ_ONLY, write_lock
from db.identity.portraits import Portraits
from db.intake.corrections import Corrections
from db.intake.identities import Identities
from db.intake.mailbox import Incoming
from db.intake.nominations_files import Intake
from db.journal import Journal
from db.letters.letters import Letters
from db.letters.outbox import Outbox
from db.organisations.admissions import Admissions
from db.oversight.kept_rows import journal_touched
from db.screening.reference_lists import ReferenceLists
from db.screening.resemblances import Resemblances
from db.statements.passkeys import EnrolmentLinks
from db.statements.record import Statements
from domain.errors import ConcurrentChangeError, UnavailableError

_UNDEFINED_TABLE = "42P01"  # PostgreSQL's code; SQLite says it in words


@dataclass(frozen=True, slots=True)
class Store:
    """Everything the engine keeps, within one transaction."""

    session: Session
    elections: Elections
    policies: Policies
    organisations: Organisations
    admissions: Admissions
    officers: Officers
    links: EnrolmentLinks
    references: ReferenceLists
    applications: Applications
    people: People
    portraits: Portraits
    pledges: Pledges
    resemblances: Resemblances
    decisions: Decisions
    casework: Casework
    sessions: Sessions
    staff: Staff
    statements: Statements
    plans: Plans
    credentials: Credentials
    intake: Intake
    identities: Identities
    incoming: Incoming
    corrections: Corrections
    outbox: Outbox
    letters: Letters
    journal: Journal
    waiting: Waiting

    @classmethod
    def over(cls, session: Session) -> Store:
        """Return a store whose parts share *session*."""
        repositories: dict[str, Any] = {name: kind(session) for name, kind in _repositories()}
        return cls(session=session, **repositories)

    def flush(self) -> None:
        """Write what was recorded so far, applications first because the rest refers to them."""
        self.applications.flush()
        self.people.flush()
        self.resemblances.flush()
        self.outbox.flush()
        self.session.flush()

    def close(self) -> None:
        """Write everything, and last what signed statements brought about."""
        self.flush()
        journal_touched(self.session)
        self.statements.flush(self.applications.moved)


@cache
def _repositories() -> tuple[tuple[str, Any], ...]:
    """Return the fields of :class:`Store` besides its session, each a repository made over one."""
    return tuple((name, kind) for name, kind in get_type_hints(Store).items() if kind is not Session)


@contextmanager
def open_store(sessions: sessionmaker[Session]) -> Generator[Store]:
    """Begin a transaction and commit it at the end, or roll all of it back.

    Raises :class:`ConcurrentChangeError` where somebody else was first and :class:`UnavailableError` where the
    database does not answer; both may be tried again.
    """
    with _translated(), write_lock(sessions), sessions.begin() as session:
        store = Store.over(session)
        yield store
        store.close()


@contextmanager
def open_reader(sessions: sessionmaker[Session]) -> Generator[Store]:
    """Open a store for reading only: it waits for no writer, and nothing recorded in it is kept."""
    with _translated(), sessions() as session:
        session.connection(execution_options={READ_ONLY: True})
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
