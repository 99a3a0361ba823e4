"""Reading templates: `${{ scope.name.field[0] | transformation(argument) }}` in any text; pure.

A field that is exactly one reference keeps the value's type; text around it makes text. `$${{` is a literal `${{`,
and a literal dollar before a reference is written `$$${{ … }}`: before `{{`, dollars pair up as backslashes do.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from onecloud.variables.model import Piece, Template, Text
from onecloud.variables.near import near
from onecloud.variables.reader import Reader

__all__ = ["near", "parse"]

OPENING: Final = re.compile(r"(\$+)\{\{")


def parse(template: str) -> Template:
    """The template taken apart.

    Raises: TemplateFault naming the character, what is wrong and the mend.
    """
    if "${{" not in template:
        return Template((Text(template, 0, len(template)),) if template else ())
    return _parse(template)


@lru_cache(4096)
def _parse(template: str) -> Template:
    pieces: list[Piece] = []
    literal, literal_start, at = "", 0, 0
    while found := OPENING.search(template, at):
        dollars = len(found[1])
        literal += template[at : found.start()] + "$" * (dollars // 2)
        if dollars % 2 == 0:
            literal, at = literal + "{{", found.end()
            continue
        start = found.end() - 3
        if literal:
            pieces.append(Text(literal, literal_start, start))
        piece = Reader(template, found.end(), start).piece()
        pieces.append(piece)
        literal, literal_start, at = "", piece.end, piece.end
    literal += template[at:]
    if literal:
        pieces.append(Text(literal, literal_start, len(template)))
    return Template(tuple(pieces))
