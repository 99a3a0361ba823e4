"""Dynamic outputs of an attempt: the rules of a node applied to what its command gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from onecloud.connector.context import FileRef
from onecloud.connector.outcome import CommandFailed
from onecloud.infra.blobs import BlobMissing, Blobs
from onecloud.kernel.jsonvalue import Json, dump
from onecloud.variables.extract import DynamicOutput, ExtractFault, extract

DAMAGED: Final = "replace"


def extracted(
    blobs: Blobs, rules: Sequence[DynamicOutput], outputs: Mapping[str, Json], log: Callable[[str], None]
) -> dict[str, Json]:
    """The value of each rule; what a rule left out, and why, goes to the log. A file is read line by line.

    Raises: CommandFailed naming the rule.
    """
    found: dict[str, Json] = {}
    for rule in rules:
        if rule.source not in outputs:
            names = ", ".join(f"`{name}`" for name in outputs)
            text = f"Dynamic output `{rule.name}`: there is no output `{rule.source}`. There are: {names}."
            raise CommandFailed(1, text, retryable=False)
        value = outputs[rule.source]
        try:
            match value:
                case {"kind": "file", "blob": str()}:
                    file = FileRef.model_validate(value)
                    with blobs.existing(file.blob).open(encoding="utf-8", errors=DAMAGED) as lines:
                        came = extract(rule, lines)
                case None:
                    came = extract(rule, "")
                case _:
                    came = extract(rule, value if isinstance(value, str) else dump(value))
        except (ExtractFault, BlobMissing) as fault:
            raise CommandFailed(1, f"Dynamic output `{rule.name}`: {fault}", retryable=False) from fault
        for note in came.notes:
            log(f"Dynamic output {rule.name}: {note}")
        found[rule.name] = came.value
    return found
