from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError
from pyotp.totp import TOTP

from domain.decisions.officers import Proof, ProofRefusedError, check_code, check_signature, subject_of

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # noqa: S105 -- the published secret of RFC 6238, appendix B
STEP = timedelta(seconds=30)
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
CASES = (UUID(int=1), UUID(int=2))


def proof(code: str) -> Proof:
    return Proof(officer="OFF-1", code=code)


@pytest.mark.parametrize(
    ("seconds", "digits"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]
)
def test_codes_are_those_of_rfc_6238(seconds: int, digits: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert check_code(proof(digits), SECRET, at) == f"step:{seconds // 30}"


@pytest.mark.parametrize("age", [timedelta(), STEP, -STEP, timedelta(seconds=29), STEP + timedelta(seconds=29)])
def test_a_code_holds_in_its_step_and_one_either_way_and_always_names_the_same_step(age: timedelta) -> None:
    code = TOTP(SECRET).at(NOON)
    assert check_code(proof(code), SECRET, NOON + age) == f"step:{int(NOON.timestamp()) // 30}"


@pytest.mark.parametrize("age", [2 * STEP, -STEP - timedelta(seconds=1), timedelta(days=1)])
def test_an_old_or_early_code_is_refused(age: timedelta) -> None:
    with pytest.raises(ProofRefusedError, match="wrong or too old"):
        check_code(proof(TOTP(SECRET).at(NOON)), SECRET, NOON + age)


def test_no_code_and_no_secret_prove_nothing() -> None:
    with pytest.raises(ProofRefusedError, match="wrong or too old"):
        check_code(proof(""), SECRET, NOON)
    with pytest.raises(ProofRefusedError, match="no authenticator on record"):
        check_code(proof("123456"), None, NOON)
    for malformed in ("12345", "1234567", "12345a", "١٢٣٤٥٦", "123456\n"):
        with pytest.raises(ValidationError):
            proof(malformed)


def test_a_signature_holds_for_exactly_its_cases_outcome_and_reasons() -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw().hex()
    subject = subject_of(CASES, "refuse", ("R04", "R01"))
    signed = Proof(officer="OFF-1", signature=key.sign(subject.encode()).hex())
    check_signature(signed, public, subject_of(tuple(reversed(CASES)), "refuse", ("R01", "R04")))
    for other in [
        subject_of(CASES[:1], "refuse", ("R04", "R01")),
        subject_of((*CASES, UUID(int=3)), "refuse", ("R04", "R01")),
        subject_of(CASES, "approve", ("R04", "R01")),
        subject_of(CASES, "refuse", ("R04",)),
    ]:
        with pytest.raises(ProofRefusedError, match="not this officer's for this decision"):
            check_signature(signed, public, other)


@pytest.mark.parametrize("public", [None, "00" * 32, "zz", "ab"])
def test_a_signature_without_the_officers_own_key_proves_nothing(public: str | None) -> None:
    signed = Proof(officer="OFF-1", signature="0" * 128)
    with pytest.raises(ProofRefusedError):
        check_signature(signed, public, subject_of(CASES, "approve", ()))


def test_a_proof_is_not_readable_in_logs() -> None:
    assert "123456" not in repr(proof("123456"))
