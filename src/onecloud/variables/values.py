"""What a workspace variable may be and what it becomes when a person sets it; pure."""

from __future__ import annotations

import re
from typing import Final

from onecloud.kernel.errors import Invalid, Problem
from onecloud.variables.model import StoredVariable, VariableFields
from onecloud.workspaces.rules import text_problems

KEY: Final = re.compile(r"[^\W\d][\w-]{0,99}")
LABEL_LENGTH: Final = 200
VALUE_LENGTH: Final = 100_000


def check(fields: VariableFields) -> None:
    """Accept the fields of a variable.

    Raises: Invalid with every problem; no value is repeated in it.
    """
    problems: list[Problem] = []
    if KEY.fullmatch(fields.key) is None:
        mend = "Begin with a letter or _, go on with letters, digits, _ and -, at most 100 characters."
        problems.append(Problem("key", f"`{fields.key}` cannot be a key.", mend))
    problems += text_problems(fields.label, "label", LABEL_LENGTH)
    problems += text_problems(fields.default or "", "default", VALUE_LENGTH)
    for environment_id, value in fields.values.items():
        problems += text_problems(value, f"values[{environment_id}]", VALUE_LENGTH)
    if problems:
        sentence = f"The variable `{fields.key}` cannot be saved: {problems[0].sentence()}"
        raise Invalid("variable.invalid", sentence, problems=tuple(problems))


def merged(before: StoredVariable | None, fields: VariableFields) -> StoredVariable:
    """The variable as it becomes. Id 0 stands for a new one.

    A secret is kept when no new text is given, and never becomes readable: when encryption is switched off, what was
    stored is dropped. When it is switched on, what was stored stays and is sealed.
    """
    kept = before is not None and fields.encrypted
    default = before.default if before is not None and kept and fields.default is None else fields.default or ""
    values = {**before.values, **fields.values} if before is not None and kept else dict(fields.values)
    return StoredVariable(
        id=before.id if before else 0,
        key=fields.key,
        label=fields.label or fields.key,
        encrypted=fields.encrypted,
        default=default,
        values=values,
    )
