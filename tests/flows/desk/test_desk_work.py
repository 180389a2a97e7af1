"""What officers do at the desk besides looking: the queue by page, uploads, organisations, letters, pictures."""

from __future__ import annotations

import io
import re
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pypdfium2
import pytest
import yaml
from PIL import Image
from starlette.testclient import TestClient
from support.builders import ELECTION
from support.signing import by_two
from support.stages import AS_OF, Stages, due
from support.visitor import Visitor

from db.decisions.waiting_cases import DECIDE, LANES, Scope, Wanted
from db.journal import Book
from db.store import open_reader, open_store
from db.tables.application import PersonRow
from db.tables.oversight import JournalRow
from domain.application.status import Status
from domain.decisions.competence import Priority
from domain.errors import BadInputError
from domain.organisations.organisation import OrganisationStatus
from domain.statements.officer_acts import StaffAct
from flows.context import database
from flows.decisions.casework import claim_at_desk
from flows.desk import pictures
from flows.desk.address import Address
from flows.desk.application import create_app
from flows.desk.enrolling import links_by_command
from flows.desk.pictures import picture
from flows.desk.uploads import Uploads, safe_name
from flows.election.policies import load_policies
from flows.settings import change_settings, settings
from flows.statements.acceptance import ActingOfficer
from flows.storage.files import file_store
from flows.vetting.case_queue import QueueFilter, queue_table

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")
OFFICER = "OFF-DEMO-2"


@pytest.fixture
def vetted(stages: Stages) -> Iterator[Stages]:
    with stages.copy("vetted"):
        yield stages


@pytest.mark.usefixtures("vetted")
def test_the_queue_by_page_is_the_whole_queue_in_the_same_order_and_so_are_its_filters() -> None:
    claim_at_desk(due(Status.IN_REVIEW)[:2], "OFF-DEMO-1", election=ELECTION, now=AS_OF)
    rows = queue_table(ELECTION, now=AS_OF)
    some = next(row for row in rows if row["region"])
    with open_reader(database()) as store:
        regions = tuple(region.code for region in store.elections.geography(ELECTION).regions)
        wanted = Wanted(officer=OFFICER, now=AS_OF, known_regions=regions)

        def found(**narrower: Any) -> list[str]:
            query = wanted.revised(**narrower)
            pages = [store.waiting.page(ELECTION, query, offset=start, limit=3) for start in range(0, 60, 3)]
            ids = [str(known) for page in pages for known in page]
            assert store.waiting.count(ELECTION, query) == len(ids)
            return ids

        every = [str(row["application"]) for row in rows]
        assert found() == every
        assert found(lane="confirm") == found(lane="own") == found(lane="appeals") == []
        assert found(regions=(some["region"],)) == _ids(QueueFilter(region=str(some["region"])))
        assert found(organisation=some["organisation"]) == _ids(QueueFilter(organisation=str(some["organisation"])))
        assert found(free=True) == _ids(QueueFilter(free=True))
        assert found(mine=True) == []
        alike = [str(row["application"]) for row in rows if "same_document" in str(row["findings"])]
        assert found(rule="same_document") == _ids(QueueFilter(finding="same_document")) == alike
        late = {"due_before": AS_OF + timedelta(hours=24)}
        assert found(**late) == [*_ids(QueueFilter(priority=Priority.LATE)), *_ids(QueueFilter(priority=Priority.SOON))]
        scope = Scope(regions=(some["region"],), organisations=(rows[0]["organisation"],))
        assert found(scope=scope) == [
            str(row["application"])
            for row in rows
            if row["region"] == some["region"] or row["organisation"] == rows[0]["organisation"]
        ]
        known = [row for row in due(Status.IN_REVIEW) if str(row) in every]
        assert found(recused_cases=tuple(known[:1])) == [one for one in every if one != str(known[0])]
        walked, at = [every[0]], store.waiting.after(ELECTION, wanted, known=_first(every, known))
        while at:
            walked.append(str(at))
            at = store.waiting.after(ELECTION, wanted, at)
        assert walked == every
    assert DECIDE in LANES


def _ids(wanted: QueueFilter) -> list[str]:
    return [str(row["application"]) for row in queue_table(ELECTION, now=AS_OF, wanted=wanted)]


def _first(every: list[str], known: list[Any]) -> Any:
    return next(one for one in known if str(one) == every[0])


