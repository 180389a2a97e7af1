"""Hosts as network namespaces, joined by a bridge; processes on them that are started again as systemd would."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

BRIDGE = "accredit0"
NETWORK = "10.87.0"
SECONDS_BEFORE_RESTART = 5.0
"""What ``RestartSec`` says in deploy/systemd."""


def ip(*arguments: object, check: bool = True) -> None:
    subprocess.run(["ip", *map(str, arguments)], check=check, capture_output=True, text=True)


@dataclass
class Service:
    """A process that is started again when it ends, as ``Restart=always`` does."""

    host: Host
    name: str
    command: str
    environment: Mapping[str, str]
    held: bool = False
    """Whether it stays ended: its machine is off."""
    _process: subprocess.Popen[bytes] | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        threading.Thread(target=self._keep, daemon=True).start()

    def _keep(self) -> None:
        while not self._stopped.is_set():
            if not self.held:
                self._process = self.host.popen(self.command, self.environment, self.log)
                self._process.wait()
            self._stopped.wait(SECONDS_BEFORE_RESTART)

    @property
    def log(self) -> Path:
        return self.host.folder / f"{self.name}.log"

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def kill(self) -> None:
        """End it and all that it started by SIGKILL, as a power cut would."""
        if self._process is None:
            return
        with suppress(psutil.NoSuchProcess):
            root = psutil.Process(self._process.pid)
            family = [root, *root.children(recursive=True)]
            for member in family:
                with suppress(psutil.NoSuchProcess):
                    member.send_signal(signal.SIGSTOP)
            for member in [*family, *root.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    member.kill()
            psutil.wait_procs(family, timeout=20)

    def stop(self) -> None:
        self._stopped.set()
        self.kill()


@dataclass
class Host:
    """One machine: a name, an address, a folder that stands for its disk, and its services."""

    name: str
    number: int
    folder: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])
    services: dict[str, Service] = field(default_factory=dict[str, Service])

    @property
    def space(self) -> str:
        return f"accredit-{self.name}"

    @property
    def address(self) -> str:
        return f"{NETWORK}.{self.number}"

    def connect(self) -> None:
        ip("netns", "add", self.space)
        ip("link", "add", f"acc{self.number}", "type", "veth", "peer", "name", "eth0", "netns", self.space)
        ip("link", "set", f"acc{self.number}", "master", BRIDGE, "up")
        ip("-n", self.space, "address", "add", f"{self.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", self.space, "link", "set", device, "up")

    def cut(self) -> None:
        """Pull the plug out of the network."""
        ip("link", "set", f"acc{self.number}", "down")

    def join(self) -> None:
        ip("link", "set", f"acc{self.number}", "up")

    def local(self, text: str) -> str:
        """Return *text* of the page with the folders of this host in it."""
        return text.replace("/srv/", f"{self.folder}/srv/")

    def popen(self, command: str, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                ["ip", "netns", "exec", self.space, "bash", "-euc", f"cd {self.folder}; {command}"],
                env={**environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def run(self, command: str, *, code: int | None = 0, seconds: float = 400) -> str:
        """Run *command* to its end with this host's variables and return what it printed."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.space, "bash", "-euc", f"cd {self.folder}; {command}"],
            env=self.variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=seconds,
        )  # fmt: skip
        assert code in {None, done.returncode}, f"{command}: {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}"
        return done.stdout + done.stderr

    def turn_off(self, *names: str) -> None:
        """End services, as before an upgrade; they stay ended."""
        for name in names:
            self.services[name].held = True
            self.services[name].kill()

    def turn_on(self, *names: str, program: Path) -> None:
        """Start services again, with the *program* that lies there."""
        self.variables["PYTHONPATH"] = str(program)
        for name in names:
            self.services[name].environment = dict(self.variables)
            self.services[name].held = False

    def serve(self, name: str, command: str) -> Service:
        found = Service(self, name, command, dict(self.variables))
        self.services[name] = found
        found.start()
        return found


@contextmanager
def network(hosts: Sequence[Host]) -> Generator[None]:
    """Join *hosts* for the time of the block; each knows the others by name. What a killed test left is removed."""
    _remove(hosts)
    names = "\n".join(["127.0.0.1 localhost", *(f"{host.address} {host.name}.internal" for host in hosts)])
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("link", "set", BRIDGE, "up")
        ip("address", "add", f"{NETWORK}.254/24", "dev", BRIDGE)
        for host in hosts:
            known = Path("/etc/netns") / host.space
            known.mkdir(parents=True, exist_ok=True)
            (known / "hosts").write_text(f"{names}\n")
            (host.folder / "srv").mkdir(parents=True, exist_ok=True)
            host.connect()
        yield
    finally:
        for host in hosts:
            for service in host.services.values():
                service.stop()
        _remove(hosts)


def _remove(hosts: Sequence[Host]) -> None:
    for host in hosts:
        listed = subprocess.run(["ip", "netns", "pids", host.space], capture_output=True, text=True, check=False)
        for pid in listed.stdout.split():  # of our own namespace: nobody else's
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        ip("link", "del", f"acc{host.number}", check=False)  # at once; with its namespace it goes some time later
        ip("netns", "del", host.space, check=False)
        shutil.rmtree(Path("/etc/netns") / host.space, ignore_errors=True)
    ip("link", "del", BRIDGE, check=False)


def wait_for(condition: object, what: str, seconds: float) -> float:
    """Return after how many seconds *condition* was true."""
    began = time.monotonic()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() - began < seconds, f"{what}: waited {seconds:.0f} s in vain"
        time.sleep(0.5)
    return time.monotonic() - began
