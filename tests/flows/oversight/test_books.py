"""The audit of everything besides applications: whoever changes a book by hand is found, with the place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from support.builders import ELECTION
from support.stages import AS_OF, Stages
from typer.testing import CliRunner

from db.letters.letters import LetterFilter
from db.store import Store, open_reader, open_store
from domain.decisions.sessions import BodySession, Resolution
from domain.election.policies import Policy
from domain.letters.envelope import LetterOrder, LetterState
from domain.organisations.organisation import OrganisationActKind
from domain.statements.officer_acts import StaffAct
from flows.cli.app import app
from flows.context import database
from flows.decisions import officer_acts
from flows.delivery.orders import order_letters
from flows.organisations.admission import Grounds, act
from flows.oversight.chains import broken_links
from flows.oversight.overview import audit
from flows.statements.acceptance import ActingOfficer

TAMPERED = {
    "officers' acts": ("UPDATE officer_act SET officer = 'OFF-DEMO-9'", "step 1, recuse OFF-DEMO-9"),
    "organisations' acts": ("UPDATE organisation_act SET officer = 'OFF-DEMO-9'", "ORG-01"),
    "serial ledger": ("UPDATE credential SET state = 'revoked' WHERE number = 2", "is revoked, its case says issued"),
    "policies": ("UPDATE journal SET content = 'x' WHERE book = 'policies'", "BAN-2027:1 in the journal"),
    "plans": ("UPDATE plan SET adopted_by = 'officer:OFF-9'", "was changed"),
    "letter orders": (
        "UPDATE letter_attempt SET officer = 'OFF-9' WHERE officer IS NOT NULL",
        "cancelled by OFF-DEMO-1",
    ),
    "resolutions": ("UPDATE session SET adopted_by = 'OFF-9'", "S-1 was changed"),
}


@pytest.fixture
def issued(stages: Stages) -> Iterator[Stages]:
    with stages.copy("issued"):
        yield stages


def kept() -> None:
    """Write something into every book that the stages leave empty."""
    recusal = officer_acts.Act(act=StaffAct.RECUSE, officer="OFF-DEMO-1", detail="ORG-04")
    officer_acts.recuse(recusal, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    act(
        "ORG-01",
        OrganisationActKind.SUSPEND,
        ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF),
        Grounds(facts="The seal is being looked into."),
    )
    with open_store(database()) as store:
        policy = Policy.model_validate(
            {"id": "BAN-2027", "kind": "ban", "authority": "Commission", "ground": "art. 1", "text": "Nobody."}
        )  # fmt: skip
        store.policies.put(ELECTION, policy, by="package", now=AS_OF)
        resolved = Resolution(number="1", present=("OFF-DEMO-1", "OFF-DEMO-2"), votes_for=2)
        session = BodySession(code="S-1", held_at=AS_OF, resolution=resolved, signed_by="OFF-DEMO-1")
        store.sessions.put(ELECTION, session.revised(adopted_by="OFF-DEMO-2", adopted_at=AS_OF))
        (letter,) = store.letters.matching(ELECTION, LetterFilter(state=LetterState.QUEUED), limit=1)
    by = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)
    assert order_letters(LetterOrder.CANCEL, [letter.envelope.key], by) == 1


@pytest.mark.usefixtures("issued")
def test_every_book_is_audited_and_names_the_first_place_that_somebody_changed() -> None:
    kept()
    assert audit(ELECTION).is_whole
    for book, (statement, place) in TAMPERED.items():
        with database()() as session:
            session.execute(text(statement))
            (found,) = broken_links(Store.over(session), ELECTION)
            session.rollback()
        assert (found.book, place in found.link) == (book, True), found
    with open_reader(database()) as store:
        assert broken_links(store, ELECTION) == ()
    with open_store(database()) as store:
        store.session.execute(text("UPDATE decision SET facts = 'Another reason.' WHERE outcome = 'refuse'"))
    assert ["facts" in link.link for link in audit(ELECTION).links] == [True]
    with open_store(database()) as store:
        store.session.execute(text("DELETE FROM policy"))
        store.session.execute(text("UPDATE decision SET officer = 'OFF-9'"))
    told = CliRunner().invoke(app, ["audit", "verify"])
    assert (told.exit_code, "policies: BAN-2027:1 is gone" in told.output) == (1, True)
    assert "decisions: " in told.output
    assert "is not kept as" in told.output
