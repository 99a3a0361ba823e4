"""Conditions of a chain: what they are, whether they hold, and what they say in words; pure.

`skip_if`, repeat until, the Conditional event and completion triggers use them. Source: product facts 2.12 and 10.4.
"""

from onecloud.variables.conditions.explain import explain
from onecloud.variables.conditions.judge import Verdict, evaluate, explain_result
from onecloud.variables.conditions.model import (
    OPERATORS,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    ConditionFault,
    Operator,
    comparisons,
    texts,
)
from onecloud.variables.conditions.reading import faults, read

__all__ = [
    "OPERATORS",
    "AllOf",
    "AnyOf",
    "Comparison",
    "Condition",
    "ConditionFault",
    "Operator",
    "Verdict",
    "comparisons",
    "evaluate",
    "explain",
    "explain_result",
    "faults",
    "read",
    "texts",
]
