"""The offline checker in a real browser, from a file: the same verdicts as the desk, and nothing leaves the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import Need
from cryptography.hazmat.primitives.asymmetric import ed25519
from support.axe import violations
from support.badges import (
    BADGE,
    LOST,
    NO_BLAME,
    NOW,
    P256,
    REVOKED,
    ROOT,
    STATUS,
    SUSPENDED,
    a_checker,
    a_status_list,
    a_token,
    a_trust_list,
    until,
)

from domain.credentials import base45, cbor, cose
from domain.credentials.claims import CredentialClaims, encode_claims
from domain.credentials.keys import held
from domain.credentials.status_list import (
    open_status_list,
)
from domain.credentials.trust_list import signed_trust_list
from domain.credentials.verdict import Code, judge
from notifications.pages.checker import LARGEST_PAGE, Checker, checker_html


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Return a function that publishes a checker and opens it at a moment; requests and errors are gathered."""
    context = browser.new_context(locale="en-GB")

    def open_page(checker: Checker, now: datetime = NOW) -> Any:
        (tmp_path / "checker.html").write_text(checker_html(checker))
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda line: page.problems.append(line.text) if line.type == "error" else None)
        page.on(
            "request",
            lambda request: page.problems.append(request.url) if not request.url.startswith("file:") else None,
        )
        page.clock.set_fixed_time(now)
        page.goto((tmp_path / "checker.html").as_uri())
        page.evaluate("ready")
        return page

    yield open_page
    context.close()


def scanned(page: Any, token: str) -> str:
    """Type *token* as a USB scanner does and return the code that the page shows."""
    page.evaluate("station.shown = null")
    page.fill("#token", token)
    page.press("#token", "Enter")
    until(page, "station.shown !== null")
    return str(page.get_attribute("#verdict", "data-code"))


VERDICTS = {
    "VALID": (a_token(), "VALID"),
    "VALID by the second algorithm": (a_token(key=P256), "VALID"),
    "tampered": (a_token()[:-20] + "0" + a_token()[-19:], "NOT VALID"),
    "REVOKED": (a_token(status_index=REVOKED), "REVOKED"),
    "SUSPENDED": (a_token(status_index=SUSPENDED), "SUSPENDED"),
    "REPLACED: REPORTED LOST": (a_token(status_index=31), "REPLACED: REPORTED LOST"),
    "REPLACED": (a_token(status_index=32), "REPLACED"),
    "WITHDRAWN": (a_token(status_index=33), "WITHDRAWN"),
    "EXPIRED": (a_token(valid_until=NOW - timedelta(seconds=1)), "EXPIRED"),
    "NOT YET VALID": (a_token(valid_from=NOW + timedelta(seconds=1)), "NOT YET VALID"),
    "UNKNOWN KEY": (a_token(key=held(ed25519.Ed25519PrivateKey.from_private_bytes(b"x" * 32))), "UNKNOWN KEY"),
    "compromised key": (a_token(key=LOST), "NOT VALID"),
    "unlisted": (a_token(status_index=2**20), "STATUS UNKNOWN"),
}


def test_each_verdict_is_shown_in_words_and_equals_the_desks(opened: Any) -> None:
    page = opened(a_checker())
    trust = a_trust_list()
    status = open_status_list(a_status_list(), trust.status_keys(now=NOW))
    for token, word in VERDICTS.values():
        assert scanned(page, token) == judge(token, now=NOW, trust=trust, status=status).code
        assert page.text_content("#word") == word
    assert page.problems == []


def test_whoever_shows_a_badge_that_was_replaced_is_not_called_revoked(opened: Any) -> None:
    page = opened(a_checker())
    for index, code in NO_BLAME.items():
        assert scanned(page, a_token(status_index=index)) == code.name
        assert page.get_attribute("#verdict", "class") == "ended"
        assert "REVOKED" not in page.inner_text("#verdict")
    for language in ("ar", "fr", "es"):
        scanned(page, a_token(status_index=31))
        page.select_option("#language", language)
        words = page.evaluate("bundle.words[station.language]")
        assert words["labels"]["REVOKED"] not in page.inner_text("#verdict")
        assert page.inner_text("#sentence") == words["sentences"]["LOST"]


