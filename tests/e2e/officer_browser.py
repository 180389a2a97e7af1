"""An officer before the desk, in Chromium, with an authenticator of Chromium's own making (WebDriver virtual)."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 30_000


@dataclass
class OfficerBrowser:
    """One browser profile of one officer, with one device."""

    context: Any
    page: Any
    url: str
    device: str = ""
    complaints: list[str] = field(default_factory=list[str])
    """What the page broke: policy violations and errors of its own script."""

    def plug_in(self) -> None:
        """Give the browser a platform authenticator that recognises its user."""
        self.devtools = self.context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        self.device = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def lose_device(self) -> None:
        """Take the device away, with every passkey on it."""
        self.devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.device})
        self.device = ""

    def passkeys(self) -> list[dict[str, Any]]:
        """Return the passkeys on the device."""
        asked = {"authenticatorId": self.device}
        found: list[dict[str, Any]] = self.devtools.send("WebAuthn.getCredentials", asked)["credentials"]
        return found

    def carry(self, passkeys: list[dict[str, Any]]) -> None:
        """Put passkeys on the device, as if it were the one on which they were made."""
        for passkey in passkeys:
            asked = {"authenticatorId": self.device, "credential": passkey}
            self.devtools.send("WebAuthn.addCredential", asked)

    def go(self, path: str) -> None:
        """Open a page of the desk."""
        self.page.goto(f"{self.url}{path}")

    def enrol(self, link: str) -> str:
        """Open a one-time link, make a passkey and return what the page says then."""
        self.page.goto("about:blank")  # only the part after # may differ from the page before
        self.page.goto(link)
        self.page.locator("#enrol").click()
        shown = self.page.locator("#done:visible, #problem:visible")
        shown.wait_for()
        return str(shown.inner_text())

    def sign_in(self) -> None:
        """Sign in with the device's passkey and see the first page."""
        self.go("/signin")
        self.page.locator("#signin").click()
        self.page.wait_for_url(lambda url: not url.endswith("/signin"))

    def press(self, key: str) -> None:
        """Press a key, as an officer does who has no mouse."""
        self.page.keyboard.press(key)

    def sign_now(self) -> None:
        """Look at what is to be signed and sign it."""
        self.page.locator("#sign[open] #sign-now").click()
        self.page.wait_for_load_state("load")
        self.page.locator("#sign:not([open])").wait_for(state="attached")

    def said(self) -> str:
        """Return what the page says first."""
        return str(self.page.locator("#said").inner_text())


@contextmanager
def chromium(executable: str | None) -> Generator[Any]:
    """Give a browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


def officer(browser: Any, url: str, **options: Any) -> OfficerBrowser:
    """Return a new officer's browser with a device, and no cookie."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    found = OfficerBrowser(context, page, url)
    page.on("console", lambda told: found.complaints.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.plug_in()
    return found


def picture(page: Any, path: Path, *, full: bool = False) -> None:
    """Take a picture of the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(path), full_page=full)
