"""The values of the audit trail and the sign-in log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from onecloud.kernel.jsonvalue import JsonObject


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """One recorded attempt to sign in; `failure_reason` is None exactly when it succeeded.

    Source: product facts 8.6 (`LoginActivity`).
    """

    id: int
    identity: str
    context: str
    success: bool
    failure_reason: str | None
    user_id: int | None
    ip: str
    agent: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """One recorded change; ids are text because they may belong to anything.

    Source: product facts 8.6 (`AuthorizationActivity`: trackable, owner, key, parameters, recipient).
    """

    id: int
    key: str
    owner_type: str
    owner_id: str
    via: str
    trackable_type: str
    trackable_id: str
    recipient_type: str
    recipient_id: str
    parameters: JsonObject
    created_at: datetime