def test_a_valid_credential_shows_name_role_region_notice_and_the_age_of_the_lists(opened: Any) -> None:
    page = opened(a_checker())
    assert scanned(page, a_token()) == "VALID"
    shown = page.text_content("#facts")
    for part in ("Ilva Tornek", "Long-term observer", "North 2 </script>", "Travel in daylight only.", "XVD-0000042"):
        assert part in shown
    assert "2 h" in page.text_content("#age")
    assert page.evaluate("document.activeElement.id") == "verdict"


def test_old_lists_are_amber_and_ended_or_missing_lists_are_never_green(opened: Any) -> None:
    aged = opened(a_checker(), NOW + timedelta(days=3))
    assert scanned(aged, a_token()) == "VALID"
    assert "aged" in aged.get_attribute("#verdict", "class")
    for page in (opened(a_checker(), NOW + timedelta(days=8)), opened(a_checker(), NOW - timedelta(days=1))):
        assert scanned(page, a_token()) == "STATUS_UNKNOWN"
        assert "valid" not in page.get_attribute("#verdict", "class").split()
    forged = signed_trust_list(a_trust_list(), STATUS)
    for checker in (a_checker(trust=forged), a_checker(status=b"")):
        assert scanned(opened(checker), a_token()) == "STATUS_UNKNOWN"


def test_lists_of_a_day_to_come_are_not_called_past_their_end(opened: Any) -> None:
    early = opened(a_checker(), NOW - timedelta(days=90))
    assert scanned(early, a_token()) != "VALID"
    assert "has not reached" in early.text_content("#age")
    assert "past their end" not in early.text_content("#age")
    assert "past their end" in opened(a_checker(), NOW + timedelta(days=90)).text_content("#age")


def test_new_lists_replace_older_ones_and_never_the_reverse(opened: Any) -> None:
    page = opened(a_checker())
    newer = a_status_list(issued=NOW - timedelta(hours=1), revoked=7)
    older = a_status_list(issued=NOW - timedelta(days=1), revoked=9)
    for message, note in (
        (newer, "New list taken."),
        (older, "older"),
        (signed_trust_list(a_trust_list(4), ROOT), "older"),
        (signed_trust_list(a_trust_list(6), STATUS), "not a list signed"),
        (b"nonsense", "not a list signed"),
    ):
        page.set_input_files("#file", {"name": "list.cose", "mimeType": "application/octet-stream", "buffer": message})
        until(page, f"document.getElementById('note').textContent.includes({note!r})")
        assert scanned(page, a_token()) == "REVOKED"
    page.evaluate("note('')")
    page.fill("#token", "OACS:" + base45.encode(a_status_list(issued=NOW)))
    page.press("#token", "Enter")
    until(page, "document.getElementById('note').textContent.includes('New list')")
    assert scanned(page, a_token()) == "VALID"


def test_the_green_of_one_badge_never_answers_for_what_is_shown_after_it(opened: Any) -> None:
    page = opened(a_checker())
    for text in ("OACS:!!!", "OACT::::", "OACT:A", "OACS:", "OACS:" + a_token().removeprefix("OAC1:")):
        assert scanned(page, a_token()) == "VALID"
        page.fill("#token", text)
        page.press("#token", "Enter")
        until(page, "document.getElementById('note').textContent.includes('not a list signed')")
        assert page.is_hidden("#verdict"), text
    scanned(page, a_token())
    assert page.text_content("#note") == ""
    for name, kind, content in (("badge.png", "image/png", b"no picture"), ("list.cose", "", b"nonsense")):
        scanned(page, a_token())
        page.set_input_files("#file", {"name": name, "mimeType": kind, "buffer": content})
        until(page, "document.getElementById('note').textContent !== ''")
        assert page.is_hidden("#verdict"), name
    assert page.problems == []


