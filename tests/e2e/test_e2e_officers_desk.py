"""Officers at the desk in Chromium, each with a device of Chromium's own making; and what attackers get from it."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import httpx
import pytest
from e2e.office import Office, opened_office
from e2e.officer_browser import OfficerBrowser, officer
from support.builders import ELECTION
from support.stages import Stages

from db.store import open_reader
from domain.application.status import Status
from flows.context import database
from flows.oversight.overview import audit

pytestmark = [pytest.mark.xdist_group("e2e-desk"), pytest.mark.timeout(300)]

FIRST, SECOND, CONFIRMING = "OFF-DEMO-1", "OFF-DEMO-2", "OFF-DEMO-3"
ADMINISTRATORS = ("OFF-ADMIN-1", "OFF-ADMIN-2")


@pytest.fixture(scope="module")
def office(sqlite_stages: Stages, need: Callable[[object, str, str], None]) -> Iterator[Office]:
    with opened_office(sqlite_stages, need) as found:
        yield found


def status(known: UUID) -> Status:
    with open_reader(database()) as store:
        return store.applications.get(known).status


def waiting() -> list[UUID]:
    with open_reader(database()) as store:
        found = store.applications.all_in(ELECTION, Status.IN_REVIEW)
    return [one.id for one in found if one.proposal is None]


def number_of(known: UUID) -> str:
    with open_reader(database()) as store:
        return store.applications.get(known).case_number


def statements() -> int:
    with open_reader(database()) as store:
        return sum(entry.kind == "decide" and entry.entry == "signed" for entry in store.statements.entries(ELECTION))


def test_two_administrators_enrol_a_device_and_replace_a_lost_one(office: Office) -> None:
    one, other = (office.enrolled(code) for code in ADMINISTRATORS)
    newcomer = officer(office.browser, office.url)

    def proposed() -> str:
        one.go("/officers")
        one.page.select_option("#about", FIRST)
        one.page.get_by_role("button", name="On to the signature").last.click()
        one.sign_now()
        one.page.locator("#said", has_text="Link for").wait_for()
        return next(word for word in one.said().split() if "/enrol#" in word)

    def confirmed(said: str) -> None:
        one.go("/officers")
        assert one.page.get_by_role("button", name="Confirm this key").count() == 0  # not by who proposed it
        other.go("/officers")
        shown = other.page.locator("section.proposal code.print").inner_text()
        assert shown in said
        other.page.get_by_role("button", name="Confirm this key").click()
        other.sign_now()
        other.page.locator("#said", has_text="Signed and done").wait_for()

    link = proposed()
    said = newcomer.enrol(link)
    assert not newcomer.page.locator("#enrol").is_visible(), "no second passkey is offered"
    assert "second administrator" in said
    newcomer.go("/signin")
    newcomer.page.locator("#signin").click()
    newcomer.page.locator("#problem:visible").wait_for()  # the key counts for nothing yet
    assert "used" in officer(office.browser, office.url).enrol(link)
    confirmed(said)
    newcomer.sign_in()
    assert newcomer.page.locator("h1").inner_text() == "Queue"

    newcomer.lose_device()
    replacement = officer(office.browser, office.url)
    confirmed(replacement.enrol(proposed()))
    newcomer.go("/queue")
    assert newcomer.page.url.endswith("/signin")  # who holds the lost device is signed out
    replacement.sign_in()
    assert replacement.page.locator("h1").inner_text() == "Queue"
    with open_reader(database()) as store:
        assert len(store.statements.authority(ELECTION).of(FIRST).keys) == 1
    assert audit(ELECTION).is_whole
    assert [*one.complaints, *other.complaints] == []


def test_two_officers_refuse_a_case_by_keys_alone_and_a_batch_is_signed_by_one_gesture(office: Office) -> None:
    first, second = office.enrolled(SECOND), office.enrolled(CONFIRMING)
    case = waiting()[0]
    first.go(f"/case/{number_of(case)}")
    for key in ("r", "Tab", "Tab", "Tab", "Space", "Tab"):
        first.press(key)
    first.page.keyboard.type("The register of Aul names him.")
    first.press("Control+Enter")
    first.page.wait_for_url(lambda url: number_of(case) not in url)
    first.press("p")
    first.page.wait_for_url("**/pile")
    first.press("Enter")
    first.page.locator("#sign[open] li").wait_for()
    assert "The register of Aul" in first.page.locator("#sign-lines").inner_text()
    first.press("Enter")
    first.page.get_by_text("Applied: 1").wait_for()
    with open_reader(database()) as store:
        assert store.applications.get(case).proposal is not None

    second.go("/queue")
    second.page.locator("table.queue th a", has_text=number_of(case)).click()
    shown = second.page.locator("section.proposal")
    shown.wait_for()
    assert "The register of Aul names him." in shown.inner_text()
    assert "R04" in shown.inner_text()
    second.press("c")
    second.page.wait_for_url("**/pile")
    second.press("Enter")
    second.sign_now()
    second.page.get_by_text("Applied: 1").wait_for()
    assert status(case) is Status.REFUSED

    before = statements()
    first.go("/queue?lane=decide")
    for _ in range(3):
        first.press("j")
        first.press("x")
    boxes = first.page.locator('[name="cases"]:checked').all()
    chosen = [UUID(box.get_attribute("value").partition("@")[0]) for box in boxes]  # beside it, the version shown
    assert len(chosen) == 3
    first.press("a")
    first.page.keyboard.type("Compared.")
    first.press("Enter")
    first.page.wait_for_url("**/pile")
    first.press("Enter")
    first.page.locator("#sign[open] li").first.wait_for()
    assert first.page.locator("#sign-lines li").count() == 3
    first.sign_now()
    first.page.get_by_text("Applied: 3").wait_for()
    assert {status(known) for known in chosen} == {Status.APPROVED}
    assert statements() == before + 1
    assert audit(ELECTION).is_whole
    assert [*first.complaints, *second.complaints] == []


class _Attacker(BaseHTTPRequestHandler):
    """A page of another origin that an officer opens."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>news</title><p>news</p>")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Attacker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"  # the same site, another origin: its cookies are sent along
    server.shutdown()


