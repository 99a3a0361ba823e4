"""The reference pages that are derived from the code: settings and errors."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from onecloud.infra.settings import Settings
from tools.chain_page import chain_page
from tools.values_page import values_page

ROOT: Final = Path(__file__).resolve().parent.parent
WRITTEN: Final = "<!-- Written by `make gen`; change the source it is derived from. -->\n"
# Kinds of kernel/errors.py and the HTTP status that api/errors.py gives them.
STATUS: Final = {
    "Malformed": 400,
    "Unauthenticated": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "Conflict": 409,
    "Stale": 412,
    "TooLarge": 413,
    "Invalid": 422,
    "Unconditional": 428,
    "Limited": 429,
    "Unavailable": 503,
}
# Codes that the source puts together, and what they come to.
SPELLED: Final = {
    "….link_dead": ("reset.link_dead", "setup.link_dead"),
    "….name_taken": ("environment.name_taken", "workspace.name_taken"),
    "….not_found": ("chain.not_found", "environment.not_found", "run.not_found", "workspace.not_found"),
}
UNSAID: Final = "Says what is wrong, where, and how to mend it."


def shown_default(field: FieldInfo) -> str:
    """A setting's default as one would write it in an environment variable."""
    default: object = field.get_default(call_default_factory=True)
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default is None or default == "":
        return "empty"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{json.dumps(default) if isinstance(default, list) else default}`"


def shown_values(field: FieldInfo) -> str:
    """What a setting may be, in words."""
    annotation: object = field.annotation
    choices = get_args(annotation)
    if choices and all(isinstance(choice, str | int) for choice in choices):
        return ", ".join(f"`{choice}`" for choice in choices)
    bounds = {key: getattr(m, key) for m in field.metadata for key in ("ge", "le") if hasattr(m, key)}
    if annotation is bool:
        return "`true`, `false`"
    if "ge" in bounds and "le" in bounds:
        return f"{bounds['ge']:,} to {bounds['le']:,}".replace(",", " ")
    if "ge" in bounds:
        return f"{bounds['ge']} or more"
    if annotation is str or annotation is SecretStr:
        return "text"
    return "list of paths (JSON)" if "list" in str(annotation) else "path"


def settings_page() -> str:
    """Every setting of the server, in the order of their declaration."""
    rows = [
        f"| `ONECLOUD_{name.upper()}` | {field.description} | {shown_values(field)} | {shown_default(field)} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(
        [
            WRITTEN,
            "# Settings",
            "",
            "Each setting is an environment variable of the server. Options of `onecloud serve` win over them:",
            "`--data` over `ONECLOUD_DATA`. The server does not start with a value that it cannot read; it says which.",
            "",
            "| Variable | What it is for | Values | Default |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            "One variable is for installing, not for the server: `ONECLOUD_SKIP_WEB=1` leaves the web app out of the",
            "package (see [Install](install.md)).",
            "",
        ]
    )


@dataclass(frozen=True, slots=True, order=True)
class Raised:
    """One place where an error is made: its code (None: not spelled out there), status and sentence."""

    code: str
    status: int
    sentence: str
    where: str


def words(node: ast.expr, scope: ast.AST) -> str:
    """A sentence as the source has it, with … for what is filled in; empty when it is made elsewhere."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(words(value, scope) for value in values)
        case ast.FormattedValue():
            return "…"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return words(left, scope) + words(right, scope)
        case ast.IfExp(body=body):
            return words(body, scope)
        case ast.Name(id=name):
            for statement in ast.walk(scope):
                if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
                    return words(statement.value, scope) or "…"
            return "…"
        case _:
            return "…"


def raised_in(path: Path) -> list[Raised]:
    """Every expected error that a file makes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    found: dict[str, Raised] = {}
    for scope in (tree, *functions):
        for node in ast.walk(scope):
            if not (isinstance(node, ast.Call) and len(node.args) >= 2):
                continue
            kind = ast.unparse(node.func).split(".")[-1]
            # An error made from another one keeps its code.
            if kind in STATUS and not ast.unparse(node.args[0]).endswith(".code"):
                sentence = words(node.args[1], scope).replace("|", "\\|").strip()
                code = words(node.args[0], scope)
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                for spelled in SPELLED.get(code, (code,)):
                    found[f"{place}:{node.col_offset} {spelled}"] = Raised(spelled, STATUS[kind], sentence, place)
    return list(found.values())


def raised() -> list[Raised]:
    """Every expected error of the package, sorted by code."""
    return sorted(r for path in sorted((ROOT / "src" / "onecloud").rglob("*.py")) for r in raised_in(path))


def errors_page() -> str:
    """Every error code with its status and its sentence."""
    rows: list[str] = []
    for (code, status), places in groupby(raised(), key=lambda r: (r.code, r.status)):
        sentences = sorted({place.sentence for place in places if any(c.isalpha() for c in place.sentence)})
        shown = " / ".join(sentences[:2]) or UNSAID
        rows.append(f"| `{code}` | {status} | {shown} |")
    return "\n".join(
        [
            WRITTEN,
            "# Errors",
            "",
            "An answer that reports an error carries a stable code and a sentence that says what to do. Scripts test",
            "the code, people read the sentence; … stands for what is filled in. The API v2 sends both as",
            "`application/problem+json` (RFC 9457) with `code`, `detail`, `request_id` and, where there are several",
            "faults, `problems`; the API v1 sends `error` and `error_description`.",
            "",
            "| Code | Status | Sentence |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


PAGES: Final = {
    "docs/settings.md": settings_page,
    "docs/errors.md": errors_page,
    "docs/chain-fields.md": chain_page,
    "docs/values.md": values_page,
}
