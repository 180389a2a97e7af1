"""Which part of a name a column holds, by what stands over it in some thirty languages; and what looks like a name.

Half of a name is worse than none: whoever is compared by a surname alone is found by nobody. A heading that looks like
a name and is not understood therefore stops whatever reads the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from domain.intake.folding import plain


class NamePart(StrEnum):
    """What a column holds of a person's name."""

    NAME = "name"
    """The whole name; beside a surname the given names, beside given names the surname."""
    SURNAME = "surname"
    SECOND_SURNAME = "second surname"
    PARTICLE = "particle before the surname"
    GIVEN = "given names"
    MIDDLE = "middle name or patronymic"
    ANCESTOR = "father's or grandfather's name"
    """Part of the name in use in some countries, and none in others."""
    OTHER_SURNAME = "surname at another time"
    ALIAS = "another whole name"
    NOT_A_NAME = "not this person's name"


class NameColumn(NamedTuple):
    """A part of a name, and its number among equal parts where the heading has one (0: none)."""

    part: NamePart
    number: int = 0


_HEADINGS: Final[Mapping[NamePart, str]] = {
    NamePart.NAME: """
name|names|full name|complete name|whole name|name and surname|first and last name|surname and given names
entity name|name of individual|name of individual or entity|surname and name|last name first name|name complete
nom|noms|nom complet|noms complets|nom et prenom
nom et prenoms|noms et prenoms|nom prenom|nom prenoms|prenom et nom|prenoms et nom|prenom nom|nombre
nombre completo|apellidos y nombres|nombres y apellidos|nombre y apellido|nombre y apellidos|apellidos y nombre
apellido y nombre|apellidos nombres|nome|nome completo|nome e cognome|cognome e nome|nome e sobrenome|имя|фио
полное имя|имя и фамилия|фамилия и имя|имя фамилия|фамилия имя|фамилия имя отчество|фамилия имя и отчество|піб
повне ім'я|прізвище та ім'я|прізвище ім'я|прізвище ім'я по батькові|име|пълно име|име и фамилия|име и презиме
три имена|ime|ime i prezime|prezime i ime|puno ime|polno ime|ime in priimek|imię i nazwisko|nazwisko i imię
jméno a příjmení|příjmení a jméno|meno a priezvisko|vollständiger name|name vorname|vor und nachname
vor- und zuname|navn|fulde navn|fullt navn|namn|fullständigt namn|naam|volledige naam|nimi|koko nimi|név
teljes név|adı soyadı|ad soyad|adı ve soyadı|isim|isim soyisim|tam ad|nama|nama lengkap|nama penuh|họ tên
họ và tên|jina|jina kamili|nume și prenume|nume complet|emri dhe mbiemri|vardas pavardė|vārds uzvārds
ees ja perekonnanimi|الاسم|الاسم الكامل|الاسم الرباعي|الاسم الثلاثي|الاسم واللقب|اسم|نام|نام کامل
نام و نام خانوادگی|پورا نام|姓名|全名|氏名|名前|성명|이름|성함|שם|שם מלא|όνομα|ονοματεπώνυμο|անուն ազգանուն
სახელი გვარი|नाम
पूरा नाम|ชื่อ|ชื่อ นามสกุล|нэр|ism|ismi""",
    NamePart.SURNAME: """
surname|surnames|familiya|familia|nom famille|last name|last names|family name|family names|lastname|lname
paternal surname|first surname|father's surname|primary identifier|patronyme|nom de famille|noms de famille
last|family
sur|name last|name family|name surname|paterno|ap paterno|apellido padre|apellido del padre
1er apellido|1 apellido|1o apellido|тегі|familiyasi|овог|ชื่อสกุล|पदवी|অন্তিম নাম|jina la mwisho|perenimi
nume familie
apellido|apellidos|primer apellido|apellido paterno|nachname|nachnamen|familienname|zuname|cognome|cognomi
sobrenome|apelido|último nome|achternaam|familienaam|efternamn|efternavn|etternavn|slektsnavn|sukunimi
vezetéknév|családi név|příjmení|priezvisko|nazwisko|prezime|priimek|soyad|soyadı|soyisim|nume|nume de familie
perekonnanimi|uzvārds|pavardė|mbiemri|eftirnafn|фамилия|прізвище|фамилно име|прозвішча|επώνυμο|שם משפחה
نام خانوادگی|خانوادگی|لقب|اللقب|الكنية|الشهرة|اسم العائلة|العائلة|اسم الأسرة|姓|姓氏|氏|苗字|성|nama keluarga
nama belakang|jina la ukoo|ukoo|họ|ազգանուն|გვარი|उपनाम|นามสกุล|تخلص""",
    NamePart.SECOND_SURNAME: """
second surname|second last name|maternal surname|mother's surname|mothers surname|mother's family name
second family name|segundo apellido|apellido materno|segundo sobrenome|презиме|other surname|materno|ap materno
apellido madre|apellido de la madre|2do apellido|2 apellido|2o apellido""",
    NamePart.PARTICLE: """
surname prefix|tussenvoegsel|tussenvoegsels|voorvoegsel|voorvoegsels|name particle|particle
nobiliary particle|particule""",
    NamePart.GIVEN: """
given name|given names|given|first|name first|name given|first middle|first name middle|imya|imia
first middle names|first and middle names|1st name|prénom usuel|first name
first names|forename|forenames|fname|christian name|christian names|personal name|secondary identifier|initial
initials|initiales|iniciales|prénom|prénoms|nombres|nombre de pila|primer nombre|nome próprio|primeiro nome
prenome|vorname|vornamen|rufname|voornaam|voornamen|roepnaam|voorletters|förnamn|fornavn|fornavne|etunimi
etunimet|keresztnév|utónév|jméno|křestní jméno|meno|krstné meno|imię|imiona|prenume|eesnimi|eesnimed|vārds
vardas|emri|skírnarnafn|ім'я|имена|имя собственное|лично име|імя|שם פרטי|الاسم الأول|الاسم الشخصي|نام کوچک
اسم الشخص|名|名字|nama depan|jina la kwanza|tên|անուն|სახელი|ชื่อจริง|κύριο όνομα|ad|adı|ön ad""",
    NamePart.MIDDLE: """
middle name|middle names|2nd name|middle initial|middle|mi|mname|name middle|second|third|postnom|post nom
second name|second given name|second first name
third name|fourth name|fifth name|other given names|additional given names|additional names|further given names
patronymic|patronymics|patronymic name|patronym|matronymic|otchestvo|otčestvo|patronimico|patronímico
deuxième prénom|autres prénoms|deuxièmes prénoms|nom patronymique|segundo nombre|otros nombres|nome do meio
secondo nome|zweiter vorname|vatersname|mellomnavn|mellemnavn|mellannamn|mellannavn|tên đệm|nama tengah
ikinci ad|отчество|по батькові|по-батькові|бащино име|по бащино|імя па бацьку|іmię drugie|drugie imię
druhé jméno|中间名|中間名|שם אמצעי|srednje ime|weitere vornamen|jina la kati|patronyymi|isanimi|otec|հայրանուն
πατρώνυμο""",
    NamePart.ANCESTOR: """
atësia|ata adı|ime oca|ime na tatko|όνομα πατρός|s o|son of|d o|daughter of|s o d o|s o d o w o|bin binti
father|father name|father's name|fathers name|name of father|father's given name|father's first name
grandfather
grandfather name|grandfather's name|grandfathers name|nom du père|prénom du père|nombre del padre|имя отца
اسم الأب|الأب|اسم الوالد|اسم الجد|الجد|نام پدر|والد کا نام|نام پدربزرگ|baba adı|nama ayah|nama bapa|jina la baba
שם האב""",
    NamePart.OTHER_SURNAME: """
maiden name|maiden surname|birth name|name at birth|surname at birth|birth surname|née|nee|former surname
former family name|previous surname|other family name|married name|married surname|name before marriage
nom de jeune fille|nom de naissance|nom d'usage|nom d'épouse|nom marital|nom usuel|apellido de soltera
apellido de casada|geburtsname|nome da nubile|nome de solteira|девичья фамилия|прежняя фамилия|дівоче прізвище
моминско име|rodné příjmení|nazwisko rodowe|nazwisko panieńskie|leánykori név|kızlık soyadı|meisjesnaam|pikanimi
flicknamn|pigenavn|旧姓""",
    NamePart.ALIAS: """
alias|aliases|alias name|alias names|aka|akas|a k a|also known as|known as|good quality aka|low quality aka
other name|other names|other spelling|other spellings|spelling|spellings|name variant|name variants|variant
variants|variations|name variations|name spelling|alternative name|alternative names|alternate name
alternate names|alternative spelling|alternative spellings|nickname|nicknames|nom de guerre|pseudonym|pseudonyms
former name|former names|previous name|previous names|original name|native name|name in native script
name in own script|name in original script|original script|name original script|name non latin script
non latin name|name in own language|native script|transliteration|transliterated name|transliterations
latin name|romanised name|romanized name|name on badge|badge name|preferred name|call name|stage name|pen name
religious name|kunya|nom d'emprunt|pseudonyme|surnom|autre nom|autres noms|otros nombres usados|apodo|apodos
seudónimo|псевдоним|псевдонимы|другие имена|прежнее имя|прозвище|имя на родном языке|الاسم المستعار|أسماء أخرى
الكنى|الاسم بلغته|别名|曾用名|化名|其他姓名|其他名称|本国文字姓名|別名
이명|spitzname|decknamen|soprannome|apelidos conhecidos""",
    NamePart.NOT_A_NAME: """
title|titles|username|user name|filename|hostname|column name|name title|honorific|honorifics|salutation|prefix
suffix|name prefix|name suffix|generation|rank|post nominals|form of address|anrede|titel|civilité|titre
tratamiento|обращение|титул|звание|称谓|اللقب العلمي|name type|name order|name day|name id|name status
name quality|alias type|alias quality|name script|name language|language of name|quality""",
}
"""What stands over a column, by the part of a name that it holds; parted by strokes and line ends."""

