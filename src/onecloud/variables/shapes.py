"""The language of values on the wire of API v2: what there is, and trying things out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from onecloud.variables.conditions import OPERATORS
from onecloud.variables.model import KINDS, LOOP_FACTS, NODE_FACTS, PASS_FACTS, SYSTEM, Known
from onecloud.variables.preview import Fault, Picked, Previewed, Tried, ValueType
from onecloud.variables.transform import CATALOG, CODES, Transformation, usage

LONGEST_TEMPLATE: Final = 32_768
LONGEST_SAMPLE: Final = 1_000_000
MOST_NAMES: Final = 1_000

Values = Annotated[dict[str, JsonValue], Field(max_length=MOST_NAMES)]


class SampleValues(BaseModel):
    """Values to try things out with, by scope and name; `node` holds outputs by the node's key."""

    model_config = ConfigDict(extra="forbid")

    workspace: Values = Field(default_factory=dict)
    chain: Values = Field(default_factory=dict)
    dynamic: Values = Field(default_factory=dict)
    input: Values = Field(default_factory=dict)
    resource: Values = Field(default_factory=dict)
    node: dict[str, Values] = Field(default_factory=dict, max_length=MOST_NAMES)
    iteration: Values = Field(default_factory=dict)
    group: Values = Field(default_factory=dict)
    system: Values = Field(default_factory=dict)
    trigger: Values = Field(default_factory=dict)

    def known(self) -> Known:
        """The values as a run would know them."""
        return Known(**{scope: getattr(self, scope) for scope in KINDS})


class TemplateIn(BaseModel):
    """A template to try."""

    template: str = Field(max_length=LONGEST_TEMPLATE, description="A text that may hold references.")
    values: SampleValues = Field(default_factory=SampleValues)


class ConditionIn(BaseModel):
    """A condition to try."""

    condition: JsonValue = Field(description="A condition as the chain document has it.")
    values: SampleValues = Field(default_factory=SampleValues)


class DynamicOutputIn(BaseModel):
    """The rule of a dynamic output to try."""

    rule: JsonValue = Field(description="A dynamic output as the chain document has it.")
    text: str = Field(max_length=LONGEST_SAMPLE, description="Text to search, as the output would have it.")


class ValueFaultOut(BaseModel):
    """What is wrong, and how to mend it."""

    where: str = Field(description="Field or place that is at fault; empty for the whole.")
    message: str
    mend: str
    start: int | None = Field(description="Where the part at fault begins in the template, in characters from 0.")
    end: int | None = Field(description="Where it ends.")


class TemplateOut(BaseModel):
    """What the template comes to, or its fault."""

    value: JsonValue
    type: ValueType | None = Field(description="Kind of the value; null when there is a fault.")
    fault: ValueFaultOut | None


class ConditionOut(BaseModel):
    """What the condition says and whether it holds, or its fault."""

    explanation: str | None = Field(description="The condition in words; null when it cannot be read.")
    holds: bool | None = Field(description="Whether it is true; null when it cannot be decided.")
    reason: str | None = Field(description="Which tests decided, with their values.")
    decided_by: list[str] = Field(description="Places of the tests that decided, such as `any[0].all[1]`.")
    fault: ValueFaultOut | None


class DynamicOutputOut(BaseModel):
    """What the rule picks out of the text, or its fault."""

    value: str | list[str] | None
    notes: list[str] = Field(description="Why there is nothing, and what was left out.")
    fault: ValueFaultOut | None


class LanguageNameOut(BaseModel):
    """A name with what it stands for."""

    name: str
    description: str


class TransformationParameterOut(BaseModel):
    """What a transformation is told in its brackets."""

    name: str
    kind: str
    description: str
    optional: bool
    default: JsonValue
    choices: list[str]
    least: int | None
    most: int | None


class TransformationExampleOut(BaseModel):
    """A use of a transformation and what comes out."""

    value: JsonValue
    arguments: list[JsonValue]
    result: JsonValue


