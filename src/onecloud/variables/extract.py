"""Dynamic outputs: rules that pick values out of the text of an output; pure.

The text is read line by line, so that a large file need not be in memory; a match never crosses lines.
Source: product facts 2.9.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from onecloud.kernel.jsonvalue import Json, dump
from onecloud.variables.patterns import Budget, Compiled, PatternFault, compiled, matches_in

LONGEST_MATCH: Final = 1024
MOST_MATCHES: Final = 10_000
LONGEST_BUILT: Final = 100_000  # what a pattern's result may come to before it is even put together
PATTERNS_S: Final = 60.0  # what a pattern may take over a whole text; each line by itself has less
LAST_LINE: Final = 1_000_000_000
SPAN: Final = re.compile(r"([0-9]{1,9})(?:\s*(-)\s*([0-9]{1,9})?)?")
PLACE: Final = re.compile(r"\$([0-9]{1,2}|\$)")
NEWLINE: Final = re.compile(r"\r\n|\n|\r")


class ExtractFault(ValueError):
    """A rule that cannot be applied; `field` is the rule's field, as the chain document names it."""

    def __init__(self, field: str, message: str, mend: str) -> None:
        super().__init__(f"{field}: {message}. {mend}")
        self.field = field
        self.message = message
        self.mend = mend


