"""C libraries are kept quiet, and what we print ourselves is not."""

import os
import threading

import pytest

from acestep_desktop.audiofile.quiet import quiet_libraries


def test_what_a_library_prints_is_gone_and_what_comes_after_is_not(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with quiet_libraries():
        os.write(2, b"warning: one-frame stream\n")
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == "ours\n"


def test_an_error_in_the_block_gives_the_voice_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), quiet_libraries():
        raise KeyError
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == "ours\n"


def test_many_threads_do_not_silence_each_other_for_good(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def whisper() -> None:
        for _ in range(50):
            with quiet_libraries():
                os.write(2, b"whisper\n")

    threads = [threading.Thread(target=whisper) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == "ours\n"


def test_no_file_stays_open(capfd: pytest.CaptureFixture[str]) -> None:
    first = os.dup(0)
    os.close(first)
    for _ in range(20):
        with quiet_libraries():
            pass
    second = os.dup(0)
    os.close(second)
    assert first == second
