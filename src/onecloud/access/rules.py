"""Decisions of access, in values: password policy, sign-in verdicts, CSRF, who may go."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import unicodedata
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from onecloud.access.model import Account, Admitted, GroupFields, Refused, User, Verdict
from onecloud.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from onecloud.kernel.permission import NO_GRANTS, Grants, Level, Place
from onecloud.kernel.principal import Principal, Via
from onecloud.kernel.secret import Secret

# Source of the policy's figures: product facts 8.5.
PASSWORD_LEAST: Final = 10
PASSWORD_MOST: Final = 128
FAILURES_TO_LOCK: Final = 6
RESET_LINK_LIFE: Final = timedelta(hours=24)
SETUP_LINK_LIFE: Final = timedelta(days=7)
INVITATION_LIFE: Final = timedelta(days=7)
# A session's last use is written at most this often, so that reading stays reading.
TOUCH_EVERY: Final = timedelta(minutes=1)
EMAIL_MOST: Final = 254  # RFC 5321 4.5.3.1.3, without the brackets
NAME_MOST: Final = 100
# The POSTs that are open without credentials: checked by where they come from, not by a session's CSRF token.
DOORS: Final = (
    "/api/v2/session",
    "/api/v2/setup",
    "/api/v2/password-reset",
    "/api/v2/invitation",
    "/api/v2/invitation/look",
)
DESCRIPTION_MOST: Final = 2_000
# A person's permissions come with every request of theirs, and an administrator reads them on one page.
PERMISSIONS_MOST: Final = 2_000
_EMAIL: Final = re.compile(r"[^\s@\"(),:;<>\[\\\]]+@[^\s@\"(),:;<>\[\\\]]+")


def touch_every(idle: timedelta) -> timedelta:
    """How old a session's last use must be before it is written again; a short idle time needs finer steps."""
    return min(TOUCH_EVERY, idle / 4)


def full_name(first_name: str, last_name: str, email: str) -> str:
    """First and last name, or the email of somebody who gave neither."""
    return f"{first_name} {last_name}".strip() or email


def principal(user: User, via: Via, grants: Grants = NO_GRANTS) -> Principal:
    """A person as the one who acts."""
    return Principal(
        user_id=user.id,
        email=user.email,
        name=full_name(user.first_name, user.last_name, user.email),
        is_admin=user.is_admin,
        via=via,
        grants=grants,
        may_use_api=user.may_use_api,
    )


