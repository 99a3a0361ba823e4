"""YAML 1.2 text to JSON values with the line of every value, and back to readable text.

The tree is built from the parser's nodes, not by a loader: so a date stays the text that was written, a key given
twice is refused, and every later problem can name its line.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from onecloud.kernel.errors import Problem
from onecloud.kernel.jsonvalue import Json

Path: TypeAlias = tuple[str | int, ...]
YamlNode: TypeAlias = Any  # ruamel's nodes carry no types: `id`, `tag`, `value`, `start_mark.line`

MAX_CHARS: Final = 1_000_000
# Aliases can multiply a small text into an endless value ("billion laughs"); no real chain comes near.
MAX_VALUES: Final = 50_000
MAX_DEPTH: Final = 64
MOST_DIGITS: Final = 400
MOST_WHOLE: Final = 10**MOST_DIGITS

TAG: Final = "tag:yaml.org,2002:"
FOLD_AT: Final = 110
LINE: Final = re.compile(r"Line (\d+): ")


class Unreadable(Exception):
    """The text is not a YAML document that can be a value; holds one Problem."""

    def __init__(self, where: str, line: int | None, message: str, mend: str = "") -> None:
        self.problem = Problem(where, at_line(line, message), mend)
        super().__init__(self.problem.sentence())


@dataclass(frozen=True, slots=True)
class Source:
    """A document's value and the line (from 1) on which each path of it begins."""

    value: Json
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int | None:
        """The line of the path, or of its nearest parent that is there."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None


def at_line(line: int | None, message: str) -> str:
    """The message with its line in front, the form that every document problem has."""
    return message if line is None else f"Line {line}: {message}"


def split_line(message: str) -> tuple[int | None, str]:
    """The line and the rest of a message that `at_line` made."""
    found = LINE.match(message)
    return (int(found[1]), message[found.end() :]) if found else (None, message)


def path_text(path: Path) -> str:
    """A path as people read it: `links[2].to`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def read(text: str) -> Source:
    """The value of one YAML 1.2 document.

    Raises: Unreadable with the line and the mend.
    """
    if len(text) > MAX_CHARS:
        raise Unreadable("document", None, f"The text has {len(text)} characters; a chain holds {MAX_CHARS}.")
    parser: Any = YAML(typ="safe", pure=True)
    try:
        root: YamlNode = parser.compose(text)
    except MarkedYAMLError as fault:
        raise _not_yaml(fault) from fault
    except (YAMLError, ValueError) as fault:
        raise Unreadable("document", None, f"This is not YAML: {' '.join(str(fault).split())}.") from fault
    except RecursionError as fault:
        raise Unreadable("document", None, f"Values are nested more than {MAX_DEPTH} deep.") from fault
    if root is None:
        raise Unreadable("document", None, "The document is empty.", "Start with `onecloud: 1`.")
    reading = _Reading()
    return Source(reading.value(root, ()), reading.lines)


def given(value: Json) -> Source:
    """A value that came as JSON, held to the limits of a text; its lines are unknown.

    Raises: Unreadable.
    """
    count = chars = 0
    waiting: list[tuple[Json, Path]] = [(value, ())]
    while waiting:
        item, path = waiting.pop()
        count += 1
        where = path_text(path) or "document"
        if count > MAX_VALUES or len(path) > MAX_DEPTH:
            raise _too_large(where, None, large=count > MAX_VALUES)
        match item:
            case str():
                check_text(item, where, None)
                chars += len(item)
            case float() if not math.isfinite(item):
                raise Unreadable(where, None, f"{item} is not a number that can be used here.", "Send text instead.")
            case int() if abs(item) >= MOST_WHOLE:
                raise Unreadable(where, None, "The number has too many digits.", "Send text instead.")
            case Mapping():
                for key, inner in item.items():
                    check_text(key, where, None)
                    chars += len(key)
                    waiting.append((inner, (*path, key)))
            case Sequence():
                waiting.extend((inner, (*path, index)) for index, inner in enumerate(item))
            case _:
                pass
        if chars > MAX_CHARS:
            raise Unreadable(
                "document", None, f"The texts have more than {MAX_CHARS} characters; a chain holds no more."
            )
    return Source(value, {})


def _too_large(where: str, line: int | None, *, large: bool) -> Unreadable:
    limit = f"larger than {MAX_VALUES} values" if large else f"nested more than {MAX_DEPTH} deep"
    return Unreadable(where, line, f"The document is {limit}.", "Check it for values that repeat (anchors, aliases).")


def _not_yaml(fault: Any) -> Unreadable:
    mark = fault.problem_mark or fault.context_mark
    line = None if mark is None else int(mark.line) + 1
    return Unreadable("document", line, f"This is not YAML: {fault.problem or fault.context}.")


