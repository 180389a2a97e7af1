"""A page of another site in an officer's browser, against the Prefect server: each attack works on an open one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.responses import HTMLResponse
from support.prefect import asked
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from flows.desk.address import Address
from flows.desk.guarding import Guard
from flows.runtime.environment import basic, prefect_environment
from flows.runtime.server.gate import SECONDS_A_LINK_LIVES, Gate, Links
from flows.runtime.server.lifetime import RunningServer, ServerChild, announced, free_port, is_healthy
from flows.settings import Settings

pytestmark = [pytest.mark.xdist_group("e2e-attackers"), pytest.mark.timeout(600)]

EVIL = "evil.example"
POST = """async ([url, how]) => {
  try { if (how.mode === "no-cors") how.body = new Blob([how.body]);  // of no type: needs no preflight
    const answer = await fetch(url + "/api/flows/", how); return [answer.type, answer.status]; }
  catch (error) { return [error.name, 0]; }
}"""
READ = """async ([url]) => {
  try { return await (await fetch(url + "/api/admin/version")).text(); } catch (error) { return ""; }
}"""
SOCKET = """([url]) => new Promise((done) => {
  const socket = new WebSocket(url.replace("http", "ws") + "/api/events/in");
  socket.onopen = () => { socket.send("{}"); done("open"); };
  socket.onerror = () => done("closed");
})"""
FORM = """([url, name]) => {
  const form = document.createElement("form");
  form.method = "post"; form.enctype = "text/plain"; form.action = url + "/api/flows/";
  const field = document.createElement("input");
  field.name = '{"name": "' + name + '", "tags": ["'; field.value = '"]}';
  form.append(field); document.body.append(form); form.submit();
}"""


class Blank(BaseHTTPRequestHandler):
    """The attacker's site: an empty page under every address."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>prize</title>")

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Scene:
    """An officer's browser that shows the attacker's page, and the server of the office."""

    page: Any
    url: str
    attacker: str
    password: str | None

    def flows(self) -> set[str]:
        if self.password:
            return {flow["name"] for flow in asked(f"{self.url}/api", self.password, "POST", "/flows/filter", {})}
        answer = self.page.request.post(f"{self.url}/api/flows/filter", data={})
        return {flow["name"] for flow in answer.json()}


@pytest.fixture(scope="module")
def browser(need: Callable[[object, str, str], None]) -> Iterator[Any]:
    chromium = shutil.which("chromium")
    need(chromium, "Chromium", "Install it (apt-get install chromium).")
    need(find_spec("playwright"), "Playwright", "Install the development requirements.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        rules = f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", rules])
        yield started
        started.close()


@pytest.fixture(scope="module")
def attacker() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Blank) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://{EVIL}:{site.server_port}"
        site.shutdown()


@pytest.fixture(scope="module")
def closed_server(
    tmp_path_factory: pytest.TempPathFactory, with_tables: Callable[[Path], Path]
) -> Iterator[RunningServer]:
    settled = Settings(home=with_tables(tmp_path_factory.mktemp("closed")))
    server = ServerChild(settled, port=free_port(), with_ui=True)
    try:
        server.wait_until_healthy()
        assert [*settled.prefect_home.glob("pages/*/index.html")], "written where the engine's user may write"
        with announced(settled, server) as running:
            yield running
    finally:
        server.stop()


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory, with_tables: Callable[[Path], Path]) -> Iterator[str]:
    """Give what was served before: Prefect without the gate and without a password."""
    settled, port = Settings(home=with_tables(tmp_path_factory.mktemp("open"))), free_port()
    known = prefect_environment(settled, api_url=f"http://127.0.0.1:{port}/api")
    with (settled.home / "log").open("wb") as log:
        command = [sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"]
        process = subprocess.Popen([*command, "--port", str(port)], env={**os.environ, **known}, stdout=log, stderr=log)
    try:
        while not is_healthy(f"http://127.0.0.1:{port}/api"):
            assert process.poll() is None, (settled.home / "log").read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(params=[pytest.param("open", marks=pytest.mark.full), "closed"])
def scene(request: pytest.FixtureRequest, browser: Any, attacker: str) -> Iterator[Scene]:
    server = request.getfixturevalue(f"{request.param}_server")
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{attacker}/")
    if request.param == "open":
        yield Scene(page, server, attacker, None)
    else:
        yield Scene(page, server.url, attacker, server.password)
    context.close()


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"method": "POST", "mode": "no-cors"}, id="without preflight"),
        pytest.param({"method": "POST", "headers": {"Content-Type": "application/json"}}, id="with preflight"),
    ],
)
def test_another_sites_page_cannot_write(scene: Scene, how: dict[str, Any], request: pytest.FixtureRequest) -> None:
    name = f"planted-{request.node.callspec.id}".replace(" ", "-")
    scene.page.evaluate(POST, [scene.url, {**how, "body": f'{{"name": "{name}"}}'}])
    assert (name in scene.flows()) is (scene.password is None)


