"""The public register: signed as a whole, kept snapshot by snapshot, readable by everybody, and silent about people."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, cast

import jsonschema
import pytest
from conftest import Need
from support.axe import violations
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due
from typer.testing import CliRunner

from db.store import open_reader, open_store
from domain.application.roles import USUAL_ROLES, Role
from domain.application.status import ACCREDITED, Status
from domain.election.profile import PublicField
from domain.organisations.organisation import OrganisationStatus
from flows.cli.app import app
from flows.context import database
from flows.issuance.publication.files import publish
from flows.issuance.publication.public_register import snapshots
from notifications.pages.public_register import public_words


@pytest.fixture(autouse=True)
def issued(sqlite_stages: Stages) -> Iterator[Stages]:
    with sqlite_stages.copy("issued"):
        yield sqlite_stages


def published(folder: Path, **later: float) -> Path:
    """Publish, and return the folder of the newest snapshot."""
    publish(folder, ELECTION, now=AS_OF + timedelta(**later))
    return folder / "register" / snapshots(folder / "register")[0]


def with_rules(languages: tuple[str, ...] = ("en",), **publication: Any) -> None:
    with open_store(database()) as store:
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        rules = profile.publication.revised(**publication)
        store.elections.put(profile.revised(publication=rules, languages=languages), land, now=AS_OF)


def withdraw_one() -> str:
    """Let an organisation stand as withdrawn; returns its name."""
    with open_store(database()) as store:
        known = store.organisations.all_in(ELECTION)
        one = next(organisation for organisation in known.values() if organisation.may_nominate)
        store.organisations.put(ELECTION, one.moved(OrganisationStatus.WITHDRAWN, on=AS_OF.date()))
        return one.name


def verified(*words: object) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["register", "verify", *map(str, words)])
    return answer.exit_code, " ".join(answer.stdout.split())


def test_a_snapshot_counts_what_the_database_holds_and_names_nobody(tmp_path: Path) -> None:
    folder = published(tmp_path)
    register = json.loads((folder / "register.json").read_text("utf-8"))
    jsonschema.validate(register, json.loads((folder / "register.schema.json").read_text("utf-8")))
    told = sum(sum(entry["accredited"].values()) for entry in register["organisations"])
    assert told == len(due(*ACCREDITED)) == sum(sum(one["decided"].values()) for one in register["organisations"])
    with (folder / "organisations.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [*csv.DictReader(file)]
    assert sum(int(row[role.value]) for row in rows for role in USUAL_ROLES) == told
    everything = "".join(place.read_text("utf-8", "replace") for place in folder.iterdir())
    with open_reader(database()) as store:
        people = store.people.current([application.id for application in store.applications.all_in(ELECTION)])
    assert not [person.name for person in people.values() if person.name in everything]


def test_names_need_a_ground_and_interpreters_are_never_named(tmp_path: Path) -> None:
    with_rules(
        names=True,
        ground="Observers Act of Valdara, art. 20",
        fields=(PublicField.ORGANISATION, PublicField.CITIZENSHIP),
    )
    folder = published(tmp_path)
    said = (folder / "register.json").read_text("utf-8") + (tmp_path / "register.json").read_text("utf-8")
    with open_reader(database()) as store:
        accredited = store.applications.all_in(ELECTION, Status.CREDENTIALED)
        people = store.people.current([application.id for application in accredited])
    by_role = {
        observes: [people[case.id].name for case in accredited if (case.role != Role.INTERPRETER) is observes]
        for observes in (True, False)
    }
    assert by_role[False]
    assert all(json.dumps(name, ensure_ascii=False)[1:-1] in said for name in by_role[True])
    assert not [name for name in by_role[False] if name in said and name not in by_role[True]]
    assert "art. 20" in (folder / "index.html").read_text("utf-8")


def test_an_internal_register_tells_policies_and_clocks_alone(tmp_path: Path) -> None:
    with_rules(register_is="internal")
    register = json.loads((published(tmp_path) / "register.json").read_text("utf-8"))
    assert register["organisations"] == []
    heads = {path.name: path.read_text("utf-8-sig").splitlines()[0] for path in published(tmp_path).glob("*.csv")}
    assert heads["organisations.csv"].startswith("as_of,code,name")
    assert heads["policies.csv"].startswith("id,version,kind,authority,ground")
    assert {entry["clock"] for entry in register["clocks"]} == {"decision", "deferral", "appeal"}


def test_a_snapshot_is_made_when_something_changed_and_says_what(tmp_path: Path) -> None:
    first = published(tmp_path)
    assert published(tmp_path, minutes=5) == first
    name = withdraw_one()
    second = published(tmp_path, minutes=10)
    changed = json.loads((second / "changes.json").read_text("utf-8"))
    assert {"kind": "standing", "about": name, "before": "admitted", "after": "withdrawn"} in changed["changes"]
    assert f"{name}: admitted before, now withdrawn" in changed["words"]
    assert first.is_dir()
    page = (tmp_path / "register/index.html").read_text("utf-8")
    assert all(f'href="{folder.name}/index.html"' in page for folder in (first, second))
    assert verified(tmp_path / "register")[0] == 0


def appended(name: str) -> Callable[[Path], object]:
    """Return what adds a byte to a file, or makes it."""

    def harm(folder: Path) -> None:
        with (folder / name).open("ab") as file:
            file.write(b" ")

    return harm


def removed(name: str) -> Callable[[Path], object]:
    def harm(folder: Path) -> None:
        (folder / name).unlink()

    return harm


def test_what_was_changed_in_a_snapshot_is_found(tmp_path: Path) -> None:
    folder = published(tmp_path / "public")
    code, told = verified(folder)
    assert (code, "1 snapshot holds" in told) == (0, True)
    assert verified(folder, "--key", told.rpartition(" ")[2])[0] == 0
    assert verified(folder, "--key", "00" * 8)[0] == 1
    for number, (harm, said) in enumerate(HARMS):
        copy = tmp_path / str(number)
        shutil.copytree(tmp_path / "public", copy)
        harm(copy / folder.relative_to(tmp_path / "public"))
        code, told = verified(copy / folder.relative_to(tmp_path / "public"))
        assert (code, said in told) == (1, True), (number, told)


HARMS: Final = (
    (appended("organisations.csv"), "organisations.csv was changed"),
    (removed("policies.csv"), "policies.csv is missing"),
    (appended("more.html"), "more.html is not in the manifest"),
    (appended("manifest.json"), "was not signed"),
    (appended("manifest.cose"), "was not signed"),
    (removed("manifest.cose"), "was not signed"),
)


def test_a_snapshot_that_was_taken_away_or_replaced_is_missed_by_the_next(tmp_path: Path) -> None:
    first = published(tmp_path)
    withdraw_one()
    published(tmp_path, hours=1)
    (first / "manifest.json").write_bytes((first / "manifest.json").read_bytes() + b"\n")
    assert "is not the one that it followed" in verified(tmp_path / "register")[1]
    for place in first.iterdir():
        place.unlink()
    first.rmdir()
    assert f"the snapshot before it, {first.name}, is missing" in verified(tmp_path / "register")[1]


@pytest.fixture(scope="module")
def in_three_languages(sqlite_stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the folder of the register and its newest snapshot, both with pages in three languages."""
    public = tmp_path_factory.mktemp("public")
    with sqlite_stages.copy("issued"):
        with_rules(("en", "ar", "fr"))
        return public / "register", published(public)


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("page_name", ["index.html", "index-ar.html", "index-fr.html"])
def test_the_page_needs_no_script_and_serves_phones_and_screen_readers(
    in_three_languages: tuple[Path, Path], browser: Any, need: Need, page_name: str, width: int
) -> None:
    need(find_spec("axe_playwright_python"), "axe-core", "Install the development requirements.")
    for place in in_three_languages:
        plain = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 740})
        page = plain.new_page()
        page.goto((place / page_name).as_uri())
        assert page.is_visible("tbody tr >> nth=0")
        plain.close()
        page = browser.new_page(viewport={"width": width, "height": 740}, bypass_csp=True)
        page.goto((place / page_name).as_uri())
        assert page.evaluate("document.documentElement.dir") == ("rtl" if "-ar" in page_name else "ltr")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
        page.close()


def said_in(words: object) -> object:
    """Return the names of *words*, at every depth, and whether something stands there."""
    if not isinstance(words, dict):
        return bool(words)
    return {name: said_in(said) for name, said in cast("dict[str, object]", words).items()}


def test_every_language_has_all_words() -> None:
    assert all(said_in(said) == said_in(public_words()["en"]) for said in public_words().values())
    assert {*public_words()["en"]["roles"]} == {role.value for role in USUAL_ROLES}
    assert {*public_words()["en"]["standings"]} == {standing.value for standing in OrganisationStatus}