def normal_email(email: str) -> str:
    """The one spelling of an email that is stored and looked up."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def is_email(email: str) -> bool:
    """Whether an email in its normal spelling could be one; anything else is not even looked up."""
    return len(email) <= EMAIL_MOST and email.isprintable() and _EMAIL.fullmatch(email) is not None


def user_number(user_id: str) -> int:
    """The row's number in a user's id on the wire.

    Raises: NotFound, since an id of another shape belongs to nobody.
    """
    if not _is_number(user_id):
        raise NotFound("user.not_found", f"There is no user {user_id}.")
    return int(user_id)


def group_number(group_id: str) -> int:
    """The row's number in a group's id on the wire.

    Raises: NotFound, since an id of another shape belongs to no group.
    """
    if not _is_number(group_id):
        raise NotFound("user_group.not_found", f"There is no user group {group_id}.")
    return int(group_id)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def normal_password(password: Secret) -> str:
    """The password in the one spelling that is hashed: a keyboard's composed and decomposed letters are equal.

    Source: NIST SP 800-63B 5.1.1.2 (NFKC before hashing).
    """
    return unicodedata.normalize("NFKC", password.reveal())


def password_problems(password: Secret, where: str) -> tuple[Problem, ...]:
    """Each rule of the policy that the password breaks.

    Source: product facts 8.5.
    """
    text = normal_password(password)
    problems: list[Problem] = []
    if len(text) < PASSWORD_LEAST:
        problems.append(
            Problem(where, f"The password has {len(text)} characters.", f"Use at least {PASSWORD_LEAST} characters.")
        )
    if len(text) > PASSWORD_MOST:
        problems.append(
            Problem(where, f"The password has {len(text)} characters.", f"Use at most {PASSWORD_MOST} characters.")
        )
    if not any(letter.isdecimal() for letter in text):
        problems.append(Problem(where, "The password has no number.", "Add at least one number (0-9)."))
    if not any(is_special(letter) for letter in text):
        problems.append(
            Problem(where, "The password has no special character.", "Add at least one, such as ! ? - _ # or %.")
        )
    return tuple(problems)


def is_special(letter: str) -> bool:
    """Whether a character is special: neither letter (with its marks) nor number nor blank nor control."""
    return unicodedata.category(letter)[0] in "PS"


def profile_problems(email: str, first_name: str, last_name: str, where: str) -> tuple[Problem, ...]:
    """What is wrong with the facts of a new person; the email is expected in its normal spelling.

    `where` is put before the names of the fields.
    """
    problems: list[Problem] = []
    if len(email) > EMAIL_MOST:
        problems.append(
            Problem(f"{where}email", f"The email has {len(email)} characters.", f"Use at most {EMAIL_MOST} characters.")
        )
    elif not is_email(email):
        problems.append(Problem(f"{where}email", "This is not an email address.", "Write it as name@example.com."))
    for field, name in (("first_name", first_name), ("last_name", last_name)):
        if len(name) > NAME_MOST:
            problems.append(
                Problem(where + field, f"The name has {len(name)} characters.", f"Use at most {NAME_MOST} characters.")
            )
        elif not name.isprintable():
            problems.append(Problem(where + field, "The name has control characters.", "Remove them."))
    return tuple(problems)


def check_group(fields: GroupFields) -> None:
    """Accept what a person set of a group.

    Raises: Invalid `user_group.invalid` with every problem.
    """
    name, description = fields.name, fields.description
    problems: list[Problem] = []
    if not name.strip():
        problems.append(Problem("name", "The name is empty.", "Give a name."))
    elif name != name.strip() or not name.isprintable():
        problems.append(Problem("name", "The name has blanks at an end, or control characters.", "Remove them."))
    if len(name) > NAME_MOST:
        problems.append(
            Problem("name", f"The name has {len(name)} characters.", f"Use at most {NAME_MOST} characters.")
        )
    if "\x00" in description:
        problems.append(Problem("description", "The description has a NUL character.", "Remove it."))
    if len(description) > DESCRIPTION_MOST:
        problems.append(
            Problem(
                "description",
                f"The description has {len(description)} characters.",
                f"Use at most {DESCRIPTION_MOST} characters.",
            )
        )
    if problems:
        sentence = " ".join(p.sentence() for p in problems)
        raise Invalid("user_group.invalid", sentence, problems=tuple(problems))


def differences(before: Grants, after: Grants) -> tuple[list[tuple[Place, Level]], list[tuple[Place, Level]]]:
    """What a group loses and what it gains when its permissions change."""
    lost = [(place, level) for place, level in before.items() if after.get(place) != level]
    gained = [(place, level) for place, level in after.items() if before.get(place) != level]
    return lost, gained


def edition(grants: Grants) -> str:
    """The mark of one state of a group's permissions: equal permissions have equal marks."""
    lines = sorted(f"{place.kind} {place.object_id} {level.word}" for place, level in grants.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def refuse_problems(problems: tuple[Problem, ...]) -> None:
    """Raises: Invalid that names every problem, when there is one."""
    if problems:
        raise Invalid("user.invalid", " ".join(p.sentence() for p in problems), problems=problems)


def judge(account: Account | None, verified_hash: str | None) -> Verdict:
    """Whether somebody may come in.

    `verified_hash` is the stored hash that the typed password was found to match, or None. It is compared with the
    account's hash now, since a reset may have changed it while the password was being checked.
    """
    if account is None:
        return Refused("not_found", counts=False)
    if account.disabled:
        return Refused("disabled", counts=False)
    if is_locked(account.failed_sign_ins):
        return Refused("locked", counts=False)
    if verified_hash is None or verified_hash != account.password_hash:
        return Refused("invalid", counts=True)
    return Admitted()


def is_locked(failed_sign_ins: int) -> bool:
    """Whether so many failures have locked the account (product facts 8.5: six)."""
    return failed_sign_ins >= FAILURES_TO_LOCK


def keep_an_administrator(others: int) -> None:
    """Refuse to take the last administrator away.

    `others` is how many administrators who are not disabled would remain.

    Raises: Conflict.
    Source: product facts 8.1.
    """
    if others < 1:
        raise Conflict(
            "user.last_administrator",
            "This is the last administrator who is not disabled. Give another person the administrator right first.",
        )


def not_for_the_api() -> Forbidden:
    """The refusal of somebody who may not hold API tokens."""
    return Forbidden(
        "api_access.not_allowed",
        "API access is for administrators, and for groups that an administrator opened it to. Ask an administrator.",
    )


def csrf_token(session_token: str) -> str:
    """The value that pages repeat in `X-CSRF-Token`; hex, derived from the session's token and stored nowhere.

    It gives nothing away: the session's token has 256 random bits and is the HMAC's key.
    """
    return hmac.new(session_token.encode(), b"onecloud csrf 1", hashlib.sha256).hexdigest()


def check_csrf(expected: str, header: str | None) -> None:
    """Refuse an unsafe request that does not prove that our own page made it.

    Raises: Forbidden `csrf.failed`.
    """
    if header is None or not hmac.compare_digest(header.encode(), expected.encode()):
        raise Forbidden(
            "csrf.failed",
            "The header X-CSRF-Token is missing or does not belong to this session. Reload the page and try again; "
            "a program sends the csrf_token of GET /api/v2/session.",
        )


def own_hosts(host: str, public_url: str) -> frozenset[str]:
    """The `host[:port]` this server is reached by: what the request names, and the public address behind a proxy."""
    return frozenset({host.lower(), urlsplit(public_url).netloc.lower()} - {""})


def check_same_site(fetch_site: str | None, origin: str | None, own_hosts: frozenset[str]) -> None:
    """Refuse a public POST that another site's page makes the browser send.

    Browsers say so in `Sec-Fetch-Site`, and on plain-http addresses only in `Origin`; a request with neither comes
    from a program and has no one's cookies. `own_hosts` are the `host[:port]` this server is reached by.

    Raises: Forbidden `cross_site.refused`.
    """
    if fetch_site is not None:
        allowed = fetch_site in ("same-origin", "none")
    else:
        allowed = origin is None or urlsplit(origin).netloc.lower() in own_hosts
    if not allowed:
        raise Forbidden(
            "cross_site.refused",
            "This request was made by a page of another site. Open OneCloud's own page and try again.",
        )


def throttle_key(ip: str) -> str:
    """The address that attempts are counted under: an IPv6 customer holds a whole /64, so it counts as one."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)
