"""Child processes, real ones: started, talked to, ended, and gone when they should be."""

import gc
import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import psutil
import pytest

from acestep_desktop.child import process as process_module
from acestep_desktop.child.errors import ChildGoneError, ChildProtocolError, ChildStartError
from acestep_desktop.child.process import Child, start_child
from tests.child.fake_roles import ENVIRONMENT
from tests.child.processes import is_gone_within
from tests.needs import needs

CHILD_MODULES = ("channel", "errors", "mailbox", "main", "messages", "parent", "roles")
WAIT_S = 20.0
ROOT = Path(__file__).resolve().parents[2]


posix = needs("posix")


def start(role: str, **environment: str) -> Child:
    return start_child(f"fake_roles:{role}", environment={**ENVIRONMENT, **environment})


def ready(role: str) -> Child:
    child = start(role)
    message = child.receive(WAIT_S)
    assert message is not None and message.kind == "ready", (message, child.printed)
    return child


def reason_of_death(child: Child) -> str:
    with child, pytest.raises(ChildGoneError) as caught:
        while child.receive(WAIT_S) is not None:
            pass
    return str(caught.value)


def test_a_child_is_another_process_that_answers() -> None:
    with ready("echo") as child:
        child.send("play", {"bar": 3}, b"\0sound")
        answer = child.receive(WAIT_S)

        assert answer is not None
        assert answer.fields == {"kind": "play", "fields": {"bar": 3}}
        assert answer.payload == b"\0sound"
        assert child.pid != os.getpid()
        assert child.poll() is None


def test_no_message_in_time_is_no_error() -> None:
    with ready("echo") as child:
        assert child.receive(0.0) is None


def test_a_child_that_is_asked_to_quit_quits() -> None:
    child = ready("echo")

    assert child.end() == 0
    assert child.end() == 0
    assert child.poll() == 0


def test_an_ended_child_says_so_to_who_talks_to_it() -> None:
    child = ready("echo")
    child.end()

    with pytest.raises(ChildGoneError, match=r"^The helper process ended by itself\.$"):
        child.receive(WAIT_S)
    with pytest.raises(ChildGoneError):
        child.send("play")


def test_what_libraries_print_never_reaches_the_pipe_but_the_report(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG), start("chatter") as child:
        first = child.receive(WAIT_S)

        assert first is not None and first.kind == "ready"
    for words in ("hello on stdout", "C code as well \ufffd", "stderr too", "program it starts"):
        assert words in child.printed
        assert words in caplog.text


def test_only_the_end_of_what_a_child_prints_is_kept() -> None:
    with ready("flood") as child:
        child.end()

        assert len(child.printed.encode()) == 64 * 1024
        assert child.printed.endswith("line 19999 of many\nthe last line\n")


def test_lines_a_child_logs_are_logged_here(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), ready("log_lines"):
        pass

    assert "INFO engine: tuned" in caplog.text
    assert "WARNING engine: a string is old" in caplog.text


@posix
@pytest.mark.parametrize(
    ("role", "reason"),
    [
        (
            "raise_error",
            "The helper process stopped with exit code 1. "
            'It last said: "RuntimeError: the strings have come off"',
        ),
        (
            "run_out_of_memory",
            'The helper process ran out of memory. It last said: "MemoryError"',
        ),
        (
            "crash",
            "The helper process crashed (signal 11, SIGSEGV). "
            'It last said: "Fatal Python error: Segmentation fault"',
        ),
        (
            "kill_itself",
            "The helper process was ended by signal 9 (SIGKILL), as happens when memory runs out.",
        ),
        ("leave", "The helper process ended by itself."),
    ],
)
def test_a_child_that_dies_says_why(role: str, reason: str) -> None:
    assert reason_of_death(start(role)) == reason


def test_a_child_without_its_function_says_so() -> None:
    assert "names no function" in reason_of_death(start("NOT_A_FUNCTION"))
    assert "ModuleNotFoundError" in reason_of_death(start_child("no_such_module:serve"))


def test_all_that_a_child_said_before_it_died_is_received() -> None:
    with start("leave") as child:
        message = child.receive(WAIT_S)

        assert message is not None and message.kind == "bye"
        with pytest.raises(ChildGoneError):
            child.receive(WAIT_S)


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ChildStartError, match='no child process "drummer", only engine'):
        start_child("drummer")


def test_a_system_that_cannot_start_a_process_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    with pytest.raises(ChildStartError, match="could not be started"):
        start("echo")


def test_gibberish_from_a_child_is_a_typed_error() -> None:
    child = start("speak_gibberish")

    with pytest.raises(ChildProtocolError):
        child.receive(WAIT_S)
    child.kill()


@posix
def test_a_busy_child_is_made_to_end() -> None:
    child = ready("busy")

    assert child.end(grace_s=0.05) == -signal.SIGTERM


@posix
def test_a_stubborn_child_is_killed() -> None:
    child = ready("stubborn")

    assert child.end(grace_s=0.05) == -signal.SIGKILL


def test_a_child_that_was_made_to_end_needs_no_other_reason() -> None:
    child = ready("echo")
    child.kill()

    assert child.was_made_to_end
    assert child.death() == "The helper process was ended by the program."
    with pytest.raises(ChildGoneError, match="was ended by the program"):
        child.receive(WAIT_S)


