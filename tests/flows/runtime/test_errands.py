"""Errands: what a command asks of ``accredit up`` in place of working itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from domain.errors import UnavailableError
from flows.cli.stage_display import StageFailed, outcome_of_errand
from flows.deployments import BAD_INPUT
from flows.runtime.outcomes import ChunkFailure, StageOutcome
from flows.runtime.server import errands
from flows.runtime.server.errands import TAG, Ended, Errands, Look, fingerprint, leave
from flows.settings import Settings

RUN = UUID(int=7)
COURSE = ("SCHEDULED", "RUNNING", "COMPLETED")
DONE = StageOutcome(stage="vetting", applications=3, counts={"approved": 3}, seconds=1.5)


@dataclass
class Server:
    """Answers as Prefect does: each path with what is next for it, the last one again and again."""

    answers: dict[str, list[Any]]
    asked: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    url: str = ""

    def next(self, path: str) -> Any:
        mine = self.answers[path]
        return mine.pop(0) if len(mine) > 1 else mine[0]


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    (home / "prefect").mkdir(parents=True)
    monkeypatch.setattr(errands, "SECONDS_BETWEEN_LOOKS", 0.01)
    known = Server({
        "/csrf-token?client=*": [{"token": "once"}],
        "/deployments/D1/create_flow_run": [{"id": str(RUN)}],
        f"/flow_runs/{RUN}": [{"state": {"type": kind, "name": kind, "message": "3 done."}} for kind in COURSE],
        f"/flow_runs/{RUN}/set_state": [{}],
        "/artifacts/filter": [[{"data": 40.0}]],
    })  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, token = self.path.partition("=")[0], self.headers.get("Prefect-Csrf-Token")
            sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
            assert sent is None or token == "once"  # noqa: S105 -- no secret
            known.asked.append((path, sent))
            answer = known.next(f"{path}=*" if "csrf" in path else path)
            self.send_response(answer if isinstance(answer, int) else 200)
            self.end_headers()
            self.wfile.write(b"" if isinstance(answer, int) else json.dumps(answer).encode())

        do_POST = do_GET  # noqa: N815 -- the standard library's name

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 -- the standard library's name

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        Thread(target=listening.serve_forever, args=(0.02,), daemon=True).start()
        known.url = f"http://127.0.0.1:{listening.server_port}"
        yield known
        listening.shutdown()


def asking(server: Server) -> Errands:
    return Errands(server.url, "accredit:secret", {"vetting": "D1"})


def test_a_run_is_asked_for_waited_for_and_its_outcome_is_taken_away(server: Server, home: Path) -> None:
    leave(RUN, DONE)
    looks: list[Look] = []
    ended = asking(server).run("vetting", {"election": "V", "applications": [RUN]}, shown=looks.append)
    assert outcome_of_errand(ended) == DONE
    assert looks == [Look(begun=False), Look(begun=True, percent=40.0)]
    made = next(sent for path, sent in server.asked if path.endswith("create_flow_run"))
    assert (made["tags"], made["parameters"]) == ([TAG], {"election": "V", "applications": [str(RUN)]})
    assert list((home / "prefect" / "errands").iterdir()) == []


def test_a_busy_server_is_asked_again_for_the_same_run(server: Server) -> None:
    server.answers["/deployments/D1/create_flow_run"] = [503, 403, {"id": str(RUN)}]
    assert asking(server).run("vetting", {}, shown=lambda _look: None).kind == "COMPLETED"
    keys = [sent["idempotency_key"] for path, sent in server.asked if path.endswith("create_flow_run")]
    assert len(keys) == 3
    assert len({*keys}) == 1


def test_who_interrupts_the_wait_cancels_the_run(server: Server) -> None:
    def interrupted(_look: Look) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asking(server).run("vetting", {}, shown=interrupted)
    assert server.asked[-1] == (f"/flow_runs/{RUN}/set_state", {"state": {"type": "CANCELLING"}})


def test_a_server_that_stays_away_is_told_and_a_passing_reason_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(errands, "SECONDS_TO_ANSWER", 0.05)
    away = Errands("http://127.0.0.1:1", "", {"vetting": "D1"})
    with pytest.raises(UnavailableError, match="does not answer"):
        away.run("vetting", {}, shown=lambda _look: None)
    lost = ChunkFailure(chunk=1, applications=3, code="unavailable", may_pass=True)
    for told, code in (
        (Ended(kind="FAILED", name="Failed", message="Flow run encountered an exception: BadInputError: X: no."), 2),
        (Ended(kind="FAILED", name=BAD_INPUT, message="X: no."), 2),
        (Ended(kind="FAILED", name="Unfinished", message="The disk is full."), 3),
        (Ended(kind="FAILED", name="Unfinished", message="3 failed.", outcome=DONE.revised(failures=(lost,))), 3),
        (Ended(kind="CRASHED", name="Crashed", message="The process was lost."), 1),
    ):
        with pytest.raises(StageFailed) as failed:
            outcome_of_errand(told)
        assert failed.value.exit_code == code
        assert "Flow run encountered" not in str(failed.value)


def test_an_office_under_other_settings_is_asked_for_nothing(home: Path) -> None:
    own = Settings(home=home)
    notice = {"api_url": "http://127.0.0.1:1/api", "settings": fingerprint(own), "deployments": {"vetting": "D1"}}
    found = Errands.of(notice, "", own.model_copy(update={"as_of": None, "election": "VALDARA-2027"}))
    assert found
    assert found.serves("vetting")
    assert not found.serves("intake")
    assert Errands.of(notice, "", Settings(home=home, database_url="sqlite:////elsewhere.db")) is None
    assert Errands.of({"api_url": "of an older version"}, "", own) is None
