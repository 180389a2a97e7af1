"""Nothing is signed at the desk but what the officer was shown: cases, keys, letters and organisations stay as seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update
from support.builders import ELECTION
from support.stages import AS_OF, due
from support.visitor import Visitor

from db.store import open_reader, open_store
from db.tables.letters import LetterRow
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import DecisionRefusedError, Order, Outcome, Ruling
from domain.organisations.organisation import OrganisationActKind, OrganisationStatus
from flows.context import database
from flows.decisions.case_file import hits_of
from flows.decisions.rulings import decide_together
from flows.organisations import admission
from flows.statements.acceptance import ActingOfficer

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")
FIRST, SECOND = "OFF-DEMO-1", "OFF-DEMO-2"
"""Who proposes, and who confirms."""
ADMIN, OTHER_ADMIN = "OFF-ADMIN-1", "OFF-ADMIN-2"
PROPOSER, CONFIRMER = (ActingOfficer(code, ELECTION, AS_OF) for code in (FIRST, SECOND))
Enter = Callable[[str], Visitor]


def rule(known: UUID, outcome: Outcome, facts: str = "", reason: str = "") -> None:
    ruling = Ruling(outcome=outcome, reasons=(ReasonCode(reason),) if reason else (), facts=facts)
    (result,) = decide_together([Order(ids=(known,), ruling=ruling)], PROPOSER)
    assert result.applied


def shown(window: Visitor, known: UUID) -> str:
    """Open the case's page and return how its forms name the case."""
    with open_reader(database()) as store:
        number = store.applications.get(known).case_number
    (value,) = {*re.findall(rf'value="({known}@\d+)"', window.client.get(f"/case/{number}").text)}
    return value


def test_grounds_that_were_exchanged_after_the_second_officer_read_them_are_confirmed_by_nobody(enter: Enter) -> None:
    known = due(Status.IN_REVIEW)[0]
    rule(known, Outcome.REFUSE, "The register names him.", "R04")
    window = enter(SECOND)
    read = shown(window, known)
    confirming = {"cases": [read], "outcome": "confirm"}
    assert window.post("/pile", confirming).status_code == 200
    early = window.post("/sign/draft", {"what": "decide"}).json()["sign"]
    rule(known, Outcome.RECALL)
    rule(known, Outcome.REFUSE, "He wrote an article.", "R04")
    answers = (
        window.sign({"what": "decide"}),  # on the pile before it was exchanged
        window.post("/sign", {"draft": early["draft"], "answer": window.device.sign(early["options"])}),
        window.post("/pile", confirming),  # from the page as it was
    )
    assert [answer.status_code for answer in answers] == [409] * 3
    assert ["happened since" in answers[place].json()["problem"] for place in (0, 2)] == [True] * 2
    with open_reader(database()) as store:
        assert store.applications.get(known).status is not Status.REFUSED
    assert window.post("/pile", confirming | {"cases": [shown(window, known)]}).status_code == 200
    assert window.sign({"what": "decide"}).json() == {"go": "/pile"}
    with open_reader(database()) as store:
        assert store.applications.get(known).status is Status.REFUSED


@pytest.mark.usefixtures("app")
def test_decisions_in_the_terminal_are_signed_on_the_versions_that_were_looked_at() -> None:
    known = due(Status.IN_REVIEW)[0]
    order = Order(ids=(known,), ruling=Ruling(outcome=Outcome.RETURN))
    with pytest.raises(DecisionRefusedError, match="happened since"):
        decide_together([order], PROPOSER, seen={known: 0})


def test_what_another_tab_puts_on_the_pile_while_the_device_signs_stays_there(enter: Enter) -> None:
    first, second = due(Status.IN_REVIEW)[:2]
    window = enter(FIRST)
    approving = {"outcome": "approve", "facts": "Seen."}
    window.post("/pile", approving | {"cases": [str(first)]})
    asked = window.post("/sign/draft", {"what": "decide"}).json()["sign"]
    window.post("/pile", approving | {"cases": [str(second)]})
    window.post("/sign", {"draft": asked["draft"], "answer": window.device.sign(asked["options"])})
    with open_reader(database()) as store:
        cases = store.applications.get_many([first, second])
    assert (cases[first].status, cases[second].status) == (Status.APPROVED, Status.IN_REVIEW)
    assert cases[second].case_number in window.client.get("/pile").text


def test_a_new_key_is_confirmed_by_the_number_that_was_compared_and_by_no_other(
    enter: Enter, visitor: Callable[[], Visitor]
) -> None:
    one, two, honest, foreign = enter(ADMIN), enter(OTHER_ADMIN), visitor(), visitor()

    def offered() -> str:
        one.sign({"what": "officer", "officer": SECOND, "act": "enrol", "step": "proposed"})
        return re.findall(r"https?://[^\s<]*/enrol#[\w-]+", one.client.get("/officers").text)[-1]

    honest.enrol(offered())
    (compared,) = re.findall(r'name="number" value="([^"]+)"', two.client.get("/officers").text)
    foreign.enrol(offered())  # the first administrator takes the key's place while the second one reads
    confirming = {"what": "officer", "officer": SECOND, "act": "enrol", "step": "confirmed"}
    for number in ({"number": compared}, {}):
        assert two.sign(confirming | number).status_code == 409
    assert foreign.sign_in().status_code == 403