ATTEMPTS = """async (desk) => {
  const tried = {};
  const attempt = async (name, work) => {
    try { tried[name] = await work(); } catch (error) { tried[name] = "stopped"; }
  };
  const body = JSON.stringify({cases: [], outcome: "approve"});
  await attempt("plain", async () => (await fetch(desk + "/pile", {method: "POST", mode: "no-cors",
    credentials: "include", headers: {"Content-Type": "text/plain"}, body})).type);
  await attempt("json", async () => (await fetch(desk + "/pile", {method: "POST", credentials: "include",
    headers: {"Content-Type": "application/json"}, body})).status);
  await attempt("read", async () => (await (await fetch(desk + "/queue", {credentials: "include"})).text()).length);
  await attempt("signout", async () => (await fetch(desk + "/signout", {method: "POST", mode: "no-cors",
    credentials: "include"})).type);
  await attempt("image", () => new Promise((good, bad) => { const image = new Image();
    image.onload = () => good("shown"); image.onerror = bad; image.src = desk + "/static/desk.svg"; }));
  await attempt("script", () => new Promise((good, bad) => { const script = document.createElement("script");
    script.onload = () => good("ran"); script.onerror = bad; script.src = desk + "/static/desk.js";
    document.head.append(script); }));
  const form = document.createElement("form");
  form.method = "post"; form.action = desk + "/signout"; form.target = "hidden";
  const frame = document.createElement("iframe"); frame.name = "hidden"; frame.src = desk + "/queue";
  document.body.append(frame, form); form.submit();
  await new Promise((good) => setTimeout(good, 800));
  await attempt("frame", async () => frame.contentDocument.body.innerText);
  return tried;
}"""


def test_a_page_of_another_origin_reads_nothing_and_does_nothing(office: Office, elsewhere: str) -> None:
    victim = office.enrolled(SECOND)
    answers: dict[str, int] = {}
    page = victim.context.new_page()
    page.on("response", lambda told: answers.setdefault(told.url, told.status))
    page.goto(elsewhere)
    tried = page.evaluate(ATTEMPTS, office.url)
    assert tried == {
        "plain": "stopped", "json": "stopped", "read": "stopped", "signout": "stopped", "image": "stopped",
        "script": "stopped", "frame": "stopped",
    }  # fmt: skip
    assert {told for url, told in answers.items() if url.startswith(office.url)} == {403}
    victim.go("/queue")
    assert victim.page.locator("h1").inner_text() == "Queue"  # still signed in, and nothing is on the pile
    assert victim.page.locator("aside.pile").count() == 0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1"}, 421),
        ({"origin": "https://evil.example", "content-type": "application/json"}, 403),
        ({"origin": "null", "content-type": "application/json"}, 403),
        ({"content-type": "application/json"}, 403),
        ({"origin": "own", "content-type": "application/json", "sec-fetch-site": "same-site"}, 403),
        ({"origin": "own", "content-type": "text/plain"}, 415),
        ({"origin": "own", "content-type": "application/x-www-form-urlencoded"}, 415),
        ({"origin": "own", "content-type": "application/json"}, 401),
    ],
)
def test_what_does_not_come_from_the_desk_is_turned_away(
    office: Office, headers: dict[str, str], expected: int
) -> None:
    sent = {name: office.url if value == "own" else value for name, value in headers.items()}
    assert httpx.post(f"{office.url}/pile", headers=sent, content="{}").status_code == expected


def test_a_name_that_was_rebound_to_this_machine_is_turned_away(office: Office) -> None:
    launched = office.browser.browser_type.launch(
        executable_path=shutil.which("chromium"),
        args=["--no-sandbox", "--host-resolver-rules=MAP rebound.example 127.0.0.1"],
    )
    try:
        page = launched.new_page()
        told = page.goto(f"http://rebound.example:{office.desk.address.port}/signin")
        assert told.status == 421
        assert "this desk is at" in page.content().lower()
    finally:
        launched.close()


