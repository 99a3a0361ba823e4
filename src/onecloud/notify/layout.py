"""A mail's HTML: small, safe in light and dark, and made of text that is escaped here and nowhere else.

Mail programs know little CSS: styles stand on the elements, the frame is a table, and nothing is loaded from outside.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Final

# Text colours are left to the reader's program, so that dark mode can turn them; greys work on both grounds.
_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_GREY: Final = "#7a7f87"
_LINE: Final = "#8884"
COLORS: Final = {
    "succeeded": "#2b8a3e",
    "warned": "#b35c00",
    "errored": "#c92a2a",
    "stopped": "#5c6370",
    "paused": "#6741d9",
    "started": "#1864ab",
}
_URL: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]")
_END: Final = "</td></tr></table></td></tr></table></body></html>"


def document(title: str, parts: Sequence[str], footer: str = "") -> str:
    """A whole HTML document of parts that this file made."""
    foot = f'<p style="margin:24px 0 0;font-size:12px;color:{_GREY}">{html.escape(footer)}</p>' if footer else ""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{html.escape(title)}</title></head>"
        '<body style="margin:0;padding:0">'
        '<table role="presentation" width="100%" cellspacing="0" cellpadding="0" border="0"><tr>'
        '<td align="center" style="padding:24px 12px">'
        '<table role="presentation" width="100%" cellspacing="0" cellpadding="0" border="0" '
        f'style="max-width:600px;text-align:left;{_FONT};font-size:15px;line-height:1.5"><tr><td>'
        + "".join(parts)
        + foot
        + _END
    )


def letter(subject: str, text: str) -> str:
    """The layout of a letter that came as plain text."""
    return document(subject, [heading(subject), paragraphs(text)])


def with_notes(page: str, notes: Sequence[str]) -> str:
    """The document with further sentences at its end."""
    if not notes:
        return page
    added = "".join(
        f'<p style="margin:16px 0 0;padding:8px 12px;border-left:3px solid {COLORS["warned"]}">{html.escape(note)}</p>'
        for note in notes
    )
    end = _END if page.endswith(_END) else "</body>"
    before, found, after = page.rpartition(end)
    return before + added + found + after if found else page + added


def heading(text: str) -> str:
    """The first line."""
    return f'<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3;font-weight:600">{html.escape(text)}</h1>'


def paragraphs(text: str) -> str:
    """Plain text: empty lines part paragraphs, line breaks stay, web addresses can be followed."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip("\n")) if block.strip()]
    style = "margin:0 0 12px;white-space:pre-wrap;overflow-wrap:anywhere"
    return "".join(f'<p style="{style}">{linked(block)}</p>' for block in blocks)


def linked(text: str) -> str:
    """Escaped text in which web addresses are links."""
    shown: list[str] = []
    at = 0
    for found in _URL.finditer(text):
        address = html.escape(found.group())
        shown += [html.escape(text[at : found.start()]), f'<a href="{address}">{address}</a>']
        at = found.end()
    return "".join([*shown, html.escape(text[at:])])


def badge(state: str) -> str:
    """A state in its colour; the word says it, too."""
    color = COLORS.get(state, _GREY)
    style = f"display:inline-block;padding:2px 10px;border-radius:10px;background:{color};color:#ffffff"
    return f'<p style="margin:0 0 16px"><span style="{style};font-size:13px">{html.escape(state)}</span></p>'


def facts(rows: Sequence[tuple[str, str]]) -> str:
    """Names and values, one pair a line."""
    cell = "padding:4px 0;vertical-align:top"
    lines = "".join(
        f'<tr><td style="{cell};padding-right:16px;color:{_GREY};white-space:nowrap">{html.escape(name)}</td>'
        f'<td style="{cell};overflow-wrap:anywhere">{html.escape(value)}</td></tr>'
        for name, value in rows
    )
    return (
        f'<table role="presentation" cellspacing="0" cellpadding="0" border="0" style="margin:0 0 16px">{lines}</table>'
    )


def listing(rows: Sequence[tuple[str, str, str]]) -> str:
    """A list of (state, text, link); a line without a link has an empty one."""
    cell = f"padding:6px 0;border-top:1px solid {_LINE};vertical-align:top"
    lines = "".join(
        f'<tr><td style="{cell};padding-right:12px;color:{COLORS.get(state, _GREY)};white-space:nowrap">'
        f'{html.escape(state)}</td><td style="{cell};overflow-wrap:anywhere">'
        + (f'<a href="{html.escape(link)}">{html.escape(text)}</a>' if link else html.escape(text))
        + "</td></tr>"
        for state, text, link in rows
    )
    return (
        '<table role="presentation" width="100%" cellspacing="0" cellpadding="0" border="0" style="margin:0 0 16px">'
        f"{lines}</table>"
    )


def button(label: str, link: str) -> str:
    """The one thing to do next; nothing when there is no address to go to."""
    if not link:
        return ""
    style = "display:inline-block;padding:8px 16px;border-radius:4px;background:#1864ab;color:#ffffff"
    address = html.escape(link)
    link_style = f"{style};text-decoration:none"
    return f'<p style="margin:16px 0"><a href="{address}" style="{link_style}">{html.escape(label)}</a></p>'
