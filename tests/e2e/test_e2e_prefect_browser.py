"""An officer works in Prefect's own pages: the queue, the form, the result, and every refusal in plain words."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from e2e.installation import AS_OF, Installation, code_now, kill_family
from e2e.prefect_browser import DeskBrowser, opened

from flows.runtime.server import free_port, running_server
from flows.settings import Settings

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("e2e-commands"), pytest.mark.timeout(900)]

FIRST, SECOND, CONFIRMING = "OFF-DEMO-1", "OFF-DEMO-2", "OFF-DEMO-3"


@pytest.fixture
def office(
    loaded: Installation, package: Path, tmp_path: Path, need: Callable[[object, str, str], None]
) -> Iterator[tuple[Installation, DeskBrowser]]:
    """Give an office at work: the queue is filled, the server is up, and a window shows its pages."""
    chromium = shutil.which("chromium")
    need(chromium, "Chromium", "Install it (apt-get install chromium).")
    need(find_spec("playwright"), "Playwright", "Install the development requirements.")
    found = loaded.copied(tmp_path / "var", "")
    up = found.start("up", "--port", str(free_port()), "--as-of", AS_OF)
    try:
        until = time.monotonic() + 240
        while not (running := running_server(Settings(home=found.home))):
            assert up.poll() is None
            assert time.monotonic() < until, "the server did not come up"
            time.sleep(1)
        found.accredit("intake", package / "nominations", "--as-of", AS_OF, code=4)
        found.accredit("vet", "--as-of", AS_OF)
        pictures = Path(os.environ.get("ACCREDIT_PICTURES", str(tmp_path / "pictures")))
        with opened(running, pictures, chromium) as window:
            yield found, window
    finally:
        kill_family(up)


def test_an_officer_decides_in_the_pages_and_what_cannot_be_is_refused_in_plain_words(
    office: tuple[Installation, DeskBrowser],
) -> None:
    found, window = office
    rows = [row.split() for row in window.queue("valdara-2027-queue-table")]
    (first, organisation), other, stale = rows[0][:2], rows[1][0], rows[2][0]

    def code(officer: str) -> str:
        return code_now(found.home, officer)

    def note(case: str, officer: str = FIRST) -> str:
        found.accredit("note", case, "--text", "The register of citizens names the person.", "--officer", officer)
        return f"{case}/1"

    wrong = f"{(int(code(FIRST)) + 5) % 1_000_000:06d}"
    assert "wrong or too old" in window.decide(first, "refuse", FIRST, wrong, reasons=("R04",), picture="decide-wrong")
    for case in (first, other):
        stated, shown = note(case), code(FIRST)
        said = window.decide(case, "refuse", FIRST, shown, reasons=("R04",), note=stated, picture="decide")
        assert "a second, different officer must confirm it" in said
        again = window.decide(stale, "approve", FIRST, shown)
        if "already used" in again:
            break
    assert "already used" in again
    last_one = other if case == first else stale
    stated = note(last_one, SECOND)
    own = window.decide(last_one, "refuse", SECOND, code(SECOND), reasons=("R04",), note=stated)
    assert "a second, different officer must confirm it" in own
    time.sleep(30 - time.time() % 30)  # the authenticator's next code
    twice = window.decide(last_one, "confirm", SECOND, code(SECOND))
    assert "second, different officer" in twice
    found.accredit("officer", "recuse", organisation, "--officer", CONFIRMING)
    assert "is recused from cases of" in window.decide(first, "confirm", CONFIRMING, code(CONFIRMING))
    last = rows[3][0]
    found.accredit("decide", last, "--outcome", "approve", "--officer", FIRST, "--as-of", AS_OF)
    time.sleep(30 - time.time() % 30)
    assert "is approved" in window.decide(last, "approve", FIRST, code(FIRST))
    time.sleep(30 - time.time() % 30)
    assert "is now refused" in window.decide(first, "confirm", SECOND, code(SECOND), picture="decide-confirm")
