"""Why a whole file was not taken in and what to do, in the other languages of the United Nations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.intake.file_sentences import Others

REFUSAL_SENTENCES: Final[Mapping[str, Others]] = {
    "is empty.": ("est vide.", "está vacío.", "пуст.", "فارغ.", "是空的。"),
    "Send the file again; nothing was recorded.": (
        "Renvoyez le fichier ; rien n'a été enregistré.", "Envíe el archivo de nuevo; no se registró nada.",
        "Пришлите файл снова; ничего не записано.", "أرسلوا الملف من جديد؛ لم يُسجل شيء.",
        "请重新发送文件；未登记任何内容。",
    ),
    "holds no header row.": (
        "ne contient pas de ligne d'en-tête.", "no tiene fila de encabezado.", "не содержит строки заголовков.",
        "لا يحتوي على سطر عناوين.", "没有表头行。",
    ),
    "holds no rows below its header.": (
        "ne contient aucune ligne sous l'en-tête.", "no tiene filas bajo el encabezado.",
        "не содержит строк под заголовками.", "لا يحتوي على أسطر تحت العناوين.", "表头下没有任何行。",
    ),
    "Write one person in each row, on the first sheet of a workbook, and send it again.": (
        "Inscrivez une personne par ligne, sur la première feuille d'un classeur, et renvoyez-le.",
        "Escriba una persona por fila, en la primera hoja de un libro, y envíelo de nuevo.",
        "Впишите по одному лицу в строку на первом листе таблицы и пришлите снова.",
        "اكتبوا شخصا واحدا في كل سطر، في الورقة الأولى من المصنف، وأرسلوه من جديد.",
        "请在工作簿第一张表中每行填写一人，然后重新发送。",
    ),
    "is not in the encoding UTF-8, and which other it is in cannot be told.": (
        "n'est pas codé en UTF-8, et on ne peut dire quel autre codage il emploie.",
        "no está en la codificación UTF-8, y no puede saberse en cuál otra.",
        "не в кодировке UTF-8, а в какой другой, определить нельзя.", "ليس بترميز UTF-8، ولا يمكن معرفة ترميزه.",
        "不是 UTF-8 编码，且无法判断是何种编码。",
    ),
    "is not in the encoding UTF-8, and which other it is in cannot be told: {} read about as well.": (
        "n'est pas codé en UTF-8, et on ne peut dire quel autre codage il emploie : {} conviennent à peu près autant.",
        "no está en la codificación UTF-8, y no puede saberse en cuál otra: {} encajan casi igual.",
        "не в кодировке UTF-8, а в какой другой, определить нельзя: {} подходят почти одинаково.",
        "ليس بترميز UTF-8، ولا يمكن معرفة ترميزه: {} متقاربة.", "不是 UTF-8 编码，且无法判断是何种编码：{} 同样可能。",
    ),
    "Save the file as 'CSV UTF-8', or send it as XLSX; nothing was recorded.": (
        "Enregistrez le fichier en « CSV UTF-8 », ou envoyez-le en XLSX ; rien n'a été enregistré.",
        "Guarde el archivo como «CSV UTF-8» o envíelo como XLSX; no se registró nada.",
        "Сохраните файл как «CSV UTF-8» или пришлите его в XLSX; ничего не записано.",
        "احفظوا الملف بصيغة CSV UTF-8 أو أرسلوه بصيغة XLSX؛ لم يُسجل شيء.",
        "请将文件另存为 CSV UTF-8，或以 XLSX 发送；未登记任何内容。",
    ),
    "Save the table as XLSX or 'CSV UTF-8' and send it again; nothing was recorded.": (
        "Enregistrez le tableau en XLSX ou « CSV UTF-8 » et renvoyez-le ; rien n'a été enregistré.",
        "Guarde la tabla como XLSX o «CSV UTF-8» y envíela de nuevo; no se registró nada.",
        "Сохраните таблицу как XLSX или «CSV UTF-8» и пришлите снова; ничего не записано.",
        "احفظوا الجدول بصيغة XLSX أو CSV UTF-8 وأرسلوه من جديد؛ لم يُسجل شيء.",
        "请将表格存为 XLSX 或 CSV UTF-8 后重新发送；未登记任何内容。",
    ),
    "is a workbook of the old form (.xls), or one with a password.": (
        "est un classeur de l'ancien format (.xls), ou protégé par un mot de passe.",
        "es un libro del formato antiguo (.xls) o con contraseña.", "таблица старого формата (.xls) или с паролем.",
        "مصنف بالصيغة القديمة (.xls) أو محمي بكلمة مرور.", "是旧格式 (.xls) 或带密码的工作簿。",
    ),
    "is a PDF document, no table.": (
        "est un document PDF, pas un tableau.", "es un documento PDF, no una tabla.", "документ PDF, а не таблица.",
        "مستند PDF وليس جدولا.", "是 PDF 文件，不是表格。",
    ),
    "is a picture, no table.": (
        "est une image, pas un tableau.", "es una imagen, no una tabla.", "изображение, а не таблица.",
        "صورة وليس جدولا.", "是图像，不是表格。",
    ),
    "is packed, but not as a ZIP archive.": (
        "est compressé, mais pas en archive ZIP.", "está comprimido, pero no como ZIP.", "упакован, но не в ZIP.",
        "مضغوط لكن ليس بصيغة ZIP.", "已压缩，但不是 ZIP。",
    ),
    "is a web page or XML, whatever its name says.": (
        "est une page web ou du XML, quel que soit son nom.", "es una página web o XML, diga lo que diga su nombre.",
        "веб-страница или XML, что бы ни говорило имя.", "صفحة ويب أو XML مهما كان اسمه.",
        "无论文件名如何，它是网页或 XML。",
    ),
    "is a text document, no table.": (
        "est un document texte, pas un tableau.", "es un documento de texto, no una tabla.",
        "текстовый документ, а не таблица.", "مستند نصي وليس جدولا.", "是文字文件，不是表格。",
    ),
    "is no workbook that can be opened.": (
        "n'est pas un classeur que l'on puisse ouvrir.", "no es un libro que pueda abrirse.",
        "не таблица, которую можно открыть.", "ليس مصنفا يمكن فتحه.", "不是可以打开的工作簿。",
    ),
    "Save it as .xlsx without a password and send it again.": (
        "Enregistrez-le en .xlsx sans mot de passe et renvoyez-le.",
        "Guárdelo como .xlsx sin contraseña y envíelo de nuevo.",
        "Сохраните его как .xlsx без пароля и пришлите снова.",
        "احفظوه بصيغة .xlsx بلا كلمة مرور وأرسلوه من جديد.", "请存为无密码的 .xlsx 后重新发送。",
    ),
    "holds people on {} sheets: {}.": (
        "contient des personnes sur {} feuilles : {}.", "tiene personas en {} hojas: {}.",
        "содержит лиц на {} листах: {}.",
        "يحتوي على أشخاص في {} أوراق: {}.", "在 {} 张表中都有人员：{}。",
    ),
    "Put them on one sheet, send each as a file of its own, or hide the one that is not meant; nothing was recorded.": (
        ("Mettez-les sur une seule feuille, envoyez chacune en fichier séparé, ou masquez celle qui ne compte pas ; "
        "rien n'a été enregistré."),
        "Póngalas en una sola hoja, envíe cada una como archivo propio u oculte la que no vale; no se registró nada.",
        "Соберите их на одном листе, пришлите каждый отдельным файлом или скройте лишний; ничего не записано.",
        "اجمعوهم في ورقة واحدة، أو أرسلوا كل ورقة ملفا مستقلا، أو أخفوا غير المقصودة؛ لم يُسجل شيء.",
        "请合并到一张表，或分别作为文件发送，或隐藏无关的表；未登记任何内容。",
    ),
    "missing: {}.": ("il manque : {}.", "falta: {}.", "не хватает: {}.", "ينقص: {}.", "缺少：{}。"),
    "Add the columns; a value may be left empty, but without these nobody can be recorded.": (
        "Ajoutez les colonnes ; une valeur peut rester vide, mais sans elles personne ne peut être enregistré.",
        "Añada las columnas; un valor puede quedar vacío, pero sin ellas no se puede registrar a nadie.",
        "Добавьте столбцы; значение может быть пустым, но без них никого нельзя записать.",
        "أضيفوا الأعمدة؛ قد تبقى القيمة فارغة، لكن بدونها لا يمكن تسجيل أحد.",
        "请添加这些列；值可以为空，但没有这些列无法登记任何人。",
    ),
    "Add the columns; a value may be left empty, but without these nobody can be recorded. Not known are: {}; if one "
    "of them is meant, rename it.": (
        ("Ajoutez les colonnes ; une valeur peut rester vide, mais sans elles personne ne peut être enregistré. "
        "Inconnues : {} ; si l'une d'elles convient, renommez-la."),
        ("Añada las columnas; un valor puede quedar vacío, pero sin ellas no se puede registrar a nadie. "
        "Desconocidas: {}; si alguna es la correcta, cámbiele el nombre."),
        ("Добавьте столбцы; значение может быть пустым, но без них никого нельзя записать. "
        "Неизвестны: {}; если имелся в виду один из них, переименуйте его."),
        ("أضيفوا الأعمدة؛ قد تبقى القيمة فارغة، لكن بدونها لا يمكن تسجيل أحد. غير معروفة: {}؛ إن كان أحدها مقصودا "
        "فغيروا اسمه."),
        "请添加这些列；值可以为空，但没有这些列无法登记任何人。未知的列：{}；若指其中之一，请改名。",
    ),
    "given twice: {}, by {}.": (
        "donné deux fois : {}, par {}.", "dado dos veces: {}, por {}.", "указано дважды: {}, в {}.",
        "ورد مرتين: {}، في {}.", "重复给出：{}，见 {}。",
    ),
    "Keep one of each.": (
        "N'en gardez qu'un.", "Conserve uno de cada uno.", "Оставьте по одному.", "أبقوا واحدا من كل منها.",
        "请各保留一个。",
    ),
    "{} (column {}) could mean {}.": (
        "{} (colonne {}) pourrait désigner {}.", "{} (columna {}) podría significar {}.",
        "{} (столбец {}) может означать {}.", "{} (العمود {}) قد يعني {}.", "{}（第 {} 列）可能指 {}。",
    ),
    "Rename it to the one it is, or leave it out.": (
        "Donnez-lui le nom qui convient, ou retirez-la.", "Póngale el nombre que corresponde o quítela.",
        "Назовите его тем, чем он является, или уберите.", "سموه باسمه الصحيح أو احذفوه.", "请改为正确的名称，或删去。",
    ),
    "a quotation mark is opened and not closed.": (
        "un guillemet est ouvert et n'est pas fermé.", "hay una comilla abierta y no cerrada.",
        "кавычка открыта и не закрыта.", "فُتحت علامة اقتباس ولم تُغلق.", "有引号未闭合。",
    ),
    "Close it and send the file again; nothing was recorded.": (
        "Fermez-le et renvoyez le fichier ; rien n'a été enregistré.",
        "Ciérrela y envíe el archivo de nuevo; no se registró nada.",
        "Закройте её и пришлите файл снова; ничего не записано.", "أغلقوها وأرسلوا الملف من جديد؛ لم يُسجل شيء.",
        "请闭合后重新发送文件；未登记任何内容。",
    ),
    "Pack one nominations file and its photographs as a plain ZIP; nothing was recorded.": (
        "Placez un seul fichier de candidatures et ses photographies dans un ZIP simple ; rien n'a été enregistré.",
        "Ponga un solo archivo de nominaciones y sus fotografías en un ZIP simple; no se registró nada.",
        "Упакуйте один файл заявок и его фотографии в обычный ZIP; ничего не записано.",
        "ضعوا ملف ترشيحات واحدا وصوره في ملف ZIP عادي؛ لم يُسجل شيء.",
        "请将一个提名文件及其照片打包为普通 ZIP；未登记任何内容。",
    ),
    "holds {} tables (CSV, XLSX, ODS or JSON Lines) instead of one: {}.": (
        "contient {} tableaux (CSV, XLSX, ODS ou JSON Lines) au lieu d'un : {}.",
        "contiene {} tablas (CSV, XLSX, ODS o JSON Lines) en vez de una: {}.",
        "содержит таблиц: {} (CSV, XLSX, ODS или JSON Lines) вместо одной: {}.",
        "يحتوي على {} جداول (CSV أو XLSX أو ODS أو JSON Lines) بدل واحد: {}.",
        "含有 {} 个表格（CSV、XLSX、ODS 或 JSON Lines）而非一个：{}。",
    ),
    "holds {} tables (CSV, XLSX, ODS or JSON Lines), but needs one.": (
        "contient {} tableau (CSV, XLSX, ODS ou JSON Lines) ; il en faut un.",
        "contiene {} tablas (CSV, XLSX, ODS o JSON Lines); hace falta una.",
        "содержит таблиц: {} (CSV, XLSX, ODS или JSON Lines), а нужна одна.",
        "يحتوي على {} جداول (CSV أو XLSX أو ODS أو JSON Lines) والمطلوب واحد.",
        "含有 {} 个表格（CSV、XLSX、ODS 或 JSON Lines），需要一个。",
    ),
}  # fmt: skip
