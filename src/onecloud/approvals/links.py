"""The signed links of approvers: whoever holds one can answer one approval in one person's name, once.

Nothing of a link is stored. It is bound to the approval, its moment, the seat and the person by a key that is derived
from the server's; it lives as long as that seat's answer is waited for: it works once, and ends with the approval.
"""

from __future__ import annotations

import hmac
import re
from typing import Final

from onecloud.activity.rules import LARGEST_ID
from onecloud.approvals.model import Approval, Seat
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Invalid, Problem

PURPOSE: Final = "approval link"
_TOKEN: Final = re.compile(r"oc_ap_([1-9][0-9]{0,18})\.([1-9][0-9]{0,3})\.([0-9a-f]{64})", re.ASCII)


def path_of(keys: Keyring, approval: Approval, seat: Seat) -> str:
    """The path of a seat's link. The token is its fragment, which browsers never send: no server's log has it."""
    signature = keys.digest(_signed(approval, seat), PURPOSE)
    return f"/approve#oc_ap_{approval.id}.{seat.number}.{signature}"


def read(token: str) -> tuple[int, int, str]:
    """The approval, the seat and the signature that a token names; nothing is proven yet.

    Raises: Invalid `approval.link_dead` for a text of another form.
    """
    found = _TOKEN.fullmatch(token)
    if found is None or int(found[1]) > LARGEST_ID:
        raise dead()
    return int(found[1]), int(found[2]), found[3]


def is_signed(keys: Keyring, approval: Approval, seat: Seat, signature: str) -> bool:
    """Whether the signature is ours, under the present key or a retired one."""
    good = [hmac.compare_digest(one, signature) for one in keys.digests(_signed(approval, seat), PURPOSE)]
    return any(good)


def dead() -> Invalid:
    """The refusal of a link that nobody gave."""
    problem = Problem(
        "token", "This link is not complete, or not one of this server's.", "Open it again as it stands in the mail."
    )
    return Invalid("approval.link_dead", problem.sentence().removeprefix("token: "), problems=(problem,))


def _signed(approval: Approval, seat: Seat) -> str:
    # The moment too: a number may be given again when an older copy of the database was put back.
    return f"{approval.id}/{approval.opened_at.isoformat()}/{seat.number}/{seat.person.user_id}"