@dataclass(slots=True)
class _Reading:
    lines: dict[Path, int] = field(default_factory=dict[Path, int])
    count: int = 0

    def value(self, node: YamlNode, path: Path) -> Json:
        line = int(node.start_mark.line) + 1
        self.lines.setdefault(path, line)
        self.count += 1
        where = path_text(path) or "document"
        if self.count > MAX_VALUES or len(path) > MAX_DEPTH:
            raise _too_large(where, line, large=self.count > MAX_VALUES)
        match node.id:
            case "scalar":
                return self.scalar(node, where, line)
            case "sequence" if node.tag == f"{TAG}seq":
                items: list[YamlNode] = node.value
                return [self.value(item, (*path, index)) for index, item in enumerate(items)]
            case "mapping" if node.tag == f"{TAG}map":
                return self.mapping(node, path)
            case _:
                raise Unreadable(where, line, f"The tag {node.tag} has no meaning here.", "Remove it.")

    def mapping(self, node: YamlNode, path: Path) -> dict[str, Json]:
        found: dict[str, Json] = {}
        pairs: list[tuple[YamlNode, YamlNode]] = node.value
        for key_node, value_node in pairs:
            line = int(key_node.start_mark.line) + 1
            if key_node.id != "scalar":
                raise Unreadable(path_text(path) or "document", line, "A key must be text.")
            key = str(key_node.value)
            here = (*path, key)
            check_text(key, path_text(path) or "document", line)
            if key in found:
                first = self.lines[here]
                raise Unreadable(path_text(here), line, f'"{key}" is given twice; first on line {first}.', "Keep one.")
            self.lines[here] = line
            found[key] = self.value(value_node, here)
        return found

    def scalar(self, node: YamlNode, where: str, line: int) -> Json:
        text = str(node.value)
        match str(node.tag).removeprefix(TAG):
            case "null":
                return None
            case "bool":
                return text.lower() in ("true", "yes", "on", "y")
            case "int":
                return _int(text, where, line)
            case "float":
                return _float(text, where, line)
            case "str" | "timestamp" | "merge" | "value":  # YAML 1.2's core schema has none of the last three
                check_text(text, where, line)
                return text
            case tag:
                raise Unreadable(where, line, f"The tag {tag} has no meaning here.", "Remove it.")


def _int(text: str, where: str, line: int) -> int:
    digits = text.replace("_", "").lower()
    if len(digits) > MOST_DIGITS:
        raise Unreadable(where, line, "The number has too many digits.", "Put it in quotes to make it text.")
    try:
        return int(digits, 0) if digits.lstrip("+-").startswith(("0x", "0o", "0b")) else int(digits)
    except ValueError:
        raise Unreadable(where, line, f'"{text}" is not a number.', "Put it in quotes to make it text.") from None


def _float(text: str, where: str, line: int) -> float:
    try:
        number = float(text.replace("_", ""))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        mend = "Put it in quotes to make it text."
        raise Unreadable(where, line, f'"{text}" is not a number that can be used here.', mend)
    return number


def check_text(text: str, where: str, line: int | None) -> None:
    """Refuse what neither the database nor JSON can carry.

    Raises: Unreadable.
    """
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise Unreadable(where, line, "The text holds a NUL or half of a surrogate pair.", "Remove it.")


def write(value: Json) -> str:
    """A value as YAML: block style, long and many-line texts as literal blocks, key order kept."""
    writer: Any = YAML(typ="safe", pure=True)
    writer.width = 4096  # never fold: a folded line is hard to read and to compare
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.allow_unicode = True
    stream = io.StringIO()
    writer.serialize(_node(value), stream)
    return stream.getvalue()


def _node(value: Json, depth: int = 0) -> YamlNode:
    match value:
        case None:
            return ScalarNode(f"{TAG}null", "null")
        case bool():
            return ScalarNode(f"{TAG}bool", "true" if value else "false")
        case int():
            return ScalarNode(f"{TAG}int", str(value))
        case float():
            return ScalarNode(f"{TAG}float", _float_text(value))
        case str():
            return ScalarNode(f"{TAG}str", value, style=_style(value))
        case Mapping():
            pairs = [(_node(k), _node(v, depth + 1)) for k, v in value.items()]
            return MappingNode(f"{TAG}map", pairs, flow_style=not pairs or _is_short(value, depth))
        case Sequence():
            items = [_node(item, depth + 1) for item in value]
            return SequenceNode(f"{TAG}seq", items, flow_style=not items or _is_short(value, depth))


def _style(text: str) -> str | None:
    plain = all(c.isprintable() or c in "\n\t" for c in text)
    if plain and "\n" in text and not text.startswith((" ", "\n", "\t")):
        return "|"
    # The writer leaves `?x` and `:x` bare within braces, where the reader takes them for the marks of a key.
    return None if plain and text and "${{" not in text and text[0] not in "?:" else '"'


def _float_text(number: float) -> str:
    text = repr(number)
    return text if "." in text or "e" not in text else text.replace("e", ".0e")


def _is_short(value: Mapping[str, Json] | Sequence[Json], depth: int) -> bool:
    """Whether a leaf collection reads best on one line, as links do."""
    items: list[Json] = list(value.values()) if isinstance(value, Mapping) else list(value)
    flat = all(not isinstance(i, Mapping | list | tuple) and "\n" not in str(i) for i in items)
    return depth >= 2 and flat and len(str(value)) <= FOLD_AT
