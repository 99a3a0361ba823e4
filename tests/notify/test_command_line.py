"""`onecloud admin test-mail`: an exit status that scripts can trust."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.notify.servers import mail_house

PROGRAM = Path(sys.executable).parent / "onecloud"


async def mail(data: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """Run the command; gives exit status and what it said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ONECLOUD_")}
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM),
        "admin",
        "test-mail",
        "--data",
        str(data),
        *arguments,
        env={**clean, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_the_exit_status_is_honest(tmp_path: Path) -> None:
    async with mail_house() as house:
        house.rcpt_answers = ["550 No such user"]
        settings = {
            "ONECLOUD_SMTP_HOST": "127.0.0.1",
            "ONECLOUD_SMTP_PORT": str(house.port),
            "ONECLOUD_SMTP_SECURITY": "none",
            "ONECLOUD_SMTP_FROM": "robot@cloud.example.com",
        }
        refused, refusal = await mail(tmp_path, "--to", "ada@example.com", **settings)
        taken, thanks = await mail(tmp_path, "--to", "ada@example.com", **settings)
    unset, what_to_set = await mail(tmp_path, "--to", "ada@example.com")
    wrong, _ = await mail(tmp_path, "--to", "nobody")
    usage, _ = await mail(tmp_path)
    assert (refused, taken, unset, wrong) == (1, 0, 1, 1)
    assert usage != 0
    assert "550 No such user" in refusal
    assert "took the mail to ada@example.com" in thanks
    assert "Set ONECLOUD_SMTP_HOST" in what_to_set
    assert len(house.taken) == 1
