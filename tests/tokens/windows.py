"""What a Windows command prompt makes of a line, so that printed commands are tested where there is no Windows.

Two readers come one after the other: cmd.exe expands variables and looks for its special letters outside quotes;
then the program's own start-up code splits the line by the rules of CommandLineToArgvW.
Source: Microsoft Learn, "Parsing C command-line arguments" and "CommandLineToArgvW".
"""

from __future__ import annotations

import re

SPECIAL = "&|<>^()!"


def through_cmd(line: str, variables: dict[str, str]) -> str:
    """The line after cmd.exe.

    Raises: ValueError for a letter that cmd.exe would act on, or a variable that is not set.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] not in variables:
            raise ValueError(f"%{found[1]}% is not set")
        return variables[found[1]]

    expanded = re.sub(r"%([A-Za-z_]+)%", value, line)
    if "%" in re.sub(r"%([A-Za-z_]+)%", "", line) or "\n" in line:
        raise ValueError("a lone percent sign or a line break")
    quoted = False
    for letter in expanded:
        if letter == '"':
            quoted = not quoted  # cmd.exe knows no backslash: every quote counts
        elif not quoted and letter in SPECIAL:
            raise ValueError(f"cmd.exe acts on {letter} outside quotes")
    return expanded


def arguments(line: str) -> list[str]:
    """The arguments by the rules of CommandLineToArgvW; the first is the program, which follows simpler ones."""
    program, _, rest = line.partition(" ")
    found: list[str] = [program]
    current: list[str] = []
    started = quoted = False
    place = 0
    while place < len(rest):
        letter = rest[place]
        if letter == "\\":
            run = len(rest[place:]) - len(rest[place:].lstrip("\\"))
            place += run
            at_quote = place < len(rest) and rest[place] == '"'
            current.append("\\" * (run // 2 if at_quote else run))
            started = True
            if at_quote and run % 2:
                current.append('"')
                place += 1
            continue
        if letter == '"':
            started = True
            if quoted and rest[place + 1 : place + 2] == '"':
                current.append('"')
                place += 1
            quoted = not quoted
        elif letter in " \t" and not quoted:
            if started:
                found.append("".join(current))
            current, started = [], False
        else:
            current.append(letter)
            started = True
        place += 1
    return [*found, "".join(current)] if started else found
