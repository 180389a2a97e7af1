import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity.contact import ContactProblem, check_email, check_phone, is_mixed_script


@pytest.mark.parametrize(
    ("typed", "normalised", "problems"),
    [
        (" Lina@Example.ORG ", "Lina@example.org", ()),
        ("почта@пример.испытание", "почта@пример.испытание", ()),
        ("lina@bücher.example.com", "lina@bücher.example.com", ()),
        ("аdmin@example.org", "аdmin@example.org", (ContactProblem.EMAIL_MIXED_SCRIPT,)),
        ("desk@ехample.org", "desk@ехample.org", (ContactProblem.EMAIL_MIXED_SCRIPT,)),
        ("nobody", "", (ContactProblem.EMAIL_INVALID,)),
        ("a@b@c.example.org", "", (ContactProblem.EMAIL_INVALID,)),
        ("x" * 100_000, "", (ContactProblem.EMAIL_INVALID,)),
    ],
)
def test_an_address_is_read_without_asking_a_network(
    typed: str, normalised: str, problems: tuple[ContactProblem, ...]
) -> None:
    report = check_email(typed)
    assert (report.normalised, report.problems) == (normalised, problems)
    assert report.compared == normalised.casefold()


def test_scripts_mix_only_where_they_look_alike() -> None:
    assert is_mixed_script("аdmin")
    assert is_mixed_script("αdmin")
    assert not any(
        is_mixed_script(label) for label in ("admin", "админ", "rené-1", "日本go", "한글lab", "ひらカタ漢字")
    )


@pytest.mark.parametrize(
    ("typed", "region", "e164", "problems"),
    [
        ("+41 44 668 18 00", "US", "+41446681800", ()),
        ("044 668 18 00", "CH", "+41446681800", ()),
        ("+1 555", "US", "+1555", (ContactProblem.PHONE_IMPOSSIBLE,)),
        ("+41 10 000 00 00", "CH", "+41100000000", (ContactProblem.PHONE_UNKNOWN_RANGE,)),
        ("call me", "CH", "", (ContactProblem.PHONE_UNREADABLE,)),
        ("044 668 18 00", "ZZ", "", (ContactProblem.PHONE_UNREADABLE,)),
    ],
)
def test_a_number_is_read_as_dialled_in_the_missions_country(
    typed: str, region: str, e164: str, problems: tuple[ContactProblem, ...]
) -> None:
    report = check_phone(typed, region=region)
    assert (report.e164, report.problems) == (e164, problems)


@given(st.text(max_size=400))
def test_no_contact_crashes_its_check(text: str) -> None:
    assert check_email(text).typed == check_phone(text, region="ZZ").typed == text


def test_a_contact_is_not_spoken_of() -> None:
    email, phone = check_email("lina@example.org"), check_phone("+41 44 668 18 00", region="ZZ")
    spoken = f"{email} {email!r} {phone} {phone!r}"
    assert not any(secret in spoken for secret in ("lina", "668"))
