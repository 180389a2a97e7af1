# ruff: noqa: INP001 -- a script beside the pages it draws for, not a package
"""Take the pictures of the officers' desk in docs/pictures: ``python docs/desk_pictures.py``; needs Chromium.

The election is invented: the rehearsal of 240 nominations. An officer with a device of Chromium's own making opens
the queue, a case whose document differs from its form, one that resembles another, and that on a telephone in Arabic.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from e2e.officer_browser import OfficerBrowser, chromium, officer, picture  # noqa: E402 -- lies in tests/
from PIL import Image  # noqa: E402
from support.builders import ELECTION  # noqa: E402
from support.stages import AS_OF, due, take_in, vet  # noqa: E402

from db.store import open_reader, open_store  # noqa: E402
from domain.application.status import Status  # noqa: E402
from flows.context import database  # noqa: E402
from flows.desk.enrolling import links_by_command  # noqa: E402
from flows.desk.serving import DeskChild  # noqa: E402
from flows.election.loading import init_election  # noqa: E402
from flows.rehearsal import write_package  # noqa: E402
from flows.runtime.server import free_port  # noqa: E402
from flows.settings import change_settings, settings  # noqa: E402

PICTURES: Final = ROOT / "docs" / "pictures"
OFFICER: Final = "OFF-DEMO-2"
ROWS: Final = 240
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


def case_with(rule: str) -> str:
    """Return the address of a waiting case with a finding of *rule*."""
    with open_reader(database()) as store:
        findings = store.people.findings_on(due(Status.IN_REVIEW))
        concerned = [known for known, found in findings.items() if any(finding.rule == rule for finding in found)]
        people = store.people.current(concerned)
        known = next(known for known in concerned if max(people[known].native_name or "a") < FIRST_OF_ASIA)
        return f"/case/{store.applications.get(known).case_number}"


def shown(window: OfficerBrowser, path: str, name: str, *, at: str = "") -> None:
    """Open a page, scroll to what *at* selects, and keep a picture of it with few colours."""
    window.go(path)
    window.page.wait_for_load_state("networkidle")
    if at:
        window.page.evaluate("where => document.querySelector(where).scrollIntoView()", at)
    file = PICTURES / f"{name}.png"
    picture(window.page, file)
    Image.open(file).convert("RGB").quantize(128).save(file, optimize=True)


def taken(browser: Any, desk: DeskChild) -> None:
    """Take all pictures."""
    ((_, link),) = links_by_command(desk.address, ELECTION, [OFFICER])
    window = officer(browser, desk.address.origin)
    window.enrol(link)
    window.sign_in()
    alike = case_with("same_document")
    shown(window, "/queue", "desk-queue")
    shown(window, case_with("mrz_differs_from_form"), "desk-case")
    shown(window, alike, "desk-finding", at=".findings")
    window.page.set_viewport_size({"width": 360, "height": 740})
    window.context.add_cookies([{"name": "accredit_desk_language", "value": "ar", "url": window.url}])
    shown(window, alike, "desk-phone")


def main() -> None:
    """Draw them anew."""
    with tempfile.TemporaryDirectory() as folder:
        prepared(Path(folder) / "home")
        desk = DeskChild(settings())
        try:
            desk.wait_until_answering()
            with chromium(shutil.which("chromium")) as browser:
                taken(browser, desk)
        finally:
            desk.stop()


if __name__ == "__main__":
    main()
