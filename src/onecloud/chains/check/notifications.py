"""Notifications that could tell nobody, or not what they promise. Source: product facts 5.7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from onecloud.access.rules import is_email, normal_email
from onecloud.chains.model import Definition
from onecloud.chains.parts.notification import NotificationSpec
from onecloud.kernel.errors import Problem
from onecloud.notify.rules.addresses import address_fault
from onecloud.variables.language import parse
from onecloud.variables.model import TemplateFault


def notification_problems(specs: Sequence[NotificationSpec], where: str) -> Iterator[Problem]:
    """The faults of a chain's or a node's notifications; references are checked with all others."""
    for index, spec in enumerate(specs):
        place = f"{where}[{index}]"
        if spec.email is None and spec.apprise is None:
            yield Problem(place, "This notification tells nobody.", "Add `email` or `apprise`.")
        if spec.email is not None:
            for number, email in enumerate(spec.email.to):
                if "${{" not in email and not is_email(normal_email(email)):
                    message = f"`{email}` is no email."
                    yield Problem(f"{place}.email.to[{number}]", message, "Write it as name@example.com.")
            for number, file in enumerate(spec.email.attach):
                if not _is_one_reference(file):
                    mend = "Write one reference to a file output: `${{ node.KEY.OUTPUT }}`."
                    yield Problem(f"{place}.email.attach[{number}]", "This is no reference to a file.", mend)
        if spec.apprise is not None and "${{" not in spec.apprise and (fault := address_fault(spec.apprise)):
            yield Problem(f"{place}.apprise", fault)
        if spec.apprise_text and spec.apprise is None:
            yield Problem(f"{place}.apprise_text", "There is no `apprise` that this text is for.", "Add it.")
        if spec.digest != "none":
            yield from _digest_problems(spec, place)


def _digest_problems(spec: NotificationSpec, place: str) -> Iterator[Problem]:
    email = spec.email
    told = {
        "email.subject": bool(email and email.subject),
        "email.text": bool(email and email.text),
        "email.attach": bool(email and email.attach),
        "apprise_text": bool(spec.apprise_text),
    }
    for field, given in told.items():
        if given:
            message = "A digest holds one line for each result: it has no room for texts and files."
            yield Problem(f"{place}.{field}", message, "Remove it, or set `digest` to none.")


def notification_notes(definition: Definition, refusals: Mapping[str, str]) -> Iterator[Problem]:
    """What is worth knowing of the notifications of the chain and of its nodes.

    `refusals` says of literal recipients, by their normal spelling, why nothing would be mailed to them today.
    """
    for specs, where in all_notifications(definition):
        for index, spec in enumerate(specs):
            place = f"{where}[{index}]"
            if spec.apprise is not None and "${{" not in spec.apprise:
                message = "The address is a secret, and everybody who sees the chain can read it here."
                mend = "Put it into an encrypted variable: `${{ workspace.NAME }}`."
                yield Problem(f"{place}.apprise", message, mend)
            for number, email in enumerate(spec.email.to if spec.email else ()):
                if why := refusals.get(normal_email(email)):
                    yield Problem(f"{place}.email.to[{number}]", why)


def literal_recipients(definition: Definition) -> set[str]:
    """Every email that stands in the chain itself, in its normal spelling."""
    return {
        normal_email(email)
        for specs, _ in all_notifications(definition)
        for spec in specs
        if spec.email is not None
        for email in spec.email.to
        if "${{" not in email
    }


def all_notifications(definition: Definition) -> Iterator[tuple[tuple[NotificationSpec, ...], str]]:
    """The notifications of the chain and of each node, with their place in the document."""
    yield definition.notifications, "notifications"
    for node in definition.nodes:
        yield node.notifications, f"{definition.place(node)}.notifications"


def _is_one_reference(text: str) -> bool:
    try:
        return parse(text).single is not None
    except TemplateFault:
        return True  # said with the references