_OTHERS_TEXT: Final = """
mother mothers mere madre мать матери الأم spouse husband wife conjoint epoux épouse esposo esposa супруг
organisation organization organisations organismo company employer employeur sponsor mission delegation bank
banque banco file fichier archivo datei файла user login account list liste lista country pays pais país страны
nation state city town ville ciudad village region région región district province place lieu lugar места street
rue calle school university college vessel ship document doc photo picture contact contacts referee referees
emergency entered nominated nominator officer author regime programme program source sheet column field domain
host party office hotel station project event course device product brand group team unit language department
agency institution child children son daughter birthplace parent guardian next kin 国家 公司 单位 机构 组织 文件 母亲
"""
_OTHERS: Final = frozenset(map(plain, _OTHERS_TEXT.split()))
"""Words in a heading that say whose name it is, where it is not this person's."""

_ABOUT_TEXT: Final = """
applicant applicants person persons person's people observer observers candidate member delegate nominee
individual subject holder passport primary main legal official current of the in as per on at by latin roman
english letters script characters cyrillic arabic chinese hebrew korean text printed s your his her its en ar fa
ru uk fr es zh he ko ja lat eng de del du des da di la le el l d person1 customer client target listed entry
record
"""
_ABOUT: Final = frozenset(_ABOUT_TEXT.split())
"""Words in a heading that do not change what it means."""

