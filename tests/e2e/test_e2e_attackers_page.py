"""A page of another site in an officer's browser, against the Prefect server: each attack works on an open one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import Any

import pytest
from support.prefect import asked

from flows.runtime.environment import prefect_environment
from flows.runtime.server import RunningServer, ServerChild, announced, free_port, is_healthy
from flows.settings import Settings

pytestmark = [pytest.mark.xdist_group("e2e-commands"), pytest.mark.timeout(600)]

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
def closed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    settled = Settings(home=tmp_path_factory.mktemp("closed"))
    server = ServerChild(settled, port=free_port(), with_ui=True)
    try:
        server.wait_until_healthy()
        with announced(settled, server) as running:
            yield running
    finally:
        server.stop()


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give what was served before: Prefect without the gate and without a password."""
    settled, port = Settings(home=tmp_path_factory.mktemp("open")), free_port()
    settled.prefect_home.mkdir(parents=True)
    known = prefect_environment(settled, api_url=f"http://127.0.0.1:{port}/api")
    with (settled.home / "log").open("wb") as log:
        command = [sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"]
        process = subprocess.Popen([*command, "--port", str(port)], env={**os.environ, **known}, stdout=log, stderr=log)
    try:
        while not is_healthy(f"http://127.0.0.1:{port}/api"):
            assert process.poll() is None, (settled.home / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(params=["open", "closed"])
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
    json = {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": '{"name": "rebound"}'}
    answered = scene.page.evaluate(POST, [rebound, json])
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


def test_without_the_password_nobody_is_let_in(closed_server: RunningServer, browser: Any) -> None:
    page = browser.new_context().new_page()
    for path, method in {"/api/flows/filter": "post", "/api/admin/settings": "get", "/enter": "post"}.items():
        answer = getattr(page.request, method)(f"{closed_server.url}{path}")
        assert answer.status in {401, 403}, path
        assert not [name for name in answer.headers if name.startswith("access-control-")]
    page.context.close()
