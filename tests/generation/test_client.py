"""The client of an engine, with a real engine process at the other end."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from acestep_desktop.child.errors import ChildError
from acestep_desktop.domain.raw import RAW_HEAD_BYTES
from acestep_desktop.domain.request import Extract, Prompt, Request
from acestep_desktop.domain.time import Frame
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.generation.errors import (
    EngineBusyError,
    EngineFaultError,
    EngineMissingError,
    UnknownEngineError,
)
from acestep_desktop.generation.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Stalled,
    Started,
    TakeDraft,
    TakeReady,
)
from acestep_desktop.generation.generator import AudioChunk, Progress
from acestep_desktop.generation.patience import JobPatience
from acestep_desktop.generation.registry import ENGINES, EngineEntry
from acestep_desktop.generation.seeds import single_requests
from tests.generation.fake_engines import (
    CHUNKS,
    ENVIRONMENT,
    FRAMES,
    IDENTITY,
    STEPS,
    music,
    recipe,
)
from tests.needs import needs

SHORT = JobPatience(silence_s=1.0, times_estimate=0.0, cancel_s=0.5, look_every_s=0.05)


def client_of(entry: str = "create", patience: JobPatience | None = None) -> EngineClient:
    return EngineClient(
        "fake", entry=f"fake_engines:{entry}", environment=ENVIRONMENT, patience=patience
    )


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineClient]:
    """One warm engine for all tests that leave it alive."""
    with client_of() as client:
        yield client


def wish(words: str = "play", **fields: object) -> Request:
    return Request(Prompt(words), **fields)  # type: ignore[arg-type]


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def drafts(events: list[Event]) -> dict[int, TakeDraft]:
    return {event.variation: event.draft for event in events if isinstance(event, TakeReady)}


def read(path: Path) -> np.ndarray:
    return np.fromfile(path, "<f4", offset=RAW_HEAD_BYTES).reshape(-1, 2)


def failure(engine: EngineClient, request: Request, folder: Path) -> Failed:
    last = list(engine.run(request, folder))[-1]
    assert isinstance(last, Failed)
    return last


def test_a_job_tells_its_whole_story_in_order(engine: EngineClient, tmp_path: Path) -> None:
    events = list(engine.run(wish(variations=2), tmp_path))

    one = ["Progress"] * STEPS + ["AudioChunk"] * CHUNKS + ["TakeReady"]
    assert kinds(events) == ["Started", *one, *one, "Finished"]
    assert [e.variation for e in events if isinstance(e, Progress)] == [0] * STEPS + [1] * STEPS
    assert Progress(0, 2 / 3, "Playing", 2, 3) in events


def test_a_take_lies_in_the_work_folder_bit_for_bit(engine: EngineClient, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "job"
    draft = drafts(list(engine.run(wish(seed=5), folder)))[0]

    assert np.array_equal(read(draft.mix), music(5))
    assert [name for name, _ in draft.stems] == ["Drums", "Bass & Keys"]
    assert np.array_equal(read(draft.stems[0][1]), music(5) * np.float32(0.25))
    assert (draft.frames, draft.channels) == (FRAMES, 2)
    assert draft.warnings == ("It is only noise.",)
    assert {path.parent for path in folder.iterdir()} == {folder}
    assert draft.mix.parent == folder


def test_chunks_are_the_mix_before_the_take_is_ready(engine: EngineClient, tmp_path: Path) -> None:
    chunks = [e for e in engine.run(wish(seed=5), tmp_path) if isinstance(e, AudioChunk)]

    assert [chunk.start for chunk in chunks] == [Frame(n * 1000) for n in range(CHUNKS)]
    assert np.array_equal(np.concatenate([chunk.samples for chunk in chunks]), music(5))


def test_a_final_mix_replaces_what_was_heard_before(engine: EngineClient, tmp_path: Path) -> None:
    draft = drafts(list(engine.run(wish("final mix", seed=5), tmp_path)))[0]

    assert np.array_equal(read(draft.mix), music(5) * np.float32(0.5))


def test_a_recipe_comes_back_whole_and_asks_for_its_take_alone(
    engine: EngineClient, tmp_path: Path
) -> None:
    takes = drafts(list(engine.run(wish(seed=5, variations=3), tmp_path)))

    assert takes[2].recipe.request == wish(seed=7)
    assert takes[2].recipe.engine == IDENTITY
    assert takes[2].recipe.parts[0].notes[0].pitch == 40
    assert takes[2].recipe.markers[0].name == "A"


@pytest.mark.parametrize("words", ["planned", "planned otherwise"])
def test_a_recipe_that_was_told_early_is_that_of_its_take(
    engine: EngineClient, tmp_path: Path, words: str
) -> None:
    events = list(engine.run(wish(words, seed=5, variations=2), tmp_path))

    assert [drafts(events)[n].recipe for n in (0, 1)] == [
        recipe(single) for single in single_requests(wish(words, seed=5, variations=2))
    ]


def test_a_variation_is_the_same_alone_and_among_others(
    engine: EngineClient, tmp_path: Path
) -> None:
    together = drafts(list(engine.run(wish(seed=5, variations=3), tmp_path / "together")))
    alone = drafts(list(engine.run(wish(seed=7), tmp_path / "alone")))

    assert together[2].mix.read_bytes() == alone[0].mix.read_bytes()
    assert together[2].recipe == alone[0].recipe


def test_an_engine_gives_way_to_everybody_else(engine: EngineClient, tmp_path: Path) -> None:
    list(engine.run(wish(), tmp_path))

    children = psutil.Process().children(recursive=True)
    (process, *_) = [child for child in children if "engine" in child.cmdline()]
    assert process.nice() > psutil.Process().nice() or process.nice() == 19


def test_jobs_follow_each_other_on_one_warm_engine(engine: EngineClient, tmp_path: Path) -> None:
    pids = set()
    for number in range(3):
        events = list(engine.run(wish(seed=number), tmp_path / str(number)))
        pids.add(engine.pid)
        assert isinstance(events[-1], Finished)
        assert events[-1].seconds > 0
        assert events[-1].peak_bytes > 10_000_000

    assert len(pids) == 1


def test_the_engine_says_who_it_is_and_what_it_can_do(engine: EngineClient) -> None:
    assert engine.identity() == IDENTITY
    assert engine.abilities().caches == ("text",)
    assert engine.estimate(wish()).peak_bytes == 1_000_000


def test_what_an_engine_cannot_do_is_refused_in_its_words(
    engine: EngineClient, tmp_path: Path
) -> None:
    refused = failure(engine, wish(task=Extract("song.wav", "drums")), tmp_path)

    assert refused == Failed(
        "This engine cannot take music apart: use another one.", refused.detail
    )


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("refuse", "This engine knows no polka: ask for a waltz."),
        (
            "fail",
            "The engine met an error that nobody expected "
            "(ValueError: the strings have come off): try another seed.",
        ),
        (
            "no memory",
            "There was not enough memory for this: close other programs, "
            "or ask for something shorter or for fewer variations.",
        ),
        ("full disk", "The disk is full: free some space and try again."),
        ("unestimable", "Nobody knows how long that takes: ask for something else."),
        ("no takes", "The engine stopped before 1 of 1 takes were done"),
        ("flat", r"made audio of shape (8000,)"),
        ("mono", "changed from 2 to 1 channels"),
        ("nan", "samples that are no numbers"),
        ("nan stem", "samples that are no numbers"),
        ("short stem", "made audio of shape (3999, 2) where it promised (4000, 2)"),
        ("too long", "did not send exactly the 4001 frames of its mix"),
        ("twice", "spoke of variation 1, which is not being made"),
        ("afterthought", "spoke of variation 1, which is not being made"),
        ("ghost", "spoke of variation 100, which is not being made"),
    ],
)
def test_a_job_that_goes_wrong_says_why_and_the_next_one_is_right(
    engine: EngineClient, tmp_path: Path, words: str, reason: str
) -> None:
    before = engine.pid
    failed = failure(engine, wish(words), tmp_path / "wrong")
    events = list(engine.run(wish(), tmp_path / "right"))

    assert reason in failed.reason
    assert "Traceback" not in failed.reason and "\n" not in failed.reason
    assert isinstance(events[-1], Finished)
    assert engine.pid == before or before is None


def test_an_unexpected_error_has_its_traceback_for_the_log(
    engine: EngineClient, tmp_path: Path
) -> None:
    assert "ValueError: the strings" in failure(engine, wish("fail"), tmp_path).detail


def test_takes_that_were_ready_survive_a_later_failure(
    engine: EngineClient, tmp_path: Path
) -> None:
    events = list(engine.run(wish("fail in variation 1", seed=5, variations=3), tmp_path))

    assert isinstance(events[-1], Failed)
    assert set(drafts(events)) == {0}
    assert np.array_equal(read(drafts(events)[0].mix), music(5))
    assert len(list(tmp_path.iterdir())) == 3  # a mix and two stems; nothing unfinished


def test_what_a_library_prints_does_no_harm(engine: EngineClient, tmp_path: Path) -> None:
    assert kinds(list(engine.run(wish("chatter"), tmp_path)))[-1] == "Finished"


PLACES = [f"step {n}" for n in range(1, STEPS + 1)] + [f"chunk {n}" for n in range(CHUNKS)]


@pytest.mark.parametrize("place", PLACES)
def test_a_job_can_be_cancelled_wherever_it_is(
    engine: EngineClient, tmp_path: Path, place: str
) -> None:
    run = engine.run(wish(f"wait at {place}", variations=3), tmp_path)
    seen = 1 + (PLACES.index(place) + 1)
    events = [next(run) for _ in range(seen)]
    canceller = threading.Thread(target=engine.cancel)
    canceller.start()
    events += list(run)
    canceller.join()

    assert kinds(events)[-1] == "Cancelled"
    assert kinds(events).count("TakeReady") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_engine_is_warm_for_the_next_job(engine: EngineClient, tmp_path: Path) -> None:
    before = engine.pid
    run = engine.run(wish("wait at step 2"), tmp_path)
    next(run)
    run.cancel()

    assert kinds(list(run))[-1] == "Cancelled"
    assert kinds(list(engine.run(wish(), tmp_path)))[-1] == "Finished"
    assert engine.pid == before or before is None


def test_a_job_cancelled_before_it_began_never_begins(engine: EngineClient, tmp_path: Path) -> None:
    run = engine.run(wish(), tmp_path / "job")
    run.cancel()

    assert list(run) == [Cancelled()]
    assert not (tmp_path / "job").exists()


def test_a_cancel_between_jobs_is_for_no_job(engine: EngineClient, tmp_path: Path) -> None:
    list(engine.run(wish(), tmp_path))
    engine.cancel()

    assert kinds(list(engine.run(wish(), tmp_path)))[-1] == "Finished"


@pytest.mark.parametrize("place", PLACES)
def test_an_iterator_closed_early_cancels_its_job(
    engine: EngineClient, tmp_path: Path, place: str
) -> None:
    run = engine.run(wish(f"wait at {place}", variations=3), tmp_path / "closed")
    for _ in range(1 + PLACES.index(place)):
        next(run)
    run.close()

    assert list(run) == []
    assert list((tmp_path / "closed").iterdir()) == []
    assert kinds(list(engine.run(wish(), tmp_path / "next")))[-1] == "Finished"


@pytest.mark.parametrize("seen", range(1, 1 + STEPS + CHUNKS))
def test_an_iterator_closed_anywhere_leaves_whole_takes_or_nothing(
    engine: EngineClient, tmp_path: Path, seen: int
) -> None:
    run = engine.run(wish(variations=8), tmp_path)
    for _ in range(seen):
        next(run)
    run.close()
    files = list(tmp_path.iterdir())

    assert len(files) % 3 == 0
    assert {file.stat().st_size for file in files} <= {RAW_HEAD_BYTES + FRAMES * 8}


def test_a_loop_that_is_left_lets_the_engine_go(engine: EngineClient, tmp_path: Path) -> None:
    for event in engine.run(wish(variations=8), tmp_path):
        if isinstance(event, TakeReady):
            break

    assert kinds(list(engine.run(wish(), tmp_path)))[-1] == "Finished"


@needs("posix")
def test_ctrl_c_cancels_the_job_and_leaves_the_engine_warm(
    engine: EngineClient, tmp_path: Path
) -> None:
    list(engine.run(wish(), tmp_path / "before"))
    warm = engine.pid
    run = engine.run(wish("wait at step 2"), tmp_path / "job")
    next(run)
    ctrl_c = threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGINT))

    with pytest.raises(KeyboardInterrupt), closing(run):
        ctrl_c.start()
        list(run)
    ctrl_c.join()
    assert kinds(list(engine.run(wish(), tmp_path / "after")))[-1] == "Finished"
    assert engine.pid == warm


def test_an_engine_does_one_job_at_a_time(engine: EngineClient, tmp_path: Path) -> None:
    run = engine.run(wish("wait at step 1"), tmp_path)
    next(run)

    with pytest.raises(EngineBusyError, match="busy"):
        next(engine.run(wish(), tmp_path))
    with pytest.raises(EngineBusyError):
        engine.estimate(wish())
    with pytest.raises(EngineBusyError):
        engine.unload()
    run.close()


def test_an_engine_unloads_when_asked(engine: EngineClient, tmp_path: Path) -> None:
    list(engine.run(wish(), tmp_path))
    loaded = engine.estimate(wish()).reason
    engine.unload()

    assert (loaded, engine.estimate(wish()).reason) == ("loaded", "")


def test_a_question_that_an_engine_cannot_answer_is_an_error(engine: EngineClient) -> None:
    with pytest.raises(EngineFaultError, match="Nobody knows how long"):
        engine.estimate(wish("unestimable"))


def test_a_work_folder_that_cannot_be_made_is_said(engine: EngineClient, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    failed = failure(engine, wish(), tmp_path / "file" / "job")

    assert failed.reason.startswith(f"The folder {tmp_path / 'file' / 'job'} for new audio cannot")


@needs("posix")
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (
            "die",
            "The music engine was ended by signal 9 (SIGKILL), as happens when memory runs out.",
        ),
        ("crash", "The music engine crashed (signal 11, SIGSEGV)."),
        ("exit", "The music engine stopped with exit code 3."),
    ],
)
def test_an_engine_that_dies_fails_its_job_and_the_next_has_a_new_one(
    tmp_path: Path, words: str, reason: str
) -> None:
    with client_of() as engine:
        events = list(engine.run(wish(f"{words} in variation 1", variations=2), tmp_path / "a"))
        old = engine.pid
        again = list(engine.run(wish(), tmp_path / "b"))
        new = engine.pid

    assert isinstance(events[-1], Failed)
    assert events[-1].reason.startswith(reason)
    assert events[-1].reason.endswith("Try again: a new engine is started.")
    assert set(drafts(events)) == {0} and drafts(events)[0].mix.exists()
    assert kinds(again)[-1] == "Finished"
    assert old != new


@needs("posix")
def test_an_engine_killed_from_outside_is_replaced(tmp_path: Path) -> None:
    with client_of() as engine:
        run = engine.run(wish("wait at chunk 1"), tmp_path / "a")
        next(run)
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        events = list(run)
        again = list(engine.run(wish(), tmp_path / "b"))

    assert isinstance(events[-1], Failed) and "signal 9" in events[-1].reason
    assert kinds(again)[-1] == "Finished"


@needs("posix")
def test_an_engine_that_died_between_jobs_is_replaced_in_silence(tmp_path: Path) -> None:
    with client_of() as engine:
        list(engine.run(wish(), tmp_path / "a"))
        assert engine._process is not None
        engine._process.child._process.kill()
        engine._process.child._process.wait()

        assert kinds(list(engine.run(wish(), tmp_path / "b")))[-1] == "Finished"


@needs("posix")
def test_a_warm_engine_that_dies_as_a_job_begins_is_replaced_once(tmp_path: Path) -> None:
    with client_of() as engine:
        list(engine.run(wish(), tmp_path / "a"))
        warm = engine.pid
        events = list(engine.run(wish("die at once"), tmp_path / "b"))
        replaced = engine.pid
        again = list(engine.run(wish(), tmp_path / "c"))

    assert kinds(events) == ["Failed"] and "signal 9" in events[0].reason
    assert warm != replaced
    assert kinds(again)[-1] == "Finished"


@needs("posix")
def test_an_engine_killed_a_moment_before_a_job_is_replaced(tmp_path: Path) -> None:
    with client_of() as engine:
        for number in range(5):
            list(engine.run(wish(), tmp_path / f"before {number}"))
            assert engine.pid is not None
            os.kill(engine.pid, signal.SIGKILL)
            events = list(engine.run(wish(), tmp_path / f"after {number}"))

            assert kinds(events)[-1] == "Finished"


@needs("posix")
@pytest.mark.parametrize("words", ["stop", "sit still", "spin"])
def test_an_engine_that_hangs_is_warned_about_then_ended(tmp_path: Path, words: str) -> None:
    with client_of(patience=SHORT) as engine:
        events = list(engine.run(wish(words), tmp_path / "a"))
        again = list(engine.run(wish(), tmp_path / "b"))

    assert kinds(events)[-2:] == ["Stalled", "Failed"]
    assert isinstance(events[-2], Stalled) and 0.4 <= events[-2].silent_s <= 1.0
    assert isinstance(events[-1], Failed)
    assert "said nothing for 1 s and was ended" in events[-1].reason
    assert kinds(again)[-1] == "Finished"


@needs("posix")
@pytest.mark.parametrize("words", ["stop", "sit still", "spin"])
def test_an_engine_that_does_not_cancel_is_made_to(tmp_path: Path, words: str) -> None:
    patience = JobPatience(cancel_s=0.1, look_every_s=0.05)
    with client_of(patience=patience) as engine:
        run = engine.run(wish(words), tmp_path / "a")
        while not isinstance(next(run), AudioChunk):
            pass
        run.cancel()
        events = list(run)
        again = list(engine.run(wish(), tmp_path / "b"))

    assert kinds(events)[-1] == "Cancelled"
    assert kinds(again)[-1] == "Finished"


@needs("posix")
def test_an_iterator_of_a_hung_engine_can_be_closed(tmp_path: Path) -> None:
    with client_of(patience=SHORT) as engine:
        run = engine.run(wish("stop"), tmp_path / "a")
        next(run)
        run.close()

        assert kinds(list(engine.run(wish(), tmp_path / "b")))[-1] == "Finished"


@needs("posix")
@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("create_broken", "an error that nobody expected (ImportError: no module named strings)"),
        ("create_dying", "was ended by signal 9"),
        ("no_such_function", '"fake_engines:no_such_function" names no function.'),
    ],
)
def test_an_engine_that_cannot_be_opened_fails_the_job(
    tmp_path: Path, entry: str, reason: str
) -> None:
    with client_of(entry) as engine:
        first = failure(engine, wish(), tmp_path)
        second = failure(engine, wish(), tmp_path)

    assert reason in first.reason and reason in second.reason


def test_an_engine_that_is_stuck_while_it_opens_is_ended(tmp_path: Path) -> None:
    patience = JobPatience(opening_s=0.5, look_every_s=0.05)
    with client_of("create_stuck", patience) as engine:
        events = list(engine.run(wish(), tmp_path))

    assert kinds(events) == ["Stalled", "Failed"]


def test_a_job_can_be_cancelled_while_its_engine_opens(tmp_path: Path) -> None:
    patience = JobPatience(opening_s=2.0, look_every_s=0.05)
    with client_of("create_stuck", patience) as engine:
        run = engine.run(wish(), tmp_path)
        first = next(run)
        run.cancel()

        assert isinstance(first, Stalled)
        assert list(run) == [Cancelled()]


def test_closing_the_client_cancels_and_ends_the_engine(tmp_path: Path) -> None:
    engine = client_of()
    run = engine.run(wish("wait at step 2"), tmp_path)
    started = next(run)
    closer = threading.Thread(target=engine.close)
    closer.start()
    events = list(run)
    closer.join()

    assert isinstance(started, Started)
    assert kinds(events)[-1] == "Cancelled"
    assert engine._process is not None and not engine._process.child.is_alive


def test_a_closed_client_can_be_used_again(tmp_path: Path) -> None:
    engine = client_of()
    engine.close()
    first = list(engine.run(wish(), tmp_path / "a"))
    engine.close()
    with engine:
        second = list(engine.run(wish(), tmp_path / "b"))

    assert kinds(first)[-1] == kinds(second)[-1] == "Finished"


def test_no_engine_is_started_before_it_is_needed(tmp_path: Path) -> None:
    with client_of() as engine:
        engine.run(wish(), tmp_path)
        engine.unload()

        assert engine.pid is None


def test_engines_that_are_not_there_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "choir", EngineEntry("choir", "Choir", "breath", None))
    with pytest.raises(UnknownEngineError):
        EngineClient("orchestra")
    with pytest.raises(EngineMissingError):
        EngineClient("choir")


def test_an_engine_that_cannot_be_ended_does_not_keep_the_program_from_closing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def end(grace_s: float) -> int:
        raise ChildError("The engine cannot be ended: restart the computer.")

    client = EngineClient("sketch")
    client._process = SimpleNamespace(child=SimpleNamespace(end=end))  # type: ignore[assignment]

    client.close()

    assert "restart the computer" in caplog.text


def test_an_engine_gets_the_environment_that_the_registry_has_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Without it the process would not find where the engine lies.
    entry = EngineEntry("choir", "Choir", "breath", "fake_engines:create", ENVIRONMENT)
    monkeypatch.setitem(ENGINES, "choir", entry)
    with EngineClient("choir") as client:
        assert client.identity() == IDENTITY
