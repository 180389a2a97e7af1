"""The key folder: closed to others, encrypted, with keys that overlap and never vanish silently."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.credentials.claims import CredentialClaims
from domain.credentials.cose import Algorithm
from domain.credentials.ring import KeyFolderError, Minting, RingKey
from domain.credentials.states import CredentialStatus
from domain.credentials.status_list import open_status_list, status_list_at
from domain.credentials.trust_list import KeyPurpose, KeyState, open_trust_list
from domain.credentials.verdict import Code, encode_token, judge
from flows.issuance.signing.keys import (
    ensure_demo_keys,
    found_signer,
    key_path,
    load_ring,
    load_signer,
    mint_key,
    prepare_folder,
    retire,
    rotate,
    signer_for,
    signer_of_secret,
    write_status_list,
    write_trust_list,
)
from flows.settings import Settings

NOW = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
PHRASE = SecretStr("a long pass-phrase")


def a_minting(purpose: str = "badge", *, algorithm: Algorithm = Algorithm.ED25519) -> Minting:
    return Minting(purpose=purpose, not_before=NOW, not_after=NOW + timedelta(days=200), algorithm=algorithm)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prepare_folder(tmp_path / "keys", "VALDARA")
    return tmp_path / "keys"


def minted(folder: Path, purpose: str = "badge", *, algorithm: Algorithm = Algorithm.ED25519) -> RingKey:
    return mint_key(folder, a_minting(purpose, algorithm=algorithm), passphrase=PHRASE)


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.ES256])
def test_a_minted_key_opens_with_its_pass_phrase_only(folder: Path, algorithm: Algorithm) -> None:
    key = minted(folder, algorithm=algorithm)
    signer = load_signer(folder, key, passphrase=PHRASE)
    assert (signer.key_id, signer.algorithm) == (key.key_id, algorithm)
    for wrong in (None, SecretStr("guess")):
        with pytest.raises(KeyFolderError, match="does not open"):
            load_signer(folder, key, passphrase=wrong)


def test_files_and_folder_are_the_owners_alone_and_refused_when_they_are_not(folder: Path) -> None:
    key = minted(folder)
    pem = folder / f"{key.key_id.hex()}.pem"
    assert (folder.stat().st_mode & 0o777, pem.stat().st_mode & 0o777) == (0o700, 0o600)
    assert b"ENCRYPTED" in pem.read_bytes()
    for place, mode in ((pem, 0o640), (folder, 0o710)):
        closed = place.stat().st_mode
        place.chmod(mode)
        with pytest.raises(KeyFolderError, match="open to group or others"):
            load_signer(folder, key, passphrase=PHRASE)
        place.chmod(closed)
    assert load_signer(folder, key, passphrase=PHRASE)


def test_a_real_issuer_never_has_an_unencrypted_key(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyFolderError, match="pass-phrase"):
        mint_key(folder, a_minting(), passphrase=None, demo=True)
    demo = ensure_demo_keys(tmp_path / "demo", now=NOW)
    assert demo.issuer == "TEST"
    key = minted(folder)
    (folder / f"{key.key_id.hex()}.pem").write_bytes(
        (tmp_path / "demo" / f"{demo.active('badge', now=NOW).key_id.hex()}.pem").read_bytes()
    )
    with pytest.raises(KeyFolderError, match="not encrypted"):
        load_signer(folder, key, passphrase=PHRASE)


def test_a_key_file_put_in_anothers_place_is_refused(folder: Path) -> None:
    first, second = minted(folder), minted(folder)
    (folder / f"{first.key_id.hex()}.pem").write_bytes((folder / f"{second.key_id.hex()}.pem").read_bytes())
    with pytest.raises(KeyFolderError, match="another key"):
        load_signer(folder, first, passphrase=PHRASE)


def test_demo_keys_are_made_once(tmp_path: Path) -> None:
    first = ensure_demo_keys(tmp_path / "keys", now=NOW)
    assert {key.purpose for key in first.keys} == {"root", "badge", "status"}
    assert ensure_demo_keys(tmp_path / "keys", now=NOW + timedelta(days=5)) == first


def test_demo_keys_wanted_by_many_threads_at_once_are_still_made_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        rings = list(threads.map(lambda _: ensure_demo_keys(tmp_path / "keys", now=NOW), range(8)))
    assert all(ring == rings[0] for ring in rings)
    assert len(list((tmp_path / "keys").glob("*.pem"))) == 3


def test_old_and_new_key_overlap_until_the_old_one_is_retired(folder: Path) -> None:
    for purpose in ("root", "status"):
        minted(folder, purpose)
    old = minted(folder)
    new = rotate(folder, a_minting(), passphrase=PHRASE)
    ring = load_ring(folder)
    assert ring.active("badge", now=NOW) == new
    later = NOW + timedelta(days=3)
    retire(folder, old.key_id, state=KeyState.RETIRED, now=later)
    target = folder.parent / "trust.cose"
    written = write_trust_list(folder, target, now=later, passphrase=PHRASE)
    trust = open_trust_list(target.read_bytes(), load_ring(folder).roots())
    assert trust == written
    assert {key.purpose for key in trust.keys} == {KeyPurpose.BADGE, KeyPurpose.STATUS}
    retired = trust.key(old.key_id)
    assert retired is not None
    assert (retired.state, retired.not_after) == (KeyState.RETIRED, later)
    assert trust.sequence > ring.sequence


def test_the_whole_chain_of_lists_lets_a_station_believe_a_badge(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    ring = ensure_demo_keys(folder, now=NOW)
    signer = load_signer(folder, ring.active("badge", now=NOW), passphrase=None)
    times = {"issued_at": NOW, "valid_from": NOW, "valid_until": NOW + timedelta(days=9)}
    words = {"issuer": "TEST", "serial": "XVD-1", "role": "STO", "organisation": "ORG", "nationality": "XAA"}
    token = encode_token(CredentialClaims.fitting("Ilva Tornek", status_index=5, **times, **words), signer)
    write_trust_list(folder, tmp_path / "trust.cose", now=NOW, passphrase=None)
    trust = open_trust_list((tmp_path / "trust.cose").read_bytes(), ring.roots())
    for standing, code in ((CredentialStatus.VALID, Code.VALID), (CredentialStatus.REVOKED, Code.REVOKED)):
        listed = status_list_at(NOW, {5: standing}, uri="https://x.invalid/s", size=64)
        message = write_status_list(folder, tmp_path / "status.cose", listed, now=NOW, passphrase=None)
        status = open_status_list(message, trust.status_keys(now=NOW))
        assert judge(token, now=NOW, trust=trust, status=status).code is code


def test_a_key_from_a_secret_store_signs_like_its_file(folder: Path) -> None:
    key = minted(folder)
    pem = SecretStr((folder / f"{key.key_id.hex()}.pem").read_text())
    assert signer_of_secret(pem, key, passphrase=PHRASE).key_id == key.key_id
    with pytest.raises(KeyFolderError, match="another key"):
        signer_of_secret(pem, minted(folder), passphrase=PHRASE)


def test_keys_in_a_secret_count_before_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, other = minted(folder), minted(folder)
    files = [key_path(folder, one.key_id) for one in (other, key)]
    both = SecretStr("\n".join(path.read_text() for path in files))
    settled = Settings(keys_folder=folder, key_passphrase=PHRASE)
    monkeypatch.setattr("flows.issuance.signing.keys.settings", lambda: settled)
    assert signer_for(key).key_id == key.key_id
    for path in files:
        path.unlink()
    assert found_signer(key) is None
    with pytest.raises(KeyFolderError, match="cannot be read"):
        signer_for(key)
    settled = Settings(keys_folder=folder, key_passphrase=PHRASE, signing_keys=both)
    assert (signer_for(key).key_id, signer_for(other).key_id) == (key.key_id, other.key_id)


def test_a_folder_of_another_issuer_or_without_ring_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyFolderError, match="another issuer"):
        prepare_folder(folder, "ELSEWHR")
    with pytest.raises(KeyFolderError, match="another issuer"):
        load_ring(folder, issuer="ELSEWHR")
    with pytest.raises(KeyFolderError, match="cannot be read"):
        load_ring(tmp_path / "nowhere")
    with pytest.raises(KeyFolderError, match="missing or out of its time"):
        load_ring(folder).active("badge", now=NOW)
    (folder / "ring.json").write_text('{"issuer": "VALDARA", "surprise": 1}')
    with pytest.raises(KeyFolderError, match="cannot be read"):
        load_ring(folder)
