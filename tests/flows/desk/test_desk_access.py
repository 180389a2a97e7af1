"""Who sees what at the desk: scope, recusal, roles, sessions and devices; and that every opening is written down."""

from __future__ import annotations

import html
import io
import json
import re
import socket
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.requests import Request
from starlette.testclient import TestClient
from support.builders import ELECTION
from support.device import PRESENT
from support.signing import rewritten
from support.stages import AS_OF, due
from support.visitor import Visitor

from db.journal import Book
from db.store import open_reader, open_store
from db.tables.oversight import JournalRow
from db.tables.screening import ReferenceEntryRow
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import Order, Outcome, Ruling
from domain.errors import BadInputError, UnknownThingError
from domain.statements.officer_acts import StaffAct
from flows.context import database
from flows.decisions import officer_acts
from flows.decisions.rulings import decide_together
from flows.desk.address import Address
from flows.desk.enrolling import fingerprint, key_by_link, new_link, waiting_key
from flows.desk.serving import listening, require_free
from flows.desk.state import Challenges
from flows.desk.uploads import MOST
from flows.desk.visit import address_of
from flows.runtime.server.lifetime import free_port
from flows.settings import Settings
from flows.statements.acceptance import ActingOfficer

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")

FIRST, SECOND = "OFF-DEMO-1", "OFF-DEMO-2"
ADMIN, OTHER_ADMIN, THIRD_ADMIN = "OFF-ADMIN-1", "OFF-ADMIN-2", "OFF-ADMIN-3"
Enter = Callable[[str], Visitor]


def openings() -> list[tuple[str, str]]:
    with open_reader(database()) as store:
        rows = store.session.query(JournalRow).filter_by(book=Book.DESK.value).order_by(JournalRow.sequence)
        return [(row.by, row.subject) for row in rows]


def number_of(known: UUID) -> str:
    with open_reader(database()) as store:
        return store.applications.get(known).case_number


def serve(officer: str, *codes: str) -> None:
    act = officer_acts.Act(act=StaffAct.SERVE, officer=officer, detail=",".join(codes))
    officer_acts.propose(act, ActingOfficer(ADMIN, ELECTION, AS_OF))
    officer_acts.confirm(act, ActingOfficer(OTHER_ADMIN, ELECTION, AS_OF))


def test_scope_and_recusal_decide_what_is_listed_and_what_may_be_opened(enter: Enter) -> None:
    one, other = due(Status.IN_REVIEW)[:2]
    with open_reader(database()) as store:
        cases = store.applications.get_many([one, other])
    if cases[one].organisation == cases[other].organisation:
        other = next(known for known in due(Status.IN_REVIEW) if number_of(known) and _sponsor(known) != _sponsor(one))
    window = enter(FIRST)
    serve(FIRST, _sponsor(one))
    listed = window.client.get("/queue").text
    assert number_of(one) in listed
    assert number_of(other) not in listed
    assert window.client.get(f"/case/{number_of(one)}").status_code == 200
    refused = window.client.get(f"/case/{number_of(other)}")
    assert (refused.status_code, "outside of what you serve" in refused.text) == (403, True)
    assert window.client.get(f"/case/{number_of(other)}/file/photo").status_code == 403
    assert window.post("/pile", {"cases": [str(other)], "outcome": "approve"}).status_code == 403
    assert openings() == [(FIRST, f"case:{one}")]
    recusal = officer_acts.Act(act=StaffAct.RECUSE, officer=FIRST, detail=number_of(one))
    officer_acts.recuse(recusal, ActingOfficer(FIRST, ELECTION, AS_OF))
    assert number_of(one) not in window.client.get("/queue").text
    assert "recused" in window.client.get(f"/case/{number_of(one)}").text
    assert window.client.get("/officers").status_code == 403


