"""How an upload goes: which files are taken, and how it ends. Pure.

Whoever is asked may add files until one of them says that all are there, or that there will be none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from onecloud.approvals.model import EXPIRED, GRANTED, REFUSED, Outcome, Person
from onecloud.approvals.rules import check_comment, count_problems, due_problems, listed, moment
from onecloud.approvals.uploads.model import ENDINGS_MOST, FILES_MOST, NAME_MOST, Upload, UploadRequest
from onecloud.kernel.errors import Conflict, Invalid, Problem
from onecloud.kernel.jsonvalue import Json

EXIT_CODES: Final = {"completed": GRANTED, "declined": REFUSED, "expired": EXPIRED}
_PARTS: Final = re.compile(r"[,;\s]")
_ENDING: Final = re.compile(r"(\.[a-z0-9_-]{1,20}){1,3}")
MEGABYTE: Final = 1_048_576


def endings_in(endings: str | Sequence[str]) -> tuple[str, ...]:
    """The name endings in a list or in a comma-separated text, each once: `.csv` for `csv`, `.CSV` and `*.csv`."""
    texts = [endings] if isinstance(endings, str) else endings
    found = [part.strip().lower().removeprefix("*") for text in texts for part in _PARTS.split(text)]
    return tuple(dict.fromkeys(part if part.startswith(".") else f".{part}" for part in found if part))


def check_request(request: UploadRequest) -> None:
    """Accept what a chain asks for, as far as it can be told without looking people up.

    Raises: Invalid `upload.request` with every problem.
    """
    problems = [*count_problems(request.people, "people"), *due_problems(request.due)]
    problems += [
        Problem("endings", f"{ending} is not the ending of a file name.", "Write endings as .csv, .xlsx.")
        for ending in request.endings
        if _ENDING.fullmatch(ending) is None
    ]
    if len(request.endings) > ENDINGS_MOST:
        problems.append(Problem("endings", f"There are {len(request.endings)}.", f"Name at most {ENDINGS_MOST}."))
    if not 1 <= request.most_files <= FILES_MOST:
        problems.append(
            Problem("max_files", f"The number of files is {request.most_files}.", f"Allow 1 to {FILES_MOST}.")
        )
    if problems:
        raise Invalid(
            "upload.request",
            f"The files cannot be asked for: {problems[0].sentence()}",
            problems=tuple(problems),
        )


def check_open(upload: Upload, now: datetime) -> None:
    """Let files and answers come only while they are waited for.

    Raises: Conflict `upload.settled` or `upload.overdue`.
    """
    if upload.state != "open":
        raise Conflict("upload.settled", f"No files are waited for any more. {upload.text}")
    if now >= upload.due_at:
        raise Conflict("upload.overdue", f"The time to upload files ended on {moment(upload.due_at)}.")


def check_file(upload: Upload, name: str) -> str:
    """The name under which one more file is taken.

    Raises: Conflict when there are enough files, or one of that name; Invalid for a name that is not allowed.
    """
    if len(upload.files) >= upload.most_files:
        raise Conflict(
            "upload.full",
            f"This takes at most {counted(upload.most_files, 'file')}, and they are there. Remove one first.",
        )
    fault = _name_fault(name) or _ending_fault(upload, name)
    if fault is not None:
        raise Invalid("upload.file_name", fault.sentence(), problems=(fault,))
    if any(one.file.name.casefold() == name.casefold() for one in upload.files):
        raise Conflict(
            "upload.same_name", f"A file {name} is there already. Remove it first, or give this another name."
        )
    return name


def _name_fault(name: str) -> Problem | None:
    if not name.strip() or name in (".", ".."):
        return Problem("name", "The file has no name.", "Give the name with its ending.")
    if len(name) > NAME_MOST or len(name.encode("utf-8", "replace")) > NAME_MOST:
        return Problem("name", f"The name has {len(name)} characters.", f"Use at most {NAME_MOST} bytes.")
    if not name.isprintable() or any(letter in name for letter in '/\\:*?"<>|'):
        return Problem(
            "name", "The name has characters that a file cannot have.", "Use letters, digits, blanks and -_."
        )
    return None


def _ending_fault(upload: Upload, name: str) -> Problem | None:
    if not upload.endings or name.lower().endswith(upload.endings):
        return None
    return Problem("name", f"{name} does not end in {' or '.join(upload.endings)}.", "Choose a file of that kind.")


def too_large(name: str, most_mb: int) -> Invalid:
    """The refusal of a file over the limit."""
    problem = Problem(
        "body",
        f"The file {name} is larger than {most_mb} MB.",
        "Upload less, or let an administrator raise ONECLOUD_UPLOAD_FILE_MB.",
    )
    return Invalid("upload.too_large", problem.sentence().removeprefix("body: "), problems=(problem,))


def completed(upload: Upload, by: Person, comment: str, now: datetime) -> Upload:
    """The upload after somebody said that all files are there.

    Raises: Conflict when it is settled or overdue, or there is no file; Invalid for the comment.
    """
    check_open(upload, now)
    check_comment(comment)
    if not upload.files:
        raise Conflict("upload.no_files", "There is no file yet. Upload one, or decline.")
    text = f"{by.name} uploaded {listed([one.file.name for one in upload.files])}."
    return replace(upload, state="completed", settled_at=now, by=by, comment=comment, text=text)


def declined(upload: Upload, by: Person, comment: str, now: datetime) -> Upload:
    """The upload after somebody said that there will be no files; what was uploaded does not count.

    Raises: Conflict when it is settled or overdue; Invalid for the comment.
    """
    check_open(upload, now)
    check_comment(comment)
    said = f": {comment.strip()}" if comment.strip() else "."
    return replace(
        upload, state="declined", settled_at=now, by=by, comment=comment, text=f"Declined by {by.name}{said}"
    )


def expire(upload: Upload, now: datetime) -> Upload:
    """The upload after the time that has passed; itself when it is not due."""
    if upload.state != "open" or now < upload.due_at:
        return upload
    names = listed([person.name for person in upload.people])
    return replace(upload, state="expired", settled_at=now, text=f"No files came in time from {names}.")


def cancelled(upload: Upload, now: datetime) -> Upload:
    """The upload after the run stopped asking; itself when it is settled."""
    if upload.state != "open":
        return upload
    return replace(upload, state="cancelled", settled_at=now, text="The run that asked has ended.")


def is_asked(upload: Upload, user_id: int) -> bool:
    """Whether a person is asked for the files."""
    return any(person.user_id == user_id for person in upload.people)


def outcome(upload: Upload) -> Outcome | None:
    """What the asking node ends with; None while it is open, and when the run no longer asks."""
    if upload.state in ("open", "cancelled"):
        return None
    files: list[Json] = (
        [one.file.model_dump(mode="json") for one in upload.files] if upload.state == "completed" else []
    )
    return Outcome(
        status=upload.state,
        exit_code=EXIT_CODES[upload.state],
        message=upload.text,
        outputs={
            "status": upload.state,
            "files": files,
            "file": files[0] if files else None,
            "by": "" if upload.by is None else upload.by.email,
            "comment": upload.comment,
        },
    )


def counted(count: int, word: str) -> str:
    """`1 file`, `3 files`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
