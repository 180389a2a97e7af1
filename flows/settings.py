"""What an installation sets: environment variables that begin with ``ACCREDIT_``, everything else below one folder."""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from domain.errors import BadInputError
from domain.values import ElectionCode

PREFIX: Final = "ACCREDIT_"
OTHER_VARIABLES: Final = frozenset({"ACCREDIT_REQUIRE_ALL", "ACCREDIT_SECRETS_FOLDER", "ACCREDIT_FOLDER"})
"""Ours, but no settings: for the tests, for the settings' own source, for the deployments' working directory."""


def _absolute(path: Path) -> Path:
    """Return *path* for any working directory: servers, workers and pool processes have their own."""
    return path.expanduser().absolute()


def _available_cores() -> int:
    """Return how many cores this process may use, which in a container is fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _below_home(*parts: str) -> Any:
    """Return a field whose default is a path below ``home``."""
    return Field(default_factory=lambda values: values["home"].joinpath(*parts))


MAIL_FOLDER: Final = r"^[!#-\[\]-~][ !#-\[\]-~]{0,99}$"
"""Printable ASCII without quotation mark and backslash."""


def _origin(url: str) -> str:
    """Return *url* as a browser writes its origin; raises :class:`BadInputError` for one that is not safe.

    Refused here, before a letter carries a link that no desk answers.
    """
    if not url:
        return url
    parts = urlsplit(url.strip().rstrip("/").lower())
    remedy = (
        "Give it as https://desk.commission.example, with a name that officers type, and a port where needed; "
        "or unset it, and the desk is for this machine: http://localhost."
    )
    try:
        name, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadInputError("ACCREDIT_DESK_URL", "this is no address.", remedy=remedy) from error
    if parts.scheme != "https" or not name or parts.path or parts.query or parts.username:
        raise BadInputError("ACCREDIT_DESK_URL", "on a network the desk needs https and a host name.", remedy=remedy)
    if _is_ip(name):
        raise BadInputError("ACCREDIT_DESK_URL", "passkeys need a host name, not an IP address.", remedy=remedy)
    return f"https://{name}" + (f":{port}" if port not in {None, 443} else "")


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


Folder = Annotated[Path, AfterValidator(_absolute)]
OptionalFile = Annotated[Path, AfterValidator(_absolute)] | None


class Settings(BaseModel):
    """One installation. Every field is an environment variable: ``chunk_size`` is ``ACCREDIT_CHUNK_SIZE``.

    Secrets may also lie as files in the folder that ``ACCREDIT_SECRETS_FOLDER`` names, one file a variable. What is
    given counts before the environment, and the environment before the files.
    """

    # Read here, in a few lines: importing pydantic-settings takes a quarter of the time of ``accredit status``.
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)

    home: Folder = Path("var")
    database_url: str = Field(default_factory=lambda values: f"sqlite:///{values['home'] / 'accreditation.db'}")
    files_url: str = Field(default_factory=lambda values: str(values["home"] / "files"))
    """Where photos, documents and badges lie: any fsspec URL."""

    personal_keys_url: str = Field(default_factory=lambda values: f"sqlite:///{values['home'] / 'personal-keys.db'}")
    """The store of the keys under which people's data is encrypted: a database of its own, with backups of its own."""
    master_key: SecretStr | None = None
    """The key under which those keys are, 32 bytes in base64; unset: ``master.key`` in the home folder."""
    master_key_command: str = ""
    """A command that prints the master key in base64, such as the client of a key service; run without a shell."""
    master_passphrase: SecretStr | None = None
    """The pass-phrase of ``master.key``; unset when it is made: the file is not encrypted."""

    election: ElectionCode | None = None
    """The election that commands work on when they are not told."""
    as_of: datetime | None = None
    """The moment work counts as done when nobody says so, for rehearsals; unset: the present."""

    maildir: Folder = _below_home("mail")
    smtp_host: str | None = None
    """The mail server; without one every letter goes into the Maildir."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "plain"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_timeout: float = Field(default=30.0, gt=0)
    """Seconds that one answer of the mail server may take."""
    smtp_per_second: float = Field(default=10.0, gt=0)
    """Messages that all deliveries together hand over, once ``smtp_burst`` are out."""
    smtp_burst: int = Field(default=50, ge=1)
    smtp_domain_per_minute: int | None = Field(default=None, ge=1)
    """Messages to recipients of one domain in any minute, for providers that refuse more; unset: any number."""
    smtp_authorities: OptionalFile = None
    """PEM file of the authorities that the mail server's certificate is checked with; unset: the system's."""
    smtp_return_path: str = ""
    """The mailbox that delivery reports go to; empty: the sender's."""
    bounces_folder: OptionalFile = None
    """Maildir folder into which that mailbox is fetched; the flow ``bounces`` reads delivery reports there."""
    drop_folder: OptionalFile = None
    """Folder that nominations files are put into, sub-folders by organisation; the flow ``collection`` scans it."""
    intake_folders: str = ""
    """More folders that runs started in Prefect may take files from, separated as in PATH; ``accredit intake`` takes
    files from anywhere."""
    imap_host: str | None = None
    """Server of the mailbox that nominations are sent to; the flow ``collection`` reads it. Unset: no mailbox."""
    imap_port: int = Field(default=993, ge=1, le=65535)
    imap_security: Literal["tls", "starttls"] = "tls"
    """``tls`` (from the first byte on, usual on 993) or ``starttls`` (usual on 143)."""
    imap_user: str | None = None
    imap_password: SecretStr | None = None
    imap_timeout: float = Field(default=60.0, gt=0)
    """Seconds that one answer of the server may take."""
    imap_authorities: OptionalFile = None
    """PEM file of the authorities that the server's certificate is checked with; unset: the system's."""
    imap_folder: str = Field(default="INBOX", pattern=MAIL_FOLDER)
    """Where messages arrive."""
    imap_working: str = Field(default="accredit-working", pattern=MAIL_FOLDER)
    """Where messages lie from before they are read until it is known what they are."""
    imap_taken: str = Field(default="accredit-taken", pattern=MAIL_FOLDER)
    """Where messages go that the engine takes in."""
    imap_held: str = Field(default="accredit-held", pattern=MAIL_FOLDER)
    """Where messages go that wait for an officer."""
    imap_bounces: str | None = Field(default=None, pattern=MAIL_FOLDER)
    """Folder of the same mailbox in which the flow ``bounces`` reads delivery reports; unset: it does not."""
    imap_vouching: str = ""
    """Name of the office's mail server in Authentication-Results: a sender it does not vouch for is held."""
    dkim_domain: str | None = None
    """The domain that signs letters sent by SMTP; unset: they are not signed here."""
    dkim_selector: str = "accredit"
    """Where the DNS has the public key: ``SELECTOR._domainkey.DOMAIN``."""
    dkim_key: OptionalFile = None
    """PEM file of the private key, RSA of 2,048 bits or more, or Ed25519."""
    letters_folder: OptionalFile = None
    """A jurisdiction's own templates and words; ``accredit letters check`` reads them before anything is sent."""
    mail_archive: bool = False
    """Whether letters sent by SMTP are also kept in the Maildir."""
    mail_from: str = "accreditation@elections.example"

    webhooks: OptionalFile = None
    """YAML file of other systems that are told of events, each with its address and its secrets; the flow ``webhooks``
    sends to them. Unset: nobody is told."""

    public_folder: OptionalFile = None
    """Folder that is published, as ``accredit publish`` wrote it; the flow ``checkpoints`` renews the log in it.
    With several elections each has a folder in it, named by its code. Unset: that command alone publishes."""
    timestamp_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Address of an authority that stamps checkpoints with the time (RFC 3161); empty: they get no time stamp."""
    timestamp_authority: OptionalFile = None
    """PEM file of the certificates that vouch for that authority."""

    keys_folder: Folder = _below_home("keys")
    key_passphrase: SecretStr | None = None
    signing_keys: SecretStr | None = None
    signing_socket: OptionalFile = None
    """Socket of the signing process that has the badge keys; unset: `accredit` starts one where it is needed."""
    signing_per_hour: int = Field(default=15_000, ge=1)
    """More credentials than this, signed within an hour, raise an alarm."""

    runner: Literal["threads", "processes", "dask"] = "threads"
    """Where chunks run: in this process, in several on this machine, or on a Dask cluster."""
    workers: int = Field(default_factory=_available_cores, ge=1, le=256)
    """How many chunks run at once (not for Dask, whose cluster decides)."""
    dask_address: str | None = None
    """The scheduler, such as ``tcp://10.0.0.5:8786``."""
    chunk_size: int = Field(default=250, ge=1, le=500)
    """Applications in one task and one transaction: 100 to 500 in service; fewer is for tests."""

    prefect_home: Folder = _below_home("prefect")

    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    """Port of this machine on which metrics for Prometheus are served; unset: none are."""
    log_json: bool = False
    """Whether the logs of server and runs are JSON, a line a record."""

    backup_to: str = ""
    """Where the flow ``backup`` makes backups: a folder or any fsspec URL. Empty: no backup is made by itself."""
    backup_hours: int = Field(default=24, ge=1, le=24 * 31)
    """Hours after which the next backup is due; the doctor complains when the last one is twice as old."""
    backup_keep: int = Field(default=14, ge=1, le=10_000)
    """Backups that are kept; older ones are removed when a new one is verified."""
    backup_key: str = Field(default="", pattern=r"^(age1[0-9a-z]{58})?$")
    """Public key (age) that backups are encrypted to; who restores has the other half."""

    desk_port: int = Field(default=4201, ge=1, le=65535)
    """Port of the officers' desk."""
    desk_url: Annotated[str, AfterValidator(_origin)] = ""
    """The one address at which officers of a network open the desk, such as ``https://desk.commission.example``.
    Empty: ``http://localhost`` and its port, for this machine only."""
    desk_certificate: OptionalFile = None
    """PEM file of the certificate for that name, with those that vouch for it; unset: a proxy on this machine does
    TLS, and the desk listens on the loopback address only."""
    desk_certificate_key: OptionalFile = None
    """PEM file of the certificate's key."""
    desk_bind: str = "0.0.0.0"  # noqa: S104 -- counts only together with a certificate
    """The network address on which the desk listens where it has a certificate."""
    desk_idle_minutes: int = Field(default=20, ge=1, le=240)
    """Minutes without a request after which an officer signs in anew."""
    desk_hours: int = Field(default=10, ge=1, le=24)
    """Hours after which an officer signs in anew in any case."""
    desk_uploads: Folder = _below_home("uploads")
    """Where nominations files lie that officers uploaded and have not taken in yet."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**(_of_files(os.environ) | _of_environment(os.environ) | given))

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is a file, which one machine writes."""
        return self.database_url.startswith("sqlite")