def test_another_sites_form_cannot_write(scene: Scene) -> None:
    scene.page.evaluate(FORM, [scene.url, "planted-form"])
    scene.page.wait_for_url(f"{scene.url}/**")
    assert "planted-form" not in scene.flows()  # Prefect itself refuses text; the gate before it
    assert (scene.page.request.get(scene.url).status) == 200


def test_another_sites_page_cannot_read_nor_listen_nor_frame(scene: Scene) -> None:
    is_open = scene.password is None
    assert bool(scene.page.evaluate(READ, [scene.url])) is is_open
    assert scene.page.evaluate(SOCKET, [scene.url]) == ("open" if is_open else "closed")
    scene.page.set_content(f'<iframe src="{scene.url}/api/docs"></iframe>')
    scene.page.wait_for_timeout(1500)
    assert ("swagger" in scene.page.frames[-1].content()) is is_open


def test_a_name_that_is_bound_to_this_machine_later_reaches_nothing(scene: Scene) -> None:
    is_open = scene.password is None
    rebound = scene.url.replace("127.0.0.1", EVIL)
    assert scene.page.goto(f"{rebound}/api/health").status == (200 if is_open else 421)
    written = {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": '{"name": "rebound"}'}
    answered = scene.page.evaluate(POST, [rebound, written])
    assert answered[1] == (201 if is_open else 421)
    assert ("rebound" in scene.flows()) is is_open


def test_a_link_logs_one_browser_in_once_and_the_pages_work(closed_server: RunningServer, browser: Any) -> None:
    link = closed_server.link()
    first, second = (browser.new_context().new_page() for _ in range(2))
    failures: list[str] = []
    first.on(
        "console",
        lambda message: failures.append(f"{message.text} {message.location}") if message.type == "error" else None,
    )
    first.goto(link)
    first.wait_for_url("**/dashboard")
    first.get_by_text("Run a task or flow to get started").wait_for()
    first.goto(f"{closed_server.url}/flows")
    first.get_by_text("Flows").first.wait_for()
    wrong = [failure for failure in failures if "favicon" not in failure]
    assert not [failure for failure in wrong if "Content Security" in failure or "status of 40" in failure]
    assert second.goto(link).status == 410
    second.goto(f"{closed_server.url}/deployments")
    second.wait_for_url("**/login**")
    for page in (first, second):
        page.context.close()


WORKER = b"""
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(clients.claim()));
self.addEventListener("fetch", (event) => event.respondWith(fetch(event.request).then(async (answer) =>
  new Response("taken: " + await answer.text(), {headers: {"Content-Type": "text/html"}}))));
"""
PLANTS = b"""<!doctype html><script>
navigator.serviceWorker.register("/worker.js").then(() => navigator.serviceWorker.ready)
  .then(() => { document.title = "planted"; });
</script>"""


class Before(Blank):
    """Another program of the machine, which had the port before, and left a service worker in the browser."""

    def do_GET(self) -> None:
        script = self.path == "/worker.js"
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.end_headers()
        self.wfile.write(WORKER if script else PLANTS)


@contextmanager
def served(app: Any, port: int) -> Generator[None]:
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("which", ["Prefect", "desk"])
def test_a_script_that_a_program_left_which_had_the_port_before_is_shown_no_page(browser: Any, which: str) -> None:
    """In place of a page it gets a refusal, and the browser forgets it; without that it would take every page."""
    port, page = free_port(), browser.new_context().new_page()
    own = HTMLResponse("a case")
    origin = f"http://{'127.0.0.1' if which == 'Prefect' else 'localhost'}:{port}"
    with ThreadingHTTPServer(("127.0.0.1", port), Before) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        page.goto(origin)
        page.wait_for_function("document.title === 'planted'")
        site.shutdown()
    desk = Address(origin=origin, name="localhost", bind="127.0.0.1", port=port)
    closed = Gate(own, url=origin, password="") if which == "Prefect" else Guard(own, desk)
    with served(closed, port):
        first, second = ((page.goto(origin), page.content())[1] for _ in range(2))
        page.context.close()
    assert ("taken" in first, "a case" in first) == (True, False)
    assert ("taken" in second, "a case" in second) == (False, True)


def test_without_the_password_nobody_is_let_in(closed_server: RunningServer, browser: Any) -> None:
    page = browser.new_context().new_page()
    for path, method in {"/api/flows/filter": "post", "/api/admin/settings": "get", "/enter": "post"}.items():
        answer = getattr(page.request, method)(f"{closed_server.url}{path}")
        assert answer.status in {401, 403}, path
        assert not [name for name in answer.headers if name.startswith("access-control-")]
    page.context.close()


def said(server: RunningServer, line: str, *headers: str, host: str | None = None, body: str = "{}") -> int:
    """Return the status of the answer to a request that no browser or library would send so."""
    place = urlsplit(server.url)
    own = host if host is not None else f"Host: {place.netloc}"
    head = "\r\n".join([line, *([own] if own else []), *headers, f"Content-Length: {len(body)}", "Connection: close"])
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as connection:
        connection.sendall(f"{head}\r\n\r\n{body}".encode())
        answer = connection.makefile("rb").readline()
    return int(answer.split()[1])


@pytest.mark.parametrize(
    "path",
    ["/api/admin/settings", "/api/flows/filter", "/api/flow_runs/filter", "/api/block_documents/", "/api/variables/",
     "/api//admin/version", "/api/%61dmin/version", "/api/health/../admin/version", "/api/events", "/api/metrics"],
)  # fmt: skip
def test_no_method_and_no_path_of_the_api_answers_without_the_password(closed_server: RunningServer, path: str) -> None:
    methods = ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "POST", "PROPFIND")
    lines = [f"{method} {path} HTTP/1.1" for method in methods]
    answered = {line: said(closed_server, line, "Content-Type: application/json") for line in lines}
    assert {line: status for line, status in answered.items() if status not in {401, 403, 404}} == {}


