"""An officer before Prefect's own pages, in Chromium."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from support.prefect import asked

from flows.runtime.server import RunningServer

PATIENCE = 60_000
"""Milliseconds that a page may take on a busy machine."""
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True)
class DeskBrowser:
    """One window on the pages of one server."""

    page: Any
    url: str
    password: str
    pictures: Path

    def queue(self, key: str) -> list[str]:
        """Open the artifact of the queue and return what its rows say."""
        self.page.goto(f"{self.url}/artifacts/key/{key}")
        self.page.locator("a[href*='/artifacts/artifact/']").first.click()
        self.page.locator("table tbody tr").first.wait_for()
        self.picture("queue-artifact")
        return [str(text) for text in self.page.locator("table tbody tr").all_inner_texts()]

    def decide(  # noqa: PLR0913 -- the fields of the form
        self,
        case: str,
        outcome: str,
        officer: str,
        code: str,
        *,
        reasons: tuple[str, ...] = (),
        note: str = "",
        picture: str = "",
    ) -> str:
        """Fill in the form of decide as an officer does, wait for the run's end, and return what its page says."""
        deployment = self._asked("GET", "/deployments/name/decide/decide")["id"]
        self.page.goto(f"{self.url}/deployments/deployment/{deployment}/run")
        self._field("applications").get_by_role("button", name="Add item").click()
        self._field("applications").locator("textarea").first.fill(case)
        self._choose("outcome", [outcome])
        self._field("officer").locator("textarea").fill(officer)
        self._field("code").locator("textarea").fill(code)
        self._choose("reasons", reasons)
        if note:
            self._field("notes").get_by_role("button", name="Add item").click()
            self._field("notes").locator("textarea").first.fill(note)
        if picture:
            self._field("applications").scroll_into_view_if_needed()
            self.picture(f"{picture}-form")
        before = {run["id"] for run in self._runs(deployment)}
        self.page.get_by_role("button", name="Submit").click()
        run = self._ended(deployment, before)
        self.page.goto(f"{self.url}/runs/flow-run/{run['id']}")
        self.page.get_by_text(str(run["name"])).first.wait_for()
        self.page.get_by_text("Details", exact=True).first.click()
        self.page.get_by_text(str(run["state"]["message"])[:40]).first.wait_for()
        if picture:
            self.picture(f"{picture}-result")
        return str(run["state"]["message"])

    def picture(self, name: str) -> None:
        """Take a picture of the window."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(self.pictures / f"{name}.png"))

    def _field(self, name: str) -> Any:
        label = self.page.locator(".schema-form-property__label", has_text=re.compile(rf"^{name}\b"))
        return self.page.locator(".schema-form-property", has=label).first

    def _choose(self, name: str, wanted: tuple[str, ...] | list[str]) -> None:
        if not wanted:
            return
        self._field(name).locator("button.p-select-button__control").press(" ")
        for one in wanted:
            self.page.locator(".p-select-option", has_text=re.compile(rf"^\s*{one}\s*$")).first.click()
        self.page.keyboard.press("Escape")

    def _runs(self, deployment: str) -> list[dict[str, Any]]:
        wanted = {"deployments": {"id": {"any_": [deployment]}}, "limit": 50}
        return cast("list[dict[str, Any]]", self._asked("POST", "/flow_runs/filter", wanted))

    def _asked(self, method: str, path: str, body: object = None) -> Any:
        return asked(f"{self.url}/api", self.password, method, path, body)

    def _ended(self, deployment: str, before: set[str]) -> dict[str, Any]:
        until = time.monotonic() + 2 * PATIENCE / 1000
        while time.monotonic() < until:
            for run in self._runs(deployment):
                if run["id"] not in before and run["state_type"] in ENDED:
                    return run
            self.page.wait_for_timeout(500)
        raise AssertionError("the run did not end")


@contextmanager
def opened(running: RunningServer, pictures: Path, chromium: str | None) -> Generator[DeskBrowser]:
    """Open a window on the pages of *running*, logged in by a link."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1280, "height": 1040}, locale="en-GB").new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(running.link())
        page.wait_for_url("**/dashboard")
        yield DeskBrowser(page, running.url, running.password, pictures)
        browser.close()
