"""Messages to chat and other services by their Apprise addresses; blocking, in a thread of the sender's own."""

from __future__ import annotations

import logging
from typing import Final

from onecloud.kernel.secret import Secret, redact
from onecloud.notify.model import NotSent, Sent, TryOutcome
from onecloud.notify.rules import addresses, texts

TIMEOUT_S: Final = 60.0
UNREADABLE: Final = (
    "This Apprise address cannot be used: its scheme is unknown, or a part of it is missing. "
    "See the address's form in Apprise's list of services."
)


def post(address: Secret, subject: str, text: str) -> TryOutcome:
    """Post a message to one service. What the library says is cleaned of every part of the address."""
    import apprise  # half a second, and only who uses it pays

    # The library would log addresses by itself; what it has to say comes back with the result.
    logger = logging.getLogger("apprise")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    plain = address.reveal().strip()
    fault = addresses.address_fault(plain)
    if fault is not None:
        return NotSent(fault, final=True)
    asset = apprise.AppriseAsset(secure_logging=True, storage_mode=apprise.PersistentStoreMode.MEMORY)
    service = apprise.Apprise.instantiate(plain, asset=asset)  # pyright: ignore[reportUnknownMemberType] - its dicts
    if not isinstance(service, apprise.NotifyBase):
        return NotSent(UNREADABLE, final=True)
    # A long text becomes several messages; the library's own choice would let the service cut it.
    if "overflow=" not in plain:
        service.overflow_mode = apprise.OverflowMode.SPLIT
    result = apprise.Apprise(service, asset=asset).notify(  # pyright: ignore[reportUnknownMemberType] - its dicts
        body=text, title=texts.subject_line(subject)[0], body_format=apprise.NotifyFormat.TEXT, timeout=TIMEOUT_S
    )
    if result:
        return Sent()
    said = " ".join(entry.message for entry in result.logs()) or "it gave no reason"
    name = str(service.service_name or addresses.scheme_of(plain))
    return NotSent(texts.reason(f"{name} did not take the message: {redact(said, addresses.secret_parts(plain))}"))