_WORDS_FOR_NAME_TEXT: Final = """
nom noms prenom prenoms nombre nombres nome nomi nomes navn namn naam nimi nimet nev ime imena imie imiona imya
imja jmeno adi soyadi soyad isim soyisim nama jina nume prenume vardas vards emri nafn alias aliases aka fio
name names
"""
_WORDS_FOR_NAME: Final = frozenset(_WORDS_FOR_NAME_TEXT.split())
_ENDS_FOR_NAME: Final = ("name", "names", "namen", "naam", "namn", "navn", "nimi", "apellido", "apellidos", "nimet")
_STARTS_TEXT: Final = """
surnam forenam patronym matronym prenom apellid cognom sobrenom nachnam vornam nazwisk priezvisk prijmen prezim
famil фамил имен отчеств прізвищ презим имя ономат επωνυμ όνομ שם 성명 이름 nachn kunya nisba laqab nasab
"""
_STARTS_FOR_NAME: Final = tuple(map(plain, _STARTS_TEXT.split()))
_SIGNS_FOR_NAME: Final = re.compile("اسم|لقب|كنية|نام|姓|氏名|名前|名字|성명|이름|नाम|ชื่อ")
_NO_NAMES: Final = frozenset({"family", "families", "familie", "famille", "status"})

_AS_WRITTEN: Final = re.compile(
    r"(?<=.) (?:(?:as|wie|tel que|como|come|как) )?(?:\w+ )?"
    r"(?:in|on|per|by|laut|im|auf|gemass|selon|sur|dans|en|segun|nel|no|в|на|по|согласно) (?:\w+ ){0,3}"
    r"(?:languages?|documents?|passport|id|card|script|alphabet|letters|characters|mrz|sprache|schrift|pass|reisepass"
    r"|ausweis|personalausweis|langue|passeport|identite|idioma|pasaporte|documento|passaporto|identidad|языке|паспорте"
    r"|паспорту|документе|документу)$"
)
"""Where a name is written so, which does not change what it is: in own language, as in the travel document."""