def test_a_list_of_another_election_or_with_a_lower_number_is_refused_though_the_same_key_signed_it(
    opened: Any,
) -> None:
    own = "VALDARA-2027"
    page = opened(a_checker(election=own, status=a_status_list(of=(own, 7), revoked=7)))
    for message, note in (
        (a_status_list(issued=NOW, of=("VALDARA-2026", 9), revoked=9), "not a list signed"),
        (a_status_list(issued=NOW, revoked=9), "not a list signed"),
        (a_status_list(issued=NOW, of=(own, 8), uri="https://x.invalid/other", revoked=9), "not a list signed"),
        (a_status_list(issued=NOW, of=(own, 6), revoked=9), "older"),
    ):
        page.evaluate("note('')")
        page.set_input_files("#file", {"name": "list.cose", "mimeType": "application/octet-stream", "buffer": message})
        until(page, f"document.getElementById('note').textContent.includes({note!r})")
        assert scanned(page, a_token()) == "REVOKED"
    foreign = opened(a_checker(election=own, status=a_status_list(of=("VALDARA-2026", 9))))
    assert scanned(foreign, a_token()) == "STATUS_UNKNOWN"


def test_a_badge_of_another_election_of_the_same_issuer_is_none_of_this_one_at_page_and_desk(opened: Any) -> None:
    trust = a_trust_list()
    for serials, code in (((), "VALID"), (("AB", "XVD"), "VALID"), (("XV",), "OTHER_ELECTION")):
        listed = a_status_list(of=("VALDARA-2027", 7), serials=serials)
        page = opened(a_checker(election="VALDARA-2027", status=listed))
        status = open_status_list(listed, trust.status_keys(now=NOW))
        assert scanned(page, a_token()) == code
        assert judge(a_token(), now=NOW, trust=trust, status=status).code == code
    assert page.text_content("#word") == "OTHER ELECTION"


@pytest.mark.parametrize("typed", ["XVD-0000042", " xvd-0000042 ", "VD-000017"])
def test_a_serial_number_is_not_judged_and_the_page_says_what_to_do(opened: Any, typed: str) -> None:
    page = opened(a_checker())
    page.fill("#token", typed)
    page.press("#token", "Enter")
    until(page, "station.shown !== null")
    assert page.text_content("#word") == "CANNOT BE CHECKED BY NUMBER"
    assert "Scan or photograph the code" in page.text_content("#sentence")
    assert page.get_attribute("#verdict", "class") == "unknown"
    assert page.text_content("#facts") == ""
    page.select_option("#language", "fr")
    assert "numéro de série" in page.text_content("#sentence")


def test_a_leading_blank_or_a_locked_shift_key_makes_no_forgery(opened: Any) -> None:
    page = opened(a_checker())
    assert scanned(page, "  " + a_token()) == "VALID"
    assert scanned(page, a_token().lower()) == "VALID"


def test_a_valid_credential_says_to_compare_face_and_document(opened: Any) -> None:
    page = opened(a_checker())
    assert scanned(page, a_token()) == "VALID"
    assert "Compare the face with the photograph" in page.inner_text("body")


def test_a_right_to_left_language_turns_the_page_and_keeps_the_facts(opened: Any) -> None:
    page = opened(a_checker())
    scanned(page, a_token("إلفا تورنك"))
    page.select_option("#language", "ar")
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    assert page.text_content("#word") == "صالحة"
    assert "مراقب طويل الأمد" in page.text_content("#facts")
    assert page.problems == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_breaks_no_rule_of_accessibility(opened: Any, need: Need, language: str, width: int) -> None:
    need(find_spec("axe_playwright_python"), "axe-core", "Install the development requirements.")
    page = opened(a_checker())
    page.set_viewport_size({"width": width, "height": 800})
    page.select_option("#language", language)
    before = violations(page)
    scanned(page, a_token())
    assert before + violations(page) == []


def broken(token: str, random: Random) -> str:
    """A token damaged, cut, resigned over other bytes, or left as it is."""
    message = bytearray(base45.decode(token[5:]))
    at = random.randrange(len(message))
    payload = bytearray(cose.parse_sign1(bytes(message)).payload)
    match random.randrange(8):
        case 0:
            message[at] ^= 1 << random.randrange(8)
        case 1:
            del message[at:]
        case 2:
            message.append(0)
        case 3:
            return token[:at] + random.choice(base45.ALPHABET + "aé\n") + token[at + 1 :]
        case 4 | 5:
            payload[random.randrange(len(payload))] ^= 1 << random.randrange(8)
            return "OAC1:" + base45.encode(cose.sign1_message(bytes(payload), BADGE))
        case _:
            return token
    return "OAC1:" + base45.encode(bytes(message))


