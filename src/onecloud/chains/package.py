"""The `.chain` file: chains as signed text that lives two weeks, its parts and its limits; pure.

`onecloud-chain.FORMAT.BODY.SIGNATURE[.SIGNATURE]`: the body is compressed JSON in URL-safe base64, each signature is
over everything before it, under one key. Nothing is unpacked before a signature holds. It is signed, not encrypted:
there is nothing secret in it. Source: product facts 2.19 and 5.8; docs/decisions/0010-signed-chain-files.md.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from onecloud.chains.outline import children, is_fixed
from onecloud.kernel.errors import Invalid
from onecloud.kernel.jsonvalue import Json, JsonObject, as_list, as_object

MARK: Final = "onecloud-chain"
FORMAT: Final = 1
LIFE: Final = timedelta(days=14)
CLOCKS_APART: Final = timedelta(days=1)  # two servers of a company may disagree by so much
LEVELS: Final = 5
MOST_CHAINS: Final = 200
MOST_FILE_BYTES: Final = 10_000_000
MOST_BODY_BYTES: Final = 60_000_000
SUFFIX: Final = " -- Import"
MOST_NAME_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class Package:
    """Chains on their way: documents without secrets, the one that was asked for first, then those it runs."""

    exported_at: datetime
    documents: tuple[JsonObject, ...]


def seal(package: Package, signers: Sequence[Callable[[str], str]]) -> bytes:
    """The package as the bytes of a `.chain` file, with a signature of each signer.

    Raises: Invalid `chain_file.too_large`.
    """
    content = {"exported_at": package.exported_at.astimezone(UTC).isoformat(), "chains": list(package.documents)}
    plain = json.dumps(content, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()
    body = base64.urlsafe_b64encode(zlib.compress(plain, 6)).decode()
    signed = f"{MARK}.{FORMAT}.{body}"
    sealed = ".".join([signed, *(sign(signed) for sign in signers)]).encode() + b"\n"
    if len(plain) > MOST_BODY_BYTES or len(sealed) > MOST_FILE_BYTES:
        raise too_large(len(sealed))
    return sealed


def unseal(data: bytes, holds: Callable[[str, str], bool], now: datetime) -> Package:
    """The package of a `.chain` file. `holds` says whether a signature over a text is one of ours.

    Raises: Invalid `chain_file.…` saying why the file is refused.
    """
    if len(data) > MOST_FILE_BYTES:
        raise too_large(len(data))
    signed, body, signatures = _taken_apart(data)
    if not any(holds(signed, signature) for signature in signatures):
        raise Invalid(
            "chain_file.signature",
            "The file was changed after its export, or another server made it. Export the chain again; servers of one "
            "company read each other's files when they share ONECLOUD_CHAIN_FILE_KEY.",
        )
    package = _unpacked(body)
    if package.exported_at > now + CLOCKS_APART:
        raise Invalid(
            "chain_file.clock",
            f"The file was exported at {_shown(package.exported_at)}, which is in the future here. "
            "Set the clocks of both servers right.",
        )
    if now > package.exported_at + LIFE:
        raise Invalid(
            "chain_file.expired",
            f"The file was exported at {_shown(package.exported_at)} and expired {LIFE.days} days later. "
            "Export the chain again.",
        )
    return package


def _taken_apart(data: bytes) -> tuple[str, str, list[str]]:
    """What is signed, the body in it, and the signatures."""
    parts = data.decode("ascii", "replace").strip().split(".")
    if len(parts) < 4 or parts[0] != MARK or not parts[1].isascii() or not parts[1].isdecimal():
        raise Invalid("chain_file.foreign", "This is not a .chain file. Choose one that an export gave.")
    if parts[1] != str(FORMAT):
        message = f"The file has format {parts[1][:9]}, this OneCloud reads format {FORMAT}. Update OneCloud."
        raise Invalid("chain_file.format", message)
    return ".".join(parts[:3]), parts[2], parts[3:]


def _unpacked(body: str) -> Package:
    """What a body holds whose signature held; it may still come from a newer or a faulty server."""
    try:
        inflating = zlib.decompressobj()
        plain = inflating.decompress(base64.urlsafe_b64decode(body), MOST_BODY_BYTES)
        if inflating.unconsumed_tail:
            raise too_large(MOST_BODY_BYTES)
        content = as_object(json.loads(plain))
        exported_at = datetime.fromisoformat(str(content["exported_at"]))
        documents = tuple(as_object(document) for document in as_list(content["chains"]))
        if not documents or exported_at.tzinfo is None:
            raise ValueError("there is no chain in it, or no zone in its time")
    except (binascii.Error, zlib.error, ValueError, KeyError, RecursionError) as fault:
        raise Invalid("chain_file.content", "The file cannot be unpacked. Export the chain again.") from fault
    return Package(exported_at, documents)


def too_large(size_bytes: int) -> Invalid:
    """The one error of a file over the limit."""
    return Invalid(
        "chain_file.too_large",
        f"The .chain file has {size_bytes} bytes or more; the limit is {MOST_FILE_BYTES}. "
        "Export the chains that it runs by themselves.",
    )


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "minutes") + " UTC"


def gathered(root: str, document_of: Callable[[str], JsonObject | None]) -> list[JsonObject]:
    """The documents of a chain and of those that it runs, near before far; `document_of` gives them by name.

    A child that is not there, or whose name only a run can tell, is left out: the import says so.

    Raises: Invalid `chain_file.too_deep` naming the chain that is too far down; `chain_file.too_many`.
    """
    found: dict[str, JsonObject] = {}
    paths: dict[str, tuple[str, ...]] = {root: (root,)}
    waiting = [root]
    for name in waiting:  # grows while it is walked
        document = document_of(name)
        if document is None:
            continue
        found[name] = document
        for child in children(document):
            if child.name in paths or not is_fixed(child.name):
                continue
            paths[child.name] = (*paths[name], child.name)
            if len(paths[name]) > LEVELS:
                if document_of(child.name) is None:
                    continue
                raise Invalid(
                    "chain_file.too_deep",
                    f"`{child.name}` is more than {LEVELS} levels down ({' → '.join(paths[child.name])}). "
                    f"Export `{paths[child.name][1]}` by itself.",
                )
            waiting.append(child.name)
        if len(waiting) > MOST_CHAINS:
            raise Invalid(
                "chain_file.too_many",
                f"`{root}` runs more than {MOST_CHAINS} chains, directly or through others. Export parts of it.",
            )
    return list(found.values())


def import_names(names: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """The name that each imported chain gets: with the suffix, and a number where that is taken.

    A name that would be too long loses letters at its end, which `…` shows.
    """
    used = set(taken)
    given: dict[str, str] = {}
    for name in names:
        number = 1
        while (wanted := _with_suffix(name, number)) in used:
            number += 1
        used.add(wanted)
        given[name] = wanted
    return given


def _with_suffix(name: str, number: int) -> str:
    suffix = SUFFIX if number == 1 else f"{SUFFIX} {number}"
    room = MOST_NAME_CHARS - len(suffix)
    return (name if len(name) <= room else name[: room - 1].rstrip() + "…") + suffix


def file_name(name: str) -> str:
    """The file's name for a chain of that name: without what a file system or a header does not take."""
    kept = "".join(c if c.isalnum() or c in " -_.()" else "_" for c in name).strip(" .")
    return f"{kept or 'chain'}.chain"


def names_of(package: Package) -> list[str]:
    """The names of the chains in the package, the one that was asked for first."""
    return [str(document.get("name", "")) for document in package.documents]


def renamed(document: JsonObject, names: Mapping[str, str]) -> dict[str, Json]:
    """The document under its new name."""
    return {**document, "name": names[str(document.get("name", ""))]}