def test_an_officer_declares_a_conflict_at_the_desk_and_the_case_is_closed_to_them(enter: Enter) -> None:
    case, other = due(Status.IN_REVIEW)[:2]
    window, colleague = enter(FIRST), enter(SECOND)
    for known in (case, other):
        assert window.post("/pile", {"cases": [str(known)], "outcome": "approve", "facts": "Seen."}).status_code == 200
    window.post("/queue/claim", {"cases": [str(case)], "do": "claim"})
    page = window.client.get(f"/case/{number_of(case)}").text
    assert 'data-dialog="d-recuse"' in page
    act = {"what": "officer", "officer": FIRST, "act": "recuse", "step": "declared", "detail": number_of(case)}
    for_another = act | {"officer": SECOND}
    assert "for themselves only" in window.sign(for_another).json()["problem"]
    assert window.sign(act | {"back": "/queue"}).json() == {"go": "/queue"}

    assert number_of(case) not in window.client.get("/queue").text
    pile = window.client.get("/pile").text
    assert (number_of(case) in pile, number_of(other) in pile) == (False, True)
    for path in ("", "/file/photo", "/letter/1"):
        refused = window.client.get(f"/case/{number_of(case)}{path}")
        assert (refused.status_code, "recused" in refused.text) == (403, True)
    assert window.post("/pile", {"cases": [str(case)], "outcome": "approve"}).status_code == 403
    assert window.sign({"what": "note", "case": str(case), "text": "One word more."}).status_code == 403
    assert colleague.post("/queue/claim", {"cases": [str(case)], "do": "claim"}).status_code == 200  # given back
    with open_reader(database()) as store:
        acts = [(entry.act, entry.officer, entry.by, entry.step) for entry in store.staff.entries(ELECTION)]
        kinds = [entry.kind for entry in store.statements.entries(ELECTION) if entry.entry == "signed"]
    assert acts == [("recuse", FIRST, FIRST, "declared")]
    assert kinds == ["first_key", "first_key", "staff"]

    organisation = _sponsor(other)
    assert window.sign(act | {"detail": organisation}).status_code == 200
    assert number_of(other) not in window.client.get("/pile").text
    assert organisation not in window.client.get("/queue").text.split("<table")[-1]


def pair_of_organisations() -> tuple[UUID, UUID]:
    """Return two cases of one document under two organisations; the first waits for an officer."""
    with open_reader(database()) as store:
        findings = store.people.findings_on(due(Status.IN_REVIEW))
    pairs = [
        (known, UUID(finding.about))
        for known, found in findings.items()
        for finding in found
        if finding.rule == "same_document" and _sponsor(UUID(finding.about)) != _sponsor(known)
    ]
    return pairs[0]


def test_whom_a_case_points_to_is_shown_beside_it_only_where_it_may_be_opened_and_that_is_recorded(
    enter: Enter,
) -> None:
    case, other = pair_of_organisations()
    window = enter(FIRST)
    page = window.client.get(f"/case/{number_of(case)}").text
    assert f"/case/{number_of(other)}/file/photo" in page
    assert "What was compared" in page
    assert (FIRST, f"beside:{other}") in openings()
    act = officer_acts.Act(act=StaffAct.RECUSE, officer=FIRST, detail=number_of(other))
    officer_acts.recuse(act, ActingOfficer(FIRST, ELECTION, AS_OF))
    before = openings()
    page = window.client.get(f"/case/{number_of(case)}").text
    assert "is not open to you" in page
    assert f"/case/{number_of(other)}/file/photo" not in page
    assert "What was compared" not in page  # the reasons quote both people
    assert openings() == [*before, (FIRST, f"case:{case}")]


def test_an_entry_of_a_list_stands_beside_the_person_it_may_be(enter: Enter) -> None:
    with open_reader(database()) as store:
        hits = store.resemblances.hits_on([*store.applications.get_many(due(Status.IN_REVIEW)).values()])
        known, about = next((known, hit.about) for known, of in hits.items() for hit in of if ":" in hit.about)
        kept = store.references.get(ELECTION, about.split(":")[0])
        bodies = store.session.scalars(select(ReferenceEntryRow.body)).all()
        person = store.people.current([known])[known]
    entry = next(body for body in bodies if f"{body['list_id']}:{body['subject_id']}" == about)
    assert kept is not None
    page = html.unescape(enter(SECOND).client.get(f"/case/{number_of(known)}").text)
    for said in (*entry["names"], *entry["birth_dates"], kept.reference.legal_basis, person.name):
        assert said in page


def _sponsor(known: UUID) -> str:
    with open_reader(database()) as store:
        return store.applications.get(known).organisation


def test_administrators_see_officers_and_no_case(enter: Enter) -> None:
    window = enter(ADMIN)
    assert window.client.get("/officers").status_code == 200
    assert window.client.get("/queue").headers["location"] == "/officers"
    for path in (f"/case/{number_of(due(Status.IN_REVIEW)[0])}", "/organisations", "/letters", "/upload"):
        assert window.client.get(path).status_code == 403
    assert openings() == []


