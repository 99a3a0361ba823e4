"""The room's use cases, one file per theme; callers import them from here."""

from __future__ import annotations

from onecloud.notify.actions.deliveries import deliveries, retry
from onecloud.notify.actions.digests import send_digests
from onecloud.notify.actions.queueing import PURPOSE, letters_for, queue, service_recipient, tell, to_service
from onecloud.notify.actions.recipients import refusal
from onecloud.notify.actions.summaries import (
    CountRuns,
    change_summary,
    create_summary,
    list_summaries,
    remove_summary,
    send_summaries,
)
from onecloud.notify.actions.trial import send_test_mail

__all__ = [
    "PURPOSE",
    "CountRuns",
    "change_summary",
    "create_summary",
    "deliveries",
    "letters_for",
    "list_summaries",
    "queue",
    "refusal",
    "remove_summary",
    "retry",
    "send_digests",
    "send_summaries",
    "send_test_mail",
    "service_recipient",
    "tell",
    "to_service",
]
