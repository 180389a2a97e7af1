"""What stands where a value is missing is known in six languages, and no value is taken for it."""

import pytest

from domain.placeholders import is_name_filler, is_placeholder, is_placeholder_name

MISSING = (
    "-", "--", "—", "...", "…", "?", "/", "*", "0", "0000000", "XXX", "xxxxxxx", "N/A", "n.a.", "NA", "none",
    "nil", "NULL", "#N/A", "#REF!", "Applied for", "APPLIED FOR (12.03.2027)", "passport applied for",
    "pending", "TBC", "T.B.A.", "to be confirmed", "Not yet issued", "will be sent later", "being renewed",
    "see attached copy", "same as above", "en cours", "En cours de délivrance", "demandé", "à confirmer",
    "néant", "pas encore délivré", "voir pièce jointe", "en trámite", "solicitado", "pendiente",
    "por confirmar", "aún no", "ninguno", "оформляется", "в процессе оформления", "нет", "ещё не получен",
    "будет уточнено", "уточняется", "отсутствует", "قيد الإصدار", "لا يوجد", "غير متوفّر",
    "سيتم إرساله لاحقًا", "لم يصدر بعد", "申请中", "護照申請中", "办理中", "待定", "无", "暂无", "尚未办理 待定",
)  # fmt: skip
VALUES = (
    "K12345678", "AB 123456", "0012", "12", "111", "1", "A-7", "PA0000001", "DEL-03", "NO1234567",
    "X1234567", "00000001", "",
)  # fmt: skip
NAMES = (
    "Na", "Nil", "Null", "No", "Non", "Ó", "Xi", "Xu", "Ng", "E", "O", "Test-Berg", "Noname-Ruiz",
    "Guest Marden", "Van der Sar", "Tobe", "Pending-Lund", "Нетто", "无忌", "Same Oldar", "Xander",
    "Persona Grata", "Nombre de Dios",
)  # fmt: skip
NOBODY = (
    "To be confirmed", "TBC", "tba", "N.N.", "Delegate 3", "DELEGATE NO. 2", "Observer A", "Délégué 1",
    "Observador", "Наблюдатель 2", "مندوب", "代表3", "待定", "Unknown", "Surname", "Prénoms", "Имя",
    "à désigner", "por designar", "будет уточнено", "???", "Interpreter",
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


@pytest.mark.parametrize("text", ["FNU", "LNU", "XXX", "xxxx", "-", "--", "—", "."])
def test_documents_fillers_mean_one_name_and_no_placeholder(text: str) -> None:
    assert is_name_filler(text)
    assert not is_placeholder_name(text)
