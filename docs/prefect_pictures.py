# ruff: noqa: INP001, S603 -- a script beside the pages it draws for, not a package; it starts our own command
"""Take the picture of Prefect's pages in docs/pictures: ``python docs/prefect_pictures.py``; needs Chromium.

The election is the example of Valdara, taken through its stages beside a running ``accredit up``: the overview, the
list of deployments, the form of intake, and what a run leaves, as a laptop shows them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from e2e.officer_browser import chromium  # noqa: E402 -- lies in tests/
from PIL import Image  # noqa: E402

from flows.runtime.server.lifetime import free_port  # noqa: E402

PICTURES: Final = ROOT / "docs" / "pictures"
EXAMPLE: Final = ROOT / "examples" / "valdara" / "package"
COMMAND: Final = (sys.executable, "-c", "from flows.cli.app import main; main()")
AS_OF: Final = "2027-03-10T08:00"
LAPTOP: Final = (1280, 640)
GAP: Final = 24
SECONDS: Final = 600
STAGES: Final = (["intake", str(EXAMPLE / "nominations")], ["vet"], ["assign"], ["issue"], ["deliver"])


def accredit(environment: dict[str, str], *words: str) -> str:
    """Return what one command prints."""
    command = [*COMMAND, *words]
    return subprocess.run(command, env=environment, check=True, text=True, stdout=subprocess.PIPE).stdout


@contextmanager
def served(environment: dict[str, str], screen: Path) -> Iterator[None]:
    """Keep ``accredit up`` running for the block."""
    command = [*COMMAND, "up", "--port", str(free_port())]
    with screen.open("wb") as out, subprocess.Popen(command, env=environment, stdout=out) as running:
        try:
            until = time.monotonic() + SECONDS
            while "/to/report" not in screen.read_text():
                if running.poll() is not None or time.monotonic() > until:
                    raise SystemExit(screen.read_text())
                time.sleep(0.5)
            yield
        finally:
            running.send_signal(signal.SIGINT)


def report_of(stage: str, page: Any, origin: str) -> str:
    """Return the address of the report that *stage* left, as the overview links to it."""
    page.goto(f"{origin}/to/overview")
    link = page.get_by_role("link", name=re.compile(f"{stage} →")).first
    link.wait_for()
    return str(link.get_attribute("href"))


def taken(page: Any, origin: str, link: str) -> list[Image.Image]:
    """Return the pages that are shown."""
    page.goto(link)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2000)
    report = report_of("vetting", page, origin)
    shots: list[Image.Image] = []
    for path in ("/to/overview", "/deployments", "/to/intake", report):
        page.goto(f"{origin}{path}")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1500)
        shots.append(Image.open(BytesIO(page.screenshot())).convert("RGB"))
    return shots


def on_a_sheet(shots: list[Image.Image]) -> Image.Image:
    """Return *shots* in two columns, at two thirds of their size."""
    small = [shot.resize((shot.width * 2 // 3, shot.height * 2 // 3), Image.Resampling.LANCZOS) for shot in shots]
    width, height = small[0].width + GAP, small[0].height + GAP
    whole = Image.new("RGB", (2 * width - GAP, -(-len(small) // 2) * height - GAP), "#8a8f98")
    for number, shot in enumerate(small):
        whole.paste(shot, (number % 2 * width, number // 2 * height))
    return whole


def main() -> None:
    """Draw it anew."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        own = {"ACCREDIT_HOME": str(home), "ACCREDIT_AS_OF": AS_OF, "ACCREDIT_DESK_PORT": str(free_port())}
        environment = {**os.environ, **own, "PYTHONPATH": str(ROOT)}
        accredit(environment, "init", str(EXAMPLE))
        with served(environment, Path(folder) / "screen"):
            for stage in STAGES:
                accredit(environment, *stage)
            found = re.search(r"http\S+", accredit(environment, "link"))
            origin = json.loads((home / "prefect" / "server.json").read_text())["api_url"].removesuffix("/api")
            with chromium(shutil.which("chromium")) as browser:
                page = browser.new_page(locale="en-GB", viewport=dict(zip(("width", "height"), LAPTOP, strict=True)))
                sheet = on_a_sheet(taken(page, origin, found[0] if found else origin))
        sheet.quantize(96, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            PICTURES / "prefect-pages.png", optimize=True
        )


if __name__ == "__main__":
    main()
