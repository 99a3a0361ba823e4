"""API v2: the language of values, and trying out templates, conditions and dynamic outputs.

Nothing is stored and no stored value is read: whoever tries something brings the values.
"""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import APIRouter
from pydantic import JsonValue

from onecloud.infra.http import Caller
from onecloud.kernel.errors import Invalid
from onecloud.kernel.jsonvalue import dump
from onecloud.variables.preview import preview_condition as condition_preview
from onecloud.variables.preview import preview_rule
from onecloud.variables.preview import preview_template as template_preview
from onecloud.variables.shapes import (
    ConditionIn,
    ConditionOut,
    DynamicOutputIn,
    DynamicOutputOut,
    LanguageOut,
    SampleValues,
    TemplateIn,
    TemplateOut,
    condition_out,
    language_out,
    rule_out,
    template_out,
)

router = APIRouter(tags=["language"])

LONGEST_VALUES: Final = 1_000_000
LONGEST_DOCUMENT: Final = 200_000


@router.get("/api/v2/language")
async def get_language(caller: Caller) -> LanguageOut:
    """Scopes, system values, transformations and operators: what a picker of values offers."""
    return language_out()


@router.post("/api/v2/language/preview")
async def preview_template(caller: Caller, body: TemplateIn) -> TemplateOut:
    """What a template comes to with sample values. A fault in it is an answer, with its place in the template."""
    _bounded(body.values)
    return template_out(await asyncio.to_thread(template_preview, body.template, body.values.known()))


@router.post("/api/v2/language/condition")
async def preview_condition(caller: Caller, body: ConditionIn) -> ConditionOut:
    """A condition in words, and whether it holds with sample values. A fault in it is an answer."""
    _bounded(body.values)
    _document("condition", body.condition)
    return condition_out(await asyncio.to_thread(condition_preview, body.condition, body.values.known()))


@router.post("/api/v2/language/dynamic-output")
async def preview_dynamic_output(caller: Caller, body: DynamicOutputIn) -> DynamicOutputOut:
    """What the rule of a dynamic output picks out of a sample text. A fault in it is an answer."""
    _document("rule", body.rule)
    return rule_out(await asyncio.to_thread(preview_rule, body.rule, body.text))


def _bounded(values: SampleValues) -> None:
    length = len(values.model_dump_json())
    if length > LONGEST_VALUES:
        sentence = (
            f"The sample values have {length} characters as JSON; the limit is {LONGEST_VALUES}. Use smaller ones."
        )
        raise Invalid("language.too_large", sentence)


def _document(name: str, document: JsonValue) -> None:
    length = len(dump(document))
    if length > LONGEST_DOCUMENT:
        sentence = f"The {name} has {length} characters as JSON; the limit is {LONGEST_DOCUMENT}. Make it smaller."
        raise Invalid("language.too_large", sentence)
