"""Why CBOR is read by our own reader, and that the base45 library accepts one text for each byte string."""

from __future__ import annotations

from typing import Any, Final

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credentials import base45, cbor

STRICTEST: Final[dict[str, Any]] = {"allow_indefinite": False, "allow_duplicate_keys": False, "max_depth": 8}
"""Every option of cbor2 that refuses something, save one that would refuse integer keys, which CWT has."""

ACCEPTED_BY_THE_LIBRARY = {
    "bytes behind the item": "0001",
    "an integer longer than its shortest form": "1800",
    "a length longer than its shortest form": "580100",
    "keys out of order": "a202000100",
    "a float": "f93c00",
    "undefined": "f7",
    "an unknown simple value": "f8ff",
    "an integer that the offline page cannot hold": "1b0020000000000000",
    "a truth value as key": "a1f500",
    "a list as key": "a18000",
}


@pytest.mark.parametrize("encoded", ACCEPTED_BY_THE_LIBRARY.values(), ids=ACCEPTED_BY_THE_LIBRARY)
def test_our_reader_is_kept_for_what_the_library_accepts_at_its_strictest(encoded: str) -> None:
    """Use the library instead once none of these is accepted by it; a test that fails here says so."""
    cbor2.loads(bytes.fromhex(encoded), **STRICTEST)
    with pytest.raises(cbor.CborError):
        cbor.read(bytes.fromhex(encoded))


@pytest.mark.parametrize("encoded", ["c074323031332d30332d32315432303a30343a30305a", "d8236161", "d81c8100", "c24101"])
def test_tags_are_never_interpreted(encoded: str) -> None:
    assert isinstance(cbor.read(bytes.fromhex(encoded)), cbor.Tagged)
    assert not isinstance(cbor2.loads(bytes.fromhex(encoded), **STRICTEST), cbor2.CBORTag), "the library builds objects"


def test_the_librarys_canonical_order_is_that_of_the_old_standard() -> None:
    claims: dict[int | str | bytes, cbor.Cbor] = {24: 0, -1: 0}
    assert cbor.write(claims).hex() == "a21818002000", "by bytes: RFC 8949, 4.2.1"
    assert cbor2.dumps(claims, canonical=True).hex() == "a22000181800", "by length first: RFC 7049, 3.9"


@pytest.mark.parametrize("text", ["QED8WEX0\n", "\nQED8WEX0", "qed8wex0", "QED8WEX", "ZZZ", "::", "é00"])
def test_one_text_stands_for_one_byte_string(text: str) -> None:
    assert base45.decode("QED8WEX0") == b"ietf!"
    with pytest.raises(base45.Base45Error):
        base45.decode(text)


@given(st.one_of(st.text(max_size=9), st.text(base45.ALPHABET + "\n\r a", max_size=9)))
def test_whatever_base45_accepts_it_would_write_again(text: str) -> None:
    try:
        octets = base45.decode(text)
    except base45.Base45Error:
        return
    assert base45.encode(octets) == text
