"""Apprise addresses: which are taken, and how little of them is shown."""

from __future__ import annotations

import re
from typing import Final

from onecloud.kernel.secret import MASK

SECRET_PART_LEAST: Final = 4  # a shorter piece of an address (a port, a flag) is no secret, and masks every word

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
# What mail goes by is `email`; the others would put a message on the screen or into the log of the server itself.
REFUSED_SCHEMES: Final = frozenset(
    {"mailto", "mailtos", "dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"}
)


def scheme_of(address: str) -> str | None:
    """The scheme of an Apprise address such as `slack`; None when the text is no address."""
    found = _SCHEME.match(address.strip())
    return found.group(1).lower() if found else None


def address_fault(address: str) -> str | None:
    """What is wrong with an Apprise address, as far as its letters tell; None when nothing is."""
    scheme = scheme_of(address)
    if scheme is None:
        return "This is no Apprise address: one begins with a scheme, as in slack://… or jsons://…"
    if scheme in REFUSED_SCHEMES:
        mend = "Use `email` for users of this server." if scheme.startswith("mailto") else "Use another service."
        return f"Addresses of the kind {scheme}:// are not taken here. {mend}"
    return None


def masked_address(address: str, fingerprint: str) -> str:
    """How lists show an Apprise address: its scheme, and enough of a keyed hash to tell two of them apart."""
    return f"{scheme_of(address) or 'address'}://{MASK} ({fingerprint[:6]})"


def secret_parts(address: str) -> frozenset[str]:
    """An address and each piece of it that may be a secret, to be masked in what a service answers."""
    pieces = re.split(r"[/:@?&=#,]+", address)
    return frozenset({address, *(piece for piece in pieces[1:] if len(piece) >= SECRET_PART_LEAST)})
