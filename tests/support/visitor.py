"""An officer's browser without its window: what it sends and gets, for tests and measurements of the desk."""

from __future__ import annotations

import re
from typing import Any

import httpx

from support.device import Device


class Visitor:
    """One browser at the desk, with one device."""

    def __init__(self, client: httpx.Client, origin: str) -> None:
        self.client = client
        self.origin = origin
        self.client.headers.update({"origin": origin, "user-agent": "a browser"})
        self.device = Device(origin)

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """Send a form as the desk's pages do."""
        return self.client.post(path, json=body or {}, headers=headers)

    def enrol(self, link: str) -> dict[str, Any]:
        """Open a one-time link and do what its page does; returns the last answer."""
        token = link.rsplit("#", 1)[1]
        asked = self.post("/enrol/options", {"token": token}).json()
        if "options" not in asked:
            return asked
        told = self.post("/enrol", {"token": token, "answer": self.device.make(asked["options"])}).json()
        if "options" in told:
            told = self.post("/enrol/first", {"answer": self.device.sign(told["options"])}).json()
        return told

    def sign_in(self) -> httpx.Response:
        """Sign in with the device."""
        asked = self.post("/signin/challenge").json()
        answer = self.post("/signin", {"answer": self.device.sign(asked["options"])})
        if answer.status_code == httpx.codes.OK:
            self.client.headers["x-desk-token"] = self.token()
        return answer

    def token(self) -> str:
        """Return the session's token, which every page carries."""
        page = self.client.get("/queue", follow_redirects=True).text
        return re.findall(r'name="desk-token" content="([^"]*)"', page)[0]

    def sign(self, act: dict[str, Any]) -> httpx.Response:
        """Have an act drawn up, sign it, and return the answer."""
        asked = self.post("/sign/draft", act)
        if asked.status_code != httpx.codes.OK:
            return asked
        wanted = asked.json()["sign"]
        answer = self.device.sign(wanted["options"])
        return self.post("/sign", {"draft": wanted["draft"], "answer": answer, "back": act.get("back", "")})
