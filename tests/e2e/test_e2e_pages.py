"""What pages tell people to type works as it is written, in its order; and reads well at 80 columns."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from functools import reduce
from itertools import pairwise
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from e2e.installation import ELECTION
from e2e.walks import ROOT, Terminal, blocks, files
from support.databases import keys_of

from db.engine import sessions
from db.store import open_reader

README = ROOT / "README.md"
SOURCE = ROOT / "docs" / "source"
PAGES = [ROOT / "CONTRIBUTING.md", *(p for p in sorted((ROOT / "docs").rglob("*.md")) if SOURCE not in p.parents)]
TYPED = [page for page in PAGES if any(not block.reason for block in blocks(page))]
JSON = json.JSONDecoder()
FRAME = "─━═┏┓└┘┡┩╇│┃"

pytestmark = [pytest.mark.xdist_group("e2e-pages"), pytest.mark.timeout(900)]


def of(command: str, *path: Any) -> Callable[[Terminal], str]:
    """Return what looks up a value in the (first) JSON that *command* prints."""
    return lambda terminal: str(reduce(getitem, path, JSON.raw_decode(terminal.type(f"{command} --json"))[0]))


def document(terminal: Terminal, line: str) -> str:
    """Return the number of the identity document of whose badge *line* hands over, and of somebody who fetches it."""
    serial = line.split()[2]
    home = Path(terminal.folder) / "try"
    with keys_of(home), open_reader(sessions(f"sqlite:///{home}/accreditation.db")) as store:
        holder = next(one.id for one in store.applications.all_in(ELECTION) if one.serial == serial)
        return f"{store.people.current([holder])[holder].document_number}\nD12345\n"


UNKNOWN: Mapping[str, Callable[[Terminal], str]] = {
    "3f2a": of("accredit plan list", 0, "plan"),
    "9b01": of("accredit plan list", 1, "plan"),
    "412:9b1c…": of("accredit audit verify", "head"),
    "deficiency:6f1c…:2": of("accredit letters list --state gathered", 0, "key"),
    "approval:6f1c…:3": of("accredit letters list --state sent", 0, "key"),
    "f76934911941830b": of("accredit keys list", "keys", 0, "key_id"),
}
"""What a page shows as an example because no two installations have the same."""
GIVEN: Mapping[str, Callable[[Terminal], str]] = {
    "letter.pdf": lambda terminal: (terminal.folder / "badges.pdf").read_text("latin-1"),
    "tokens.txt": of("accredit credential inspect badges.pdf --trust public/keys.json", "octets"),
}
"""Files that come from outside."""
ANSWERS: Mapping[str, Callable[[Terminal, str], str]] = {
    "accredit application new --organisation ORG-02 --officer": lambda _terminal, _line: (
        "0100\nexpert\nAronel\nMira\n" + "\n" * 60
    ),
    "accredit handover": document,
}
"""What is typed when a command asks."""


def typed(page: Path, terminal: Terminal) -> None:
    """Type every block of *page* that can be typed here; the files that it shows are there."""
    for name, content in files(page).items():
        (terminal.folder / name).write_text(content)
    for line in (line for block in blocks(page) if not block.reason for line in block.lines):
        for name in (name for name in GIVEN if name in line):
            (terminal.folder / name).write_text(GIVEN[name](terminal), "latin-1")
        known = {word: found(terminal) for word, found in UNKNOWN.items() if word in line}
        meant = reduce(lambda text, word: text.replace(word, known[word]), known, line)
        answers = next((said(terminal, line) for begin, said in ANSWERS.items() if line.startswith(begin)), "")
        terminal.type(meant, answers)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Type the README from its top to its end."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("examples", "notifications"):
        (folder / name).symlink_to(ROOT / name)
    terminal = Terminal(folder)
    typed(README, terminal)
    return terminal


def require_readable(said: dict[str, str]) -> None:
    """Demand that what the commands say fits 80 columns, and that no word is broken."""
    broken: list[tuple[str, str, str]] = []
    for line, text in said.items():
        rows = [row for row in text.splitlines() if row.startswith("│")]
        cells = [[cell.strip() for cell in row.strip("│").split("│")] for row in rows]
        broken += [
            (line, above, below)
            for upper, lower in pairwise(cells)
            for above, below in zip(upper, lower, strict=False)
            if len(upper) == len(lower)
            and not lower[0]
            and re.fullmatch(r"\S{12,}", above)
            and re.fullmatch(r"\S{1,3}", below)
        ]
        assert all(len(row) <= 80 for row in text.splitlines() if set(row) & set(FRAME)), line
    assert broken == []


def test_every_command_of_the_readme_works_as_it_is_written_and_reads_well(walked: Terminal) -> None:
    told = walked.said
    assert len(told) >= 25
    assert "24 rows: 23 recorded, 0 unchanged, 0 corrected, 1 held, 0 returned." in " ".join(
        told["accredit intake examples/valdara/package/nominations"].split()
    )
    assert "5 cases wait for officers" in told["accredit queue"]
    assert "Next: accredit queue (" in told["accredit vet"]
    assert told["accredit status"].startswith("VALDARA-2027: waits")
    assert "1 to judge" in told["accredit hits UQIF-E4VE-2FJ3"]
    assert "VALID" in told["accredit verify badges.pdf --as-of 2027-03-13T08:00"]
    assert "Every history is whole" in told["accredit audit verify"]
    assert "The register of Aul names him as a citizen." in told["accredit history 2L7R-Y5HI-AJMJ"]
    require_readable(told)


@pytest.mark.parametrize("page", TYPED, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_works_on_what_the_readme_left(walked: Terminal, tmp_path: Path, page: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(walked.folder, folder, symlinks=True)
    said = {name: value.replace(str(walked.folder), str(folder)) for name, value in walked.variables.items()}
    terminal = Terminal(folder, said)
    typed(page, terminal)
    require_readable(terminal.said)


def test_what_cannot_be_typed_here_has_a_reason_that_says_what_it_needs() -> None:
    left_out = {f"{b.page}:{b.number}": b.reason for page in [README, *PAGES] for b in blocks(page) if b.reason}
    assert {place: reason for place, reason in left_out.items() if not reason.startswith("needs ")} == {}
