"""A chain's notifications for what happened, with their references resolved and every secret masked; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from pydantic import ValidationError

from onecloud.chains.parts.notification import EmailNotice, NotificationSpec
from onecloud.connector.context import FileRef
from onecloud.kernel.secret import MASK, Secret
from onecloud.notify.model import Attachment, Notice, Status
from onecloud.notify.rules.notices import fires
from onecloud.variables.model import Piped, Reference, Resolved, TemplateFault, Text, Unresolved
from onecloud.variables.rules import as_text, is_file, parse, resolve

Lookup: TypeAlias = Callable[[Reference], Resolved]


def fired(specs: Sequence[NotificationSpec], status: Status, lookup: Lookup) -> list[Notice]:
    """The notices of the notifications that are for this status, for `notify.actions.tell`.

    `lookup` gives what a reference stands for now (`variables.rules.look_up`). Nothing is raised: what cannot be
    resolved is said in the notice's `faults`. Texts hold no secret; files stand in them by their names.
    """
    return [_notice(spec, lookup) for spec in specs if fires(spec.on, status)]


def _notice(spec: NotificationSpec, lookup: Lookup) -> Notice:
    faults: list[str] = []
    email = spec.email or EmailNotice(())
    return Notice(
        to=tuple(_recipients(email.to, lookup, faults)),
        subject=_text(email.subject, lookup, faults),
        text=_text(email.text, lookup, faults),
        attachments=tuple(_files(email.attach, lookup, faults)),
        apprise=None if spec.apprise is None else _address(spec.apprise, lookup, faults),
        apprise_text=_text(spec.apprise_text, lookup, faults),
        digest=spec.digest,
        faults=tuple(dict.fromkeys(faults)),
    )


def _resolved(template: str, lookup: Lookup, faults: list[str]) -> Resolved:
    """What a template stands for; None when that cannot be said, and a fault is."""
    try:
        return resolve(template, lookup)
    except Unresolved as error:
        faults.append(_said(error))
    except TemplateFault as fault:
        faults.append(_unreadable(fault))
    return None


def _unreadable(fault: TemplateFault) -> str:
    return f"A reference of this notification cannot be read: {fault.message}. {fault.mend}".strip()


def _said(error: Unresolved) -> str:
    return f"`{error.reference}` in this notification: {error.message}. {error.mend}".strip()


def _text(template: str, lookup: Lookup, faults: list[str]) -> str:
    """The text with its references replaced; one that stands for nothing stays: the rest is worth more than nothing."""
    try:
        pieces = parse(template).pieces
    except TemplateFault as fault:
        faults.append(_unreadable(fault))
        return template
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Text):
            parts.append(piece.text)
            continue
        source, before = f"${{{{ {piece} }}}}", len(faults)
        value = _shown(_resolved(source, lookup, faults))
        named = piece.reference if isinstance(piece, Piped) else piece
        parts.append(source if len(faults) > before else as_text(value, named))
    return "".join(parts)


def _shown(value: Resolved) -> Resolved:
    """A value as a text may hold it: secrets as dots, files by name."""
    match value:
        case Secret():
            return MASK
        case FileRef():
            return value.name
        case Mapping() if is_file(value):
            return str(value.get("name", ""))
        case Mapping():
            return {key: _shown(item) for key, item in value.items()}
        case str():
            return value
        case Sequence():
            return [_shown(item) for item in value]
        case _:
            return value


def _recipients(templates: Sequence[str], lookup: Lookup, faults: list[str]) -> Iterator[str]:
    for template in templates:
        found = _resolved(template, lookup, faults)
        for one in found if isinstance(found, Sequence) and not isinstance(found, str) else [found]:
            match one:
                case str():
                    yield one
                case None:
                    pass  # empty, or said in the faults
                case Secret():
                    faults.append(f"The recipient `{template}` is encrypted; name people by a variable that is not.")
                case _:
                    faults.append(f"The recipient `{template}` is no email.")


def _files(templates: Sequence[str], lookup: Lookup, faults: list[str]) -> Iterator[Attachment]:
    for template in templates:
        before = len(faults)
        found = _resolved(template, lookup, faults)
        files = found if isinstance(found, Sequence) and not isinstance(found, str) else [found]
        for one in files:
            file = _file(one)
            if file is not None:
                yield Attachment(file.blob, file.name, file.size_bytes, file.media_type)
            elif len(faults) == before:
                faults.append(f"The attachment `{template}` is not a file, so it is not attached.")


def _file(value: Resolved) -> FileRef | None:
    """The file that a value is, also as the object that a result's row keeps of it."""
    if not is_file(value):
        return None
    try:
        return FileRef.model_validate(value)
    except ValidationError:
        return None


def _address(template: str, lookup: Lookup, faults: list[str]) -> Secret | None:
    match _resolved(template, lookup, faults):
        case Secret() as address:
            return address
        case str() as text if text.strip():
            return Secret(text)
        case None if faults:
            return None
        case _:
            faults.append(f"The address `{template if '${{' in template else MASK}` came out empty.")
            return None
