import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity.contact import ContactProblem, check_email, is_mixed_script


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


@given(st.text(max_size=400))
def test_no_contact_crashes_its_check(text: str) -> None:
    assert check_email(text).typed == text


def test_a_contact_is_not_spoken_of() -> None:
    email = check_email("lina@example.org")
    assert "lina" not in f"{email} {email!r}"