class TransformationOut(BaseModel):
    """A transformation of a value."""

    name: str
    title: str
    group: str
    description: str
    usage: str = Field(description="How one writes it, `?` behind what may be left out.")
    takes: str = Field(description="Kind of value that it works on.")
    gives: str = Field(description="Kind of value that it gives.")
    parameters: list[TransformationParameterOut]
    examples: list[TransformationExampleOut]


class OperatorOut(BaseModel):
    """A test of a condition."""

    name: str
    words: str
    needs_other: bool = Field(description="Whether it compares with another value.")
    typed: bool = Field(description="Whether it can compare as numbers or dates.")


class LanguageOut(BaseModel):
    """Everything that a picker of values offers, apart from a chain's own names."""

    scopes: list[LanguageNameOut]
    system: list[LanguageNameOut]
    node_facts: list[LanguageNameOut] = Field(description="What every node has beside its outputs.")
    loop_facts: list[LanguageNameOut] = Field(description="What a node that repeats has beside those.")
    pass_facts: list[LanguageNameOut] = Field(description="What `iteration` and `group` have.")
    transformations: list[TransformationOut]
    date_codes: list[LanguageNameOut]
    operators: list[OperatorOut]


def fault_out(fault: Fault) -> ValueFaultOut:
    """The fault as panes show it."""
    return ValueFaultOut(where=fault.where, message=fault.message, mend=fault.mend, start=fault.start, end=fault.end)


def template_out(came: Previewed | Fault) -> TemplateOut:
    """What a template gave."""
    if isinstance(came, Fault):
        return TemplateOut(value=None, type=None, fault=fault_out(came))
    return TemplateOut(value=came.value, type=came.type, fault=None)  # pyright: ignore[reportArgumentType] - JSON by another name


def condition_out(tried: Tried) -> ConditionOut:
    """What a condition came to."""
    verdict = tried.verdict
    return ConditionOut(
        explanation=tried.explanation,
        holds=verdict.holds if verdict else None,
        reason=verdict.reason if verdict else None,
        decided_by=list(verdict.decided_by) if verdict else [],
        fault=fault_out(tried.fault) if tried.fault else None,
    )


def rule_out(came: Picked | Fault) -> DynamicOutputOut:
    """What a rule picked."""
    if isinstance(came, Fault):
        return DynamicOutputOut(value=None, notes=[], fault=fault_out(came))
    return DynamicOutputOut(value=came.value, notes=list(came.notes), fault=None)


def transformation_out(transformation: Transformation) -> TransformationOut:
    """A transformation as the picker shows it."""
    return TransformationOut.model_validate(
        {
            **{name: getattr(transformation, name) for name in ("name", "title", "group", "description")},
            "usage": usage(transformation),
            "takes": transformation.takes,
            "gives": transformation.gives,
            "parameters": [
                {name: getattr(parameter, name) for name in TransformationParameterOut.model_fields}
                | {"choices": list(parameter.choices)}
                for parameter in transformation.parameters
            ],
            "examples": [
                {"value": example.value, "arguments": list(example.arguments), "result": example.result}
                for example in transformation.examples
            ],
        }
    )


def _named(names: Mapping[Any, str]) -> list[LanguageNameOut]:
    return [LanguageNameOut(name=name, description=words) for name, words in names.items()]


def language_out() -> LanguageOut:
    """The language as it is."""
    return LanguageOut(
        scopes=_named(KINDS),
        system=_named(SYSTEM),
        node_facts=_named(NODE_FACTS),
        loop_facts=_named(LOOP_FACTS),
        pass_facts=_named(PASS_FACTS),
        transformations=[transformation_out(transformation) for transformation in CATALOG.values()],
        date_codes=[LanguageNameOut(name=f"%{code}", description=words) for code, words in CODES.items()],
        operators=[
            OperatorOut(name=name, words=facts.words, needs_other=facts.needs_other, typed=facts.typed)
            for name, facts in OPERATORS.items()
        ],
    )
