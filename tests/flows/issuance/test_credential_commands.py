"""``accredit keys`` and ``accredit credential inspect``, as a clerk and a script use them."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from domain.credentials import base45, cbor, cose
from domain.credentials.claims import CredentialClaims
from domain.credentials.keys import held
from domain.credentials.verdict import encode_token
from domain.errors import BadInputError
from flows.cli.registry import application
from flows.issuance.signing.keys import load_ring, load_signer

keys_app, credential_app = application("keys"), application("credential")

NOW = datetime(2027, 5, 1, tzinfo=UTC)
RUN = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for purpose in ("root", "badge", "status"):
        line = ["new", "--issuer", "TEST", "--purpose", purpose, "--as-of", "2027-04-01"]
        assert RUN.invoke(keys_app, [*line, "--folder", str(tmp_path / "keys")]).exit_code == 0
    return tmp_path / "keys"


def a_token(folder: Path) -> str:
    signer = load_signer(folder, load_ring(folder).active("badge", now=NOW), passphrase=None)
    claims = CredentialClaims(
        issuer="TEST",
        serial="XVD-0000042",
        issued_at=NOW,
        valid_from=NOW,
        valid_until=NOW + timedelta(days=40),
        role="LTO",
        organisation="ORG-17",
        nationality="XAA",
        name="Ilva Tornek",
        status_index=17,
    )
    return encode_token(claims, signer)


def inspected(token: str, trust: Path) -> tuple[int, dict[str, object]]:
    result = RUN.invoke(credential_app, ["inspect", token, "--trust", str(trust), "--json", "--as-of", "2027-05-02"])
    return result.exit_code, json.loads(result.stdout)


def test_a_token_verifies_against_the_exported_keys_and_a_changed_one_does_not(folder: Path, tmp_path: Path) -> None:
    exported = RUN.invoke(
        keys_app, ["export-trust", str(tmp_path / "public"), "--folder", str(folder), "--as-of", "2027-05-01"]
    )
    assert exported.exit_code == 0, exported.output
    token, trust = a_token(folder), tmp_path / "public" / "keys.json"
    code, report = inspected(token, trust)
    assert (code, report["profile"], report["code"], report["times"]) == (0, "OAC1", "VERIFIED", "current")
    forged = token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:]
    code, report = inspected(forged, trust)
    assert (code, report["verified"]) == (1, False)


def test_a_rotated_key_signs_and_the_list_shows_both(folder: Path) -> None:
    line = ["rotate", "--purpose", "badge", "--as-of", "2027-04-20", "--folder", str(folder), "--algorithm", "es256"]
    assert RUN.invoke(keys_app, line).exit_code == 0
    listed = json.loads(RUN.invoke(keys_app, ["list", "--json", "--folder", str(folder)]).stdout)
    badges = [key for key in listed["keys"] if key["purpose"] == "badge"]
    assert [key["algorithm"] for key in badges] == ["ED25519", "ES256"]
    assert RUN.invoke(keys_app, ["retire", badges[0]["key_id"], "--folder", str(folder)]).exit_code == 0
    assert [key.state for key in load_ring(folder).keys if key.purpose == "badge"] == ["retired", "active"]
    assert a_token(folder)


def test_foreign_tokens_are_read_with_prefix_and_zlib_from_file_and_input(tmp_path: Path) -> None:
    signer = held(ec.derive_private_key(99, ec.SECP256R1()))
    message = cose.sign1_message(cbor.write({1: "https://issuer.invalid", -260: {1: {"nam": {"fn": "X"}}}}), signer)
    numbers = signer.private_key.public_key().public_numbers()  # type: ignore[union-attr]
    x, y = (base64.urlsafe_b64encode(number.to_bytes(32)).decode() for number in (numbers.x, numbers.y))
    kid = base64.b64encode(signer.key_id).decode()
    trust = tmp_path / "keys.json"
    trust.write_text(json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid}]}))
    text = "HC1:" + base45.encode(zlib.compress(message))
    code, report = inspected(text, trust)
    assert (code, report["code"], report["algorithm"], report["profile"]) == (0, "VERIFIED", "ES256", "generic")
    file = tmp_path / "token.txt"
    file.write_text(text + "\n")
    assert inspected(str(file), trust)[0] == 0
    lines = RUN.invoke(
        credential_app, ["inspect", "-", "--trust", str(trust), "--json"], input=f"{text}\n{text[:-2]}\n"
    )
    assert [json.loads(line)["verified"] for line in lines.stdout.splitlines()] == [True, False]


def test_keys_that_cannot_be_read_are_wrong_input(tmp_path: Path) -> None:
    result = RUN.invoke(credential_app, ["inspect", "OAC1:A", "--trust", str(tmp_path / "none.json")])
    assert isinstance(result.exception, BadInputError)


def test_a_file_of_bytes_lines_that_are_no_text_and_tokens_like_options_are_read(folder: Path, tmp_path: Path) -> None:
    RUN.invoke(keys_app, ["export-trust", str(tmp_path), "--folder", str(folder), "--as-of", "2027-05-01"])
    octets, trust = base45.decode(a_token(folder).removeprefix("OAC1:")), tmp_path / "keys.json"
    (tmp_path / "message.cose").write_bytes(octets)
    assert inspected(str(tmp_path / "message.cose"), trust)[1]["code"] == "VERIFIED"
    assert inspected("-6BF:A", trust)[0] == 1
    given = b"\xff\xfe\n" + octets.hex().encode()
    lines = RUN.invoke(credential_app, ["inspect", "-", "--trust", str(trust), "--json"], input=given)
    assert [json.loads(line)["code"] for line in lines.stdout.splitlines()] == ["TEXT", "VERIFIED"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [('{"keys": []}', "holds no key"), ("[]", "holds no key"), ("", "is empty"), (" \n", "is empty"),
     ('{"keys": [{"kty": "EC", "use": "enc"}]}', "holds no key")],
)  # fmt: skip
def test_a_key_file_without_a_key_is_named_as_that(tmp_path: Path, content: str, problem: str) -> None:
    trust = tmp_path / "keys.json"
    trust.write_text(content)
    result = RUN.invoke(credential_app, ["inspect", "OAC1:A", "--trust", str(trust)])
    assert isinstance(result.exception, BadInputError)
    assert problem in str(result.exception)


def test_what_was_issued_later_is_not_current(folder: Path, tmp_path: Path) -> None:
    RUN.invoke(keys_app, ["export-trust", str(tmp_path), "--folder", str(folder), "--as-of", "2027-04-02"])
    signer = load_signer(folder, load_ring(folder).active("badge", now=NOW), passphrase=None)
    claims: dict[int | str | bytes, cbor.Cbor] = {4: int(NOW.timestamp()) + 10**7, 6: int(NOW.timestamp()) + 10**6}
    text = cose.sign1_message(cbor.write(claims), signer).hex()
    assert inspected(text, tmp_path / "keys.json")[1]["times"] == "not yet"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("shc:/56762959532654603460", "SMART Health Card"), ("SHC:/56762959532654603460", "SMART Health Card"),
     ("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl", "JSON Web Signature"),
     ("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln~ZGlzYw~", "SD-JWT"),
     ("eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn", "JWE"), ("v4.public.eyJhIjoxfQabc_-", "PASETO")],
)  # fmt: skip
def test_tokens_of_other_families_are_called_by_their_name(folder: Path, tmp_path: Path, text: str, kind: str) -> None:
    RUN.invoke(keys_app, ["export-trust", str(tmp_path), "--folder", str(folder), "--as-of", "2027-05-01"])
    code, report = inspected(text, tmp_path / "keys.json")
    assert (code, report["code"]) == (1, "TEXT")
    assert kind in str(report["detail"])
