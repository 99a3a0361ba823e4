"""When, from where and by what each access token was last used: noted in memory, written every few seconds.

So a GET costs no write. What a crash loses is a few seconds of these notes and nothing else.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.tokens import store
from onecloud.tokens.model import Origin


class LastUsed:
    """The notes of one process since the last flush; only the newest of each token is kept."""

    def __init__(self) -> None:
        """Nothing noted yet."""
        self._notes: dict[int, tuple[datetime, Origin]] = {}

    def note(self, token_id: int, at: datetime, ip: str, agent: str) -> None:
        """Remember one use; `at` is the moment on the database's clock that `authenticate` gave."""
        before = self._notes.get(token_id)
        if before is None or before[0] <= at:
            self._notes[token_id] = (at, Origin.of(ip, agent))

    @property
    def is_empty(self) -> bool:
        """Whether a flush would write nothing: then no transaction need be opened."""
        return not self._notes

    async def flush(self, db: AsyncSession) -> None:
        """Write the notes and forget them; when writing fails they are kept for the next time."""
        notes, self._notes = self._notes, {}
        try:
            # In the order of ids, so that two processes never wait for each other in a circle.
            await store.note_use(db, [(token_id, at, origin) for token_id, (at, origin) in sorted(notes.items())])
        except BaseException:
            for token_id, (at, origin) in notes.items():
                self.note(token_id, at, origin.ip, origin.agent)
            raise