def random_claims(random: Random) -> str:
    name = "".join(random.choice("abcÉя가हि欧א ") for _ in range(random.randint(1, 40))).strip() or "x"
    start = NOW + timedelta(days=random.randint(-9, 2))
    return a_token(
        name,
        key=random.choice([BADGE, P256, LOST, STATUS]) if random.random() < 0.3 else BADGE,
        serial=f"XVD-{random.randrange(10**6):06}",
        status_index=random.choice([SUSPENDED, REVOKED, *NO_BLAME, random.randrange(5000)]),
        valid_from=start,
        valid_until=start + timedelta(days=random.randint(0, 12)),
        issued_at=NOW - timedelta(days=random.choice([1, 70])),
        regions=tuple(f"R-{number}" for number in range(random.randrange(4))),
        document_tag=random.randbytes(8) if random.random() < 0.5 else None,
        issuer="TEST" if random.random() < 0.9 else "OTHER",
    )


@pytest.mark.parametrize("count", [pytest.param(200, id="some"), pytest.param(1_000, id="all", marks=pytest.mark.full)])
def test_desk_and_page_agree_on_random_tokens_whole_and_broken(opened: Any, count: int) -> None:
    random = Random(20270613)
    tokens = [broken(random_claims(random), random) for _ in range(count)]
    trust = a_trust_list()
    status = open_status_list(a_status_list(), trust.status_keys(now=NOW))
    said = opened(a_checker()).evaluate(
        "async (tokens) => { const codes = []; for (const token of tokens)"
        " codes.push((await judge(token, seconds(), lists.trust, lists.status)).code); return codes; }",
        tokens,
    )
    wanted = [judge(token, now=NOW, trust=trust, status=status).code.value for token in tokens]
    assert [(token, ours, page) for token, ours, page in zip(tokens, wanted, said, strict=True) if ours != page] == []
    assert len(set(wanted)) >= 8
    assert Code.VALID in wanted


def test_claims_that_only_a_careless_reader_accepts_are_refused_by_desk_and_page(opened: Any) -> None:
    claims = cbor.read(encode_claims(CredentialClaims.fitting("Ilva", **_plain())))
    assert isinstance(claims, dict)
    holder = claims[-70001]
    assert isinstance(holder, dict)
    odd: list[cbor.Cbor] = [
        claims | {-70001: holder | change}
        for change in (
            {5: []},
            {6: None},
            {9: 0},
            {9: True},
            {1: " Ilva"},
            {1: "Il\u202eva"},
            {1: "e\u0301"},
            {7: b"x"},
            {4: "XA"},
        )
    ]
    odd += [
        claims | {65535: {"status_list": {"idx": 7, "uri": "https://x.invalid/" + "x" * 40}}},
        claims | {4: -1},
        claims | {7: 1},
    ]
    tokens = ["OAC1:" + base45.encode(cose.sign1_message(cbor.write(one), BADGE)) for one in odd]
    trust = a_trust_list()
    page = opened(a_checker())
    for token in tokens:
        said = page.evaluate("async (token) => (await judge(token, seconds(), lists.trust, lists.status)).code", token)
        status = open_status_list(a_status_list(), trust.status_keys(now=NOW))
        assert said == judge(token, now=NOW, trust=trust, status=status).code


def _plain() -> dict[str, object]:
    facts: dict[str, object] = {
        "issuer": "TEST",
        "serial": "XVD-1",
        "role": "LTO",
        "organisation": "O",
        "nationality": "XAA",
    }
    times = {"issued_at": NOW, "valid_from": NOW, "valid_until": NOW + timedelta(days=1)}
    return facts | times | {"status_index": 7}


def test_the_page_is_small_and_admits_no_network_and_no_foreign_script() -> None:
    page = checker_html(a_checker())
    assert len(page.encode()) <= LARGEST_PAGE
    assert "default-src 'none'" in page
    assert "unsafe-inline" not in page
    assert page.count("</script>") == 3
    assert "&lt;&amp;&gt;" in page
