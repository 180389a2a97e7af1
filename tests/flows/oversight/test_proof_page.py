"""The page on which a lawyer checks a proof, in a browser, from a file and without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest
from conftest import Need
from support.axe import violations
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due

from db.store import open_store
from domain.application.application import case_number
from domain.application.status import Status
from flows.context import database
from flows.decisions.casework import write_note
from flows.issuance.publication.files import publish
from flows.issuance.publication.log import proof_of
from flows.oversight.exports import export_proof
from flows.statements.acceptance import ActingOfficer
from notifications.pages.proof import proof_words

Judge: TypeAlias = Callable[..., tuple[str, Any]]
OFFICER = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)


@pytest.fixture
def public(sqlite_stages: Stages, tmp_path: Path) -> Iterator[Path]:
    """Return a published folder with a proof beside it, and a checkpoint of a later moment."""
    with sqlite_stages.copy("issued"):
        with open_store(database()) as store:
            profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
            store.elections.put(profile.revised(languages=("en", "ar", "fr")), land, now=AS_OF)
        publish(tmp_path, ELECTION, now=AS_OF)
        export_proof(proof_of(ELECTION, due(Status.CREDENTIALED)[0], now=AS_OF), tmp_path / "proof.json")
        (tmp_path / "kept").write_bytes((tmp_path / "log/checkpoint").read_bytes())
        write_note(due(Status.CREDENTIALED)[1], "Seen.", OFFICER)
        publish(tmp_path, ELECTION, now=AS_OF)
        yield tmp_path


def _of_error(error: Any) -> str:
    return str(error)


def _of_console(said: Any) -> str:
    return said.text if said.type == "error" else ""


def _of_request(asked: Any) -> str:
    return "" if asked.url.startswith("file:") else asked.url


def _note(problems: list[str], told: Callable[[Any], str], what: Any) -> None:
    if problem := told(what):
        problems.append(problem)


@pytest.fixture
def judged(browser: Any, public: Path) -> Iterator[Judge]:
    """Return a function that opens the page, gives it files, and returns its verdict and the page."""
    contexts: list[Any] = []

    def judge(*files: str, script: str = "", **options: Any) -> tuple[str, Any]:
        contexts.append(browser.new_context(offline=True, **options))
        page = contexts[-1].new_page()
        page.problems = []
        for event, told in (("pageerror", _of_error), ("console", _of_console), ("request", _of_request)):
            page.on(event, partial(_note, page.problems, told))
        if script:
            page.add_init_script(script)
        page.goto((public / "proof.html").as_uri())
        page.set_input_files("#file", [str(public / file) for file in files])
        page.wait_for_selector(
            "#verdict:visible, #note:not(:empty)"
        )  # the page's policy forbids to wait for a function
        assert page.problems == []
        return str(page.get_attribute("#verdict", "data-code")), page

    yield judge
    for context in contexts:
        context.close()


def test_a_lawyer_drops_three_files_and_reads_that_the_case_is_in_the_log(
    judged: Judge,
) -> None:
    code, page = judged("proof.json", "kept", "log/key")
    assert (code, "events are in the log" in page.text_content("#sentence")) == ("holds", True)
    assert "application approved" in page.text_content("#events")
    assert page.text_content("#remarks") == ""
    assert case_number(due(Status.CREDENTIALED)[0]) in page.text_content("#facts")
    code, page = judged("proof.json")
    assert (code, "compare it with the published key" in page.text_content("#remarks")) == ("holds", True)


def test_what_was_altered_or_is_of_another_moment_does_not_hold(judged: Judge, public: Path) -> None:
    proof = (public / "proof.json").read_text("utf-8")
    (public / "altered.json").write_text(proof.replace('"application_approved"', '"application_refused"'), "utf-8")
    other = proof.replace(f'"case": "{due(Status.CREDENTIALED)[0]}"', f'"case": "{due(Status.CREDENTIALED)[1]}"')
    (public / "of-another.json").write_text(other, "utf-8")
    note = (public / "kept").read_text("utf-8")
    size = note.split("\n")[1]
    (public / "forged").write_text(note.replace(f"\n{size}\n", f"\n{int(size) + 1}\n", 1), "utf-8")
    assert judged("altered.json", "kept", "log/key")[0] == "altered"
    assert judged("of-another.json", "kept", "log/key")[0] == "altered"
    assert judged("proof.json", "log/checkpoint", "log/key")[0] == "other_checkpoint"
    assert judged("forged", "log/key")[0] == "unsigned"
    assert judged("kept", "log/key")[0] == "only_checkpoint"


def test_a_browser_that_cannot_check_signatures_says_so(judged: Judge) -> None:
    old = (
        "const known = crypto.subtle.importKey.bind(crypto.subtle);"
        "crypto.subtle.importKey = (form, raw, name, ...rest) =>"
        " name === 'Ed25519' ? Promise.reject(new Error('NotSupported')) : known(form, raw, name, ...rest);"
    )
    assert judged("proof.json", "kept", "log/key", script=old)[0] == "cannot"


@pytest.mark.parametrize(("width", "language"), [(360, "ar"), (1200, "ar"), (360, "en"), (1200, "fr")])
def test_the_page_serves_a_phone_right_to_left_and_screen_readers(
    judged: Judge, width: int, language: str, need: Need
) -> None:
    need(find_spec("axe_playwright_python"), "axe-core", "Install the development requirements.")
    _, page = judged("proof.json", "kept", "log/key", viewport={"width": width, "height": 740})
    page.select_option("#language", language)
    assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []


def said_in(words: object) -> object:
    """Return the names of *words*, at every depth, and whether something stands there."""
    if not isinstance(words, dict):
        return bool(words)
    return {name: said_in(said) for name, said in cast("dict[str, object]", words).items()}


def test_every_language_says_everything() -> None:
    words = proof_words()
    assert all(said_in(said) == said_in(words["en"]) for said in words.values())
