"""Text that no row, no header and no mail program trips over."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Final

from onecloud.notify.model import DEDUPE_KEY_MOST, Letter

SUBJECT_MOST: Final = 250  # characters; a longer one is shown in full at the top of the text
TO_MOST: Final = 320  # characters; the column's width
TEXT_MOST: Final = 500_000  # characters of one letter's text
REASON_MOST: Final = 600  # characters of a foreign server's answer that are worth keeping

_BREAKS: Final = re.compile(r"\r\n?|\u2028|\u2029|\x85|\x0b|\x0c")


def one_line(text: str) -> str:
    """Text as one line that a header can hold: line breaks and control characters become blanks.

    This is what makes header injection impossible: no header is made of anything else.
    """
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def subject_line(subject: str) -> tuple[str, str]:
    """The subject for the header, and what has to stand above the text: the whole of one that is too long."""
    line = one_line(subject) or "(no subject)"
    return (line, "") if len(line) <= SUBJECT_MOST else (line[: SUBJECT_MOST - 1] + "…", line)


def plain_text(text: str) -> str:
    """Text with plain line ends, and without the control characters that no database and no mail can hold."""
    lines = _BREAKS.sub("\n", text)
    return "".join(letter for letter in lines if letter in "\n\t" or not is_control(letter))


def clean(letter: Letter) -> Letter:
    """The letter as it is stored: nothing in it can break a row or a header; a text over the limit ends by saying so.

    A layout made for a text that is too long is left out with what it shows: the shortened text gets its own.
    """
    text, page = plain_text(letter.text), letter.html
    if len(text) > TEXT_MOST:
        text = (
            f"{text[:TEXT_MOST]}\n\n[The text goes on: it has {len(text)} characters, a notification takes "
            f"{TEXT_MOST}. Write long results to a file and attach that.]"
        )
        page = None
    return replace(
        letter,
        to=short(one_line(letter.to)),
        subject=one_line(letter.subject),
        dedupe_key=None if letter.dedupe_key is None else fitting_key(letter.dedupe_key),
        text=text,
        html=None if page is None else plain_text(page),
        attachments=tuple(replace(file, name=file_name(file.name)) for file in letter.attachments),
    )


def short(recipient: str) -> str:
    """A recipient as a column holds it; no address is longer, so what is cut here is refused when it is sent."""
    return recipient if len(recipient) <= TO_MOST else recipient[: TO_MOST - 1] + "…"


def fitting_key(key: str) -> str:
    """A dedupe key as its column holds it; a longer one, or one of odd characters, is told by its hash."""
    if len(key) <= DEDUPE_KEY_MOST and key.isprintable():
        return key
    return "sha256/" + hashlib.sha256(key.encode(errors="backslashreplace")).hexdigest()


def is_control(letter: str) -> bool:
    """Whether a character is a control character, or half of a pair that no encoding can hold."""
    return letter < " " or "\x7f" <= letter <= "\x9f" or "\ud800" <= letter <= "\udfff"


def file_name(name: str) -> str:
    """A name for an attachment: one line, without folders."""
    last = one_line(name).replace("\\", "/").rsplit("/", 1)[-1].strip()
    return last if last not in ("", ".", "..") else "file"


def reason(text: str) -> str:
    """A foreign server's words as one line, cut where they stop to help (the cut is marked)."""
    line = one_line(text)
    return line if len(line) <= REASON_MOST else line[: REASON_MOST - 1] + "…"
