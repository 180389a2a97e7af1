"""An auditor sees what officers see, does nothing else, and leaves a record with each look; so does everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from starlette.testclient import TestClient
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due
from support.visitor import Visitor

from db.store import open_reader, open_store
from domain.application.status import Status
from domain.errors import AccreditationError, BadInputError
from domain.oversight.looks import LONGEST_WHY, checked_ground
from domain.statements.officer_acts import StaffAct
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.statements.signatures import KeySignature
from domain.statements.statement import ActKind, Deed, SignedBy, StatementWords, stated
from flows.cli.app import main
from flows.context import database, right_now
from flows.decisions import officer_acts
from flows.decisions.casework import claim_at_desk
from flows.decisions.looks import look
from flows.decisions.openings import looks_table
from flows.desk.address import Address
from flows.desk.application import create_app
from flows.desk.enrolling import links_by_command
from flows.oversight.overview import audit
from flows.settings import change_settings
from flows.statements.acceptance import ActingOfficer, accept
from flows.statements.keys import file_key, signing_key

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")
AUDITOR = ActingOfficer("OFF-AUDIT-1", ELECTION, AS_OF)
GROUND = "Audit 2027/3"


@pytest.fixture
def vetted(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("vetted"):
        yield


def number_of(known: UUID) -> str:
    with open_reader(database()) as store:
        return store.applications.get(known).case_number


def record_length() -> int:
    with open_reader(database()) as store:
        return store.statements.head(ELECTION)[0]


@pytest.mark.parametrize("kind", sorted(set(ActKind) - {ActKind.LOOK}))
@pytest.mark.usefixtures("vetted")
def test_no_act_but_a_look_is_taken_from_an_auditor_neither_by_the_step_nor_by_the_signature(kind: ActKind) -> None:
    deed = Deed(kind=kind, cases=(due(Status.IN_REVIEW)[0],), terms={"act": "recuse", "officer": AUDITOR.officer})
    key = signing_key(AUDITOR.officer)
    before = record_length()
    with pytest.raises(AccreditationError), open_store(database()) as store:
        accept(store, AUDITOR, deed)
    signer = SignedBy(election=ELECTION, officer=AUDITOR.officer, key=file_key(key).id, now=right_now())
    statement = stated(deed, StatementWords.of({}), signer, versions={})
    signature = KeySignature(value=key.sign(statement.document).hex())
    with pytest.raises(AccreditationError), open_reader(database()) as store:
        store.statements.authority(ELECTION).check(statement, signature)
    assert record_length() == before


def test_an_auditor_holds_no_other_role() -> None:
    with pytest.raises(ValueError, match="no other role"):
        Officer(code="OFF-9", roles=(OfficerRole.AUDITOR, OfficerRole.CASE_OFFICER))


@pytest.mark.parametrize("ground", ["", "   ", "x" * (LONGEST_WHY + 1), "file:1", "line\nfeed\x00"])
def test_a_look_without_a_ground_that_can_be_kept_is_none(ground: str) -> None:
    with pytest.raises(BadInputError):
        checked_ground(ground)


@pytest.mark.usefixtures("vetted")
def test_an_auditor_looks_by_a_signed_statement_and_the_look_is_listed() -> None:
    case = due(Status.IN_REVIEW)[0]
    view = look(case, AUDITOR, ground=GROUND)
    assert view.nomination is not None
    (line,) = looks_table(ELECTION, case)
    assert (line["who"], line["what"], line["why"]) == ("OFF-AUDIT-1", "file", GROUND)
    assert looks_table(ELECTION, due(Status.IN_REVIEW)[1]) == []
    with pytest.raises(OfficerRefusedError, match="looks and does nothing else"):
        claim_at_desk([case], AUDITOR.officer, election=ELECTION, now=AS_OF)
    with pytest.raises(OfficerRefusedError, match="case officer"):
        look(case, replace(AUDITOR, officer="OFF-ADMIN-1"), ground=GROUND)
    assert audit(ELECTION).is_whole


@pytest.mark.usefixtures("vetted")
def test_two_administrators_enrol_and_suspend_an_auditor_as_anybody_else() -> None:
    suspend = officer_acts.Act(act=StaffAct.SUSPEND, officer=AUDITOR.officer)
    officer_acts.propose(suspend, replace(AUDITOR, officer="OFF-ADMIN-1"))
    officer_acts.confirm(suspend, replace(AUDITOR, officer="OFF-ADMIN-2"))
    with pytest.raises(OfficerRefusedError):
        look(due(Status.IN_REVIEW)[0], AUDITOR, ground=GROUND)


@pytest.mark.usefixtures("vetted")
def test_whatever_command_shows_something_personal_leaves_a_record(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = due(Status.IN_REVIEW)[0]
    number = number_of(case)

    def accredit(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["accredit", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        return capsys.readouterr().out

    accredit("hits", number)
    accredit("letters", "preview", "receipt", "--application", number)
    accredit("look", number, "--ground", GROUND, "--officer", AUDITOR.officer)
    told = json.loads(accredit("looks", number, "--json"))
    assert [(line["what"], line["why"]) for line in told] == [
        ("hits", "casework"), ("letter", "casework"), ("file", GROUND),
    ]  # fmt: skip


@pytest.fixture
def auditor_at_desk(vetted: None) -> Visitor:
    del vetted
    app = create_app(Address.of(change_settings({"as_of": AS_OF.isoformat()})))
    origin = app.state.desk.address.origin
    window = Visitor(TestClient(app, base_url=origin, follow_redirects=False), origin)
    ((_, link),) = links_by_command(app.state.desk.address, ELECTION, [AUDITOR.officer])
    assert window.enrol(link)["signin"] is True
    assert window.sign_in().status_code == 200
    return window


def test_the_desk_shows_an_auditor_everything_once_the_ground_is_said_and_no_button_that_decides(
    auditor_at_desk: Visitor,
) -> None:
    window, case = auditor_at_desk, due(Status.IN_REVIEW)[0]
    number = number_of(case)
    assert window.client.get(f"/case/{number}").status_code == 409
    assert looks_table(ELECTION) == []
    assert window.post("/ground", {"ground": GROUND}).status_code == 200
    page = window.client.get(f"/case/{number}")
    assert page.status_code == 200
    for place in ("/queue", f"/case/{number}", "/letters", "/organisations"):
        shown = window.client.get(place)
        assert shown.status_code == 200
        offered = ('data-post="/pile', 'data-send="/queue/claim', 'data-post="/queue/claim', "data-sign", 'id="d-')
        assert [what for what in offered if what in shown.text] == [], place
    assert window.client.get(f"/case/{number}/letter/1").status_code == 200
    assert {line["why"] for line in looks_table(ELECTION, case)} == {GROUND}


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("/pile", {"outcome": "approve"}),
        ("/queue/claim", {"do": "claim"}),
        ("/sign/draft", {"what": "note", "text": "Seen."}),
        ("/sign/draft", {"what": "letters", "count": 1}),
        ("/sign/draft", {"what": "organisation", "organisation": "ORG-01", "act": "suspend", "facts": "Funds."}),
        ("/sign/draft", {"what": "officer", "officer": "OFF-DEMO-1", "act": "suspend", "step": "proposed"}),
    ],
)
def test_the_desk_takes_no_act_from_an_auditor(auditor_at_desk: Visitor, place: str, body: dict[str, object]) -> None:
    auditor_at_desk.post("/ground", {"ground": GROUND})
    case = due(Status.IN_REVIEW)[0]
    named = {"cases": [str(case)]} if place != "/sign/draft" else {"case": str(case)} if "text" in body else {}
    before = record_length()
    assert auditor_at_desk.post(place, body | named).status_code >= 400
    assert auditor_at_desk.client.get("/upload").status_code == 403
    assert record_length() == before
