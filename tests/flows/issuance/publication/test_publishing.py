"""What is published: lists and register that say what the ledger says, the same again at the same moment."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from conftest import Need
from PIL import Image
from support.axe import violations
from support.builders import ELECTION, WEIGHED
from support.stages import AS_OF, Stages, due
from typer.testing import CliRunner

from db.store import open_reader, open_store
from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.credentials import base45
from domain.credentials.states import Cause
from domain.credentials.status_list import open_status_list
from domain.credentials.trust_list import KeyState, TrustedKey, open_trust_list
from domain.credentials.verdict import judge
from domain.decisions.rulings import Outcome, Ruling
from domain.election.profile import PublicField
from domain.errors import BadInputError
from flows.cli.app import app
from flows.context import database
from flows.decisions.case_file import case_file
from flows.decisions.rulings import decide_applications
from flows.election.loading import init_election
from flows.issuance.life import reissue
from flows.issuance.publication.files import Published, publish
from flows.issuance.publication.verification import tokens_of, verify_token
from flows.issuance.signing import keys
from flows.rehearsal import write_package
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer
from flows.storage.files import file_store
from notifications.badge.reader import read_codes, read_token

FIRST = "OFF-DEMO-1"


@pytest.fixture(autouse=True)
def issued(stages: Stages) -> Iterator[Stages]:
    with stages.copy("issued"):
        yield stages


def holders() -> list[Application]:
    return [case_file(one).application for one in due(Status.CREDENTIALED)]


def badge(serial: str | None) -> bytes:
    with open_reader(database()) as store:
        return file_store().get(str(store.credentials.badge_of(str(serial))))


def token(serial: str | None) -> str:
    return str(read_token(badge(serial)))


def one_of_each() -> dict[str, str]:
    """Return the serial of a credential that is good, one replaced, and one set aside."""
    good, lost, doubtful = holders()[:3]
    reissue([lost.id], Cause.LOSS, ActingOfficer(FIRST, ELECTION, AS_OF))  # fmt: skip
    facts = f"A report. {WEIGHED}"
    ruling = Ruling(outcome=Outcome.SUSPEND, reasons=(ReasonCode.V02,), until=AS_OF + timedelta(days=2), facts=facts)
    decide_applications([doubtful.id], ruling, ActingOfficer(FIRST, ELECTION, AS_OF))  # fmt: skip
    return {"VALID": str(good.serial), "LOST": str(lost.serial), "SUSPENDED": str(doubtful.serial)}


def test_a_badge_of_one_election_is_none_of_another_though_one_key_signs_for_both(tmp_path: Path) -> None:
    serial = one_of_each()["VALID"]
    package = tmp_path / "package"
    write_package(package, applications=2, seed=9, processes=1)
    rules = package / "election.yaml"
    theirs = rules.read_text("utf-8").replace(ELECTION, "VALDARA-R3")
    rules.write_text(theirs, "utf-8")
    with pytest.raises(BadInputError, match=f"serial_prefix: the serials of {ELECTION} begin with VD too"):
        init_election(package, now=AS_OF)
    rules.write_text(theirs.replace("serial_prefix: VD", "serial_prefix: VR"), "utf-8")
    init_election(package, now=AS_OF)
    assert verify_token(token(serial), ELECTION, now=AS_OF).code == "VALID"
    assert verify_token(token(serial), "VALDARA-R3", now=AS_OF).code == "OTHER_ELECTION"
    with open_reader(database()) as store:  # where the rules of one election are given other letters, both are its own
        assert store.credentials.beginnings(ELECTION, "VX") == {"VD", "VX"}


def published(folder: Path, **later: float) -> Published:
    return publish(folder, ELECTION, now=AS_OF + timedelta(**later))


def roots() -> tuple[TrustedKey, ...]:
    return keys.load_ring(settings().keys_folder).roots()


def test_the_published_lists_judge_as_the_ledger_says_and_publishing_again_changes_nothing(tmp_path: Path) -> None:
    serials = one_of_each()
    first = published(tmp_path / "public")
    assert set(first.changed) == {*first.files, "SHA256SUMS"}
    trust = open_trust_list((tmp_path / "public" / "trust.cose").read_bytes(), roots())
    status = open_status_list((tmp_path / "public" / "status.cose").read_bytes(), trust.status_keys(now=AS_OF))
    for code, serial in serials.items():
        assert judge(token(serial), now=AS_OF, trust=trust, status=status).code == code
    on_paper = dict.fromkeys(read_codes((tmp_path / "public" / "lists.pdf").read_bytes()))
    assert [
        base45.decode(code.removeprefix(prefix)) for code, prefix in zip(on_paper, ("OACT:", "OACS:"), strict=True)
    ] == [(tmp_path / "public" / name).read_bytes() for name in ("trust.cose", "status.cose")]
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "public").iterdir()}
    assert published(tmp_path / "public").changed == ()
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "public").iterdir()} == before
    assert "status.cose" in published(tmp_path / "public", hours=1).changed
    with pytest.raises(BadInputError, match="later than this moment"):
        published(tmp_path / "public", minutes=30)


def test_without_the_root_key_publishing_uses_the_list_that_it_signed_elsewhere(tmp_path: Path) -> None:
    folder, stick, public = settings().keys_folder, tmp_path / "stick", tmp_path / "public"
    root = keys.load_ring(folder).active("root", now=AS_OF)
    stick.mkdir(mode=0o700)
    keys.key_path(folder, root.key_id).rename(keys.key_path(stick, root.key_id))
    shutil.copy2(folder / keys.RING, stick)
    with pytest.raises(BadInputError, match="root key"):
        published(public)
    line = ["keys", "export-trust", str(public), "--folder", str(stick), "--as-of", f"{AS_OF:%Y-%m-%d}"]
    assert CliRunner().invoke(app, [*line, "--days", "20", "--renew-days", "5"]).exit_code == 0
    signed, midnight = (public / "trust.cose").read_bytes(), timedelta(hours=AS_OF.hour, minutes=AS_OF.minute)
    assert published(public).fresh_until == AS_OF + timedelta(days=1)
    assert published(public, days=4.5).fresh_until == AS_OF - midnight + timedelta(days=5)
    assert (public / "trust.cose").read_bytes() == signed
    for why, later in (("its end", 20), ("its keys", 6)):
        if why == "its keys":
            keys.retire(folder, root.key_id, state=KeyState.RETIRED, now=AS_OF + timedelta(days=30))
        with pytest.raises(BadInputError, match="root key"):
            published(public, days=later)


def test_the_register_names_every_serial_and_nobody(tmp_path: Path) -> None:
    serials = one_of_each()
    published(tmp_path)
    register = json.loads((tmp_path / "register.json").read_text())
    page = (tmp_path / "register.html").read_text()
    by_serial = {line["serial"]: line for line in register["credentials"]}
    with open_reader(database()) as store:
        ledger = store.credentials.ledger(ELECTION)
        people = store.people.current([line.application_id for line in ledger.lines])
    assert set(by_serial) == {line.serial for line in ledger.lines}
    for code, serial in serials.items():
        assert (by_serial[serial]["code"], by_serial[serial]["valid"]) == (code, code == "VALID")
        assert f'<tr role=row id="{serial}">' in page
    for person in people.values():
        assert person.name not in page
        assert person.document_number not in page + json.dumps(register, ensure_ascii=False)


def test_the_register_has_a_page_in_each_language_of_the_profile_with_links_between(tmp_path: Path) -> None:
    with open_store(database()) as store:
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        store.elections.put(profile.revised(languages=("en", "ar", "ru", "zh", "xx")), land, now=AS_OF)
    files = published(tmp_path).files
    pages = {
        name: (tmp_path / name).read_text()
        for name in files
        if name.startswith("register") and name.endswith(".html") and "/" not in name
    }
    assert set(pages) == {"register.html", "register-ar.html", "register-ru.html", "register-zh.html"}
    assert 'dir="rtl"' in pages["register-ar.html"]
    assert "有效" in pages["register-zh.html"]
    for name, page in pages.items():
        assert all(f'href="{other}"' in page for other in pages if other != name)


def test_names_are_published_only_where_the_profile_says_so(tmp_path: Path) -> None:
    with open_store(database()) as store:
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        publication = profile.publication.revised(names=True, ground="Observers Act of Valdara, art. 20")
        store.elections.put(profile.revised(publication=publication), land, now=AS_OF)
    published(tmp_path)
    one = holders()[0]
    with open_reader(database()) as store:
        name = store.people.current([one.id])[one.id].name
    lines = {line["serial"]: line for line in json.loads((tmp_path / "register.json").read_text())["credentials"]}
    assert lines[one.serial]["name"] == name


def picture_of(content: bytes) -> Image.Image:
    """Return the first page of a PDF as it looks on a desk."""
    page: Any = pypdfium2.PdfDocument(content)[0]
    picture: Image.Image = page.render(scale=2.5).to_pil()
    return picture


def test_a_whole_folder_is_judged_line_by_line(tmp_path: Path) -> None:
    for code, serial in one_of_each().items():
        (tmp_path / f"{code}.pdf").write_bytes(badge(serial))
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "typed.txt").write_text(token(holders()[0].serial) + "\n")
    (tmp_path / "below" / "holiday.jpg").write_bytes(b"\xff\xd8\xffnothing")
    answer = CliRunner().invoke(app, ["verify", str(tmp_path), "--jsonl", "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"])
    found = {line["file"]: line["code"] for line in map(json.loads, answer.stdout.splitlines())}
    assert answer.exit_code == 1
    assert found == {
        "VALID.pdf": "VALID", "LOST.pdf": "LOST", "SUSPENDED.pdf": "SUSPENDED",
        "below/typed.txt": "VALID", "below/holiday.jpg": "NO_CODE",
    }  # fmt: skip


def test_every_badge_in_one_picture_is_judged_not_only_the_first(tmp_path: Path) -> None:
    serials = one_of_each()
    pages = [picture_of(badge(serials[code])) for code in ("VALID", "LOST")]
    both = Image.new("L", (pages[0].width * 2, pages[0].height))
    for place, page in enumerate(pages):
        both.paste(page, (place * page.width, 0))
    both.save(tmp_path / "desk.png")
    when = f"{AS_OF:%Y-%m-%dT%H:%M}"
    answer = CliRunner().invoke(app, ["verify", str(tmp_path / "desk.png"), "--json", "--as-of", when])
    assert answer.exit_code == 1
    assert {load["code"] for load in json.loads(answer.stdout)} == {"VALID", "LOST"}


def test_a_published_page_shows_what_the_ledger_says_of_real_badges(tmp_path: Path, need: Need) -> None:
    need(shutil.which("chromium"), "Chromium", "Install it (apt-get install chromium).")
    sync_api: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    serials = one_of_each()
    published(tmp_path)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(locale="en-GB").new_page()
        requests: list[str] = []

        def noted(request: Any) -> None:
            requests.append(request.url)

        page.on("request", noted)
        page.clock.set_fixed_time(AS_OF + timedelta(hours=2))
        page.goto((tmp_path / "checker.html").as_uri())
        for code, serial in serials.items():
            # As a USB scanner does, which types wherever the focus is: after a verdict it is there.
            page.keyboard.type("OAC1:")
            page.keyboard.insert_text(token(serial).removeprefix("OAC1:"))
            page.keyboard.press("Enter")
            page.wait_for_function("s => document.querySelector('#facts').textContent.includes(s)", arg=serial)
            assert page.text_content("#word") == {"LOST": "REPLACED: REPORTED LOST"}.get(code, code)
        page.goto((tmp_path / "register.html").as_uri() + f"#{serials['LOST']}")
        assert "REPLACED: REPORTED LOST" in page.text_content(f"tr#{serials['LOST']}:target")
        need(find_spec("axe_playwright_python"), "axe-core", "Install the development requirements.")
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert violations(page) == []
        browser.close()
    assert all(url.startswith("file://") for url in requests)


def test_a_folder_with_nothing_to_check_is_said_and_ends_with_one(tmp_path: Path) -> None:
    (tmp_path / "notes.odt").write_bytes(b"nothing")
    answer = CliRunner().invoke(app, ["verify", str(tmp_path)])
    assert answer.exit_code == 1
    assert "nothing was checked" in answer.output


def test_a_token_is_judged_as_people_type_it_and_a_serial_is_not_judged(tmp_path: Path) -> None:
    good = holders()[0]
    when = ["--json", "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"]
    typed = tmp_path / "typed.txt"
    typed.write_text(f"  {token(good.serial).lower()}\n")
    for text in (f" {token(good.serial)}", token(good.serial).lower(), str(typed)):
        answer = CliRunner().invoke(app, ["verify", text, *when])
        assert (answer.exit_code, json.loads(answer.stdout)["code"]) == (0, "VALID")
    for text in (str(good.serial), str(good.serial).lower()):
        with pytest.raises(BadInputError, match="is a serial number, which cannot be checked"):
            tokens_of(text)
    for text, kind in (("shc:/567629595326546034602925", "SMART Health Card"), ("v4.public.eyJhIjoxfQ", "PASETO")):
        with pytest.raises(BadInputError, match=kind):
            tokens_of(text)


@pytest.mark.parametrize(
    ("days", "phase", "said"),
    [(400, "early", "still to come"), (0, "fresh", "Stations show green"), (-3, "aged", "amber today"),
     (-30, "ended", "ended on")],
)  # fmt: skip
def test_publishing_says_what_a_checker_opened_today_makes_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, phase: str, said: str
) -> None:
    monkeypatch.setattr(
        "flows.cli.issuance.verification.right_now", lambda: AS_OF - timedelta(days=days) + timedelta(minutes=1)
    )
    line = ["publish", str(tmp_path), "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"]
    told = CliRunner().invoke(app, line)
    assert said in " ".join(told.stdout.split())
    assert ("STATUS UNKNOWN" in told.stdout) == (phase in {"early", "ended"})
    assert json.loads(CliRunner().invoke(app, [*line, "--json"]).stdout)["checker_today"] == phase


def test_the_register_holds_what_the_profile_publishes_and_an_internal_one_only_figures(tmp_path: Path) -> None:
    figures = (PublicField.TOTALS, PublicField.TOTALS_BY_NATIONALITY, PublicField.DECISION_DATE)
    seen: list[dict[str, Any]] = []
    for register_is in ("public", "internal"):
        with open_store(database()) as store:
            profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
            publication = profile.publication.revised(fields=figures, register_is=register_is)
            store.elections.put(profile.revised(publication=publication), land, now=AS_OF)
        published(tmp_path / register_is)
        seen.append(json.loads((tmp_path / register_is / "register.json").read_text()))
    shown, internal = seen
    valid = sum(line["valid"] for line in shown["credentials"])
    assert shown["totals"]["all"] == valid > 0
    assert all("decided_on" in line and "organisation" not in line for line in shown["credentials"])
    assert all(count >= 5 for count in shown["totals"]["by_nationality"].values())
    assert (internal["credentials"], internal["totals"]) == ([], shown["totals"])