def _of_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the fields that are set; an empty variable is none."""
    found = {name: environment.get(f"{PREFIX}{name.upper()}") for name in Settings.model_fields}
    return {name: value for name, value in found.items() if value}


def _of_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the values that lie as files in the folder of secrets, named as variables in any case."""
    folder = environment.get("ACCREDIT_SECRETS_FOLDER")
    fields = {f"{PREFIX}{name.upper()}": name for name in Settings.model_fields}
    try:
        files = [file for file in Path(folder).expanduser().iterdir() if file.is_file()] if folder else []
        return {fields[file.name.upper()]: file.read_text().strip() for file in files if file.name.upper() in fields}
    except OSError as error:
        problem = f"this folder cannot be read ({error.strerror})."
        remedy = "Name the folder in which the files with secrets lie, or unset it."
        raise BadInputError("ACCREDIT_SECRETS_FOLDER", problem, remedy=remedy) from None


@cache
def settings() -> Settings:
    """Return the settings, read once from the environment.

    An unknown variable or an unusable value is a BadInputError, which repeats no value: some are secret.
    """
    _refuse_unknown_variables(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        raise _explained(error) from None


def reset_settings() -> None:
    """Forget the settings, so that the next reader sees the environment as it is now."""
    settings.cache_clear()


def change_settings(changes: Mapping[str, object]) -> Settings:
    """Return the settings with *changes* (by field), for this process and every process it starts from now on."""
    os.environ.update({f"{PREFIX}{field.upper()}": str(value) for field, value in changes.items()})
    reset_settings()
    return settings()


def prepare_home(settled: Settings | None = None) -> Path:
    """Return the home folder, made and proved writable and closed to others; else it is a BadInputError."""
    home = (settled or settings()).home
    probe = home / f".writable-{os.getpid()}"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.touch(0o600)
        probe.unlink()
        require_closed(home, "Others on this machine may have read it")
    except OSError as error:
        problem = f"this folder cannot be written ({error.strerror})."
        raise BadInputError(str(home), problem, remedy="Set ACCREDIT_HOME to a folder that you may write.") from error
    return home


def require_closed(path: Path, consequence: str) -> None:
    """Refuse a file or folder that group or others may touch, with what that means and the remedy."""
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        wanted = "0700" if path.is_dir() else "0600"
        raise BadInputError(
            str(path), "is open to group or others.", remedy=f"{consequence}. Close it: chmod {wanted} '{path}'"
        )


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    """Refuse a misspelt variable, whose setting would otherwise silently keep its default."""
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields} | OTHER_VARIABLES
    for name in sorted(environment.keys() - known):
        if name.startswith(PREFIX):
            nearest = get_close_matches(name, known, n=1)
            remedy = f"Did you mean {nearest[0]}?" if nearest else "Remove it; docs/operating.md lists the settings."
            raise BadInputError(name, "there is no such setting.", remedy=remedy)


def _explained(error: ValidationError) -> BadInputError:
    """Return the first problem as one sentence about one variable."""
    first = error.errors(include_input=False, include_url=False)[0]
    variable = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
    return BadInputError(variable, f"this value cannot be used: {first['msg']}.", remedy="Correct or unset it.")
