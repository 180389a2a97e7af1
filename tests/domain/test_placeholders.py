"""What stands where a value is missing is known in many languages, and no value is taken for it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.placeholders import is_name_filler, is_nobodys_name, is_placeholder, is_placeholder_name

MISSING = (
    "-", "--", "—", "...", "…", "?", "/", "*", "0", "0000000", "XXX", "xxxxxxx", "N/A", "n.a.", "NA", "none",
    "nil", "NULL", "#N/A", "#REF!", "Applied for", "APPLIED FOR (12.03.2027)", "passport applied for",
    "pending", "TBC", "T.B.A.", "to be confirmed", "Not yet issued", "will be sent later", "being renewed",
    "see attached copy", "same as above", "en cours", "En cours de délivrance", "demandé", "à confirmer",
    "néant", "pas encore délivré", "voir pièce jointe", "en trámite", "solicitado", "pendiente",
    "por confirmar", "aún no", "ninguno", "оформляется", "в процессе оформления", "нет", "ещё не получен",
    "будет уточнено", "уточняется", "отсутствует", "قيد الإصدار", "لا يوجد", "غير متوفّر",
    "سيتم إرساله لاحقًا", "لم يصدر بعد", "申请中", "護照申請中", "办理中", "待定", "无", "暂无", "尚未办理 待定",
    "wird nachgereicht", "beantragt", "in corso di rilascio", "a aguardar", "aangevraagd", "w trakcie", "v řízení",
    "başvuruldu", "в обробці", "در دست اقدام", "取得中", "신청중", "chưa có", "belum ada", "טרם הונפק", "υπό έκδοση",
)  # fmt: skip
VALUES = (
    "K12345678", "AB 123456", "0012", "12", "111", "1", "A-7", "PA0000001", "DEL-03", "NO1234567",
    "X1234567", "00000001", "",
)  # fmt: skip
NAMES = (
    "Na", "Nil", "Null", "No", "Non", "Ó", "Xi", "Xu", "Ng", "E", "O", "Test-Berg", "Noname-Ruiz",
    "Guest Marden", "Van der Sar", "Tobe", "Pending-Lund", "Нетто", "无忌", "Same Oldar", "Xander",
    "Persona Grata", "Nombre de Dios", "NULL", "Nan", "Brakman", "Wife", "Yok-Lin", "Folgter",
)  # fmt: skip
NOBODY = (
    "To be confirmed", "TBC", "tba", "N.N.", "Delegate 3", "DELEGATE NO. 2", "Observer A", "Délégué 1",
    "Observador", "Наблюдатель 2", "مندوب", "代表3", "待定", "Unknown", "Surname", "Prénoms", "Имя",
    "à désigner", "por designar", "будет уточнено", "???", "Interpreter",
    "null", "NaN", "none", "Given name(s)", "wird noch benannt", "da definire", "nog te bepalen", "уточнити",
    "待指派", "미정", "无", "Security officer", "Accompagnateur", "Dolmetscher 2", "qwerty", "Vacant post",
    '"', "\u3003",
)  # fmt: skip


@pytest.mark.parametrize("text", MISSING)
def test_a_text_that_says_nothing_is_a_placeholder(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize("text", VALUES)
def test_a_number_or_reference_is_no_placeholder(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize("text", NOBODY)
def test_what_stands_in_for_a_name_is_nobodys_name(text: str) -> None:
    assert is_placeholder_name(text) or is_name_filler(text)


@pytest.mark.parametrize("text", NAMES)
def test_a_name_is_no_placeholder_however_short(text: str) -> None:
    assert not is_placeholder_name(text)
    assert not is_name_filler(text)


@given(
    st.sampled_from(MISSING),
    st.sampled_from(
        [str.upper, str.lower, str.title, " {}.".format, "({})".format, "{} …".format, "\u200e{}\u200f".format]
    ),
)
def test_however_it_is_written_it_says_nothing(text: str, written: Callable[[str], str]) -> None:
    assert is_placeholder(written(text))


@pytest.mark.parametrize("surname", ["Guest", "DRIVER", "Person"])
def test_a_word_for_people_is_a_surname_beside_a_name_and_nobodys_without(surname: str) -> None:
    assert not is_nobodys_name(surname, "Hannah")
    assert {is_nobodys_name(surname, beside) for beside in ("", "-", "TBC", "FNU")} == {True}
    assert is_nobodys_name(f"{surname} 2", "Hannah")


@pytest.mark.parametrize(
    "text",
    ["FNU", "F.N.U.", "LNU", "XXX", "xxxx", "-", "--", "—", ".", "one name only", "kein Vorname", "pas de prénom"],
)
def test_documents_fillers_mean_one_name_and_no_placeholder(text: str) -> None:
    assert is_name_filler(text)
    assert not is_placeholder_name(text)
