"""Servers and what they serve end with whoever started them, however that ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.prefect import asked

from domain.errors import BadInputError, UnavailableError
from flows.deployments import Deployed, as_arguments, from_arguments
from flows.runtime.environment import basic
from flows.runtime.server.lifetime import ServerChild, free_port, running_server, temporary_server
from flows.runtime.server.process import loopback
from flows.settings import Settings
from flows.upkeep.service import up

pytestmark = pytest.mark.xdist_group("prefect")

LASTING = Deployed(name="lasting", group="daily", entrypoint="engine_trial.lasting")
UP = """
import sys
from flows.deployments import from_arguments
from flows.upkeep.service import up
up(port=int(sys.argv[1]), deployments=from_arguments(sys.argv[2:]))
"""


def wait_for(condition: Callable[[], object], seconds: float = 280.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.2)


def alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.full
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGHUP])
def test_up_ends_everything_it_started_runs_included(
    tmp_path: Path, with_tables: Callable[[Path], Path], ending: signal.Signals
) -> None:
    port = free_port()
    with_tables(tmp_path / "var").chmod(0o700)
    another_users = tmp_path / "runner_storage"
    another_users.touch()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "ACCREDIT_"))},
        "ACCREDIT_HOME": str(tmp_path / "var"),
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-c", UP, str(port), *as_arguments([LASTING])]
    screen = tmp_path / "screen"
    with screen.open("wb") as stdout:
        process = subprocess.Popen(command, env=environment, stdout=stdout)
    try:
        wait_for(lambda: (tmp_path / "var/prefect/server.json").exists() or process.poll() is not None)
        api = f"http://127.0.0.1:{port}/api"
        secret = tmp_path / "var/prefect/server.secret"
        assert secret.stat().st_mode & 0o777 == 0o600
        password = secret.read_text()
        deployment = asked(api, password, "GET", "/deployments/name/lasting/lasting")
        short = f"http://127.0.0.1:{port}/to/lasting"
        wait_for(lambda: short in screen.read_text())
        assert max(map(len, screen.read_text().splitlines())) <= 80
        shown = httpx.get(short)
        assert shown.headers["location"] == f"/deployments/deployment/{deployment['id']}/run"
        assert httpx.get(f"http://127.0.0.1:{port}/to/nothing").status_code == 404
        assert "No election is loaded yet." in screen.read_text()
        form = {"parameters": {"folder": str(tmp_path)}}
        asked(api, password, "POST", f"/deployments/{deployment['id']}/create_flow_run", form)
        wait_for((tmp_path / "lasting.pid").exists)
        family = psutil.Process(process.pid).children(recursive=True)
        assert int((tmp_path / "lasting.pid").read_text()) in {member.pid for member in family}
        process.send_signal(ending)
        answer = process.wait(60)
        assert answer == (-9 if ending == signal.SIGKILL else 0)
        wait_for(lambda: not any(alive(member) for member in family), 60)
    finally:
        process.kill()
        process.wait()


def test_a_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = """
from flows.runtime.environment import basic
from flows.runtime.server.lifetime import ServerChild, free_port
from flows.settings import Settings
import pathlib, sys, time
print(ServerChild(Settings(home=pathlib.Path(sys.argv[1])), port=free_port(), with_ui=False).pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        server = psutil.Process(int(parent.stdout.readline()))
        assert alive(server)
        parent.kill()
    wait_for(lambda: not alive(server), 60)


def test_a_temporary_server_is_found_by_others_only_while_announced(tmp_path: Path) -> None:
    assert running_server(Settings(home=tmp_path)) is None
    (tmp_path / "prefect").mkdir()
    (tmp_path / "prefect/server.json").write_text(json.dumps({"api_url": f"http://127.0.0.1:{free_port()}/api"}))
    assert running_server(Settings(home=tmp_path)) is None


def test_a_server_that_cannot_start_says_where_its_log_is(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        child = ServerChild(Settings(home=tmp_path), port=taken.getsockname()[1], with_ui=False)
        with pytest.raises(UnavailableError, match=r"server\.log"):
            child.wait_until_healthy()
        child.stop()


def test_answers_of_our_server_leave_at_once() -> None:
    async def sent_at_once() -> int:
        accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        with loopback(0) as own:
            async with await asyncio.start_server(lambda _read, write: accepted.put_nowait(write), sock=own):
                _, client = await asyncio.open_connection(*own.getsockname())
                answering = await accepted.get()
                option = int(answering.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
                for end in (client, answering):
                    end.close()
                    await end.wait_closed()
        return option

    assert asyncio.run(sent_at_once())


def test_up_names_a_port_that_is_in_use_and_what_to_do(home: Path) -> None:
    home.mkdir(mode=0o700)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadInputError, match="--port"):
            up(Settings(home=home), port=taken.getsockname()[1])


def test_a_server_named_by_the_operator_must_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{free_port()}/api")
    with pytest.raises(UnavailableError, match="PREFECT_API_URL"), temporary_server(Settings(home=tmp_path)):
        pytest.fail("no server, no flows")


def test_deployments_survive_the_way_to_another_process() -> None:
    assert from_arguments(as_arguments([LASTING])) == [LASTING]


@pytest.fixture
def networked(tmp_path: Path, with_tables: Callable[[Path], Path]) -> Iterator[httpx.Client]:
    """Give a client of a server as it is documented for several machines: with a certificate, behind the gate."""
    pem, private = tmp_path / "desk.pem", tmp_path / "desk.key"
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "desk")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, None)
    )
    pem.write_bytes(certificate.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    url = f"https://127.0.0.1:{free_port()}"
    own = {
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_SERVER_API_AUTH_STRING": ENTITLED,
        "PREFECT_HOME": str(with_tables(tmp_path) / "prefect"),
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", "flows.runtime.server.process:closed_server",
               "--port", url.rpartition(":")[2], "--ssl-certfile", str(pem), "--ssl-keyfile", str(private)]  # fmt: skip
    trusted = ssl.create_default_context(cafile=str(pem))
    with (
        subprocess.Popen(command, env={**os.environ, **own}, stderr=subprocess.DEVNULL) as process,
        httpx.Client(base_url=url, verify=trusted, timeout=120) as client,
    ):
        wait_for(lambda: process.poll() is not None or said(client, "/api/health") == 200)
        yield client
        process.terminate()


ENTITLED = "accredit:x"


def said(client: httpx.Client, path: str, **headers: str) -> int:
    try:
        return client.get(path, headers=headers).status_code
    except httpx.TransportError:
        return 0


def test_a_server_for_several_machines_is_closed_by_itself(networked: httpx.Client) -> None:
    assert said(networked, "/api/health") == 200
    assert said(networked, "/api/health", Host="evil.example") == 421
    assert said(networked, "/api/health", Origin="https://evil.example") == 403
    assert said(networked, "/api/admin/version") == 401
    assert said(networked, "/api/admin/version", Authorization=basic(ENTITLED)) == 200
    assert said(networked, f"{networked.base_url.copy_with(scheme='http')}/api/health".replace("//api", "/api")) == 0
