"""How commands about chains tell of problems and refusals: lines on standard error, JSON on standard output."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Final

from onecloud.kernel.errors import Invalid, OneCloudError, Problem
from onecloud.kernel.jsonvalue import Json, dump

OK: Final = 0
REFUSED: Final = 1
USAGE: Final = 2


def refusable(file: str, work: Callable[[], Coroutine[None, None, int]], *, as_json: bool) -> int:
    """Run the command's work; a refusal becomes lines (and JSON) and exit status 1."""
    try:
        return asyncio.run(work())
    except OneCloudError as error:
        problems = error.problems if isinstance(error, Invalid) else ()
        tell(file, problems)
        if not problems:
            print(f"onecloud: {error.message}", file=sys.stderr)
        if as_json:
            print(dump({"error": error.code, "message": error.message, "problems": problems_json(problems)}))
        return REFUSED


def tell(file: str, problems: Sequence[Problem], kind: str = "") -> None:
    """Print each problem as a line that names the file and, where it is known, its line."""
    from onecloud.chains.yamltext import split_line

    for problem in problems:
        line, message = split_line(problem.message)
        place = "<stdin>" if file == "-" else file
        where = place if line is None else f"{place}:{line}"
        print(f"{where}: {kind}{Problem(problem.where, message, problem.mend).sentence()}", file=sys.stderr)


def problems_json(problems: Sequence[Problem]) -> list[Json]:
    """Problems in parts."""
    from onecloud.chains.yamltext import split_line

    found: list[Json] = []
    for problem in problems:
        line, message = split_line(problem.message)
        found.append({"where": problem.where, "line": line, "message": message, "mend": problem.mend})
    return found
