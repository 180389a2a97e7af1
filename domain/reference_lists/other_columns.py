"""Headings of columns that plainly hold something other than a name, in some twenty languages.

The list need not be complete: a column that is missing here may stop a run, and one word of the operator settles it.
A word belongs here only if nobody writes it over a part of a name.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from domain.intake.folding import plain

_WORDS_TEXT: Final = """
gender sex sexe sexo sesso geschlecht geslacht kon kjonn пол стать płeć pohlavi spol cinsiyet jinsi jinsia gen
age alter edad eta idade vek wiek возраст вік yas umur birth born birthday birthdate dob geburt naissance nacimiento
nascita nascimento рождения народження doğum lahir death died deceased deces muerte
status stato statut estado stav marital civil married zivilstand familienstand religion religione rito
faith ethnicity ethnic race nationality nationalite nacionalidad nazionalita nacionalidade staatsangehorigkeit
nationaliteit citizenship citoyennete ciudadania cittadinanza гражданство громадянство uyruk kewarganegaraan uraia
occupation profession profesion professione profissao beruf beroep yrke zawod povolani zanimanje meslek pekerjaan
профессия професія занятие должность посада position poste posto posizione puesto cargo funktion function fonction
funcion funzione funcao functie job post role rol ruolo rolle papel designation duty duties work trade employment
stanowisko funkcja funkce funkcija gorev jabatan cheo rank grade level degree education ausbildung studies study
type typ tipo art kind category categorie categoria kategorie kategoria тип вид категория class classe clase
group gruppe groupe grupo gruppo group subgroup set batch series section sector area zone field branch
address adresse direccion indirizzo endereco anschrift adres адрес адреса adresa alamat anwani 地址 住所
street strasse rue calle via rua straat suburb town stadt ville ciudad citta cidade stad city город місто miasto mesto
grad sehir kota mji municipality municipio commune comune gemeinde gemeente village dorf village pueblo wies selo
province provincia provinz district distrito distretto bezirk region regione county comte state bundesland
oblast область район voivodeship wojewodztwo prefecture kraj country land pays pais paese страна країна kraj zeme
drzava ulke negara nchi continent residence residencia wohnort wohnsitz domicile domicilio woonplaats place lieu
lugar luogo ort local plaats место місце miejsce misto mjesto yer tempat mahali location origin herkunft origine
origen office buro bureau oficina ufficio escritorio station polling constituency ward precinct
remark remarks remarques comment comments commentaire commentaires comentario comentarios kommentar kommentare
bemerkung bemerkungen anmerkung anmerkungen opmerking opmerkingen observaciones osservazioni observacoes uwagi
poznamka poznamky napomena napomene примечание примечания примітка примітки комментарий notlar aciklama keterangan
maelezo info information informations additional details description beschreibung descripcion descrizione
reason grund motif motivo ground grounds cause basis source quelle fuente fonte bron zrodlo источник kaynak sumber
regime programme program programa programm sanction sanctions measure measures list listing listed committee
committees schedule item annex resolution act law crime crimes offence offences charge charges order warrant case
colour color couleur farbe cor colore цвет eyes eye hair height weight build complexion blood distinguishing
language languages langue langues idioma idiomas lingua lingue sprache sprachen taal jezyk jazyk jezik язык мова dil
bahasa lugha alphabet script
date datum fecha data дата tarih tanggal tarehe year jahr annee ano anno month day time hour created updated modified
entry exit arrival departure valid expiry expires issued issue
email mail phone telephone mobile fax tel whatsapp telegram website web url link
number nummer numero no nr num номер code id uid kennung postcode zip cap plz
passport document visa card licence license permit certificate vehicle plate ship vessel imo flag
quality reliability confidence score risk band priority approved accepted decision result outcome verdict checked
organisation organization employer company firm firma societe empresa azienda institution agency agence agencia
party partei parti partido partito partij partia партия affiliation membership member delegation mission
department departement departamento abteilung division unit team
photo picture image file url size shirt diet food allergy hobby hobbies sport sports team bank account currency
amount price salary seat room hotel flight airline transport ticket dietary accommodation
شماره الجنس الجنسية العنوان المدينة البلد المهنة الوظيفة ملاحظات الديانة الحالة النوع تاريخ مكان الميلاد جنسیت ملیت
شغل آدرس شهر کشور توضیحات تاریخ مذهب وضعیت מין כתובת עיר ארץ מקצוע תפקיד הערות תאריך סוג
φυλο διευθυνση πολη χωρα επαγγελμα σημειωσεις ημερομηνια
"""
_WORDS: Final = frozenset(map(plain, _WORDS_TEXT.split()))
_SIGNS: Final = re.compile(
    "性别|性別|备注|備註|備考|注释|地址|住所|城市|国家|國家|国籍|國籍|职业|職業|职务|職務|职位|日期|出生|类型|類型|类别|状态|狀態|原因"
    "|来源|语言|民族|宗教|学历|성별|주소|도시|국가|국적|직업|직책|비고|날짜|생년|종류|상태|เพศ|ที่อยู่|จังหวัด|ประเทศ|สัญชาติ|อาชีพ|ตำแหน่ง|หมายเหตุ|วันที่"
    "|लिंग|पता|शहर|देश|पेशा|टिप्पणी|तारीख"
)
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@cache
def is_of_other_things(heading: str) -> bool:
    """Return whether *heading* plainly says that its column holds no name.

    >>> is_of_other_things("Ship or occupation"), is_of_other_things("eyeColour"), is_of_other_things("Clan")
    (True, True, False)
    """
    return bool(_SIGNS.search(heading)) or not _WORDS.isdisjoint(plain(_HUMP.sub(" ", heading)).split())
