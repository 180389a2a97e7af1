from __future__ import annotations

import email
from email.header import decode_header, make_header
from email.policy import SMTP

from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifications.letters.lines import single_line
from notifications.mail import mime

ONE_LINE = st.text(st.characters(exclude_categories=["Cs"]), max_size=200).map(single_line).filter(bool)


@settings(max_examples=150)
@given(text=ONE_LINE, person=ONE_LINE)
@example(text="Your accreditation and what you have to do now " * 4 + "x" * 200, person='O\'Hara "Bo", Dr. (x) \\')
@example(text="=?utf-8?q?=42cc?= " + "receipt " * 12, person="Дело 案件 ملف 👩🏽‍⚖️ " * 12)
def test_words_of_any_script_and_length_come_back_from_headers_of_short_lines(text: str, person: str) -> None:
    text, person = single_line(text), single_line(person)
    contents = mime.words("Subject", text) + mime.mailbox("From", person, "desk@commission.example") + b"\r\n"

    parsed = email.message_from_bytes(contents)

    assert contents.isascii()
    assert contents.replace(b"\r\n", b"").isascii()
    assert b"\n" not in contents.replace(b"\r\n", b"")
    assert max(map(len, contents.split(b"\r\n"))) <= 78
    assert str(make_header(decode_header(parsed["Subject"]))) == text
    name, _, address = parsed["From"].rpartition("<")
    assert address == "desk@commission.example>"
    assert str(make_header(decode_header(name.strip()))) == person


@settings(max_examples=100)
@given(name=ONE_LINE.filter(lambda name: "/" not in name), contents=st.binary(max_size=300), text=st.text(max_size=300))
def test_files_and_texts_come_back_as_they_were(name: str, contents: bytes, text: str) -> None:
    lines = "\n".join(text.encode("utf-8", "replace").decode().splitlines()) + "\n"
    parts = [mime.text_part("plain", lines), mime.file_part(name, "application/pdf", contents)]
    message = mime.header("MIME-Version", "1.0") + mime.multipart("mixed", parts, boundary="=_1")

    parsed = email.message_from_bytes(message, policy=SMTP)

    assert max(map(len, message.split(b"\r\n"))) <= 78
    words, file = parsed.iter_parts()
    assert words.get_content().replace("\r\n", "\n") == lines
    assert file.get_filename() == name
    assert file.get_content() == contents
    assert [part.defects for part in parsed.walk() if part.defects] == []