def test_a_child_that_quits_when_asked_was_not_made_to() -> None:
    child = ready("echo")
    child.end()

    assert not child.was_made_to_end
    assert not child.is_alive


@posix
def test_a_stopped_child_never_makes_its_parent_wait() -> None:
    child = ready("deaf")
    for _ in range(20):
        child.send("arrangement", {}, bytes(1_000_000))

    assert child.receive(0.0) is None
    assert child.end(grace_s=0.05) == -signal.SIGKILL


def test_a_child_can_be_ended_while_another_thread_waits_for_it() -> None:
    child = ready("echo")
    told: list[str] = []

    def wait() -> None:
        try:
            child.receive()
        except ChildGoneError as error:
            told.append(str(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    child.end()
    waiting.join(WAIT_S)

    assert told == ["The helper process ended by itself."]


@posix
def test_a_child_that_says_more_than_is_asked_for_can_be_ended() -> None:
    child = start("talkative")
    child.receive(WAIT_S)

    assert child.end(grace_s=0.05) == -signal.SIGTERM


def test_ctrl_c_is_left_to_the_parent() -> None:
    with start("interrupt_itself") as child:
        message = child.receive(WAIT_S)

        assert message is not None and message.kind == "survived"


def test_a_kind_handled_at_once_is_handled_while_the_child_works() -> None:
    with ready("handle_at_once") as child:
        child.send("cancel")
        answer = child.receive(WAIT_S)

        assert answer is not None and answer.kind == "cancelled"


def test_a_ping_is_heard_by_a_busy_child() -> None:
    with ready("busy") as child:
        before = child.heard_at
        child.ping()
        never = threading.Event()

        assert any(child.heard_at > before or never.wait(0.01) for _ in range(1000))
        child.kill()


def test_a_child_holds_only_the_standard_library_and_its_role() -> None:
    with start("count_modules") as child:
        message = child.receive(WAIT_S)

    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True
    )
    assert message is not None and isinstance(message.fields["names"], list)
    names = {str(name) for name in message.fields["names"]} - set(bare.stdout.split())
    ours = {name for name in names if name.startswith("acestep_desktop.")}
    strangers = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)

    assert strangers == {"__mp_main__", "acestep_desktop", "fake_roles"}
    assert ours == {
        "acestep_desktop.child",
        *(f"acestep_desktop.child.{name}" for name in CHILD_MODULES),
        "acestep_desktop.domain",
        "acestep_desktop.domain.codec",
        "acestep_desktop.domain.errors",
    }


def test_a_file_in_the_current_folder_is_not_taken_for_a_part_of_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json.py", "queue.py", "acestep_desktop.py"):
        (tmp_path / name).write_text("raise SystemExit('mine, not yours')")
    monkeypatch.chdir(tmp_path)

    with ready("echo") as child:
        assert child.poll() is None


@posix
def test_children_leave_no_threads_and_no_open_files_behind() -> None:
    def count() -> tuple[int, int]:
        gc.collect()
        return threading.active_count(), psutil.Process().num_fds()

    ready("echo").end()
    before = count()
    for _ in range(5):
        ready("echo").end()
    ready("busy").kill()

    # What other tests left may end meanwhile: there are no more than before.
    (threads, files), (most_threads, most_files) = count(), before
    assert threads <= most_threads
    assert files <= most_files


def test_many_children_live_side_by_side() -> None:
    children = [start("echo") for _ in range(6)]
    pids = {message.fields["pid"] for child in children if (message := child.receive(WAIT_S))}
    children[0].kill()
    for child in children[1:]:
        child.send("still there?")

    assert len(pids) == 6
    assert all(child.receive(WAIT_S) is not None for child in children[1:])
    assert [child.end() for child in children[1:]] == [0] * 5


ORPHANAGE = """
    import sys, threading
    from acestep_desktop.child.process import start_child
    children = [start_child("fake_roles:" + role) for role in sys.argv[1:]]
    for child in children:
        child.receive(20)
    print(*(child.pid for child in children), flush=True)
    threading.Event().wait()
"""


@pytest.mark.parametrize("ending", ["kill", "terminate"])
def test_no_child_outlives_its_parent(ending: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ORPHANAGE), "echo", "busy", "stubborn", "talkative"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([ENVIRONMENT["PYTHONPATH"], str(ROOT)])},
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        getattr(parent, ending)()
        parent.wait(WAIT_S)

    assert len(pids) == 4
    assert all(is_gone_within(pid, 2.0) for pid in pids)


@pytest.mark.parametrize("arguments", [[], ["engine"], ["engine", "not-a-number"]])
def test_a_child_started_by_hand_says_that_it_is_not_for_people(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "acestep_desktop", "--child", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )

    assert done.returncode == 2
    assert done.stderr == "--child is for the program itself: start it without.\n"


def test_a_child_for_which_no_pipe_is_left_could_not_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_left() -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(process_module, "Pipe", none_left)

    with pytest.raises(ChildStartError, match="Too many open files"):
        start("echo")