@pytest.mark.parametrize(
    "host",
    ["", "Host:", "Host: {name}", "Host: {name}:80", "Host: user@{name}:{port}", "Host: localhost:{port}",
     "Host: {name}.:{port}", "Host: [::1]:{port}", "Host: 127.1:{port}", "Host: {name}:{port}/", "Host: evil.example",
     "Host: {name}:{port},evil.example", "Host: {name}:{port}\r\nHost: evil.example"],
)  # fmt: skip
def test_a_host_that_is_not_exactly_the_servers_is_misdirected(closed_server: RunningServer, host: str) -> None:
    place = urlsplit(closed_server.url)
    told = host.format(name=place.hostname, port=place.port)
    assert said(closed_server, "GET /api/health HTTP/1.1", host=told) in {400, 421}


@pytest.mark.parametrize(
    "header",
    ["Origin: null", "Origin: {url}.evil.example", "Origin: https://{place}", "Origin: {url}/", "Origin: http://u@{place}",
     "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: same-origin, cross-site",
     "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document"],
)  # fmt: skip
def test_what_another_page_asks_is_refused_even_with_the_password(closed_server: RunningServer, header: str) -> None:
    told = header.format(url=closed_server.url, place=urlsplit(closed_server.url).netloc)
    entitled = f"Authorization: {basic(closed_server.password)}"
    assert said(closed_server, "POST /api/flows/filter HTTP/1.1", told, entitled) == 403


@pytest.mark.parametrize(
    "path",
    ["/api/events/in", "/api/events/out", "/api/logs/out", "/api/task_runs/subscriptions/scheduled",
     "/api/work_pools/any/workers/connect"],
)  # fmt: skip
def test_no_web_socket_says_anything_without_the_password(closed_server: RunningServer, path: str) -> None:
    url = closed_server.url.replace("http", "ws") + path
    for words in (
        "null",
        '{"type": "auth", "token": ""}',
        '{"type": "auth", "token": "guessed"}',
        '{"type": "subscribe"}',
    ):
        for protocols in ([Subprotocol("prefect")], None):
            with pytest.raises((ConnectionClosed, InvalidStatus)):
                heard(url, protocols, words)


def heard(url: str, protocols: list[Subprotocol] | None, words: str) -> object:
    with connect(url, subprotocols=protocols) as opened:
        opened.send(words)
        return opened.recv(timeout=20)


def test_a_link_is_used_up_by_its_first_reader_and_by_no_other_method(closed_server: RunningServer) -> None:
    link = urlsplit(closed_server.link()).path
    assert [said(closed_server, f"{way} {link} HTTP/1.1") for way in ("HEAD", "OPTIONS", "POST", "PUT")] == [410] * 4
    assert [said(closed_server, f"GET {link} HTTP/1.1") for _ in range(2)] == [200, 410]
    assert said(closed_server, "POST /enter HTTP/1.1", "Authorization: Basic Z3Vlc3NlZA==") == 401


def test_a_link_is_worth_nothing_after_its_hour() -> None:
    now = [0.0]
    links = Links(clock=lambda: now[0])
    old, fresh = links.make(), links.make()
    now[0] = SECONDS_A_LINK_LIVES - 1
    assert links.use(fresh)
    now[0] = SECONDS_A_LINK_LIVES
    assert not links.use(old)
