# ruff: noqa: INP001 -- a script beside the pages it draws for, not a package
"""Take the pictures of the officers' desk in docs/pictures: ``python docs/desk_pictures.py``; needs Chromium.

The election is invented: the rehearsal of 160 nominations. An officer with a device of Chromium's own making opens
the queue, a case whose document differs from its form, one that resembles another, and that on a telephone in Arabic;
then every page of the desk, and of what is published, as a laptop and a telephone show it, each on one sheet.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from uuid import UUID

ROOT: Final = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from e2e.officer_browser import OfficerBrowser, chromium, officer, picture  # noqa: E402 -- lies in tests/
from PIL import Image  # noqa: E402
from support.builders import ELECTION  # noqa: E402
from support.stages import AS_OF, due, take_in, vet  # noqa: E402

from db.store import open_reader, open_store  # noqa: E402
from domain.application.application import case_number  # noqa: E402
from domain.application.reasons import ReasonCode  # noqa: E402
from domain.application.status import Status  # noqa: E402
from domain.decisions.rulings import Order, Outcome, Ruling  # noqa: E402
from domain.oversight.extracts import ExtractTable  # noqa: E402
from flows.context import database  # noqa: E402
from flows.decisions.case_file import find_application  # noqa: E402
from flows.decisions.rulings import decide_together  # noqa: E402
from flows.desk.enrolling import links_by_command  # noqa: E402
from flows.desk.serving import DeskChild  # noqa: E402
from flows.election.loading import init_election  # noqa: E402
from flows.issuance.publication.files import publish  # noqa: E402
from flows.oversight.extracts.taking import Wanted, take  # noqa: E402
from flows.oversight.reporting import gather, write_report  # noqa: E402
from flows.rehearsal import write_package  # noqa: E402
from flows.runtime.server.lifetime import free_port  # noqa: E402
from flows.settings import change_settings, settings  # noqa: E402
from flows.statements.acceptance import ActingOfficer  # noqa: E402

PICTURES: Final = ROOT / "docs" / "pictures"
OFFICER: Final = "OFF-DEMO-2"
ADMINISTRATOR: Final = "OFF-ADMIN-1"
ROWS: Final = 160
SIZES: Final = ((1280, 600), (360, 600))
"""A laptop and a telephone."""
SHOWN_AT: Final = 0.5
ACROSS: Final = 2
GAP: Final = 24
FIRST_OF_ASIA: Final = "\u0900"
"""Letters from here on need fonts that few machines for building pages have."""


def prepared(home: Path) -> None:
    """Load, take in and vet the rehearsal; its profile speaks Arabic besides."""
    change_settings({"home": home, "as_of": AS_OF.isoformat(), "desk_port": free_port()})
    home.mkdir(mode=0o700)
    write_package(home / "package", applications=ROWS, seed=2027, processes=1)
    init_election(home / "package", now=AS_OF)
    with open_store(database()) as store:
        profile, geography = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        store.elections.put(profile.revised(languages=("en", "ar")), geography, now=AS_OF)
    take_in(home / "package" / "nominations")
    vet()
    by = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)
    refused = find_application(ELECTION, case_with("host_national").removeprefix("/case/"))
    ruling = Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R04,), facts="The register of Aul names the person.")
    decide_together([Order(ids=(refused,), ruling=ruling)], by)
    take(
        Wanted(table=ExtractTable.APPLICATIONS, purpose="Figures for the yearly report"),
        by,
        home / "table.csv",
        account=by.officer,
    )


def case_with(rule: str) -> str:
    """Return the address of a waiting case with a finding of *rule*."""
    return f"/case/{case_number(known_with(rule))}"


def name_with(rule: str) -> str:
    """Return the name by which that case is found."""
    known = known_with(rule)
    with open_reader(database()) as store:
        return store.people.current([known])[known].name


def known_with(rule: str) -> UUID:
    """Return a waiting case with a finding of *rule*, whose name the fonts of most machines have."""
    with open_reader(database()) as store:
        findings = store.people.findings_on(due(Status.IN_REVIEW))
        concerned = [known for known, found in findings.items() if any(finding.rule == rule for finding in found)]
        people = store.people.current(concerned)
        return next(known for known in concerned if max(people[known].native_name or "a") < FIRST_OF_ASIA)


def shown(window: OfficerBrowser, path: str, name: str, *, at: str = "") -> None:
    """Open a page, scroll to what *at* selects, and keep a picture of it with few colours."""
    window.go(path)
    window.page.wait_for_load_state("networkidle")
    if at:
        window.page.evaluate("where => document.querySelector(where).scrollIntoView()", at)
    file = PICTURES / f"{name}.png"
    picture(window.page, file)
    Image.open(file).convert("RGB").quantize(128).save(file, optimize=True)


def sheet(name: str, shots: list[bytes]) -> None:
    """Write pairs of *shots* (laptop and telephone) onto one sheet, at half their size and in fewer colours."""
    pictures = [Image.open(BytesIO(shot)).convert("RGB") for shot in shots]
    small = [each.resize((round(each.width * SHOWN_AT), round(each.height * SHOWN_AT))) for each in pictures]
    pairs = list(zip(small[::2], small[1::2], strict=True))
    width = sum(shot.width + GAP for shot in small[:2])
    height = small[0].height + GAP
    whole = Image.new("RGB", (ACROSS * width - GAP, -(-len(pairs) // ACROSS) * height - GAP), "#8a8f98")
    for number, (laptop, telephone) in enumerate(pairs):
        left, top = number % ACROSS * width, number // ACROSS * height
        whole.paste(laptop, (left, top))
        whole.paste(telephone, (left + laptop.width + GAP, top))
    whole.quantize(64, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(PICTURES / name, optimize=True)


def every_page(window: OfficerBrowser, paths: list[str]) -> list[bytes]:
    """Return each page as a laptop and a telephone show it."""
    shots: list[bytes] = []
    for path in paths:
        for width, height in SIZES:
            window.page.set_viewport_size({"width": width, "height": height})
            window.go(path)
            window.page.wait_for_load_state("networkidle")
            shots.append(window.page.screenshot())
    return shots


def taken(browser: Any, desk: DeskChild) -> None:
    """Take all pictures."""
    links = dict(links_by_command(desk.address, ELECTION, [OFFICER, ADMINISTRATOR]))
    stranger = officer(browser, desk.address.origin)
    entrance = every_page(stranger, ["/signin", "/enrol"])
    window, administrator = officer(browser, desk.address.origin), officer(browser, desk.address.origin)
    for known, code in ((window, OFFICER), (administrator, ADMINISTRATOR)):
        known.enrol(links[code])
        known.sign_in()
    alike = case_with("same_document")
    window.page.set_viewport_size({"width": 1280, "height": 800})
    shown(window, "/queue", "desk-queue")
    shown(window, case_with("mrz_differs_from_form"), "desk-case")
    shown(window, alike, "desk-finding", at=".findings")
    window.page.set_viewport_size({"width": 360, "height": 740})
    speak(window, "ar")
    shown(window, alike, "desk-phone")
    speak(window, "en")
    window.go("/queue")
    for key in "jxjxa":
        window.press(key)
    window.page.keyboard.type("The documents were compared.")
    window.press("Enter")
    window.page.wait_for_url("**/pile")
    paths = ["/queue", "/queue?lane=confirm", alike, f"{alike}/letter/1", "/pile", "/found", "/upload",
             "/organisations", "/organisations/ORG-01", "/letters", "/case/AAAA-AAAA-AAAA", "/extracts"]  # fmt: skip
    search(window, name_with("same_document"))
    shots = [*entrance, *every_page(window, paths), *every_page(administrator, ["/officers", "/calendar"])]
    half = len(shots) // 2
    sheet("desk-pages.png", shots[:half])
    sheet("desk-more-pages.png", shots[half:])


def search(window: OfficerBrowser, text: str) -> None:
    """Look for somebody; of several cases the desk keeps the list."""
    window.go("/queue")
    window.press("/")
    window.page.keyboard.type(text)
    window.press("Enter")
    window.page.wait_for_url("**/found")


def speak(window: OfficerBrowser, language: str) -> None:
    """Let the desk's pages be in *language* from now on."""
    window.context.add_cookies([{"name": "accredit_desk_language", "value": language, "url": window.url}])


def published_pages(browser: Any, folder: Path) -> None:
    """Publish as an office does, and draw what outsiders read: figures, the register, and the page of proofs."""
    publish(folder, ELECTION, now=AS_OF)
    write_report(gather(ELECTION, now=AS_OF), folder / "report")
    window = browser.new_page(locale="en-GB")
    shots: list[bytes] = []
    for name in ("register/index.html", "report/report.html", "proof.html"):
        for width, height in SIZES:
            window.set_viewport_size({"width": width, "height": height})
            window.goto((folder / name).as_uri())
            shots.append(window.screenshot())
    sheet("public-pages.png", shots)


def main() -> None:
    """Draw them anew."""
    with tempfile.TemporaryDirectory() as folder:
        prepared(Path(folder) / "home")
        desk = DeskChild(settings())
        try:
            desk.wait_until_answering()
            with chromium(shutil.which("chromium")) as browser:
                taken(browser, desk)
                published_pages(browser, Path(folder) / "public")
        finally:
            desk.stop()


if __name__ == "__main__":
    main()
