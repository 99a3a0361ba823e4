"""Reading templates: `${{ scope.name.field[0] }}` in any text; pure.

A field that is exactly one reference keeps the value's type; text around it makes text. `$${{` is a literal `${{`,
and a literal dollar before a reference is written `$$${{ … }}`: before `{{`, dollars pair up as backslashes do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, cast

from onecloud.variables.model import (
    PASS_FACTS,
    PLAIN_NAME,
    SCOPES,
    SYSTEM,
    Reference,
    Scope,
    Template,
    TemplateFault,
    Text,
)

OPENING: Final = re.compile(r"(\$+)\{\{")
CLOSING: Final = "}}"
INDEX: Final = re.compile(r"-?\d{1,9}(?!\d)")
EXAMPLE: Final = "Write it as ${{ workspace.KEY }}, ${{ input.NAME }} or ${{ node.KEY.OUTPUT }}."
LONGEST_LIST: Final = 8
PASSES: Final[tuple[Scope, ...]] = ("iteration", "group")


def near(name: str, names: Collection[str]) -> str:
    """A sentence that offers the names that look like `name`, or the names there are."""
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return "Did you mean " + " or ".join(f"`{c}`" for c in close) + "?"
    if not names:
        return "There are none."
    listed = sorted(names)
    more = f" and {len(listed) - LONGEST_LIST} more" if len(listed) > LONGEST_LIST else ""
    return "There are: " + ", ".join(f"`{n}`" for n in listed[:LONGEST_LIST]) + more + "."


def parse(template: str) -> Template:
    """The template taken apart.

    Raises: TemplateFault naming the character, what is wrong and the mend.
    """
    if "${{" not in template:
        return Template((Text(template, 0, len(template)),) if template else ())
    return _parse(template)


@lru_cache(4096)
def _parse(template: str) -> Template:
    pieces: list[Text | Reference] = []
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
        reference = _Reader(template, found.end(), start).reference()
        pieces.append(reference)
        literal, literal_start, at = "", reference.end, reference.end
    literal += template[at:]
    if literal:
        pieces.append(Text(literal, literal_start, len(template)))
    return Template(tuple(pieces))


class _Reader:
    """Reads one reference, from behind its `${{`."""

    def __init__(self, text: str, at: int, start: int) -> None:
        self.text, self.at, self.start = text, at, start

    def reference(self) -> Reference:
        self.blanks()
        begin = self.at
        word = PLAIN_NAME.match(self.text, self.at)
        if word is None:
            raise self.fault("a reference begins with a scope", EXAMPLE)
        self.at = word.end()
        if word[0] not in SCOPES:
            raise self.fault(f"`{word[0]}` is not a scope", near(word[0], SCOPES), begin)
        scope = cast(Scope, word[0])
        steps: list[str | int] = []
        while (step := self.step()) is not None:
            steps.append(step)
        self.blanks()
        if not self.text.startswith(CLOSING, self.at):
            if self.at >= len(self.text):
                raise self.fault("the reference is not closed", "Add }} at its end.", self.start)
            raise self.fault(
                f"`{self.text[self.at]}` cannot stand here",
                'Steps are .name, [0] or ["any name"]; the reference ends with }}.',
            )
        self.at += len(CLOSING)
        self.check(scope, steps, begin)
        return Reference(scope, tuple(steps), self.start, self.at)

    def step(self) -> str | int | None:
        mark = self.text[self.at : self.at + 1]
        if mark == ".":
            word = PLAIN_NAME.match(self.text, self.at + 1)
            if word is None:
                raise self.fault("a name must follow the dot", 'Use ["…"] around a name with other characters.')
            self.at = word.end()
            return word[0]
        if mark != "[":
            return None
        bracket = self.at
        self.at += 1
        step = self.quoted() if self.text.startswith('"', self.at) else self.index()
        if not self.text.startswith("]", self.at):
            raise self.fault("the bracket is not closed", "Add ].", bracket)
        self.at += 1
        return step

    def index(self) -> int:
        number = INDEX.match(self.text, self.at)
        if number is None:
            raise self.fault("brackets hold a position or a quoted name", 'Write [0], [-1] or ["name"].')
        self.at = number.end()
        return int(number[0])

    def quoted(self) -> str:
        try:
            value, self.at = json.JSONDecoder().raw_decode(self.text, self.at)
        except ValueError:
            raise self.fault("the quoted name cannot be read", 'Close it with " and write \\" for a quote.') from None
        return str(value)

    def check(self, scope: Scope, steps: list[str | int], begin: int) -> None:
        if not steps:
            raise self.fault(f"`{scope}` needs a name", f"Write {scope}.NAME.", begin)
        if not isinstance(steps[0], str):
            raise self.fault(f"`{scope}` needs a name, not a position", f"Write {scope}.NAME.", begin)
        if scope == "node" and (len(steps) < 2 or not isinstance(steps[1], str)):
            raise self.fault(f"node `{steps[0]}` needs an output's name", f"Write node.{steps[0]}.OUTPUT.", begin)
        if scope == "system" and (steps[0] not in SYSTEM or len(steps) > 1):
            shown = str(Reference(scope, tuple(steps)))
            raise self.fault(f"`{shown}` is not a system value", near(steps[0], SYSTEM.keys()), begin)

        if scope in PASSES:
            if steps[0] not in PASS_FACTS:
                raise self.fault(f"`{scope}` has no `{steps[0]}`", near(steps[0], PASS_FACTS.keys()), begin)
            if len(steps) > 1 and steps[0] != "value":
                shown = f"{scope}.{steps[0]}"
                raise self.fault(f"`{shown}` has no parts", f"Write {shown}; only the value has parts.", begin)

    def blanks(self) -> None:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1

    def fault(self, message: str, mend: str, at: int | None = None) -> TemplateFault:
        return TemplateFault((self.at if at is None else at) + 1, message, mend)
