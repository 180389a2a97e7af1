"""Values that stand where a value is missing: "-", "N/A", "applied for", "to be confirmed", in some twenty languages.

One recogniser for every field. What stands in for a document number or a reference identifies nobody, and what
stands in for a name is nobody's name. Some short words are both: *Na*, *Nil* and *Null* are names of real people, so
names are judged by a shorter list.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

_TELLING: Final = """
applied for|has applied|have applied|application submitted|application pending|applying for|not yet|in process
in progress|under process|being processed|being issued|being renewed|under renewal|to be confirmed|to be announced
to be advised|to be determined|to be decided|to be provided|to be sent|to be submitted|to be issued|to be named
to be nominated|to be completed|to follow|will follow|will be|will send|will provide|follows later|to come
not available|not applicable|not known|not issued|not provided|no number|no passport|no document|see attached
see attachment|see above|see below|see passport|see copy|see scan|as above|same as above|as per passport|awaiting
not decided|not confirmed|to be replaced|replacement of|replacement for|pending nomination|goes here|type here
enter here|your name|your surname|as in passport|same as passport|as in the passport|plus one|and spouse
no phone|no telephone|no mobile|no e mail|no email|to be assigned|new person|vacant post|wife of|husband of
en cours|a suivre|a confirmer|a preciser|a completer|a venir|a definir|a determiner|a designer|a communiquer|non connu
non disponible|non communique|non applicable|non attribue|pas encore|sans objet|sera communique|sera transmis
sera precise|sera designe|sera designee|voir ci joint
voir piece jointe|voir passeport|en attente|demande faite|demande deposee|en instance
en tramite|en proceso|por confirmar|a confirmar|por definir|por determinar|por designar|por asignar|por completar
se confirmara|se enviara|se comunicara|no disponible|no aplica|no aplicable|no procede|no consta|todavia no|aun no
ver adjunto|ver anexo|ver pasaporte|sin numero|sin pasaporte|sin datos
в процессе|в стадии|на оформлении|на рассмотрении|будет позже|будет уточнен|будет уточнена|будет уточнено
будет предоставлен|будет выслан|будет сообщен|будет сообщено|будет дополнительно|подано заявление|подана заявка
еще не|пока нет|нет данных|нет номера|нет паспорта|не получен|не выдан|не известен|не известно|не имеется
не применимо|не применяется|см приложение|см вложение|см паспорт|см выше
قيد الاصدار|قيد المعالجة|قيد التجديد|قيد الانجاز|قيد الاجراء|تحت الاصدار|تحت الاجراء|سيتم|سوف يتم|سيرسل|سيحدد
لم يصدر|لم يحدد|لا يوجد|لا ينطبق|غير متوفر|غير متاح|غير معروف|غير محدد|يحدد لاحقا|يرسل لاحقا|تم التقديم|تم تقديم
مقدم بطلب|انظر المرفق|في الانتظار
wird nachgereicht|wird noch|in bearbeitung|beantragt|noch offen|noch nicht|nicht bekannt|nicht vorhanden|siehe anlage
da confermare|da definire|da comunicare|in corso di|non ancora|non disponibile|a definir|em processamento|nao disponivel
a aguardar|aangevraagd|nog te|nog niet|nog onbekend|in aanvraag|do ustalenia|do potwierdzenia|w trakcie|złożono wniosek
bude upresneno|bude doplneno|bude oznameno|v rizeni|ei tiedossa|nimi puuttuu|ilmoitetaan myohemmin|kommer senare
oplyses senere|meddeles senere|bit ce objavljeno|u postupku|w realizacji|beklemede|basvuruldu|belirlenecek|bildirilecek
буде визначено|буде повідомлено|буде уточнено|в обробці|на оформленні|подано заяву|у процесі|ще не|немає даних
در دست اقدام|در حال صدور|اعلام خواهد شد|متعاقبا اعلام|belum ditentukan|belum ada|dalam proses|akan menyusul
itathibitishwa|itatolewa|chưa có|đang xin|đang cấp|sẽ bổ sung
υπο εκδοση|θα ανακοινωθει|δεν υπαρχει|יעודכן בהמשך|טרם הונפק
""".strip().replace("\n", "|")
"""Phrases that make any text a placeholder wherever they stand in it, without accents and marks."""

_WORDS: Final = """
none|nil|null|nan|no|n a|na|n d|nd|n k|unknown|undefined|undetermined|missing|blank|empty|applied|pending|requested
ordered|later|tba|tbc|tbd|tbn|tbs|to be|ditto|same|idem|id|value|void|ref|x|xx|sample|example|specimen|dummy
inconnu|inconnue|neant|aucun|aucune|non|demande|demandee|vide|manquant|manquante|nr|s o|nc|n c
ninguno|ninguna|nada|solicitado|solicitada|pendiente|desconocido|desconocida|falta|sn|s n|vacio
нет|отсутствует|неизвестно|неизвестен|неизвестна|уточняется|оформляется|ожидается|запрошен|подано|позже|не указано
не указан|н д|нд|б н|бн|пусто|прочерк
keine|kein|folgt|unbekannt|entfallt|leer|nessuno|richiesto|sconosciuto|nenhum|pedido|desconhecido|geen|volgt|onbekend
brak|nieznany|zadne|nezname|saknas|okand|ukendt|ukjent|tuntematon|yok|bilinmiyor|немає|відсутній|невідомо|ندارد|نامشخص
tidak ada|menyusul|hakuna|khong co|אין|κανενα|なし|未定|取得中|申請予定|없음|미정|신청중|ไม่มี
لايوجد|مجهول|لاحقا|معلق|مطلوب|فارغ|لا شيء|كلا
""".strip().replace("\n", "|")
"""Texts that are placeholders where nothing else stands beside them."""

_NAME_WORDS: Final = """
head of delegation|head of mission|deputy head of mission|team leader|group leader|chef de delegation|chef de mission
chef d equipe|jefe de delegacion|jefa de delegacion|jefe de mision|глава делегации|глава миссии|руководитель группы
رئيس الوفد|رئيس البعثه
unknown|undefined|undetermined|missing|blank|empty|tba|tbc|tbd|tbn|tbs|to be|applied|applied for|pending|ditto|idem
nn|n n|n a|n d|nomen nescio|test|dummy|placeholder|anonymous|anonyme|anonimo|vacant|same|same surname|no name|noname
firstname|lastname|first name|last name|surname|given name|given names|family name|full name|forename|none
member of parliament|nenhum|nenhuma|keine|geen
first name s|last name s|given name s|family name s|prenom s|nom s|nombre s|apellido s|replacement|vacant post
test test|initials|lorem ipsum
xyz|qwe|test user|user name|enter name|enter surname|asdf
asdfg|asdfgh|qwerty|qwertz|azerty|abc|abcd|abcdef|spouse|accompanying person|dito
nachname|vorname|familienname|cognome|sobrenome|apelido|achternaam|voornaam|nazwisko|imie|prijmeni|jmeno|soyadi
unbekannt|sconosciuto|desconhecido|onbekend|nieznany|ukendt|ukjent|tuntematon|bilinmiyor|невідомо|уточнити|прізвище
inconnu|inconnue|neant|aucun|aucune|nom|prenom|prenoms|nom de famille|desconocido|desconocida|ninguno|ninguna|pendiente
nombre|nombres|apellido|apellidos
неизвестно|неизвестен|неизвестна|отсутствует|уточняется|фамилия|имя|отчество|нет|вакансия
مجهول|لايوجد|لاحقا|الاسم|اسم العائله|اللقب|لا شيء
""".strip().replace("\n", "|")

_CHINESE: Final = re.compile(
    r"申请中|申請中|正在申请|正在申請|已申请|已申請|办理中|辦理中|正在办理|正在辦理|待定|待确认|待確認|待補|待补|待通知"
    r"|待提供|待指派|待指定|未确定|未確定|未定|未知|未提供|未办|不详|不詳|不明|暂无|暫無|尚无|尚無|稍后|稍後|后补|後補|另行通知|不适用|不適用|见附件|見附件|同上"
)
_CHINESE_NAMELESS: Final = frozenset({"无", "無", "没有", "沒有", "미정", "なし"})
_CHINESE_WORDS: Final = frozenset({"无", "無", "没有", "沒有", "空", "略", "否"})
_REMOVAL_WORDS: Final = """
remove removed delete deleted supprimer supprime effacer eliminar eliminado borrar удалить удалено احذف حذف
删除 刪除 移除
"""
_REMOVALS: Final = frozenset(_REMOVAL_WORDS.split())
_MARKS: Final = re.compile(r"[\W_]+")
_DITTO: Final = re.compile(r"(?:[\"\u201c-\u201f\u2033\u3003\u301d-\u301f]|''|,,|\u2018\u2018|\u2019\u2019)+")
"""Marks that mean the same as above, which documents print for nothing."""
_LEFT_BY_PROGRAMS: Final = frozenset({"null", "NaN"})
"""What programs write for no value, in their own spelling: Null and Nan are names of people."""
_ERRORS: Final = re.compile(r"(?i)#\s?(?:n/?a|ref|value|name|null|div/0|num|spill|calc|getting_data)[!?]?|#+")
"""What a spreadsheet shows where a formula has no value."""
_RUN: Final = re.compile(r"(.)\1*")
_FILLING: Final = frozenset("0x*.?-_#~…")
_ROLE: Final = re.compile(
    r"(?:(?:first|second|third|fourth|another|one|embassy|mission|staff|[0-9]+(?:st|nd|rd|th)?) )?"
    r"(?:delegate|delegue|deleguee|delegado|delegada|observer|observateur|observatrice|observador|observadora|member"
    r"|membre|miembro|person|personne|persona|participant|participante|nominee|candidate|guest|invite|invitado|expert"
    r"|experte|experto|interpreter|interprete|name|nom|nombre|reserve|substitute|alternate|suppleant|suplente|driver"
    r"|staff|secretary|assistant|security officer|liaison officer|press officer|adviser|advisor|coordinator|translator"
    r"|chauffeur|accompagnateur|accompagnatrice|conjoint|conseiller|conseillere|secretaire|conductor|acompanante|asesor"
    r"|asesora|beobachter|beobachterin|teilnehmer|dolmetscher|fahrer|begleitperson|osservatore|waarnemer|водитель"
    r"|секретарь|советник|сопровождающий|спостерігач|سائق|مستشار|مرافق|سكرتير"
    r"|делегат|наблюдатель|участник|член|лицо|эксперт|переводчик|مندوب|مراقب|عضو|شخص|مشارك|خبير)"
    r"(?: (?:no|nr|n|num|number|numero|номер|رقم))?(?: (?:[0-9]+|[a-z]|[ivx]+))?(?: (?:from|of|for) .*)?"
)
_BODY: Final = re.compile(
    r"(?:the )?(?:ministry|embassy|consulate|secretariat|delegation|assembly|commission|organi[sz]ation|department"
    r"|ministere|ambassade|ministerio|embajada|secretaria general|министерство|посольство|делегация|секретариат|وزاره"
    r"|سفاره)(?: .*)?"
)
"""Institutions that stand where a person is to be named."""
_PARTS: Final = re.compile(r"[()\[\]{}]|\s[-\u2010-\u2015]+\s")
"""What parts a remark from a name."""
_ASIDE: Final = frozenset(
    {"leader", "head", "deputy", "chief", "partner", "son", "daughter", "new", "old", "male", "female", "man", "woman",
     "team leader", "minor", "child"}
)  # fmt: skip
"""What may stand as a remark beside a name, in brackets or behind a dash; some are surnames by themselves."""
_CHINESE_ROLE: Final = re.compile(
    r"(?:代表|代表团团长|團長|团长|观察员|觀察員|成员|成員|人员|人員|专家|專家)[0-9一二三四五六七八九十甲乙丙丁a-z]*"
)


@lru_cache(maxsize=16_384)
def _bare(value: str) -> str:
    """Return *value* in small letters without accents and marks: 'À confirmer…' becomes 'a confirmer'."""
    unfolded = unicodedata.normalize("NFKD", value.casefold())
    return " ".join(_MARKS.sub(" ", "".join(letter for letter in unfolded if not _is_mark(letter))).split())


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) in {"Mn", "Cf"} or letter in "'`´\u2019\u02bc"


@cache
def _phrases(listed: str) -> frozenset[str]:
    return frozenset(_bare(phrase) for phrase in listed.split("|"))


@cache
def _told() -> re.Pattern[str]:
    """Return what finds the telling phrases; made when first asked, for most commands never ask."""
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, _phrases(_TELLING)), key=len, reverse=True))})(?!\w)"
    )


@lru_cache(maxsize=4096)
def is_placeholder(value: str) -> bool:
    """Say whether *value* only says that there is no value (yet); an empty text says nothing and is none.

    For document numbers, references and other codes. Marks alone, zeros alone and a run of X are placeholders too.

    >>> is_placeholder("N/A"), is_placeholder("Applied for (12 March)"), is_placeholder("0012")
    (True, True, False)
    """
    text = value.strip()
    if not text:
        return False
    dense = "".join(text.split())
    return (
        _is_filling(text)
        or _stands_alone(text, _phrases(_WORDS))
        or _tells(text)
        or dense.strip("。.…()") in _CHINESE_WORDS
    )


@lru_cache(maxsize=4096)
def is_placeholder_name(value: str) -> bool:
    """Say whether *value* stands where a name is to come: "To be confirmed", "N.N.", "Delegate 3", "Имя".

    A filler by which travel documents mark a missing part ("-", FNU, XXX) is none: see :func:`is_name_filler`.
    """
    text = value.strip()
    if not text or is_name_filler(text):
        return False
    bare = _bare(text)
    return (
        text in _LEFT_BY_PROGRAMS
        or _is_filling(text)
        or _stands_alone(text, _phrases(_NAME_WORDS))
        or _tells(text)
        or _ROLE.fullmatch(bare) is not None
        or _CHINESE_ROLE.fullmatch(bare) is not None
        or _BODY.fullmatch(bare) is not None
        or any(_is_aside(part) for part in _parts(text))
        or "".join(text.split()) in _CHINESE_NAMELESS
    )


def _parts(text: str) -> list[str]:
    """Return the parts of a name with remarks beside it; none of a name without."""
    parts = [bare for part in _PARTS.split(text) if (bare := _bare(part))]
    return parts if len(parts) > 1 else []


def _is_aside(bare: str) -> bool:
    told = bare in _ASIDE or bare in _phrases(_NAME_WORDS) or bare.startswith("head of ")
    return told or (_ROLE.fullmatch(bare) is not None and bare not in _ALSO_SURNAMES)


_ALSO_SURNAMES: Final = frozenset({"blank", "driver", "expert", "guest", "person", "staff"})


def is_nobodys_name(part: str, beside: str) -> bool:
    """Say whether *part* of a name is nobody's; some words for people are surnames too where a name stands *beside*.

    >>> is_nobodys_name("Guest", "Hannah"), is_nobodys_name("Guest", "-"), is_nobodys_name("Guest 2", "Hannah")
    (False, True, True)
    """
    is_named = bool(beside) and not is_name_filler(beside) and not is_placeholder_name(beside)
    return is_placeholder_name(part) and not (is_named and _bare(part) in _ALSO_SURNAMES)


_NAME_FILLERS: Final = frozenset(
    {"fnu", "lnu", "mnu", "nfn", "nln", "fno", "lno", "first name unknown", "last name unknown", "no first name",
     "no last name", "no surname", "no given name", "no given names", "no family name", "one name", "single name",
     "one name only", "single name only", "mononym", "not on passport", "not in passport",
     "sans prenom", "sans nom", "aucun prenom", "pas de prenom", "un seul nom", "sin nombre", "sin apellido",
     "un solo nombre", "нет имени", "нет фамилии", "без имени", "без фамилии", "одно имя", "اسم واحد", "بدون لقب",
     "ohne vorname", "kein vorname", "ohne nachname", "kein nachname", "senza nome", "senza cognome", "sem nome",
     "sem sobrenome", "tidak ada", "tanpa nama keluarga", "soyadi yok", "仅有名", "无姓", "無姓", "只有名字", "単名"}
)  # fmt: skip


@lru_cache(maxsize=4096)
def is_name_filler(value: str) -> bool:
    """Say whether *value* is what documents and forms print for a part that a name does not have.

    FNU and LNU (United States visas), XXX and "-" (many issuers): the person has one name only.
    """
    text = value.strip()
    bare = _bare(text)
    if _DITTO.fullmatch(text):
        return False
    return _stands_alone(text, _NAME_FILLERS) or (bool(text) and not bare) or re.fullmatch(r"x{2,}", bare) is not None


def _is_filling(text: str) -> bool:
    """Say whether *text* is marks only, one of the signs of a missing value repeated, or a spreadsheet's error."""
    dense = "".join(text.split()).casefold()
    run = _RUN.fullmatch("".join(filter(str.isalnum, dense)))
    return not any(map(str.isalnum, dense)) or bool(run and run[1] in _FILLING) or bool(_ERRORS.fullmatch(dense))


def _stands_alone(text: str, words: frozenset[str]) -> bool:
    """Say whether *text* is one of *words*, also where points part the letters: T.B.A."""
    bare = _bare(text)
    again = set(bare.split())
    return (
        bare in words
        or (len(again) == 1 and again <= words)
        or (max(map(len, again), default=0) == 1 and bare.replace(" ", "") in words)
    )


def _tells(text: str) -> bool:
    return _told().search(_bare(text)) is not None or _CHINESE.search("".join(text.split())) is not None


def is_removal(value: str) -> bool:
    """Return whether *value* says that what is recorded in its place is to go: "remove", in six languages.

    >>> is_removal("Supprimé"), is_removal("-"), is_removal("")
    (True, False, False)
    """
    return _bare(value) in _REMOVALS