@pytest.fixture
def window(sqlite_stages: Stages) -> Iterator[Visitor]:
    with sqlite_stages.copy("vetted"):
        app = create_app(Address.of(change_settings({"as_of": AS_OF.isoformat()})))
        origin = app.state.desk.address.origin
        found = Visitor(TestClient(app, base_url=origin, follow_redirects=False), origin)
        ((_, link),) = links_by_command(app.state.desk.address, ELECTION, [OFFICER])
        found.enrol(link)
        found.sign_in()
        yield found


def upload(window: Visitor, name: str, content: bytes, organisation: str = "") -> Any:
    headers = {"content-type": "application/octet-stream", "x-file-name": name, "x-organisation": organisation}
    return window.client.put("/upload", content=content, headers=headers)


def waited(window: Visitor, where: str) -> str:
    until = time.monotonic() + 60
    while "data-again" in (page := window.client.get(where).text):
        assert time.monotonic() < until
        time.sleep(0.1)
    return page


ROW = "reference,role,surname,given_names,birth_date,nationality\nN-1,expert,Serrano,Ida,1980-02-03,XAR\nN-2,,,,,\n"


def test_an_uploaded_file_is_tried_out_and_nothing_is_recorded_before_it_is_taken_in(window: Visitor) -> None:
    with open_reader(database()) as store:
        before = len(store.applications.all_in(ELECTION))
    where = upload(window, "../../nominations.csv", ROW.encode(), "ORG-01").json()["go"]
    page = waited(window, where)
    assert "nominations.csv" in page
    assert "returned" in page
    with open_reader(database()) as store:
        assert len(store.applications.all_in(ELECTION)) == before
    assert window.post(f"{where}/take").status_code == 200
    assert "Taken in" in waited(window, where)
    with open_reader(database()) as store:
        assert len(store.applications.all_in(ELECTION)) == before + 1
        entries = store.session.query(JournalRow).filter_by(book=Book.DESK.value).all()
    assert [(entry.by, entry.subject.split(":")[0]) for entry in entries] == [(OFFICER, "upload")]
    assert window.post(f"{where}/take").status_code == 409


def test_what_is_no_nominations_file_is_refused_in_words(window: Visitor) -> None:
    assert "no nominations file" in upload(window, "run.sh", b"echo").json()["problem"]
    assert upload(window, "a.csv", b"", "ORG-NOWHERE").status_code == 404
    page = waited(window, upload(window, "broken.xlsx", b"PK\x03\x04 nothing").json()["go"])
    assert "cannot be read" in page
    assert window.client.get("/upload/of-somebody-else").status_code == 404


def killed(*_: object, **__: object) -> NoReturn:
    sys.exit()


def test_an_upload_outlives_the_desk_and_is_taken_in_by_the_next_where_it_was_being_taken_in(
    window: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut_off:
        cut_off.setattr("flows.desk.uploads.take_in_file", killed)  # the desk ends there
        for name in ("tried.csv", "taking.csv"):
            where = upload(window, name, ROW.encode(), "ORG-01").json()["go"]
            waited(window, where)
        window.post(f"{where}/take", {})
    with open_reader(database()) as store:
        before = len(store.applications.all_in(ELECTION))
    resumed = Uploads.resumed()
    resumed.finish()
    assert {found.name: found.state for found in resumed.of(OFFICER)} == {"tried.csv": "tried", "taking.csv": "taken"}
    with open_reader(database()) as store:
        assert len(store.applications.all_in(ELECTION)) == before + 1


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\files\\a.csv", "a.csv"), ("..", "nominations"), ("a\x00/b\n.csv", "b_.csv")],
)
def test_an_uploaded_name_is_never_a_path(name: str, kept: str) -> None:
    assert safe_name(name) == kept


def test_an_organisation_is_admitted_by_a_signature_and_refused_by_two(window: Visitor) -> None:
    with open_store(database()) as store:
        waiting = [
            organisation
            for organisation in store.organisations.all_in(ELECTION).values()
            if organisation.standing is OrganisationStatus.INVITED
        ]
    code = waiting[0].code
    act = {"what": "organisation", "organisation": code, "act": "propose_refusal", "reasons": ["R03"], "facts": "None."}
    assert window.sign(act | {"back": f"/organisations/{code}"}).json() == {"go": f"/organisations/{code}"}
    told = window.sign({"what": "organisation", "organisation": code, "act": "refuse"})
    assert (told.status_code, "different officer" in told.json()["problem"]) == (409, True)
    page = window.client.get(f"/organisations/{code}").text
    assert "None." in page
    assert 'data-dialog="d-refuse"' not in page


