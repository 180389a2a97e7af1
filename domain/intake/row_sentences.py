"""What is wrong with a row and what to do, in the languages of the United Nations: the English sentence is the key.

Problems and remedies are kept in English, so that a row means the same whoever reads it; they are put into another
language where they are shown. A sentence that is not known here is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from domain.application.nomination import COLUMNS
from domain.intake.column_notes import asked_for, bare_note
from domain.intake.file_sentences import FILE_SENTENCES, Others
from domain.intake.form_cells import choices
from domain.intake.form_words import LANGUAGES
from domain.intake.refusal_sentences import REFUSAL_SENTENCES

MARK_AS_RIGHT: Final = "Sent back as it stands, the row counts as right."
CHANGED_SINCE: Final = "These cells changed on record after this workbook was written; nothing of the row was taken."
USE_THE_NEWEST: Final = "Use the newest workbook, or send the row in a nominations file."
REASON_ASKED: Final = "Answer the letter about case {}."

_SENTENCES: Final[Mapping[str, Others]] = {
    **FILE_SENTENCES,
    **REFUSAL_SENTENCES,
    "Nothing stands here.": (
        "Cette cellule est vide.", "Esta celda está vacía.", "Ячейка пуста.", "الخلية فارغة.", "此处为空。",
    ),
    "What stands here cannot be read.": (
        "Ce qui figure ici ne peut pas être lu.", "No se puede leer lo que figura aquí.",
        "Написанное здесь не удаётся прочитать.", "لا يمكن قراءة المكتوب هنا.", "无法读取此处的内容。",
    ),
    "The file is not there.": (
        "Le fichier manque.", "Falta el archivo.", "Файла нет.", "الملف غير موجود.", "文件缺失。",
    ),
    "The document expires before the time that the rules ask for.": (
        "Le document expire avant la date exigée par les règles.",
        "El documento caduca antes de lo que exigen las reglas.",
        "Срок документа истекает раньше, чем требуют правила.", "تنتهي صلاحية الوثيقة قبل الموعد الذي تشترطه القواعد.",
        "证件在规则要求的日期之前到期。",
    ),
    "No letter can be sent to this address.": (
        "Aucune lettre ne peut être envoyée à cette adresse.", "No se puede enviar ninguna carta a esta dirección.",
        "На этот адрес нельзя отправить письмо.", "لا يمكن إرسال رسالة إلى هذا العنوان.", "无法向此地址发送信件。",
    ),
    "This is no date, or a date that can be read in two ways.": (
        "Ce n'est pas une date, ou elle peut se lire de deux façons.",
        "No es una fecha, o puede leerse de dos maneras.", "Это не дата, или её можно прочитать двояко.",
        "هذا ليس تاريخًا، أو تاريخ يُقرأ بطريقتين.", "这不是日期，或可以有两种读法。",
    ),
    "Write year-month-day, such as 2027-04-03, or spell the month, such as 3 April 2027.": (
        "Écrivez année-mois-jour, par exemple 2027-04-03, ou le mois en lettres, par exemple 3 avril 2027.",
        "Escriba año-mes-día, por ejemplo 2027-04-03, o el mes con letras, por ejemplo 3 abril 2027.",
        "Напишите год-месяц-день, например 2027-04-03, или месяц словом, например 3 апреля 2027.",
        "اكتبوا سنة-شهر-يوم، مثل 2027-04-03، أو اسم الشهر بالحروف، مثل 3 أبريل 2027.",
        "请写 年-月-日，例如 2027-04-03，或写出月份，例如 3 April 2027。",
    ),
    "Put the file into the folder or ZIP archive and its name into this cell.": (
        "Placez le fichier dans le dossier ou l'archive ZIP et son nom dans cette cellule.",
        "Ponga el archivo en la carpeta o el ZIP y su nombre en esta celda.",
        "Положите файл в папку или архив ZIP, а его имя впишите в эту ячейку.",
        "ضعوا الملف في المجلد أو أرشيف ZIP واسمه في هذه الخلية.", "请将文件放入文件夹或 ZIP，并在此单元格填写文件名。",
    ),
    "Give a document that is valid until {} or longer.": (
        "Indiquez un document valable jusqu'au {} ou plus longtemps.",
        "Indique un documento vigente hasta el {} o más tarde.", "Укажите документ, действительный до {} или дольше.",
        "قدموا وثيقة صالحة حتى {} أو بعده.", "请提供有效期至 {} 或更晚的证件。",
    ),
    "No such day can be meant here.": (
        "Un tel jour n'est pas possible ici.", "Ese día no es posible aquí.", "Такого дня здесь быть не может.",
        "لا يمكن أن يكون هذا اليوم صحيحا هنا.", "此处不可能是这一天。",
    ),
    "Write the day as in the document, year-month-day in the common calendar, such as 2027-04-03.": (
        "Écrivez le jour comme dans le document, année-mois-jour du calendrier commun, par exemple 2027-04-03.",
        "Escriba el día como en el documento, año-mes-día del calendario común, por ejemplo 2027-04-03.",
        "Напишите день как в документе, год-месяц-день по общему календарю, например 2027-04-03.",
        "اكتبوا اليوم كما في الوثيقة، سنة-شهر-يوم بالتقويم الميلادي، مثل 2027-04-03.",
        "请按证件填写日期，公历 年-月-日，例如 2027-04-03。",
    ),
    "The departure lies before the arrival.": (
        "Le départ précède l'arrivée.", "La salida es anterior a la llegada.", "Отъезд раньше прибытия.",
        "تاريخ المغادرة قبل تاريخ الوصول.", "离境日期早于抵达日期。",
    ),
    "Check both days.": (
        "Vérifiez les deux jours.", "Compruebe ambos días.", "Проверьте оба дня.", "تحققوا من اليومين.",
        "请核对两个日期。",
    ),
    "Write one address, such as name@mission.example.": (
        "Écrivez une seule adresse, par exemple nom@mission.example.",
        "Escriba una sola dirección, por ejemplo nombre@mission.example.",
        "Напишите один адрес, например name@mission.example.", "اكتبوا عنوانًا واحدًا، مثل name@mission.example.",
        "请写一个地址，例如 name@mission.example。",
    ),
    "Send it again.": ("Envoyez-le de nouveau.", "Envíelo de nuevo.", "Пришлите ещё раз.", "أرسلوه من جديد.",
                       "请重新发送。"),
    "The row has {} more cells than the header has columns.": (
        "La ligne compte {} cellules de plus que l'en-tête n'a de colonnes.",
        "La fila tiene {} celdas más que columnas el encabezado.", "В строке на {} ячеек больше, чем столбцов в шапке.",
        "في السطر {} خلايا أكثر من أعمدة العنوان.", "该行比表头多 {} 个单元格。",
    ),
    "Put texts that contain the separator in quotation marks, and send the row again.": (
        "Mettez entre guillemets les textes qui contiennent le séparateur et renvoyez la ligne.",
        "Ponga entre comillas los textos que contengan el separador y envíe la fila de nuevo.",
        "Возьмите в кавычки тексты с разделителем и пришлите строку снова.",
        "ضعوا النصوص التي تحوي الفاصل بين علامتي اقتباس وأرسلوا السطر من جديد.",
        "请将含分隔符的文字置于引号内，并重新发送该行。",
    ),
    "The cell holds {} characters; a field has at most {}.": (
        "La cellule contient {} caractères ; un champ en a au plus {}.",
        "La celda contiene {} caracteres; un campo tiene como máximo {}.",
        "В ячейке {} знаков; в поле их не больше {}.",
        "في الخلية {} حرفًا؛ والحد الأقصى للحقل {}.", "单元格有 {} 个字符；字段最多 {} 个。",
    ),
    "Shorten it to what stands in the document, and send the row again.": (
        "Réduisez-le à ce qui figure dans le document et renvoyez la ligne.",
        "Abrévielo a lo que figura en el documento y envíe la fila de nuevo.",
        "Сократите до того, что стоит в документе, и пришлите строку снова.",
        "اختصروه إلى ما ورد في الوثيقة وأرسلوا السطر من جديد.", "请缩短为证件所载内容，并重新发送该行。",
    ),
    "The cell holds a formula.": (
        "La cellule contient une formule.", "La celda contiene una fórmula.", "В ячейке формула.",
        "تحتوي الخلية على صيغة حسابية.", "单元格含有公式。",
    ),
    "Replace the formula by its value, and send the row again.": (
        "Remplacez la formule par sa valeur et renvoyez la ligne.",
        "Sustituya la fórmula por su valor y envíe la fila de nuevo.",
        "Замените формулу её значением и пришлите строку снова.", "استبدلوا الصيغة بقيمتها وأرسلوا السطر من جديد.",
        "请将公式替换为其值，并重新发送该行。",
    ),
    "No role that this election knows stands here.": (
        "Cette fonction n'existe pas pour cette élection.", "Esta función no existe en esta elección.",
        "Такой роли на этих выборах нет.", "لا يوجد هذا الدور في هذه الانتخابات.", "本次选举没有此角色。",
    ),
    "Nobody is named.": (
        "Personne n'est nommé.", "No se nombra a nadie.", "Никто не назван.", "لم يُذكر اسم أحد.", "未写姓名。",
    ),
    "Write the name as in the travel document.": (
        "Écrivez le nom comme dans le document de voyage.", "Escriba el nombre como en el documento de viaje.",
        "Напишите имя как в проездном документе.", "اكتبوا الاسم كما في وثيقة السفر.", "请按旅行证件填写姓名。",
    ),
    "The row has no reference, document number or birth date to know it by.": (
        "La ligne n'a ni référence, ni numéro de document, ni date de naissance qui la fasse reconnaître.",
        "La fila no tiene referencia, número de documento ni fecha de nacimiento que la identifiquen.",
        "В строке нет ни номера, ни номера документа, ни даты рождения, по которым её узнать.",
        "ليس في السطر مرجع ولا رقم وثيقة ولا تاريخ ميلاد يُعرف به.", "该行没有编号、证件号码或出生日期可供识别。",
    ),
    "Give your own row number in the column reference, or the document number.": (
        "Indiquez votre propre numéro de ligne comme référence, ou le numéro du document.",
        "Indique su propio número de fila como referencia, o el número del documento.",
        "Укажите свой номер строки или номер документа.", "اكتبوا رقم السطر لديكم مرجعًا، أو رقم الوثيقة.",
        "请填写您自己的行编号或证件号码。",
    ),
    "The line is no JSON object.": (
        "La ligne n'est pas un objet JSON.", "La línea no es un objeto JSON.", "Строка не является объектом JSON.",
        "السطر ليس كائن JSON.", "该行不是 JSON 对象。",
    ),
    "The line gives {} twice.": (
        "La ligne donne deux fois {}.", "La línea da {} dos veces.", "В строке дважды указано {}.",
        "يرد {} مرتين في السطر.", "该行两次给出 {}。",
    ),
    "Mend the line and send it again.": (
        "Corrigez la ligne et renvoyez-la.", "Corrija la línea y envíela de nuevo.",
        "Исправьте строку и пришлите её снова.", "صححوا السطر وأرسلوه من جديد.", "请更正该行并重新发送。",
    ),
    "The row names {}, but the file came from {}.": (
        "La ligne nomme {}, mais le fichier vient de {}.", "La fila nombra a {}, pero el archivo viene de {}.",
        "В строке указано {}, но файл пришёл от {}.", "يذكر السطر {}، لكن الملف جاء من {}.",
        "该行写明 {}，但文件来自 {}。",
    ),
    "Let each organisation send its own people.": (
        "Que chaque organisation envoie ses propres personnes.", "Que cada organización envíe a su propia gente.",
        "Пусть каждая организация присылает своих людей.", "لترسل كل منظمة أفرادها.", "请各组织提交自己的人员。",
    ),
    "a file name leads out of this folder.": (
        "Un nom de fichier mène hors du dossier.", "Un nombre de archivo lleva fuera de la carpeta.",
        "Имя файла ведёт за пределы папки.", "اسم الملف يقود إلى خارج المجلد.", "文件名指向文件夹之外。",
    ),
    "Give the name of a file in the folder beside the nominations file.": (
        "Donnez le nom d'un fichier du dossier voisin du fichier des candidatures.",
        "Dé el nombre de un archivo de la carpeta junto al archivo de nominaciones.",
        "Укажите имя файла из папки рядом с файлом заявок.", "اكتبوا اسم ملف في المجلد المجاور لملف الترشيحات.",
        "请给出提名文件旁文件夹中的文件名。",
    ),
    "No organisation of that code is registered.": (
        "Aucune organisation n'est enregistrée sous ce code.", "No hay ninguna organización registrada con ese código.",
        "Организации с таким кодом нет в реестре.", "لا توجد منظمة مسجلة بهذا الرمز.", "没有以此代码登记的组织。",
    ),
    "Use the code in your invitation, or ask the election body for one.": (
        "Utilisez le code de votre invitation ou demandez-en un à l'organe électoral.",
        "Use el código de su invitación o pida uno al órgano electoral.",
        "Используйте код из приглашения или запросите его у избирательного органа.",
        "استعملوا الرمز الوارد في دعوتكم أو اطلبوا رمزًا من الهيئة الانتخابية.",
        "请使用邀请函中的代码，或向选举机构索取。",
    ),
    CHANGED_SINCE: (
        "Ces cellules ont changé dans le registre depuis l'envoi de ce classeur ; rien de la ligne n'a été repris.",
        "Estas celdas cambiaron en el registro después de enviarse este libro; no se tomó nada de la fila.",
        "После отправки этой таблицы эти ячейки изменились в реестре; из строки ничего не принято.",
        "تغيرت هذه الخلايا في السجل بعد إرسال هذا المصنف؛ ولم يؤخذ شيء من السطر.",
        "此工作簿发出后，这些单元格在登记中已更改；该行未被采用。",
    ),
    USE_THE_NEWEST: (
        "Utilisez le classeur le plus récent, ou envoyez la ligne dans un fichier de candidatures.",
        "Use el libro más reciente o envíe la fila en un archivo de nominaciones.",
        "Используйте самую новую таблицу или пришлите строку в файле заявок.",
        "استعملوا أحدث مصنف أو أرسلوا السطر في ملف ترشيحات.", "请使用最新的工作簿，或在提名文件中发送该行。",
    ),
    MARK_AS_RIGHT: (
        "Renvoyée telle quelle, la ligne est tenue pour exacte.", "Devuelta tal cual, la fila se tiene por correcta.",
        "Возвращённая без изменений строка считается верной.", "إذا أُعيد السطر كما هو عُدّ صحيحًا.",
        "原样退回则视为正确。",
    ),
    REASON_ASKED: (
        "Répondez à la lettre sur le dossier {}.", "Responda a la carta sobre el expediente {}.",
        "Ответьте на письмо по делу {}.", "أجيبوا عن الرسالة المتعلقة بالملف {}.", "请答复关于案件 {} 的信件。",
    ),
}  # fmt: skip
_WRITE: Final = ("Write: ", "Écrivez : ", "Escriba: ", "Напишите: ", "اكتبوا: ", "请填写：")
_ONE_OF: Final = ("Write one of: ", "Écrivez l'une de ces fonctions : ", "Escriba una de: ", "Напишите одно из: ",
                  "اكتبوا واحدًا من: ", "请填写其中之一：")  # fmt: skip


def in_language(sentence: str, language: str) -> str:
    """Return a problem or a remedy in *language*; one that is not known, or for which it has no words, as it is.

    >>> in_language("The row has 3 more cells than the header has columns.", "ru")
    'В строке на 3 ячеек больше, чем столбцов в шапке.'
    """
    place = LANGUAGES.index(language) - 1 if language in LANGUAGES else -1
    if place < 0 or not sentence:
        return sentence
    if known := _SENTENCES.get(sentence):
        return known[place]
    if sentence in (columns := _remedies_of_columns()):
        return _WRITE[place + 1] + bare_note(columns[sentence], language)
    if sentence.startswith(_ONE_OF[0]):
        return _ONE_OF[place + 1] + ", ".join(choices("role", language).values())
    for shape, words in _shapes():
        if found := shape.fullmatch(sentence):
            return words[place].format(*found.groups())
    return sentence


def all_in_language(sentences: str, language: str) -> str:
    """Return a remedy that may end in :data:`MARK_AS_RIGHT` in *language*."""
    first, mark, _ = sentences.partition(f" {MARK_AS_RIGHT}")
    whole = in_language(first, language)
    return f"{whole} {in_language(MARK_AS_RIGHT, language)}" if mark else whole


@cache
def _remedies_of_columns() -> dict[str, str]:
    return {asked_for(column): column for column in COLUMNS}


@cache
def _shapes() -> tuple[tuple[re.Pattern[str], Others], ...]:
    return tuple(
        (re.compile(re.escape(sentence).replace(r"\{\}", "(.+?)")), words)
        for sentence, words in _SENTENCES.items()
        if "{}" in sentence
    )
