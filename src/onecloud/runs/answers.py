"""The answers of people as messages to the run that asked them."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.approvals.model import Ask, Outcome
from onecloud.runs import actions
from onecloud.runs.actions import Signals
from onecloud.runs.asking import unit_of


class Answers:
    """Lets runs go on once people have answered. Without `signals` the engine finds the message by looking."""

    def __init__(self, signals: Signals | None) -> None:
        self._signals = signals

    async def settled(self, db: AsyncSession, asked: Ask, outcome: Outcome) -> None:
        """Leave the outcome for the run, within the transaction that settles the question."""
        payload = {
            "unit": [*unit_of(asked), asked.attempt],
            "exit_code": outcome.exit_code,
            "message": outcome.message,
            "outputs": outcome.outputs,
        }
        await actions.answer(db, self._signals, asked.run_id, payload)
