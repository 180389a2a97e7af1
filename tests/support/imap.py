"""A real IMAP server for tests: Debian's dovecot on a free port of this machine, from a configuration of its own."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from imaplib import IMAP4_SSL
from pathlib import Path
from time import monotonic, sleep

from support.post_office import certificate

USER, PASSWORD = "observers@commission.example", 'rïght "one" \\ %'
DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
REMEDY = "Install it: apt-get install dovecot-imapd"

_CONFIG = """
base_dir = {place}/run
state_dir = {place}/run
log_path = {place}/log
instance_name = {name}
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{place}/cert.pem
ssl_key = <{place}/key.pem
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_failure_delay = 0 secs
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{place}/mail
mail_fsync = never
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={place}/home
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {place}/users
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class PostBox:
    """The running server: its ports, the authority of its certificate, and a way to put messages into it."""

    place: Path
    plain: int
    tls: int

    @property
    def authorities(self) -> Path:
        return self.place / "cert.pem"

    def connection(self) -> IMAP4_SSL:
        """Return a logged-in connection of somebody else than the engine."""
        context = ssl.create_default_context(cafile=str(self.authorities))
        server = IMAP4_SSL("127.0.0.1", self.tls, ssl_context=context, timeout=20)
        server.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return server

    def put(self, message: bytes, folder: str = "INBOX") -> None:
        """Let a message arrive."""
        with self.connection() as server:
            server.create(folder)
            server.append(folder, "", "", message)  # empty: no flags, the server's time

    def count(self, folder: str) -> int:
        """Return how many messages lie in *folder*; 0 where there is none."""
        with self.connection() as server:
            said, found = server.select(folder, readonly=True)
            return int(found[0] or b"0") if said == "OK" else 0

    def empty(self) -> None:
        """Remove every message and folder."""
        with self.connection() as server:
            for folder in ("accredit-taken", "accredit-held", "reports"):
                server.delete(folder)
            server.select("INBOX")
            for number in server.search(None, "ALL")[1][0].split():
                server.store(number.decode(), "+FLAGS", r"(\Deleted)")
            server.expunge()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


@contextmanager
def post_box() -> Generator[PostBox]:
    """Run the server in a short-lived folder; it ends with the block."""
    assert DOVECOT
    # Not below pytest's folder: paths of sockets are short, and its parents are closed to other users.
    place = Path(tempfile.mkdtemp(prefix="imap-"))
    try:
        certificate(place)
        (place / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", "utf-8")
        plain, tls = _free_ports()
        who = _as_root(place) if os.getuid() == 0 else _as_anybody()
        config = _CONFIG.format(place=place, name=place.name, plain=plain, tls=tls, **who)
        (place / "dovecot.conf").write_text(config, "utf-8")
        server = subprocess.Popen(
            [DOVECOT, "-F", "-c", str(place / "dovecot.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait(server, tls, place)
            yield PostBox(place, plain, tls)
        finally:
            server.terminate()
            server.wait(20)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _as_anybody() -> dict[str, str]:
    """Return the accounts of a server that is nobody special: every part of it is this user."""
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    return {"internal": user, "login": user, "mail": user, "group": group, "mail_group": group}


def _as_root(place: Path) -> dict[str, str]:
    """Return the accounts that Debian's packages made: dovecot serves nobody's mail as root."""
    place.chmod(0o755)
    for folder in (place / "mail", place / "home"):
        folder.mkdir()
        shutil.chown(folder, "mail", "mail")
    return {"internal": "dovecot", "login": "dovenull", "mail": "mail", "group": "dovecot", "mail_group": "mail"}


def _wait(server: subprocess.Popen[bytes], port: int, place: Path) -> None:
    end = monotonic() + 30
    while monotonic() < end and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        sleep(0.02)
    log = place / "log"
    raise RuntimeError(f"dovecot did not start: {log.read_text() if log.exists() else 'no log'}")
