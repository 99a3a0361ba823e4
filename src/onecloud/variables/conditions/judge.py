"""Deciding a condition, and saying which of its tests decided; pure: values come from the `lookup`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from onecloud.connector.context import FileRef
from onecloud.kernel.jsonvalue import Json, dump
from onecloud.kernel.secret import MASK, Secret
from onecloud.variables.conditions.compare import CannotCompare, How, compare, text_of
from onecloud.variables.conditions.explain import comparison_words, cut
from onecloud.variables.conditions.model import AllOf, Comparison, Condition, ConditionFault, Other, parts_of
from onecloud.variables.model import Missing, Reference, Resolved, TemplateFault, Unresolved
from onecloud.variables.patterns import Budget
from onecloud.variables.rules import holds_secret, is_file, resolve

Lookup: TypeAlias = Callable[[Reference], Resolved]
MOST_TOLD: Final = 3
PATTERNS_S: Final = 5.0  # for all patterns of one condition together


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds, and why.

    `decided_by` are the places of the tests that decided, such as `any[0].all[1]` ("" for a condition that is one
    test). `reason` is a sentence for people, values included and secrets masked.
    """

    holds: bool
    decided_by: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Side:
    value: Json
    secret: bool

    @property
    def shown(self) -> str:
        if self.secret:
            return MASK
        return dump(cut(self.value)) if isinstance(self.value, str) else cut(text_of(self.value) or "null")


def evaluate(condition: Condition, lookup: Lookup) -> bool:
    """Whether the condition holds. Tests are decided in order, and only as far as the result needs.

    Raises: ConditionFault naming the place, when a value cannot be had or not be compared as asked.
    """
    return explain_result(condition, lookup).holds


def explain_result(condition: Condition, lookup: Lookup) -> Verdict:
    """Whether the condition holds, with the tests that decided.

    Raises: ConditionFault as `evaluate`.
    """
    holds, deciding = _judged(condition, lookup, Budget(PATTERNS_S), "")
    told = [sentence for _, sentence in deciding[:MOST_TOLD]]
    if len(deciding) > MOST_TOLD:
        told.append(f"and {len(deciding) - MOST_TOLD} more")
    return Verdict(holds, tuple(where for where, _ in deciding), "; ".join(told) + ".")


def _judged(condition: Condition, lookup: Lookup, budget: Budget, where: str) -> tuple[bool, list[tuple[str, str]]]:
    """The result, and the tests that decided it with what is said of each."""
    if isinstance(condition, Comparison):
        holds, sentence = _tested(condition, lookup, budget, where)
        return holds, [(where, sentence)]
    name = "all" if isinstance(condition, AllOf) else "any"
    decisive = name == "any"  # the result of a part that decides the whole group
    deciding: list[tuple[str, str]] = []
    for index, part in enumerate(parts_of(condition)):
        holds, told = _judged(part, lookup, budget, f"{where}{'.' if where else ''}{name}[{index}]")
        if holds is decisive:
            return holds, told
        deciding += told
    return not decisive, deciding


def _tested(test: Comparison, lookup: Lookup, budget: Budget, where: str) -> tuple[bool, str]:
    value = _side(test.value, lookup, f"{where}.value", for_null=test.operator in {"null", "not_null"})
    other = _side(test.other, lookup, f"{where}.other")
    try:
        how = How(test.operator, test.compare_as, test.case_sensitive, budget)
        came = compare(value.value, other.value, how)
    except CannotCompare as fault:
        secret = value.secret if fault.side == "value" else other.secret
        detail = f" ({dump(cut(fault.detail))})" if fault.detail and not secret else ""
        raise ConditionFault(f"{where}.{fault.side}".lstrip("."), fault.message + detail, fault.mend) from None
    values = [side.shown for side, given in ((value, test.value), (other, test.other)) if _refers(given)]
    sentence = f"{comparison_words(test)}: {'yes' if came.holds else 'no'}"
    if values:
        read = "" if test.compare_as != "auto" or came.kind == "text" else f", read as {came.kind}s"
        sentence += f" ({' and '.join(values)}{read})"
    return came.holds, sentence


def _side(side: Other, lookup: Lookup, where: str, *, for_null: bool = False) -> _Side:
    """One side's value. A file cannot be compared.

    `for_null`: it is asked only whether there is anything. A file is; a field that the value does not have is nothing,
    as in a last page without a `next`.
    """
    if not isinstance(side, str):
        return _Side(side, secret=False)
    try:
        value = resolve(side, lookup)
    except Missing as fault:
        if for_null:
            return _Side(None, secret=False)
        raise ConditionFault(where.lstrip("."), fault.message, fault.mend) from None
    except (Unresolved, TemplateFault) as fault:
        raise ConditionFault(where.lstrip("."), fault.message, fault.mend) from None
    if is_file(value) and not for_null:
        mend = "Compare its `.name`, `.size_bytes` or `.media_type`."
        raise ConditionFault(where.lstrip("."), "a file cannot be compared", mend)
    return _Side(_plain(value), holds_secret(value))


def _plain(value: Resolved) -> Json:
    """The value with secrets revealed and files as their names; what is told of it is masked elsewhere."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, FileRef):
        return value.name
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def _refers(side: Other) -> bool:
    return isinstance(side, str) and "${{" in side
