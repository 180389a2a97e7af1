from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from domain.errors import BadInputError, UnavailableError
from flows.cli.app import app
from flows.runtime.environment import prefect_configured
from flows.runtime.task_runners import build_runner
from flows.settings import Settings, change_settings, prepare_home, reset_settings, settings
from flows.statements.keys import make_key, place_of, signing_key

pytestmark = pytest.mark.usefixtures("home")


def test_everything_lies_below_one_folder_unless_told_otherwise(home: Path) -> None:
    known = settings()
    assert known.database_url == f"sqlite:///{home}/accreditation.db"
    assert {known.maildir, known.keys_folder, known.prefect_home} == {home / "mail", home / "keys", home / "prefect"}
    assert change_settings({"chunk_size": 7}).chunk_size == settings().chunk_size == 7


def test_a_misspelt_variable_is_refused_and_the_right_one_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCREDIT_CHUNKSIZE", "200")
    with pytest.raises(BadInputError, match="Did you mean ACCREDIT_CHUNK_SIZE"):
        settings()


def test_a_bad_value_is_named_by_its_variable_and_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCREDIT_SMTP_PORT", "hunter2")
    with pytest.raises(BadInputError, match="ACCREDIT_SMTP_PORT") as refused:
        settings()
    assert "hunter2" not in str(refused.value)


def test_secrets_come_from_files_too_and_are_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ACCREDIT_SMTP_PASSWORD").write_text("hunter2\n")
    monkeypatch.setenv("ACCREDIT_SECRETS_FOLDER", str(tmp_path))
    reset_settings()
    password = settings().smtp_password
    assert password is not None
    assert password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings())
    monkeypatch.setenv("ACCREDIT_SMTP_PASSWORD", "nearer")
    reset_settings()
    assert settings().smtp_password == SecretStr("nearer")


def test_a_folder_of_secrets_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCREDIT_SECRETS_FOLDER", str(tmp_path / "none"))
    reset_settings()
    with pytest.raises(BadInputError, match="ACCREDIT_SECRETS_FOLDER: this folder cannot be read"):
        settings()


def test_a_home_that_cannot_be_made_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match="ACCREDIT_HOME"):
        prepare_home(Settings(home=tmp_path / "file" / "var"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "SQLite is one file on one machine"),
        ({"database_url": "postgresql+psycopg://localhost/x"}, "needs the address"),
        ({"database_url": "postgresql+psycopg://localhost/x", "dask_address": "tcp://host:x"}, "no address"),
    ],
)
def test_dask_refuses_what_cannot_work_in_one_sentence(tmp_path: Path, changes: dict[str, str], sentence: str) -> None:
    known = Settings.model_validate({"home": tmp_path, "runner": "dask", **changes})
    with pytest.raises(BadInputError, match=sentence):
        build_runner(known)


def test_a_dask_scheduler_that_does_not_answer_is_worth_another_try(tmp_path: Path) -> None:
    known = Settings(
        home=tmp_path, runner="dask", database_url="postgresql+psycopg://localhost/x", dask_address="tcp://127.0.0.1:9"
    )
    with pytest.raises(UnavailableError, match=re.escape("tcp://127.0.0.1:9")):
        build_runner(known)


def test_what_a_command_writes_is_for_its_own_user(tmp_path: Path) -> None:
    start = "import sys; from flows.cli.app import main; sys.argv = ['accredit', 'db', 'upgrade']; main()"
    home = tmp_path / "var"
    environment = {**os.environ, "ACCREDIT_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[3])}
    subprocess.run([sys.executable, "-c", start], env=environment, umask=0o022, check=True, capture_output=True)
    written = [home, *home.rglob("*")]
    assert home / "accreditation.db" in written
    assert [path for path in written if path.stat().st_mode & 0o077] == []
    home.chmod(0o750)
    with pytest.raises(BadInputError, match="chmod 0700"):
        prepare_home(Settings(home=home))


@pytest.mark.parametrize("mode", [0o750, 0o707, 0o701])
@pytest.mark.parametrize("command", ["status", "audit verify", "queue", "issue", "demo", "up"])
def test_no_command_works_in_a_home_that_others_can_open(tmp_path: Path, mode: int, command: str) -> None:
    home = tmp_path / "var"
    home.mkdir(mode=0o700)
    home.chmod(mode)
    answer = CliRunner().invoke(app, command.split(), env={"ACCREDIT_HOME": str(home)})
    assert isinstance(answer.exception, BadInputError), answer.output
    assert "chmod 0700" in str(answer.exception)
    assert [*home.iterdir()] == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_an_officers_key_that_others_can_open_signs_nothing(tmp_path: Path, mode: int) -> None:
    make_key("OFF-1", tmp_path)
    place = place_of("OFF-1", tmp_path)
    assert signing_key("OFF-1", place).sign(b"")
    place.chmod(mode)
    with pytest.raises(BadInputError, match="have it replaced"):
        signing_key("OFF-1", place)


def test_what_changes_while_prefect_is_configured_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCREDIT_DATABASE_URL", "sqlite:///of-another-installation")
    monkeypatch.setenv("PREFECT_API_URL", "http://before/api")
    with prefect_configured(Settings(home=tmp_path), api_url="http://127.0.0.1:1/api"):
        assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:1/api"
        del os.environ["ACCREDIT_DATABASE_URL"]
    assert "ACCREDIT_DATABASE_URL" not in os.environ
    assert "PREFECT_HOME" not in os.environ
    assert os.environ["PREFECT_API_URL"] == "http://before/api"


def test_prefect_reports_nothing_to_its_maker_when_somebody_works_at_a_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in {"DO_NOT_TRACK", "CI"}}
    environment |= {"PREFECT_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    code = "import flows.deployments, prefect; print('imported')"
    subprocess.run(
        [sys.executable, "-c", code], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, check=True
    )
    assert os.read(ours, 9999).split() == [b"imported"]
    assert not [*tmp_path.glob("*telemetry*")]