def test_two_administrators_move_election_day_at_the_desk_once_they_saw_what_moves(enter: Enter) -> None:
    one, two = enter(ADMIN), enter(OTHER_ADMIN)
    wanted = {"day": "2027-04-25", "ground": "Decree 12/2027"}
    page = one.client.get("/calendar", params=wanted).text
    assert "2027-04-25" in page
    assert "data-sign" in page
    assert enter(FIRST).client.get("/calendar").status_code == 403
    assert one.sign({"what": "move", **wanted, "back": "/calendar"}).json() == {"go": "/calendar"}
    assert "second" in one.sign({"what": "move", **wanted}).json()["problem"]
    waiting = html.unescape(two.client.get("/calendar").text)
    assert "Decree 12/2027" in waiting
    assert ADMIN in waiting
    assert two.sign({"what": "move", **wanted, "back": "/calendar"}).status_code == 200
    with open_reader(database()) as store:
        assert str(store.elections.profile(ELECTION).election.day) == "2027-04-25"
    assert "Decree 12/2027" in html.unescape(two.client.get("/calendar").text), "the old calendar stays readable"


def test_a_table_is_taken_at_the_desk_for_a_purpose_that_is_on_record(enter: Enter) -> None:
    window = enter(FIRST)
    asked = {"table": "applications", "form": "csv"}
    assert "purpose" in window.post("/extracts", asked).json()["problem"]
    assert window.post("/extracts", asked | {"purpose": "Seats in buses"}).json() == {"go": "/extracts/file"}
    with zipfile.ZipFile(io.BytesIO(window.client.get("/extracts/file").content)) as packed:
        assert {name.partition(".")[2] for name in packed.namelist()} == {"csv", "csv.schema.json", "csv.account.json"}
        assert json.loads(packed.read("applications.csv.account.json"))["taken_for"] == "Seats in buses"
    assert window.client.get("/extracts/file").status_code == 404
    assert "Seats in buses" in window.client.get("/extracts").text
    assert enter(ADMIN).client.get("/extracts").status_code == 403


def test_every_file_that_is_shown_is_written_down_and_shown_as_a_picture_only(enter: Enter) -> None:
    known = due(Status.IN_REVIEW)[0]
    window = enter(SECOND)
    page = window.client.get(f"/case/{number_of(known)}").text
    for source in dict.fromkeys(re.findall(rf'src="(/case/{number_of(known)}/file/[^"]+)"', page)):
        shown = window.client.get(source)
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.content.startswith(b"\xff\xd8\xff")
    window.client.get(f"/case/{number_of(known)}/letter/1")
    assert {subject for _, subject in openings() if str(known) in subject} == {
        f"{what}:{known}" for what in ("case", "photo", "identity_page", "letter")
    }
    assert window.client.get(f"/case/{number_of(known)}/file/mrz").status_code == 404
    with open_reader(database()) as store:
        assert store.journal.broken(ELECTION, Book.DESK) is None


def test_sessions_end_when_idle_when_old_when_the_officer_is_suspended_or_the_device_replaced(
    app: Any, enter: Enter
) -> None:
    def signed_in(window: Visitor) -> bool:
        return window.client.get("/queue").status_code == 200

    desk = app.state.desk
    now = desk.sessions.clock()
    desk.sessions.clock = lambda: now
    window = enter(SECOND)
    for _ in range(40):
        now += timedelta(minutes=14)
        if not signed_in(window):
            break
    assert now - window_began(desk) > timedelta(hours=9)  # kept alive, it ends after its hours
    window.sign_in()
    now += timedelta(minutes=21)
    assert not signed_in(window)
    window.sign_in()
    assert signed_in(window)
    for step in (officer_acts.propose, officer_acts.confirm):
        by = ActingOfficer(ADMIN if step is officer_acts.propose else OTHER_ADMIN, ELECTION, AS_OF)
        step(officer_acts.Act(act=StaffAct.SUSPEND, officer=SECOND), by)
    assert not signed_in(window)
    assert window.sign_in().status_code == 403


def window_began(desk: Any) -> Any:
    return desk.sessions.clock() - timedelta(hours=10)