def test_held_letters_leave_by_their_exact_number_only(window: Visitor) -> None:
    with open_store(database()) as store:
        profile = store.elections.profile(ELECTION)
        few = profile.revised(mass_mail_threshold=1)
        store.elections.put(few, store.elections.geography(ELECTION), now=AS_OF)
        store.session.execute(_hold())
        count = sum(states.get("held", 0) for states in store.counts.letters(ELECTION).values())
    assert f"Held: {count}" in window.client.get("/letters").text
    assert "letters are held now" in window.sign({"what": "letters", "count": count - 1}).json()["problem"]
    assert window.sign({"what": "letters", "count": count, "back": "/letters"}).json() == {"go": "/letters"}
    assert "Held: 0" in window.client.get("/letters").text


def test_surge_staff_find_nothing_on_the_pages_that_decides_and_what_they_send_anyway_is_refused(
    window: Visitor,
) -> None:
    by_two(StaffAct.SHIFT, "POOL-01", f"OF-01 {AS_OF:%Y-%m-%d} {AS_OF:%Y-%m-%d}")
    with open_store(database()) as store:
        store.session.execute(_hold())
        every = store.organisations.all_in(ELECTION).values()
        invited = next(one.code for one in every if one.standing is OrganisationStatus.INVITED)
    surge = Visitor(TestClient(window.client.app, base_url=window.origin, follow_redirects=False), window.origin)
    ((_, link),) = links_by_command(Address.of(settings()), ELECTION, ["POOL-01"])
    surge.enrol(link)
    surge.sign_in()
    decides = {
        "/queue?lane=decide": 'data-post="/pile"',
        "/letters": 'name="count"',
        f"/organisations/{invited}": 'data-dialog="d-admit"',
    }
    assert [mark in window.client.get(page).text for page, mark in decides.items()] == [True] * 3
    shown = {page: surge.client.get(page) for page in decides}
    assert [answer.status_code for answer in shown.values()] == [200] * 3
    assert [page for page, answer in shown.items() if decides[page] in answer.text] == []
    cases = re.findall(r'name="cases" value="([^"]+)"', shown["/queue?lane=decide"].text)
    assert cases != []
    sent = [
        surge.post("/pile", {"cases": cases[:1], "outcome": "approve"}),
        surge.sign({"what": "letters", "count": 1}),
        surge.sign({"what": "organisation", "organisation": invited, "act": "admit", "facts": "Seen."}),
    ]
    assert [answer.status_code for answer in sent] == [409, 403, 403]
    assert surge.post("/queue/claim", {"cases": cases[:1]}).status_code == 200


def _hold() -> Any:
    from sqlalchemy import update

    from db.tables.letters import LetterRow

    return update(LetterRow).where(LetterRow.kind == "receipt").values(state="held")


def test_a_note_is_signed_and_shown_and_its_text_is_in_no_statement(window: Visitor) -> None:
    known = due(Status.IN_REVIEW)[0]
    told = window.sign({"what": "note", "case": str(known), "text": "The register of Aul names her."})
    assert told.status_code == 200
    with open_reader(database()) as store:
        number = store.applications.get(known).case_number
        documents = [entry.document for entry in store.statements.entries(ELECTION)]
    assert "The register of Aul names her." in window.client.get(f"/case/{number}").text
    assert not any("Aul" in document for document in documents)


def banned(organisation: str, folder: Path) -> None:
    """Let two administrators put a policy into force after the checks."""
    ban = {
        "id": "BAN-ONE", "kind": "ban", "authority": "Commission", "ground": "Act, art. 4", "text": "Nobody.",
        "in_force_from": "2027-01-01", "applies_to": "decisions_taken_from",
        "scopes": [{"organisations": [organisation]}],
    }  # fmt: skip
    (folder / "policies.yaml").write_text(yaml.safe_dump([ban]))
    for officer in ("OFF-ADMIN-1", "OFF-ADMIN-2"):
        load_policies(folder / "policies.yaml", ActingOfficer(officer, ELECTION, AS_OF))