_NUMBER: Final = re.compile(r"\s*#?(\d{1,2})$")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BRACKETS: Final = re.compile(r"[()\[\]]")
_NEAR: Final = 0.85
_SHORTEST_NEAR: Final = 6


def name_column(heading: str) -> NameColumn | None:
    """Return which part of a name *heading* stands over, ``NOT_A_NAME`` for others' names; None for anything else.

    >>> name_column("Second surname (Latin)"), name_column("FirstName2").number, name_column("Birth place")
    (NameColumn(part=<NamePart.SECOND_SURNAME: 'second surname'>, number=0), 2, None)
    """
    bare = _bare(heading)
    number = _NUMBER.search(bare)
    if number and not bare[: number.start()]:
        return None
    text = bare[: number.start()] if number else bare
    part = _known_part(text) or _known_part(_AS_WRITTEN.sub("", text))
    if part is None and not _OTHERS.isdisjoint(text.split()):
        part = NamePart.NOT_A_NAME if _has_name_word(text) else None
    elif part is None:
        part = _nearest(_dense(text))
    return NameColumn(part, int(number[1]) if number else 0) if part else None


def _bare(heading: str) -> str:
    """Return *heading* comparable; what stands in brackets is left out, unless it says which part of a name it is.

    >>> _bare("Name (last)"), _bare("Name (2)"), _bare("Surname (clan or house)")
    ('name last', 'name 2', 'surname')
    """
    spaced = _HUMP.sub(" ", heading)
    unwrapped = plain(_BRACKETS.sub(" ", spaced))
    number = _NUMBER.search(unwrapped)
    return unwrapped if _known_part(unwrapped[: number.start()] if number else unwrapped) else plain(spaced)


def _known_part(text: str) -> NamePart | None:
    """Return the part that *text* is known to stand over, alone or with words that do not change what it means."""
    return _known().get(_dense(text)) or _known().get(_dense(_without_noise(text)))


def is_of_others(heading: str) -> bool:
    """Return whether *heading* says that a column is about something or somebody else, such as a city or a mission."""
    return not _OTHERS.isdisjoint(plain(_HUMP.sub(" ", heading)).split())


def looks_like_name(heading: str) -> bool:
    """Return whether *heading* seems to stand over a name, in whatever language."""
    # Folding takes the vowels off some scripts.
    return _has_name_word(plain(_HUMP.sub(" ", heading))) or bool(_SIGNS_FOR_NAME.search(heading))


def _has_name_word(text: str) -> bool:
    words = [word for word in text.split() if word not in _NO_NAMES]
    return any(
        word in _WORDS_FOR_NAME
        or word.endswith(_ENDS_FOR_NAME)
        or word.startswith(_STARTS_FOR_NAME)
        or _SIGNS_FOR_NAME.search(word)
        for word in words
    )


def _without_noise(text: str) -> str:
    return " ".join(word for word in text.split() if word not in _ABOUT)


def _dense(text: str) -> str:
    return text.replace(" ", "")


@cache
def _known() -> Mapping[str, NamePart]:
    """Return the table: a heading without spaces to its part."""
    return {
        _dense(plain(heading)): part
        for part, headings in _HEADINGS.items()
        for heading in headings.strip().replace("\n", "|").split("|")
    }


@cache
def _nearest(text: str) -> NamePart | None:
    """Return the part whose heading is one slip away, where all that are so near agree."""
    if len(text) < _SHORTEST_NEAR:
        return None
    near = {
        part
        for heading, part in _known().items()
        if len(heading) >= _SHORTEST_NEAR and OSA.normalized_similarity(text, heading, score_cutoff=_NEAR) >= _NEAR
    }
    return near.pop() if len(near) == 1 else None