def test_held_letters_that_were_exchanged_for_as_many_others_do_not_leave(enter: Enter) -> None:
    window = enter(FIRST)
    with open_store(database()) as store:
        first, second = store.session.scalars(select(LetterRow.key).where(LetterRow.kind == "receipt").limit(2))
        store.session.execute(_become(first, "held"))
    (mark,) = re.findall(r'name="mark" value="(\w+)"', window.client.get("/letters").text)
    with open_store(database()) as store:
        store.session.execute(_become(first, "queued"))
        store.session.execute(_become(second, "held"))
    refused = window.sign({"what": "letters", "count": 1, "mark": mark})
    assert "Other letters are held" in refused.json()["problem"]
    (mark,) = re.findall(r'name="mark" value="(\w+)"', window.client.get("/letters").text)
    assert window.sign({"what": "letters", "count": 1, "mark": mark}).status_code == 200


def _become(key: str, state: str) -> Any:
    return update(LetterRow).where(LetterRow.key == key).values(state=state)


def test_a_refusal_of_an_organisation_is_confirmed_on_the_grounds_that_were_shown(enter: Enter) -> None:
    with open_reader(database()) as store:
        every = store.organisations.all_in(ELECTION).values()
    code = next(one.code for one in every if one.standing is OrganisationStatus.INVITED)
    propose, back = OrganisationActKind.PROPOSE_REFUSAL, OrganisationActKind.RETURN_REFUSAL
    admission.act(code, propose, PROPOSER, admission.Grounds((ReasonCode.R03,), "No statutes."))
    window = enter(SECOND)
    (mark,) = {*re.findall(r'name="mark" value="(\w+)"', window.client.get(f"/organisations/{code}").text)}
    admission.act(code, back, CONFIRMER, admission.Grounds())
    admission.act(code, propose, PROPOSER, admission.Grounds((ReasonCode.R03,), "They wrote an article."))
    confirming = {"what": "organisation", "organisation": code, "act": "refuse", "mark": mark}
    assert "since you looked" in window.sign(confirming).json()["problem"]
    assert window.sign(confirming | {"mark": ""}).status_code == 200


def test_two_people_are_found_to_be_two_as_they_were_shown(enter: Enter) -> None:
    window = enter(FIRST)
    with open_reader(database()) as store:
        cases = store.applications.get_many(due(Status.IN_REVIEW)).values()
        known, hit = next((case.id, hit) for case in cases for hit in hits_of(store, case) if hit.is_open)
    clearing = {"what": "clear", "case": str(known), "about": hit.about, "reason": "Other birth date."}
    assert "since you looked" in window.sign(clearing | {"pair": "0" * 64}).json()["problem"]
    assert window.sign(clearing | {"pair": hit.pair}).status_code == 200


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800"])
def test_what_is_no_text_is_refused_in_words_wherever_it_is_typed(enter: Enter, text: str) -> None:
    window, known = enter(FIRST), due(Status.IN_REVIEW)[0]
    for path, body in (
        ("/pile", f'{{"cases": ["{known}"], "outcome": "approve", "facts": "{text}"}}'),
        ("/sign/draft", f'{{"what": "note", "case": "{known}", "text": "{text}"}}'),
        ("/find", f'{{"case": "{text}"}}'),
        ("/ground", f'{{"ground": "{text}"}}'),
    ):
        answer = window.client.post(path, content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, "no characters" in answer.text) == (409, True), path


def test_no_name_of_a_file_and_no_filter_fails_the_desk(enter: Enter) -> None:
    window = enter(FIRST)
    for name in ("漢" * 200, "😀" * 99):
        headers = {"content-type": "application/octet-stream", "x-file-name": quote(f"{name}.csv")}
        assert window.client.put("/upload", content=b"a,b\n", headers=headers).status_code == httpx.codes.OK
    assert window.client.get("/queue?organisation=%00").status_code == httpx.codes.UNPROCESSABLE_ENTITY


def test_an_election_day_is_not_moved_from_a_page_that_showed_other_days(enter: Enter) -> None:
    one, two = enter(ADMIN), enter(OTHER_ADMIN)
    wanted = {"day": "2027-04-25", "ground": "Decree 12/2027"}

    def looked(window: Visitor, move: dict[str, str]) -> dict[str, str]:
        (mark,) = re.findall(r'name="mark" value="([^"]+)"', window.client.get("/calendar", params=move).text)
        return {"what": "move", **move, "mark": mark}

    early, other = looked(one, wanted), {"day": "2027-05-02", "ground": "Decree 13/2027"}
    assert [window.sign(looked(window, other)).status_code for window in (one, two)] == [200] * 2
    refused = one.sign(early)
    assert (refused.status_code, "changed since you looked" in refused.json()["problem"]) == (409, True)
    assert one.sign(looked(one, wanted)).status_code == 200