def captured(window: OfficerBrowser) -> list[tuple[str, dict[str, Any], dict[str, str]]]:
    """Keep what the page sends from now on."""
    sent: list[tuple[str, dict[str, Any], dict[str, str]]] = []

    def keep(request: Any) -> None:
        if request.method == "POST":
            sent.append((request.url, request.post_data_json or {}, request.all_headers()))

    window.page.on("request", keep)
    return sent


def session_of(window: OfficerBrowser) -> tuple[dict[str, str], str]:
    """Return the session's cookie and token, as a thief would have them."""
    cookies = {cookie["name"]: cookie["value"] for cookie in window.context.cookies()}
    return cookies, str(window.page.locator('meta[name="desk-token"]').get_attribute("content"))


def test_a_stolen_session_reads_nothing_elsewhere_and_signs_nothing_anywhere(office: Office) -> None:
    victim = office.enrolled(SECOND)
    cookies, token = session_of(victim)
    (cookie,) = [cooky for cooky in victim.context.cookies() if cooky["name"] == "accredit_desk"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert victim.page.evaluate("document.cookie") == ""
    assert httpx.get(f"{office.url}/queue", cookies=cookies).headers["location"] == "/signin"  # another browser
    same = {"user-agent": str(victim.page.evaluate("navigator.userAgent")), "origin": office.url, "x-desk-token": token}
    with httpx.Client(base_url=office.url, cookies=cookies, headers=same) as thief:
        case = str(waiting()[0])
        assert thief.post("/pile", json={"cases": [case], "outcome": "approve", "facts": "Seen."}).status_code == 200
        asked = thief.post("/sign/draft", json={"what": "decide"}).json()["sign"]
        forged = {"id": "AA", "rawId": "AA", "type": "public-key",
                  "response": {"authenticatorData": "AAAA", "clientDataJSON": "e30", "signature": "AAAA"}}  # fmt: skip
        assert thief.post("/sign", json={"draft": asked["draft"], "answer": forged}).status_code == 403
        no_token = {**same, "x-desk-token": ""}
        assert (
            thief.post(
                "/pile", json={"cases": [case], "outcome": "approve", "facts": "Seen."}, headers=no_token
            ).status_code
            == 403
        )
        assert status(UUID(case)) is Status.IN_REVIEW
        thief.post("/pile/remove", json={"cases": [case]})
        victim.page.get_by_role("button", name="Sign out").click()
        victim.page.wait_for_url("**/signin")
        assert thief.get("/queue").headers["location"] == "/signin"


def test_a_signature_counts_once_and_for_its_own_statement_only(office: Office) -> None:
    window = office.enrolled(SECOND)
    one, other = waiting()[:2]
    sent = captured(window)
    window.go(f"/case/{number_of(one)}")
    window.press("a")
    window.page.keyboard.type("Compared.")
    window.press("Enter")
    window.page.wait_for_url(lambda url: number_of(one) not in url)
    window.go("/pile")
    window.press("Enter")
    window.sign_now()
    window.page.get_by_text("Applied: 1").wait_for()
    (signed,) = [body for url, body, _ in sent if url.endswith("/sign")]
    cookies, token = session_of(window)
    headers = {"user-agent": str(window.page.evaluate("navigator.userAgent")), "origin": office.url,
               "x-desk-token": token}  # fmt: skip
    with httpx.Client(base_url=office.url, cookies=cookies, headers=headers) as replaying:
        assert "too old" in replaying.post("/sign", json=signed).json()["problem"]  # the draft was used up
        replaying.post("/pile", json={"cases": [str(other)], "outcome": "approve", "facts": "Seen."})
        asked = replaying.post("/sign/draft", json={"what": "decide"}).json()["sign"]
        told = replaying.post("/sign", json={**signed, "draft": asked["draft"]})
        assert told.status_code == 403
        assert "did not sign this statement" in told.json()["problem"]
        replaying.post("/pile/remove", json={"cases": [str(other)]})
    assert status(other) is Status.IN_REVIEW
    signed_in = [body for url, body, _ in sent if url.endswith("/signin")]
    for body in signed_in:
        assert httpx.post(f"{office.url}/signin", json=body, headers={"origin": office.url}).status_code == 403


def test_a_statement_that_was_exchanged_on_its_way_is_refused(office: Office) -> None:
    window = office.enrolled(SECOND)
    case = waiting()[0]

    def exchange(route: Any) -> None:
        answer = route.fetch()
        body = answer.json()
        body["sign"]["options"]["challenge"] = "A" * 43  # what the device is given to sign
        route.fulfill(response=answer, body=json.dumps(body))

    window.page.route("**/sign/draft", exchange)
    window.go(f"/case/{number_of(case)}")
    window.press("a")
    window.page.keyboard.type("Compared.")
    window.press("Enter")
    window.page.wait_for_url(lambda url: number_of(case) not in url)
    window.go("/pile")
    window.press("Enter")
    window.page.locator("#sign-now").click()
    window.page.locator("#said .bad").wait_for()
    assert "did not sign this statement" in window.said()
    assert status(case) is Status.IN_REVIEW
