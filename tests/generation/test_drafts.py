"""Drafts: chunks in any order become one mix, and nothing unfinished stays."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.raw import RAW_HEAD_BYTES
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.time import Frame
from acestep_desktop.generation import drafts
from acestep_desktop.generation.drafts import Draft
from acestep_desktop.generation.errors import EngineFaultError
from acestep_desktop.generation.generator import AudioChunk, Rendered, Stem
from tests.generation.fake_engines import recipe

MIX = np.arange(2000, dtype=np.float32).reshape(-1, 2) / 2000


def chunk(start: int, samples: np.ndarray) -> AudioChunk:
    return AudioChunk(0, Frame(start), samples)


def rendered(frames: int = 1000, **more: object) -> Rendered:
    made = recipe(Request(Prompt("x")))
    return Rendered(0, Frame(frames), 2, made, **more)  # type: ignore[arg-type]


def raw(samples: np.ndarray) -> bytes:
    """What lies in a file of these samples."""
    return bytes(RAW_HEAD_BYTES) + samples.tobytes()


@contextmanager
def draft_in(folder: Path, variation: int = 0) -> Iterator[Draft]:
    draft = Draft(folder, variation)
    try:
        yield draft
    finally:
        draft.discard()


def written(draft: Draft, start: int, samples: np.ndarray) -> list[tuple[int, bytes]]:
    return [(int(at), bytes(data)) for at, data in draft.write_chunk(chunk(start, samples))]


@given(order=st.permutations(range(10)), overlap=st.integers(0, 60))
def test_chunks_in_any_order_and_overlapping_make_the_same_mix(
    order: list[int], overlap: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("drafts")
    with draft_in(folder) as draft:
        for number in order:
            start = max(0, number * 100 - overlap)
            written(draft, start, MIX[start : number * 100 + 100])
        mix, _ = draft.finish(rendered())

    assert (folder / mix).read_bytes() == raw(MIX)


@pytest.mark.parametrize(
    "spans",
    [
        [],
        [(0, 999)],
        [(1, 1000)],
        [(0, 400), (401, 1000)],
        [(0, 1000), (1000, 1001)],
    ],
)
def test_chunks_that_leave_out_or_add_a_frame_are_a_fault(
    spans: list[tuple[int, int]], tmp_path: Path
) -> None:
    with draft_in(tmp_path) as draft:
        for start, end in spans:
            written(draft, start, np.zeros((end - start, 2), np.float32))

        with pytest.raises(EngineFaultError, match="did not send exactly the 1000 frames"):
            draft.finish(rendered())


def test_a_later_chunk_replaces_an_earlier_one(tmp_path: Path) -> None:
    draft = Draft(tmp_path, 0)
    written(draft, 0, np.ones((1000, 2), np.float32))
    written(draft, 0, MIX)

    assert (tmp_path / draft.finish(rendered())[0]).read_bytes() == raw(MIX)


def test_a_final_mix_shorter_than_its_chunks_is_all_there_is(tmp_path: Path) -> None:
    draft = Draft(tmp_path, 0)
    written(draft, 0, MIX)
    mix, _ = draft.finish(rendered(10, mix=MIX[:10]))

    assert (tmp_path / mix).read_bytes() == raw(MIX[:10])


def test_a_large_chunk_is_sent_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "PIECE_FRAMES", 300)
    with draft_in(tmp_path) as draft:
        pieces = written(draft, 50, MIX)

    assert [start for start, _ in pieces] == [50, 350, 650, 950]
    assert b"".join(data for _, data in pieces) == MIX.tobytes()


@pytest.mark.parametrize(
    "samples",
    [
        MIX.astype(np.float64),
        np.asfortranarray(MIX),
        MIX.astype(">f4"),
        np.repeat(MIX, 2, axis=0)[::2],
    ],
)
def test_samples_are_written_alike_whatever_their_layout(
    samples: np.ndarray, tmp_path: Path
) -> None:
    with draft_in(tmp_path) as draft:
        assert written(draft, 0, samples) == [(0, MIX.tobytes())]


def test_an_empty_chunk_is_no_chunk(tmp_path: Path) -> None:
    with draft_in(tmp_path) as draft:
        assert written(draft, 0, MIX[:0]) == []


@pytest.mark.parametrize(
    ("start", "samples", "reason"),
    [
        (0, MIX[:, 0], r"shape \(1000,\)"),
        (0, np.zeros((4, 3), np.float32), r"shape \(4, 3\)"),
        (0, np.zeros((4, 0), np.float32), r"shape \(4, 0\)"),
        (0, np.full((4, 2), np.inf, np.float32), "no numbers"),
        (0, np.full((4, 2), np.nan, np.float32), "no numbers"),
        (-1, MIX, "frame -1"),
    ],
)
def test_audio_that_cannot_be_is_a_fault(
    start: int, samples: np.ndarray, reason: str, tmp_path: Path
) -> None:
    with draft_in(tmp_path) as draft, pytest.raises(EngineFaultError, match=reason):
        written(draft, start, samples)


def test_stems_are_named_for_people_and_stored_under_plain_names(tmp_path: Path) -> None:
    draft = Draft(tmp_path, 3)
    names = ("Drums", "../../etc/passwd", "Bass & Keys/2", "", "ドラム")
    mix, stems = draft.finish(
        rendered(mix=MIX, stems=tuple(Stem(name, MIX * n) for n, name in enumerate(names)))
    )

    assert mix == "003-mix.f32"
    assert tuple(name for name, _ in stems) == names
    assert [file for _, file in stems] == [
        "003-stem-01-Drums.f32",
        "003-stem-02-etc-passwd.f32",
        "003-stem-03-Bass-Keys-2.f32",
        "003-stem-04-.f32",
        "003-stem-05-.f32",
    ]
    assert (tmp_path / stems[2][1]).read_bytes() == raw(MIX * 2)


def test_stems_that_came_before_the_take_stand_before_those_that_come_with_it(
    tmp_path: Path,
) -> None:
    draft = Draft(tmp_path, 0)
    draft.write_stem(Stem("Drums", MIX * 2))
    written(draft, 0, MIX)
    mix, stems = draft.finish(rendered(stems=(Stem("Bass", MIX * 3),)))

    assert [name for name, _ in stems] == ["Drums", "Bass"]
    assert [(tmp_path / file).read_bytes() for file in (mix, *(file for _, file in stems))] == [
        raw(MIX),
        raw(MIX * 2),
        raw(MIX * 3),
    ]


def test_a_stem_that_came_early_and_is_not_as_long_as_the_mix_is_a_fault(tmp_path: Path) -> None:
    with draft_in(tmp_path) as draft:
        draft.write_stem(Stem("Drums", MIX[:-1]))
        written(draft, 0, MIX)
        with pytest.raises(EngineFaultError, match="promised"):
            draft.finish(rendered())

    assert list(tmp_path.iterdir()) == []


def test_a_stem_that_the_disk_refuses_is_told_with_the_take(tmp_path: Path) -> None:
    with draft_in(tmp_path) as draft:
        (tmp_path / "000-stem-01-Drums.f32").mkdir()
        draft.write_stem(Stem("Drums", MIX))
        written(draft, 0, MIX)
        with pytest.raises(OSError):
            draft.finish(rendered())
        (tmp_path / "000-stem-01-Drums.f32").rmdir()


def test_what_is_discarded_is_deleted(tmp_path: Path) -> None:
    draft = Draft(tmp_path, 0)
    written(draft, 0, MIX)
    with pytest.raises(EngineFaultError):
        draft.finish(rendered(stems=(Stem("Drums", MIX), Stem("Bass", MIX[:-1]))))
    draft.discard()
    draft.discard()

    assert list(tmp_path.iterdir()) == []


def test_what_is_finished_is_kept(tmp_path: Path) -> None:
    draft = Draft(tmp_path, 0)
    draft.finish(rendered(mix=MIX, stems=(Stem("Drums", MIX),)))
    draft.discard()

    assert len(list(tmp_path.iterdir())) == 2


def test_a_draft_that_was_never_begun_leaves_nothing(tmp_path: Path) -> None:
    Draft(tmp_path, 0).discard()

    assert list(tmp_path.iterdir()) == []


def test_a_finished_draft_waits_for_no_disk_that_its_keeper_waits_for_anyway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def fsync(descriptor: int) -> None:
        begun.set()
        may_go_on.wait(30)
        ended.set()

    monkeypatch.setattr("acestep_desktop.generation.drafts.os.fsync", fsync)
    with draft_in(tmp_path) as draft:
        written(draft, 0, MIX)
        assert begun.wait(30)
        mix, _ = draft.finish(rendered())
        assert not ended.is_set()
        assert (tmp_path / mix).read_bytes() == raw(MIX)
        may_go_on.set()
