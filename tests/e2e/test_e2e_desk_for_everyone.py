"""The desk for everyone who works at it: no page breaks a rule of accessibility, in any width, in either direction."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any
from uuid import UUID

import pytest
from e2e.office import Office, opened_office
from e2e.officer_browser import OfficerBrowser, officer
from support.axe import violations
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due

from db.store import open_reader, open_store
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import Order, Outcome, Ruling
from flows.context import database
from flows.decisions.rulings import decide_together
from flows.statements.acceptance import ActingOfficer

pytestmark = [pytest.mark.xdist_group("e2e-for-everyone"), pytest.mark.timeout(600)]

FIRST, SECOND, CONFIRMING, ADMINISTRATOR = "OFF-DEMO-1", "OFF-DEMO-2", "OFF-DEMO-3", "OFF-ADMIN-1"
WIDTHS = (1280, 360)
LANGUAGES = ("en", "ar")
Windows = dict[str, OfficerBrowser]
ROWS = "reference,role,surname,given_names\nN-1,expert,Serrano,Ida\nN-2,,,\n"


@pytest.fixture(scope="module")
def office(sqlite_stages: Stages, need: Callable[[object, str, str], None]) -> Iterator[Office]:
    need(find_spec("axe_playwright_python"), "axe-core", "Install the development requirements.")
    with opened_office(sqlite_stages, need) as found:
        with open_store(database()) as store:
            profile, geography = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
            few = profile.revised(languages=LANGUAGES, mass_mail_threshold=1)
            store.elections.put(few, geography, now=AS_OF)
        yield found


@pytest.fixture(scope="module")
def windows(office: Office) -> Windows:
    """Give one window for each officer, and one of nobody."""
    known = {code: office.enrolled(code) for code in (FIRST, SECOND, CONFIRMING, ADMINISTRATOR)}
    return known | {"": officer(office.browser, office.url)}


def numbers(rule: str = "") -> list[str]:
    """Return the numbers of the cases that wait, those with a finding of *rule*."""
    with open_reader(database()) as store:
        ids = due(Status.IN_REVIEW)
        findings = store.people.findings_on(ids)
        chosen = [
            known for known in ids if not rule or any(finding.rule == rule for finding in findings.get(known, []))
        ]
        return [case.case_number for case in store.applications.get_many(chosen).values() if case.proposal is None]


def speak(window: OfficerBrowser, language: str) -> None:
    cookie = {"name": "accredit_desk_language", "value": language, "url": window.url}
    window.context.add_cookies([cookie])


def found_on(window: OfficerBrowser, path: str) -> list[str]:
    """Return what is wrong with a page of the desk on a wide and on a narrow screen; it must fit both."""
    window.go(path)
    found: list[str] = []
    for width in WIDTHS:
        window.page.set_viewport_size({"width": width, "height": 800})
        assert window.page.evaluate("document.documentElement.scrollWidth") <= width, path
        found += [f"{path} at {width}: {sentence}" for sentence in violations(window.page)]
    return found


def opened(window: OfficerBrowser, key: str) -> list[str]:
    """Return what is wrong while the dialog of *key* is open."""
    window.press(key)
    window.page.locator("dialog[open]").wait_for()
    found = [f"dialog {key}: {sentence}" for sentence in violations(window.page)]
    window.press("Escape")
    window.page.locator("dialog[open]").wait_for(state="detached")  # a key counts only after it
    return found


@pytest.mark.parametrize("language", ["en", pytest.param("ar", marks=pytest.mark.full)])
def test_no_page_breaks_a_rule_of_accessibility(windows: Windows, language: str) -> None:
    pair, listed = numbers("same_document")[0], numbers("on_reference_list")[0]
    pages = {
        "": ["/signin", "/enrol"],
        ADMINISTRATOR: ["/officers", f"/case/{pair}"],
        SECOND: [
            "/queue", "/queue?lane=confirm", f"/case/{pair}", f"/case/{listed}", f"/case/{pair}/letter/1",
            "/organisations", "/organisations/ORG-01", "/letters", "/upload", "/pile", "/nowhere",
        ],
    }  # fmt: skip
    found: list[str] = []
    for code, paths in pages.items():
        speak(windows[code], language)
        found += [wrong for path in paths for wrong in found_on(windows[code], path)]
    assert found == []
    officer_window = windows[SECOND]
    direction = "rtl" if language == "ar" else "ltr"
    assert officer_window.page.locator("html").get_attribute("dir") == direction
    assert officer_window.page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_dialog_and_no_step_of_work_breaks_a_rule_of_accessibility(windows: Windows, language: str) -> None:
    window = windows[FIRST]
    speak(window, language)
    case = numbers()[-1]
    window.go(f"/case/{case}")
    found = [wrong for key in ("a", "r", "d", "i", "n", "o", "?") for wrong in opened(window, key)]
    window.press("a")
    window.page.keyboard.type("Compared.")
    window.press("Enter")
    window.page.wait_for_url(lambda url: case not in url)
    found += found_on(window, "/pile")
    window.press("Enter")
    window.page.locator("#sign[open] li").wait_for()
    found += violations(window.page)
    window.sign_now()
    window.page.locator("#h-results").wait_for()
    found += violations(window.page)

    window.go("/upload")
    window.page.set_input_files("#file", {"name": "rows.csv", "mimeType": "text/csv", "buffer": ROWS.encode()})
    window.page.locator("form[data-upload] button").click()
    window.page.locator("table.queue").wait_for()
    assert found + violations(window.page) == []


def test_what_waits_for_a_second_officer_breaks_no_rule_of_accessibility(windows: Windows) -> None:
    (known,) = due(Status.IN_REVIEW)[:1]
    order = Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R04,), facts="The register of Aul names her.")
    decide_together([Order(ids=(known,), ruling=order)], ActingOfficer(FIRST, ELECTION, AS_OF))
    window = windows[CONFIRMING]
    assert found_on(window, f"/case/{_number(known)}") == []
    assert window.page.locator("section.proposal").is_visible()
    assert [wrong for key in ("t", "o") for wrong in opened(window, key)] == []


def _number(known: UUID) -> str:
    with open_reader(database()) as store:
        return store.applications.get(known).case_number


def test_a_page_that_breaks_rules_is_noticed(office: Office) -> None:
    page: Any = office.browser.new_page()
    page.set_content("<html><body><img src='x'><p style='color: #ccc'>pale</p><input></body></html>")
    rules = {re.split(r" \(", wrong)[0] for wrong in violations(page)}
    page.close()
    assert {"image-alt", "color-contrast", "label", "html-has-lang"} <= rules