class _Unsound(ValueError):
    """A fault on its way through pydantic."""

    def __init__(self, fault: ExtractFault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class DynamicOutput:
    """A value that is picked out of the text of an output, between two texts or by a pattern."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, serialize_by_alias=True)

    name: Annotated[
        str,
        Field(pattern=r"^[^\W\d][\w-]{0,99}$", description="Name of the new output; say `${{ node.KEY.NAME }}`."),
    ]
    source: Annotated[str, Field(alias="from", min_length=1, max_length=100, description="Output that is searched.")]
    match: Annotated[
        Literal["exact", "regex"],
        Field(description="`exact`: what stands between `start` and `end`; `regex`: what `pattern` matches."),
    ] = "exact"
    start: Annotated[
        str, Field(max_length=1000, description="Text before the value; empty for the beginning of the line.")
    ] = ""
    end: Annotated[str, Field(max_length=1000, description="Text after the value; empty for the end of the line.")] = ""
    include_start: Annotated[bool, Field(description="Whether the text before belongs to the value.")] = False
    include_end: Annotated[bool, Field(description="Whether the text after belongs to the value.")] = False
    pattern: Annotated[str, Field(description="Regular expression; searched in each line by itself.")] = ""
    result: Annotated[
        str,
        Field(
            max_length=1000,
            description="What a match gives: `$0` is the whole match, `$1` the first group, `$$` a dollar.",
        ),
    ] = "$0"
    case_sensitive: Annotated[bool, Field(description="Whether upper and lower case differ.")] = True
    trim: Annotated[bool, Field(description="Take blanks away around the value.")] = True
    lines: Annotated[
        str, Field(max_length=1000, description="Lines to search, such as `1-10,15` or `3-`; empty for all.")
    ] = ""
    multiple: Annotated[bool, Field(description="Give every match as a list, not only the first.")] = False

    @model_validator(mode="after")
    def _sound(self) -> DynamicOutput:
        try:
            check(self)
        except ExtractFault as fault:
            raise _Unsound(fault) from None
        return self


_ADAPTER: Final[TypeAdapter[DynamicOutput]] = TypeAdapter(DynamicOutput)


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a rule gave: a text, a list of texts (`multiple`), or None when nothing matched.

    `notes` are sentences for the log and for people: why there is nothing, and what was left out.
    """

    value: str | list[str] | None
    notes: tuple[str, ...] = ()


def check(rule: DynamicOutput) -> None:
    """Accept the rule.

    Raises: ExtractFault naming the field.
    """
    line_spans(rule.lines)
    if rule.match == "exact":
        if rule.pattern or rule.result != "$0":
            field = "pattern" if rule.pattern else "result"
            raise ExtractFault(field, "only a rule with `match: regex` has it", "Write match: regex, or leave it out.")
        return
    for field in ("start", "end", "include_start", "include_end"):
        if getattr(rule, field):
            raise ExtractFault(field, "only a rule with `match: exact` has it", "Write match: exact, or leave it out.")
    if not rule.pattern:
        raise ExtractFault("pattern", "a rule with `match: regex` needs a pattern", "Write one, such as Total: (\\d+).")
    groups = _compiled(rule).groups
    for place in PLACE.findall(rule.result):
        if place != "$" and int(place) > groups:
            had = f"it has {groups} group{'' if groups == 1 else 's'}"
            raise ExtractFault("result", f"the pattern has no group ${place}, {had}", "Put brackets around the part.")


def read(value: Json) -> DynamicOutput:
    """The rule of a JSON value, as the chain document has it.

    Raises: ExtractFault for the first fault, naming the field.
    """
    try:
        return _ADAPTER.validate_json(dump(value))
    except ValidationError as fault:
        error = fault.errors(include_url=False, include_input=False)[0]
        own = error.get("ctx", {}).get("error")
        if isinstance(own, _Unsound):
            raise own.fault from None
        message = error["msg"].replace("Input should be", "the value should be")
        field = ".".join(str(step) for step in error["loc"])
        raise ExtractFault(field or "rule", message[:1].lower() + message[1:], "See the fields of a rule.") from None


def extract(rule: DynamicOutput, text: str | Iterable[str], *, seconds: float = PATTERNS_S) -> Extracted:
    """What the rule picks out of a text, or out of lines that are read one by one (an open file).

    A value of more than 1024 characters gives nothing, and the notes say so. `seconds` is what searching for a pattern
    may take in all. Blocking: call it in a thread where the text is large.

    Raises: ExtractFault when the rule is unsound, matches too often, or its pattern takes too long.
    """
    check(rule)
    notes: list[str] = []
    values: list[str] = []
    lines = _split(text) if isinstance(text, str) else (line.removesuffix("\n").removesuffix("\r") for line in text)
    for number, value in _found(rule, _selected(lines, line_spans(rule.lines)), seconds):
        trimmed = value.strip() if rule.trim and isinstance(value, str) else value
        length = len(trimmed) if isinstance(trimmed, str) else trimmed
        if isinstance(trimmed, str) and length <= LONGEST_MATCH:
            if not rule.multiple:
                return Extracted(trimmed)
            values.append(trimmed)
        else:
            message = f"The match in line {number} has {length} characters; the limit is {LONGEST_MATCH}."
            if not rule.multiple:
                return Extracted(None, (f"{message} It gives nothing.",))
            notes.append(f"{message} It was left out.")
        if len(values) + len(notes) > MOST_MATCHES:
            mend = "Narrow it, or choose fewer lines."
            raise ExtractFault("multiple", f"the rule matches more than {MOST_MATCHES} times", mend)
    if not values and not notes:
        notes.append("Nothing matched.")
    return Extracted(values if rule.multiple else None, tuple(notes))


@lru_cache(256)
def line_spans(lines: str) -> tuple[tuple[int, int], ...]:
    """The spans of line numbers (from 1, both ends included) that a text such as `1-10,15` names; empty for all.

    Raises: ExtractFault naming the part that cannot be read.
    """
    if not lines.strip():
        return ()
    spans: list[tuple[int, int]] = []
    for part in lines.split(","):
        found = SPAN.fullmatch(part.strip())
        if found is None:
            raise ExtractFault("lines", f"`{part.strip()}` is no line number and no range", "Write 3, 1-10 or 5-.")
        first = int(found[1])
        last = LAST_LINE if found[2] and not found[3] else int(found[3] or first)
        if first < 1:
            raise ExtractFault("lines", f"`{part.strip()}` begins before the first line", "Lines count from 1.")
        if last < first:
            raise ExtractFault("lines", f"`{part.strip()}` ends before it begins", f"Write {last}-{first}.")
        spans.append((first, last))
    return tuple(sorted(spans))


def _split(text: str) -> Iterator[str]:
    """The lines of a text without their ends; what follows the last line end is a line only if there is any."""
    at = 0
    for end in NEWLINE.finditer(text):
        yield text[at : end.start()]
        at = end.end()
    if at < len(text):
        yield text[at:]


def _selected(lines: Iterable[str], spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """The chosen lines with their numbers; reads no further than the last of them."""
    last = max((end for _, end in spans), default=LAST_LINE)
    for number, line in enumerate(lines, 1):
        if not spans or any(first <= number <= end for first, end in spans):
            yield number, line
        if number >= last:
            return


def _found(rule: DynamicOutput, lines: Iterable[tuple[int, str]], seconds: float) -> Iterator[tuple[int, str | int]]:
    """What the rule matches in the lines, with the number of the line; of a value far too long only its length."""
    if rule.match == "exact":
        for number, line in lines:
            for value in _between(rule, line):
                yield number, value
        return
    pattern, budget = _compiled(rule), Budget(seconds)
    try:
        for number, line in lines:
            for match in matches_in(pattern, line, budget):
                groups = [match[index] or "" for index in range(pattern.groups + 1)]
                length = sum(len(_filled(place, groups)) for place in PLACE.findall(rule.result))
                if length > LONGEST_BUILT:
                    yield number, length
                else:
                    yield number, PLACE.sub(lambda place, groups=groups: _filled(place[1], groups), rule.result)
    except PatternFault as fault:
        raise ExtractFault("pattern", fault.message, fault.mend) from None


def _filled(place: str, groups: Sequence[str]) -> str:
    return "$" if place == "$" else groups[int(place)]


def _compiled(rule: DynamicOutput) -> Compiled:
    try:
        return compiled(rule.pattern, case_sensitive=rule.case_sensitive)
    except PatternFault as fault:
        raise ExtractFault("pattern", fault.message, fault.mend) from None


def _between(rule: DynamicOutput, line: str) -> Iterator[str]:
    """What stands between start and end, left to right; each match begins behind the one before."""
    flags = 0 if rule.case_sensitive else re.IGNORECASE
    start, end = re.compile(re.escape(rule.start), flags), re.compile(re.escape(rule.end), flags)
    at = 0
    while (begun := start.search(line, at)) is not None:
        # An empty end means the end of the line, not the next place where nothing stands.
        closed = end.search(line, begun.end()) if rule.end else None
        if rule.end and closed is None:
            return
        close_start, close_end = closed.span() if closed else (len(line), len(line))
        yield line[
            begun.start() if rule.include_start else begun.end() : close_end if rule.include_end else close_start
        ]
        if close_end >= len(line):
            return
        at = close_end
