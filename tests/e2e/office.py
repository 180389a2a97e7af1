"""An office for the end-to-end tests of the desk: the desk as a process of its own, and a browser for whoever comes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from e2e.officer_browser import OfficerBrowser, chromium, officer
from support.builders import ELECTION
from support.stages import AS_OF, Stages

from flows.desk.enrolling import links_by_command
from flows.desk.serving import DeskChild
from flows.runtime.server.lifetime import free_port
from flows.settings import change_settings, settings


@dataclass
class Office:
    """A desk that runs, and a browser for whoever comes."""

    browser: Any
    desk: DeskChild
    passkeys: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, "list[dict[str, Any]]"])
    """Of who was enrolled before: so many links a minute and no more are answered."""

    @property
    def url(self) -> str:
        """Where the desk is."""
        return self.desk.address.origin

    def link(self, code: str) -> str:
        """Return a one-time link for the officer, as a rehearsal gives it."""
        ((_, link),) = links_by_command(self.desk.address, ELECTION, [code])
        return link

    def enrolled(self, code: str) -> OfficerBrowser:
        """Return an officer with a device of the demonstration, signed in; the same device each time."""
        found = officer(self.browser, self.url)
        if code in self.passkeys:
            found.carry(self.passkeys[code])
        else:
            assert "You can sign in" in found.enrol(self.link(code))
            self.passkeys[code] = found.passkeys()
        found.sign_in()
        return found


@contextmanager
def opened_office(stages: Stages, need: Callable[[object, str, str], None]) -> Generator[Office]:
    """Give an office whose cases are vetted."""
    executable = shutil.which("chromium")
    need(executable, "Chromium", "Install it (apt-get install chromium).")
    need(find_spec("playwright"), "Playwright", "Install the development requirements.")
    with stages.copy("vetted"):
        change_settings({"as_of": AS_OF.isoformat(), "desk_port": free_port()})
        desk = DeskChild(settings())
        try:
            desk.wait_until_answering()
            with chromium(executable) as browser:
                yield Office(browser, desk)
        finally:
            desk.stop()
