"""A chain's notifications for what happened, with their references resolved and every secret masked; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from onecloud.chains.parts.notification import EmailNotice, NotificationSpec
from onecloud.connector.context import FileRef
from onecloud.kernel.secret import MASK, Secret
from onecloud.notify.model import Attachment, Notice, Status
from onecloud.notify.rules.notices import fires
from onecloud.variables.model import Reference, Resolved, TemplateFault, Unresolved
from onecloud.variables.rules import resolve

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
        faults.append(f"A reference of this notification cannot be read: {fault.message}. {fault.mend}".strip())
    return None


def _said(error: Unresolved) -> str:
    return f"`{error.reference}` in this notification: {error.message}. {error.mend}".strip()


def _text(template: str, lookup: Lookup, faults: list[str]) -> str:
    def lenient(reference: Reference) -> Resolved:
        try:
            return _shown(lookup(reference))
        except Unresolved as error:
            faults.append(_said(error))
            return f"${{{{ {reference} }}}}"  # the rest of a text is worth more than nothing

    if "${{" not in template:
        return template
    # Behind it a blank, so that even a single reference is joined to text as any other.
    found = _resolved(f"{template} ", lenient, faults)
    return found[:-1] if isinstance(found, str) else template


def _shown(value: Resolved) -> Resolved:
    """A value as a text may hold it: secrets as dots, files by name."""
    match value:
        case Secret():
            return MASK
        case FileRef():
            return value.name
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
        for file in files:
            if isinstance(file, FileRef):
                yield Attachment(file.blob, file.name, file.size_bytes, file.media_type)
            elif len(faults) == before:
                faults.append(f"The attachment `{template}` is not a file, so it is not attached.")


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