def test_a_link_of_two_administrators_gives_a_key_that_counts_only_once_it_is_confirmed(
    app: Any, visitor: Callable[[], Visitor]
) -> None:
    one = visitor()
    link = new_link(app.state.desk.address, ELECTION, FIRST, by=ADMIN)
    older = link
    link = new_link(app.state.desk.address, ELECTION, FIRST, by=ADMIN)
    assert "problem" in one.enrol(older)  # a newer link takes the place of an older one
    assert "second administrator" in one.enrol(link)["done"]
    assert one.sign_in().status_code == 403
    assert "problem" in visitor().enrol(link)


def test_a_key_in_a_file_is_made_by_link_and_confirmed_by_the_number_that_was_read_aloud(
    app: Any, enter: Enter, tmp_path: Path
) -> None:
    administrator, enrol = enter(ADMIN), StaffAct.ENROL
    act = officer_acts.Act(act=enrol, officer=FIRST)
    officer_acts.propose(act, ActingOfficer(ADMIN, ELECTION, AS_OF))
    link = new_link(app.state.desk.address, ELECTION, FIRST, by=ADMIN)
    with pytest.raises(BadInputError, match="not for a key in a file"):
        key_by_link(ELECTION, "OFF-DEMO-2", link, tmp_path)
    number = fingerprint(key_by_link(ELECTION, FIRST, link, tmp_path))
    assert number in administrator.client.get("/officers").text
    with pytest.raises(UnknownThingError):
        key_by_link(ELECTION, FIRST, link, tmp_path)
    with pytest.raises(BadInputError, match="another number"):
        waiting_key(ELECTION, FIRST, number="0000 0000 0000 0000")
    key = waiting_key(ELECTION, FIRST, number=number.lower())
    officer_acts.confirm(act, ActingOfficer(OTHER_ADMIN, ELECTION, AS_OF), key=key)
    with open_reader(database()) as store:
        assert store.statements.authority(ELECTION).of(FIRST).keys == (key,)


@pytest.mark.usefixtures("app")
def test_only_the_first_two_of_a_real_election_enrol_without_others() -> None:
    with open_store(database()) as store:
        authority = store.statements.authority(ELECTION)
    real = authority.revised(rehearsal=False)
    assert not any(real.enrols_itself(code) for code in real.enrolled)  # they have keys
    bare = real.revised(enrolled={code: one.revised(keys=()) for code, one in real.enrolled.items()}, first_keys=0)
    assert [code for code in sorted(bare.enrolled) if bare.enrols_itself(code)] == [ADMIN, OTHER_ADMIN, THIRD_ADMIN]
    assert not any(bare.revised(first_keys=2).enrols_itself(code) for code in bare.enrolled)


@pytest.mark.parametrize(
    "changed",
    [
        {"flags": PRESENT},
        {"origin": "http://localhost:9"},
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"credential": b"another"},
    ],
    ids=["user not verified", "other port", "other origin", "other relying party", "other key"],
)
def test_a_device_that_says_otherwise_signs_nobody_in(enter: Enter, changed: dict[str, Any]) -> None:
    window = enter(SECOND)
    for name, value in changed.items():
        setattr(window.device, name, value)
    assert window.sign_in().status_code == 403


def test_a_gesture_for_signing_in_signs_no_decision_and_the_reverse(enter: Enter) -> None:
    window = enter(SECOND)
    case = str(due(Status.IN_REVIEW)[0])
    window.post("/pile", {"cases": [case], "outcome": "approve", "facts": "Seen."})
    wanted = window.post("/sign/draft", {"what": "decide"}).json()["sign"]
    entering = window.post("/signin/challenge").json()
    swapped = window.device.sign(entering["options"])
    assert window.post("/sign", {"draft": wanted["draft"], "answer": swapped}).status_code == 403
    wanted = window.post("/sign/draft", {"what": "decide"}).json()["sign"]
    assert window.post("/signin", {"answer": window.device.sign(wanted["options"])}).status_code == 403
    with open_reader(database()) as store:
        assert store.applications.get(UUID(case)).status is Status.IN_REVIEW


def test_too_many_tries_from_one_address_wait_and_others_do_not(app: Any, visitor: Callable[[], Visitor]) -> None:
    one = visitor()
    answers = [one.post("/signin/challenge").status_code for _ in range(31)]
    assert (answers[29], answers[30]) == (200, 429)
    assert app.state.desk.signing_in.allows("10.0.0.9")


