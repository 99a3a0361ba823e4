"""The Script Runner: values and files in and out, exit codes, limits, and a group that ends as a whole."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from onecloud.connector.testing import Ended, FakeContext, check_cancel, check_connector, run_command
from onecloud.connectors.script import CONNECTOR, python, shell


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    return FakeContext(tmp_path)


async def run_python(ctx: FakeContext, code: str, **more: Any) -> Ended:
    return await run_command(python.COMMAND, ctx, {"code": code, **more})


async def run_shell(ctx: FakeContext, code: str, **more: Any) -> Ended:
    return await run_command(shell.COMMAND, ctx, {"code": code, **more})


def test_the_manifest_keeps_the_contract() -> None:
    check_connector(CONNECTOR)
    assert not any(command.repeatable for command in CONNECTOR.commands)


WORK = """
import json, os, sys
values = json.load(open(os.environ["ONECLOUD_INPUTS"]))
print("hello", sys.argv[1:], sys.stdin.read())
print("careful", file=sys.stderr)
total = sum(float(line) for line in open("numbers.txt"))
os.makedirs("outputs/deep")
open("outputs/deep/total.txt", "w").write(str(total))
open("outputs/a.txt", "w").write("ä")
json.dump({"total": total, "period": values["period"], "list": [1, None]}, open(os.environ["ONECLOUD_OUTPUTS"], "w"))
"""


async def test_a_script_gets_values_and_files_and_gives_values_and_files(ctx: FakeContext) -> None:
    numbers = ctx.add_file("some.txt", "1.5\n2\n")
    more: dict[str, Any] = {
        "arguments": ["a b", "$HOME"],
        "stdin": "from outside",
        "files": {"numbers.txt": numbers},
        "values": {"period": "2024-01"},
    }
    ended = await run_python(ctx, WORK, **more)
    assert ended.means == "success", ended.message
    assert ended.outputs.stdout == "hello ['a b', '$HOME'] from outside\n"
    assert ended.outputs.values == {"total": 3.5, "period": "2024-01", "list": [1, None]}
    assert [file.name for file in ended.outputs.files] == ["a.txt", "deep/total.txt"]
    assert [ctx.text(file) for file in ended.outputs.files] == ["ä", "3.5"]
    assert sorted(ctx.lines) == ["careful", "hello ['a b', '$HOME'] from outside"]
    assert ctx.text(numbers) == "1.5\n2\n"


async def test_a_shell_script_does_the_same(ctx: FakeContext) -> None:
    code = 'read line; echo "$1 $line $X"; cp in.txt outputs/out.txt; printf \'{"n": 1}\' > "$ONECLOUD_OUTPUTS"'
    more = {"arguments": ["one"], "stdin": "two", "files": {"in.txt": "in.txt"}, "environment": {"X": "three"}}
    (ctx.files / "in.txt").write_text("content")
    ended = await run_shell(ctx, code, **more)
    assert ended.outputs.stdout == "one two three\n"
    assert ended.outputs.values == {"n": 1}
    assert ctx.text(ended.outputs.files[0]) == "content"


async def test_a_script_file_runs_and_bash_is_there(ctx: FakeContext) -> None:
    file = ctx.add_file("x.sh", "a=(1 2 3); echo ${#a[@]}")
    ended = await run_command(shell.COMMAND, ctx, {"script_file": file, "shell": "bash"})
    assert ended.outputs.stdout == "3\n"


async def test_the_interpreter_is_the_servers_and_isolated(ctx: FakeContext) -> None:
    ended = await run_python(ctx, "import sys; print(sys.executable, sys.flags.isolated, '' in sys.path)")
    assert ended.outputs.stdout.split() == [sys.executable, "1", "False"]


async def test_nothing_of_the_servers_environment_is_seen(ctx: FakeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONECLOUD_MASTER_KEY", "hunter2")
    ended = await run_shell(ctx, "env")
    names = {line.split("=", 1)[0] for line in ended.outputs.stdout.splitlines()}
    assert names - {"PWD", "_", "SHLVL", "OLDPWD"} == {
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "ONECLOUD_INPUTS",
        "ONECLOUD_OUTPUTS",
    }
    assert str(ctx.workdir) in ended.outputs.stdout


@pytest.mark.parametrize(
    ("code", "warnings", "means", "exit_code", "part"),
    [
        ("exit 0", [], "success", 0, ""),
        ("exit 3", [3], "warning", 10, "exit code 3"),
        ("echo oh no >&2; exit 3", [4], "error", 2, "exit code 3: oh no"),
        ("exit 10", [], "error", 2, "exit code 10"),
        ("kill -9 $$", [], "error", 3, "SIGKILL"),
        ("kill -SEGV $$", [], "error", 3, "SIGSEGV"),
        ("sh -c 'kill -9 $$'; exit $?", [], "error", 3, "SIGKILL"),
        ("nonsense_command", [], "error", 2, "exit code 127"),
    ],
)
async def test_exit_codes_map_to_success_warning_and_error(
    ctx: FakeContext, code: str, warnings: list[int], means: str, exit_code: int, part: str
) -> None:
    ended = await run_shell(ctx, code, warning_exit_codes=warnings)
    assert (ended.means, ended.exit_code) == (means, exit_code)
    assert part in ended.message


async def test_a_warning_keeps_the_outputs(ctx: FakeContext) -> None:
    ended = await run_shell(ctx, "echo x; echo y > outputs/y; exit 3", warning_exit_codes=[3])
    assert (ended.outputs.exit_code, ended.outputs.stdout, len(ended.outputs.files)) == (3, "x\n", 1)


async def test_an_uncaught_python_error_ends_with_its_last_line(ctx: FakeContext) -> None:
    ended = await run_python(ctx, "raise ValueError('no such period')")
    assert ended.exit_code == 2
    assert ended.message.endswith("exit code 1: ValueError: no such period")


async def test_more_memory_than_allowed_is_not_given(ctx: FakeContext) -> None:
    ended = await run_python(ctx, "x = bytearray(300_000_000); print(len(x))", memory_limit_mb=128)
    assert ended.exit_code in {2, 3}
    assert "MemoryError" in ended.message
    refused = await run_python(ctx, "pass", memory_limit_mb=100_000)
    assert (refused.exit_code, refused.retryable) == (1, False)


async def test_a_file_does_not_grow_past_its_limit(ctx: FakeContext) -> None:
    ended = await run_shell(ctx, "head -c 3000000 /dev/zero > outputs/big", file_limit_mb=1)
    assert ended.means == "error"
    assert (ctx.workdir / "run" / "outputs" / "big").stat().st_size == 1 << 20


async def test_printing_past_the_limit_ends_the_script(ctx: FakeContext) -> None:
    ended = await run_shell(ctx, "yes", print_limit_kb=10)
    assert (ended.exit_code, ended.retryable) == (4, False)
    assert "print_limit_kb" in ended.message
    quiet = await run_shell(_fresh(ctx), "yes | head -c 10240", print_limit_kb=10)
    assert len(quiet.outputs.stdout) == 10240


def _fresh(ctx: FakeContext) -> FakeContext:
    ctx.next_attempt()
    return ctx


@pytest.mark.parametrize("written", ["[1]", "nonsense", '{"a": NaN}', '{"a": 1} x', "\\377"])
async def test_output_values_that_are_no_json_object_are_refused(ctx: FakeContext, written: str) -> None:
    ended = await run_shell(ctx, f"printf '{written}' > $ONECLOUD_OUTPUTS")
    assert (ended.exit_code, ended.retryable) == (4, False)
    assert "ONECLOUD_OUTPUTS" in ended.message


async def test_links_in_the_output_folder_lead_nowhere(ctx: FakeContext) -> None:
    ended = await run_shell(
        ctx, "echo ok > outputs/a; ln -s /etc/hostname outputs/b; ln -s /etc outputs/c; mkfifo outputs/d"
    )
    assert [file.name for file in ended.outputs.files] == ["a"]
    assert sum("left out" in line for line in ctx.lines) == 3
    other = await run_shell(_fresh(ctx), "rm -r outputs; ln -s /etc outputs")
    assert other.outputs.files == []


async def test_the_log_gets_whole_lines_of_any_bytes(ctx: FakeContext) -> None:
    await run_shell(ctx, "printf 'ein \\303'; sleep 0.05; printf '\\244\\r\\nrest \\377'")
    assert ctx.lines == ["ein ä", "rest \N{REPLACEMENT CHARACTER}"]


async def test_a_child_left_in_the_background_does_not_outlive_the_script(ctx: FakeContext) -> None:
    ended = await run_shell(ctx, "sleep 600 & echo $! > outputs/pid; echo done")
    assert ended.outputs.stdout == "done\n"
    assert _ends(int(ctx.text(ended.outputs.files[0])))


@pytest.mark.parametrize("trap", ["", "trap '' TERM; "])
async def test_a_cancel_ends_the_whole_group_even_one_that_will_not(ctx: FakeContext, trap: str) -> None:
    marks = [ctx.files / "a", ctx.files / "b"]
    child = f"{trap.replace(chr(39), chr(34))}echo $$ > {marks[0]}; sleep 600; sleep 600"
    code = f"{trap}sh -c '{child}' & echo $$ > {marks[1]}; wait; wait"

    def written() -> bool:
        return all(mark.exists() and mark.read_text().strip() for mark in marks)

    await check_cancel(shell.COMMAND, ctx, {"code": code}, started=written)
    assert [_ends(int(mark.read_text())) for mark in marks] == [True, True]


async def test_a_script_that_catches_the_signal_may_clean_up(ctx: FakeContext) -> None:
    mark, started = ctx.files / "cleaned", ctx.files / "started"
    code = f"trap 'echo x > {mark}; exit 1' TERM; echo x > {started}; while true; do sleep 0.05; done"
    await check_cancel(shell.COMMAND, ctx, {"code": code}, started=started.exists)
    assert mark.exists()


def _ends(pid: int) -> bool:
    """Whether a process that was killed ends: the kernel does that a moment after the signal."""
    deadline = time.monotonic() + 1
    while _lives(pid) and time.monotonic() < deadline:
        os.sched_yield()
    return not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    except OSError:
        os.kill(pid, 0)
        return True
    return state != "Z"  # a zombie has ended; its new parent has yet to look


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"code": "x", "script_file": "x.py"},
        {"code": "x", "files": {"../x": "x"}},
        {"code": "x", "files": {"outputs": "x"}},
        {"code": "x", "environment": {"ONECLOUD_INPUTS": "x"}},
        {"code": "x", "environment": {"A=B": "x"}},
        {"code": "x", "warning_exit_codes": [0]},
    ],
)
def test_wrong_inputs_are_refused_before_the_run(inputs: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        python.COMMAND.inputs.model_validate(inputs)


async def test_values_of_any_kind_arrive(ctx: FakeContext) -> None:
    values: dict[str, Any] = {"text": "ä\u2028", "n": [1, 2.5, None, True, {"deep": {}}]}
    ended = await run_python(
        ctx,
        "import os,shutil; shutil.copy(os.environ['ONECLOUD_INPUTS'], os.environ['ONECLOUD_OUTPUTS'])",
        values=values,
    )
    assert ended.outputs.values == json.loads(json.dumps(values))
