"""Print jobs of offices: everybody once, by region and name, codes readable; and who has the printed copy."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from icalendar import Calendar
from support.builders import ELECTION
from support.signing import signed
from support.stages import AS_OF, Stages, due
from typer.testing import CliRunner

from db.credentials.prints import PrintedCopies
from db.letters.letters import LetterFilter
from db.store import open_reader, open_store
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.credentials.states import Cause, CopyState
from domain.election.profile.publication import CollectionRules
from domain.errors import UnknownThingError
from domain.letters.envelope import LetterKind
from domain.statements.statement import StatementRefusedError
from flows.cli.app import app
from flows.context import database
from flows.decisions.case_file import case_file, find_application
from flows.issuance.life import reissue
from flows.issuance.prints import (
    HandoverRefusedError,
    Printed,
    Settled,
    print_office,
    printed_counts,
    record_printed,
    settle_copy,
)
from flows.issuance.publication.verification import Examiner
from flows.statements.acceptance import ActingOfficer
from flows.storage.files import file_store
from notifications.badge.reader import read_codes
from notifications.badge.sheets import SheetLayout

FIRST = "OFF-DEMO-1"


@pytest.fixture(autouse=True)
def issued(stages: Stages) -> Iterator[Stages]:
    with stages.copy("issued"):
        yield stages


def office() -> str:
    """Return the office with most badges."""
    offices = [case_file(one).application.office for one in due(Status.CREDENTIALED)]
    return max((one for one in offices if one), key=offices.count)


def job(layout: SheetLayout = SheetLayout.A6, *, again: bool = False) -> Printed:
    printed = print_office(ELECTION, office(), layout, now=AS_OF, again=again)
    record_printed(printed, ELECTION, layout, now=AS_OF)
    return printed


def codes_by_page(pdf: bytes) -> list[list[str]]:
    """Return the tokens on each page."""
    document: Any = pypdfium2.PdfDocument(pdf)
    pages: list[list[str]] = []
    for number in range(len(document)):
        picture = BytesIO()
        document[number].render(scale=4).to_pil().save(picture, "PNG")
        pages.append(list(dict.fromkeys(read_codes(picture.getvalue()))))
    return pages


def holder(serial: str) -> Nomination:
    known = find_application(ELECTION, serial)
    with open_reader(database()) as store:
        return store.people.current([known])[known]


ISSUER = ActingOfficer(FIRST, ELECTION, AS_OF)


def settle(serial: str, state: CopyState, document: str = "", *, by: ActingOfficer = ISSUER) -> None:
    settled = Settled(serial=serial, state=state, document_number=document)
    settle_copy(settled, by)


@pytest.mark.parametrize("layout", list(SheetLayout))
def test_a_job_holds_every_badge_of_the_office_once_in_order_and_every_code_is_good(layout: SheetLayout) -> None:
    printed = job(layout)
    pages = codes_by_page(printed.pdf)
    examiner = Examiner(ELECTION, now=AS_OF)
    found = [examiner.token(token) for page in pages for token in page]
    assert {one.code for one in found} == {"VALID"}
    assert sorted(str(one.serial) for one in found) == sorted(printed.serials)
    regions = [case_file(find_application(ELECTION, serial)).application.region for serial in printed.serials]
    parts = len(set(regions))
    assert regions == sorted(regions, key=regions.index)
    for region in set(regions):
        names = [holder(s).name for s, r in zip(printed.serials, regions, strict=True) if r == region]
        assert names == sorted(names)
    most = {SheetLayout.A6: 1, SheetLayout.CARD: 1, SheetLayout.TWO_UP: 2, SheetLayout.FOUR_UP: 4}[layout]
    blank = sum(not page for page in pages)
    assert max(len(page) for page in pages) <= most
    assert blank == (len(printed.serials) if layout is SheetLayout.CARD else parts)


def test_a_second_job_holds_only_what_was_spoiled_lost_or_issued_since() -> None:
    first = job()
    assert job().serials == ()
    spoiled, replaced = first.serials[:2]
    settle(spoiled, CopyState.DAMAGED)
    known = find_application(ELECTION, replaced)
    reissue([known], Cause.DAMAGE, ActingOfficer(FIRST, ELECTION, AS_OF))
    fresh = str(case_file(known).application.serial)
    assert set(job().serials) == {spoiled, fresh}
    (counts,) = [row for row in printed_counts(ELECTION) if row["office"] == office()]
    assert (counts["damaged"], counts["printed"], counts["void"]) == (1, len(first.serials), 1)
    assert len(job(again=True).serials) == len(first.serials)
    with pytest.raises(UnknownThingError, match="no office"):
        print_office(ELECTION, "NOWHERE", SheetLayout.A6, now=AS_OF)


def test_a_badge_is_handed_over_once_and_only_against_the_document_of_the_file() -> None:
    serial = job().serials[0]
    number = holder(serial).document_number
    with pytest.raises(HandoverRefusedError, match="not the one of the file") as refused:
        settle(serial, CopyState.HANDED_OVER, "X0000000")
    assert number not in str(refused.value)
    lost = Settled(serial=serial, state=CopyState.LOST)
    hand = signed(FIRST, lambda by: settle_copy(lost, by))
    with pytest.raises(StatementRefusedError):
        settle(serial, CopyState.HANDED_OVER, number, by=hand)
    settle(serial, CopyState.HANDED_OVER, f" {number.lower()[:3]} {number[3:]}")
    with pytest.raises(HandoverRefusedError, match="handed over"):
        settle(serial, CopyState.HANDED_OVER, number)
    assert case_file(find_application(ELECTION, serial)).application.serial == serial


def test_what_was_not_printed_or_is_no_longer_good_is_not_handed_over() -> None:
    serial = job().serials[0]
    elsewhere = next(
        str(one.serial) for one in (case_file(known).application for known in due(Status.CREDENTIALED))
        if one.office != office()
    )  # fmt: skip
    with pytest.raises(HandoverRefusedError, match="not printed"):
        settle(elsewhere, CopyState.HANDED_OVER, holder(elsewhere).document_number)
    with pytest.raises(UnknownThingError):
        settle(elsewhere, CopyState.LOST)
    known = find_application(ELECTION, serial)
    number = holder(serial).document_number
    reissue([known], Cause.LOSS, ActingOfficer(FIRST, ELECTION, AS_OF))
    with pytest.raises(HandoverRefusedError, match="not in use"):
        settle(serial, CopyState.HANDED_OVER, number)


def test_the_calendar_entry_of_a_collection_says_what_it_is() -> None:
    job()
    with open_reader(database()) as store:
        letter = store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.COLLECTION))[0].envelope
    (event,) = Calendar.from_ical(file_store().get(letter.attachments[0].content).decode()).walk("VEVENT")
    assert str(event["summary"]).startswith(f"Your badge is ready: {letter.contents['case_number']}, ")


def test_the_commands_print_hand_over_and_count(tmp_path: Path) -> None:
    run, at, target = CliRunner(), ["--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"], tmp_path / "job.pdf"
    answer = run.invoke(app, ["print", office(), "--layout", "2up", "--out", str(target), *at])
    assert (answer.exit_code, target.read_bytes()[:5]) == (0, b"%PDF-"), answer.output
    serial = print_office(ELECTION, office(), SheetLayout.A6, now=AS_OF, again=True).serials[0]
    line = ["handover", serial, "--officer", FIRST, "--document", holder(serial).document_number, *at]
    assert run.invoke(app, line).exit_code == 0
    assert '"handed_over": 1' in run.invoke(app, ["stock", "--json"]).stdout
    assert run.invoke(app, ["credential", "ledger", "--json"]).exit_code == 0


def set_collection(collection: CollectionRules) -> None:
    with open_store(database()) as store:
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        rules = profile.credential.revised(collection=collection)
        store.elections.put(profile.revised(credential=rules), land, now=AS_OF)


def test_somebody_else_fetches_a_badge_with_authority_and_document_where_the_profile_allows_it() -> None:
    serial = job().serials[0]
    number = holder(serial).document_number
    facts = {"serial": serial, "state": CopyState.HANDED_OVER, "document_number": number}
    with pytest.raises(ValueError, match="written authority"):
        Settled.model_validate(facts | {"proxy_document": "AB123456"})
    settled = Settled.model_validate(facts | {"proxy_document": "AB123456", "authority": "a" * 64})
    proof = ActingOfficer(FIRST, ELECTION, AS_OF)
    set_collection(CollectionRules(hours="09:00 to 17:00"))
    with pytest.raises(HandoverRefusedError, match="holders only"):
        settle_copy(settled, proof)
    set_collection(CollectionRules(hours="Monday to Saturday, 09:00 to 17:00", proxy=True))
    settle_copy(settled, proof)
    with open_reader(database()) as store:
        copy = PrintedCopies(store.session).latest([serial])[serial]
    assert (copy.state, copy.authority, len(copy.proxy_tag or "")) == (CopyState.HANDED_OVER, "a" * 64, 16)
    again = job(again=True)
    letters = [kind for kind, _, _ in case_file(find_application(ELECTION, again.serials[0])).letters]
    assert letters.count("collection") == 1