@pytest.mark.parametrize(
    "where", ["//evil.example", "/\\evil.example", "/\t/evil.example", "\n//evil.example", "https://evil.example", "x"]
)
def test_no_answer_leads_to_another_site_however_it_is_written(visitor: Callable[[], Visitor], where: str) -> None:
    assert visitor().post("/language", {"back": where}).json() == {"go": "/"}
    inside = "/case/ABCD-EFGH-IJKL?lane=decide&page=2"
    assert visitor().post("/language", {"back": inside}).json() == {"go": inside}


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_nobody_on_the_desks_machine_keeps_the_officers_out_who_share_its_address(app: Any, address: str) -> None:
    origin = app.state.desk.address.origin
    one = Visitor(TestClient(app, base_url=origin, client=(address, 1)), origin)
    assert {one.post("/signin/challenge").status_code for _ in range(40)} == {200}


@pytest.mark.parametrize(
    ("direct", "named", "counted"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),  # a proxy that adds a header of its own
        ("127.0.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["2001:db8:1:2:ffff::9"], "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", [], "::ffff:203.0.113.7"),
        ("127.0.0.1", ["unknown"], "unknown"),
    ],
)
def test_nobody_chooses_the_address_that_tries_are_counted_by(
    app: Any, direct: str, named: list[str], counted: str
) -> None:
    app.state.desk.address = Address("https://desk.example", "desk.example", "127.0.0.1", 4201)
    headers = [(b"x-forwarded-for", value.encode()) for value in named]
    scope = {"type": "http", "app": app, "client": (direct, 1), "headers": headers}
    assert address_of(Request(scope)) == counted


def test_uploads_of_one_officer_take_no_room_from_another_and_nothing_that_is_being_taken_in(app: Any) -> None:
    uploads = app.state.desk.uploads
    others, taking = uploads.place("a.csv", FIRST, ""), uploads.place("b.csv", SECOND, "")
    taking.state = "taking"
    for _ in range(120):
        uploads.place("c.csv", SECOND, "")
    assert (uploads.find(others.id, FIRST), uploads.find(taking.id, SECOND)) == (others, taking)
    assert len(uploads.of(SECOND)) == MOST + 1


def test_challenges_of_many_who_ask_take_none_away() -> None:
    challenges = Challenges()
    first = challenges.new("sign in")
    for _ in range(10_000):
        challenges.new("sign in")
    assert challenges.take(first) is not None


def test_no_other_program_of_this_machine_shows_a_desk_at_an_address_that_browsers_try_for_its_name() -> None:
    address = Address.of(Settings(desk_port=free_port()))
    with ExitStack() as ours:
        bound = [ours.enter_context(own) for own in listening(address)]
        assert {own.getsockname()[0] for own in bound} == {"127.0.0.1", "::1"}
        for own in bound:
            own.listen()
            with socket.socket(own.family) as theirs, pytest.raises(OSError, match="in use"):
                theirs.bind(own.getsockname()[:2])
    with socket.socket(socket.AF_INET6) as theirs:
        theirs.bind(("::1", address.port))
        theirs.listen()
        with pytest.raises(BadInputError, match="cannot be used"):
            require_free(address)


def test_every_answer_forbids_what_a_page_does_not_need(enter: Enter) -> None:
    window = enter(SECOND)
    for path in ("/queue", "/signin", "/nowhere", "/static/desk.js", "/case/AAAA-AAAA-AAAA"):
        headers = window.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers
    for path in ("/queue", "/signin"):
        page = window.client.get(path, follow_redirects=True).text
        assert not re.search(r"<script(?! src=\"/static/)|style=|\son[a-z]+=|https?://(?!localhost)", page)


NAMES = st.sampled_from(
    ["answer", "response", "id", "clientDataJSON", "authenticatorData", "signature", "draft", "what", "cases",
     "outcome", "token", "case", "text", "reasons", "until"]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.sampled_from(["note", "decide", "e30"])
JUNK = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)
FORMS = ("/signin", "/enrol", "/enrol/options", "/enrol/first", "/sign", "/sign/draft", "/pile", "/pile/remove")


