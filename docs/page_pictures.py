# ruff: noqa: INP001, S311 -- a script beside the pages it draws for, not a package; nothing here is secret
"""Take the pictures of public pages and of a roster in docs/pictures: ``python docs/page_pictures.py``; needs Chromium.

Everything on them is invented. A page is shown as a laptop (1200 px) and a telephone (360 px) show it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import pypdfium2  # noqa: E402 -- below the path that makes the tree importable
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from support.badges import NOW, a_checker, a_token  # noqa: E402 -- lies in tests/

from domain.credentials.verdict import Code  # noqa: E402
from notifications.assignment.roster_pages import roster_pdf  # noqa: E402
from notifications.assignment.rosters import Roster, RosterLine  # noqa: E402
from notifications.pages.checker import checker_html  # noqa: E402
from notifications.pages.register import Register, RegisterLine, register_html  # noqa: E402

PICTURES: Final = ROOT / "docs" / "pictures"
ELECTION: Final = "General election of Valdara"
SIZES: Final = ((1200, 760), (360, 760))
CHANCES: Final = [Code.VALID] * 12 + [Code.LOST, Code.REPLACED, Code.SUSPENDED, Code.REVOKED]
ORGANISATIONS: Final = ("Observers' League", "Network of Domestic Monitors", "Élan civique")
ROLES: Final = ("Long-term observer", "Short-term observer", "Interpreter")
NAMES: Final = ("AALTO Per", "BRANDT Ilse", "NOVAK Ola", "TORNEK Ilva")


def side_by_side(name: str, shots: list[bytes]) -> None:
    """Write *shots* into one picture, of few colours so that the repository stays small."""
    pictures = [Image.open(BytesIO(shot)).convert("RGB") for shot in shots]
    whole = Image.new("RGB", (sum(shot.width + 24 for shot in pictures) - 24, max(s.height for s in pictures)), "white")
    at = 0
    for shot in pictures:
        whole.paste(shot, (at, 0))
        at += shot.width + 24
    whole.quantize(128).save(PICTURES / name, optimize=True)


def a_register() -> str:
    """Return the page of a register with some of each standing."""
    chance, end = Random(7), NOW + timedelta(days=20)
    lines = tuple(
        RegisterLine(serial=f"VD-{number:06}", code=chance.choice(CHANCES), role=chance.choice(ROLES),
                     organisation=chance.choice(ORGANISATIONS), valid_from=NOW, valid_until=end)
        for number in range(1, 241)
    )  # fmt: skip
    return register_html(Register(title=ELECTION, as_of=NOW, renewed_by=NOW + timedelta(days=1), lines=lines))


def a_roster() -> bytes:
    """Return the upper part of an office's list as a picture."""
    lines = tuple(
        RosterLine(name=name, role=ROLES[1], organisation=ORGANISATIONS[0], languages=("en",), region="The Islands",
                   team=f"VD-01-K{'7' if place in {0, 2} else 'M'}QA", partners=(NAMES[place ^ 2],), site="VD-01-17",
                   arrival="2027-06-08", departure="2027-06-30", phone=f"+999 20 555 010{place}",
                   email=f"observer{place}@league.example", credential="issued" if place else "to follow",
                   serial=f"VD-{place + 17:06}" if place else "", change="changed" if place == 1 else "")
        for place, name in enumerate(NAMES)
    )  # fmt: skip
    roster = Roster(election_title=ELECTION, office="Office of the Islands", version=2, drawn_up_at=NOW, timezone="UTC",
                    notices=("N1:2 The Islands: boats only by day.",), lines=lines)  # fmt: skip
    page: Any = pypdfium2.PdfDocument(roster_pdf(roster))[0]
    out, picture = BytesIO(), page.render(scale=1.6).to_pil()
    picture.crop((0, 0, picture.width, picture.height * 6 // 10)).save(out, "PNG")
    return out.getvalue()


def main() -> None:
    """Draw checker, register and roster."""
    checker = a_checker(title=ELECTION, regions={"NORTH-2": {"en": "North 2"}})
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shots: dict[str, list[bytes]] = {"checker": [], "register": []}
        pages = {"checker": checker_html(checker), "register": a_register()}
        for (width, height), token in zip(SIZES, (a_token(), a_token(status_index=31)), strict=True):
            for name, content in pages.items():
                (Path(folder) / f"{name}.html").write_text(content, encoding="utf-8")
                context = browser.new_context(locale="en-GB", viewport={"width": width, "height": height})
                page = context.new_page()
                page.clock.set_fixed_time(NOW)
                page.goto((Path(folder) / f"{name}.html").as_uri())
                if name == "checker":
                    page.evaluate("ready")
                    page.fill("#token", token)
                    page.press("#token", "Enter")
                    page.wait_for_selector("#verdict", state="visible")
                shots[name].append(page.screenshot())
        browser.close()
    for name, taken in shots.items():
        side_by_side(f"{name}.png", taken)
    side_by_side("roster.png", [a_roster()])


if __name__ == "__main__":
    main()