def test_what_a_policy_says_since_the_checks_is_seen_before_an_approval_is_signed(
    window: Visitor, tmp_path: Path
) -> None:
    with open_reader(database()) as store:
        case = store.applications.get(due(Status.IN_REVIEW)[0])
    shown_on = f"/case/{case.case_number}"
    approval = {"cases": [str(case.id)], "outcome": "approve", "facts": "The papers were compared."}
    before = approval | {"shown": re.findall(r'name="shown" value="(\w+)"', window.client.get(shown_on).text)[0]}
    assert window.post("/pile", before).status_code == 200
    banned(case.organisation, tmp_path)
    refused = [
        window.post("/sign/draft", {"what": "decide"}),
        window.post("/pile", before),
        window.post("/pile", approval),
    ]
    assert [answer.status_code for answer in refused] == [409, 409, 409]
    assert {case.case_number in answer.json()["problem"] for answer in refused} == {True}
    page = window.client.get(shown_on).text
    assert "BAN-ONE:1" in page
    anew = approval | {"shown": re.findall(r'name="shown" value="(\w+)"', page)[0]}
    assert window.post("/pile", {name: anew[name] for name in anew if name != "facts"}).status_code == 409
    assert window.post("/pile", anew).status_code == 200
    assert window.sign({"what": "decide"}).status_code == 200
    with open_reader(database()) as store:
        assert store.applications.get(case.id).status is Status.APPROVED


def test_documents_are_drawn_anew_and_what_is_no_picture_is_not_shown(window: Visitor) -> None:
    del window
    drawn = io.BytesIO()
    pages = [Image.new("RGB", (300, 200), colour) for colour in ("white", "green")]
    pages[0].save(drawn, "PDF", save_all=True, append_images=pages[1:])
    name = file_store().put(drawn.getvalue())
    first, count = picture(name)
    assert (count, first[:3]) == (2, b"\xff\xd8\xff")
    second, _ = picture(name, 2)
    assert Image.open(io.BytesIO(second)).getpixel((10, 10)) != Image.open(io.BytesIO(first)).getpixel((10, 10))
    empty = io.BytesIO()
    pypdfium2.PdfDocument.new().save(empty)
    hostile = (b"<svg onload=alert(1)>", b"%PDF-1.4 nothing", b"\xff\xd8\xff\xe0 cut", b"", empty.getvalue(), b"GIF89a")
    for content in hostile:
        with pytest.raises(BadInputError, match="cannot be shown"):
            picture(file_store().put(content))
    with pytest.raises(BadInputError, match="cannot be shown"):
        picture(name, 3)


def test_every_page_of_a_document_is_shown_beside_the_form(window: Visitor) -> None:
    drawn = io.BytesIO()
    sheets = [Image.new("RGB", (300, 200), colour) for colour in ("white", "green", "blue")]
    sheets[0].save(drawn, "PDF", save_all=True, append_images=sheets[1:])
    known = due(Status.IN_REVIEW)[0]
    with open_store(database()) as store:
        number = store.applications.get(known).case_number
        row = store.session.query(PersonRow).filter_by(application_id=known).one()
        row.body = {**row.body, "identity_page": file_store().put(drawn.getvalue())}
    page = window.client.get(f"/case/{number}").text
    source = f"/case/{number}/file/identity_page"
    assert [source in page, f"{source}?page=2" in page, f"{source}?page=3" in page] == [True] * 3
    assert f"{source}?page=4" not in page
    assert window.client.get(f"{source}?page=3").headers["x-pages"] == "3"
    assert window.client.get(f"{source}?page=4").status_code == 409
    for content, pages in ((b"%PDF-1.4 nothing", 1), (b"\xff\xd8\xff cut", 1)):
        assert pictures.pages_of(file_store().put(content)) == pages
    assert pictures.pages_of("0" * 64) == 1


def test_what_was_sent_is_parsed_in_another_process_and_what_ends_that_one_ends_nothing_else(
    window: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    del window

    def sent(colour: str) -> str:
        content = io.BytesIO()
        Image.new("RGB", (300, 200), colour).save(content, "PNG")
        return file_store().put(content.getvalue())

    first, second, third = (sent(colour) for colour in ("red", "green", "blue"))
    with monkeypatch.context() as here:
        here.setattr(Image, "open", _parsed_here)
        here.setattr(pypdfium2, "PdfDocument", _parsed_here)
        assert picture(first)[0].startswith(b"\xff\xd8\xff")
        here.setattr(pictures, "PICTURE_MEMORY", 1)
        with pytest.raises(BadInputError, match="cannot be shown"):
            picture(second)
    assert picture(third)[1] == 1


def _parsed_here(*_: object, **__: object) -> None:
    raise AssertionError("a file from outside was parsed in the desk's own process")