def test_whatever_is_sent_the_desk_says_what_is_wrong(app: Any, enter: Enter) -> None:
    window = enter(SECOND)
    app.state.desk.enrolling.most = 10_000

    @settings(max_examples=80)
    @given(body=JUNK)
    def sent(body: Any) -> None:
        for path in FORMS:
            answer = window.client.post(path, content=json.dumps(body), headers={"content-type": "application/json"})
            assert answer.status_code in {200, 403, 404, 409, 422}, (path, body, answer.text)

    sent()


@pytest.mark.parametrize(
    ("settled", "origin", "bind"),
    [
        ({"desk_port": 4201}, "http://localhost:4201", "127.0.0.1"),
        ({"desk_url": "https://Desk.commission.example/"}, "https://desk.commission.example", "127.0.0.1"),
        (
            {"desk_url": "https://desk.example:8443", "desk_certificate": "a.pem", "desk_certificate_key": "a.key"},
            "https://desk.example:8443",
            "0.0.0.0",  # noqa: S104 -- it has a certificate
        ),
    ],
)
def test_the_desk_listens_on_a_network_only_with_a_certificate(settled: dict[str, Any], origin: str, bind: str) -> None:
    address = Address.of(Settings(**settled))
    assert (address.origin, address.bind) == (origin, bind)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:4201",
        "http://desk.example",
        "https://10.0.0.1",
        "https://[::1]",
        "desk.example",
        "https://desk.example/desk",
    ],
)
def test_an_address_without_tls_or_without_a_name_is_refused_before_a_letter_carries_it(url: str) -> None:
    with pytest.raises(BadInputError, match="ACCREDIT_DESK_URL"):
        Settings(desk_url=url)


def test_what_a_proposal_rests_on_is_shown_to_the_second_officer(enter: Enter) -> None:
    known = due(Status.IN_REVIEW)[0]
    order = Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R04,), facts="The register of Aul names her.")
    decide_together([Order(ids=(known,), ruling=order)], ActingOfficer(FIRST, ELECTION, AS_OF))
    window = enter("OFF-DEMO-3")
    assert number_of(known) in window.client.get("/queue").text
    page = window.client.get(f"/case/{number_of(known)}").text
    assert "The register of Aul names her." in page
    assert 'data-key="c"' in page
    assert 'data-key="a"' not in page


def test_cases_are_found_by_what_is_known_of_somebody_and_only_those_that_the_officer_may_open(enter: Enter) -> None:
    known, window = due(Status.IN_REVIEW)[0], enter(FIRST)
    with open_reader(database()) as store:
        person = store.people.current([known])[known]
    typed = (number_of(known).replace("-", "").lower(), person.email, f"{person.given_names} {person.surname}")
    for words in typed:
        to = window.post("/find", {"case": words}).json()["go"]
        assert number_of(known) in (to if to.startswith("/case/") else window.client.get(to).text), words
    assert openings().count((FIRST, f"found:{known}")) == len(typed)
    assert person.surname not in window.client.get("/found").text
    assert window.post("/find", {"case": "nobody@mission.example"}).json() == {"go": "/queue"}
    officer_acts.recuse(
        officer_acts.Act(act=StaffAct.RECUSE, officer=FIRST, detail=number_of(known)),
        ActingOfficer(FIRST, ELECTION, AS_OF),
    )
    assert number_of(known) not in window.client.get("/found").text
    before = openings()
    assert window.post("/find", {"case": number_of(known)}).json() == {"go": "/queue"}
    assert openings() == before


def test_what_officers_may_and_serve_is_said_in_the_language_of_the_page(enter: Enter) -> None:
    window = enter(ADMIN)
    with open_reader(database()) as store:
        profile = store.elections.profile(ELECTION)
    rewritten(profile=profile.revised(languages=("en", "ar")))
    window.client.cookies.set("accredit_desk_language", "ar")
    page = window.client.get("/officers").text
    assert 'dir="rtl"' in page
    assert re.findall("administrator|case officer|every case", page) == []


def test_the_proxy_that_is_shipped_says_who_asks_and_so_does_the_one_that_is_described() -> None:
    shipped, described = ((ROOT / name).read_text("utf-8") for name in ("deploy/nginx.conf", "docs/desk.md"))
    places = [text for text in re.findall(r"location / \{.*?\}", shipped + described, re.DOTALL) if ":4201" in text]
    assert len(places) == 2
    for said in ("proxy_set_header Host $http_host;", "proxy_set_header X-Forwarded-For $remote_addr;"):
        assert all(said in text for text in places)
