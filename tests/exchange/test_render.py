"""Rendered files: what they hold, how long they are, and what they say of themselves."""

import itertools
import os
import struct
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import wavinfo
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.audiofile.errors import AudioFileError, NameTakenError, RefusedAudioError
from acestep_desktop.audiofile.wav import read_wav_metadata
from acestep_desktop.domain.clip import Clip, Fade
from acestep_desktop.domain.edits import add_clip, add_media, add_track, change_track
from acestep_desktop.domain.errors import InvalidValueError, UserError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.project import Master, Media, Project
from acestep_desktop.domain.recipe import Music, TakeId
from acestep_desktop.domain.tempo import MeterChange, TempoChange, TempoMap, frames_of_bars
from acestep_desktop.domain.time import Frame, Meter, Tick
from acestep_desktop.dsp.arrangement import compile_project
from acestep_desktop.dsp.bounce import bounce
from acestep_desktop.exchange.render import (
    RenderCancelledError,
    RenderError,
    RenderFormat,
    Span,
    music_in,
    render_mix,
    render_stems,
    sources_of,
    span_of,
)
from acestep_desktop.exchange.stem_folder import WRITTEN
from tests.disks import fill, read_only, size_limit, small_disk
from tests.needs import needs

Samples = npt.NDArray[np.float32]

TAKE_FRAMES = 48_000
TAKES = tuple(TakeId(name) for name in ("one", "two", "three"))
SOUNDS: dict[TakeId, Samples] = {
    take: np.random.default_rng(number).uniform(-0.7, 0.7, (TAKE_FRAMES, 2)).astype(np.float32)
    for number, take in enumerate(TAKES)
}
QUARTER = 960_000
BAR = 4 * QUARTER
FLOAT = RenderFormat(depth="32f")


def empty(bpm: float = 120.0, meter: Meter | None = None) -> Project:
    """A project that knows all takes and has no track."""
    project = Project(
        name="Song",
        tempo=TempoMap.steady(bpm, meter or Meter()),
        master=Master(limiter=False),
    )
    for take in TAKES:
        project = add_media(project, Media(take, f"{take}.wav", Frame(TAKE_FRAMES), 2))
    return project


def with_clip(
    project: Project, name: str, take: TakeId = TAKES[0], start: int = 0, length: int = TAKE_FRAMES
) -> Project:
    """Put a clip on a new track."""
    project = add_track(project, name)
    clip = Clip.of_take(take, Tick(start), Frame(length))
    return add_clip(project, project.tracks[-1].track_id, clip)


@pytest.fixture
def song() -> Project:
    """Two tracks: a second from bar 1, half a second from bar 2; two bars at 120 bpm."""
    project = with_clip(empty(), "Drums")
    return with_clip(project, "Bass", TAKES[1], BAR, 24_000)


def read(path: Path) -> Samples:
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def heard(project: Project, span: Span) -> Samples:
    """Return what is heard, block by block, without any file."""
    blocks = bounce(compile_project(project), SOUNDS, span.start, span.end)
    return np.concatenate([block.copy() for block in blocks])


tracks = st.lists(
    st.tuples(
        st.sampled_from(TAKES),
        st.integers(0, 2 * BAR),
        st.integers(400, TAKE_FRAMES),
        st.floats(-30.0, 6.0),
        st.floats(-1.0, 1.0),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=30)
@given(tracks, st.floats(-12.0, 6.0))
def test_the_files_of_the_stems_sum_to_the_mix_before_the_limiter(
    tmp_path_factory: pytest.TempPathFactory,
    tracks: list[tuple[TakeId, int, int, float, float, bool, bool]],
    master_db: float,
) -> None:
    project = replace(empty(), master=Master(gain_db=master_db, limiter=False))
    for number, (take, start, length, gain_db, pan, muted, soloed) in enumerate(tracks):
        project = with_clip(project, f"Track {number}", take, start, length)
        fader = {"gain_db": gain_db, "pan": pan, "muted": muted, "soloed": soloed}
        last = project.tracks[-1].track_id
        project = change_track(project, last, lambda t, fader=fader: replace(t, **fader))
    folder = tmp_path_factory.mktemp("stems")
    span = span_of(project)
    render_mix(project, SOUNDS, folder / "mix.wav", span, FLOAT)
    stems = render_stems(project, SOUNDS, folder / "stems", span, FLOAT)
    whole = np.sum([read(stem).astype(np.float64) for stem in stems], axis=0)
    assert np.abs(whole - read(folder / "mix.wav")).max() <= 1e-6


def test_stems_are_taken_before_the_limiter(song: Project, tmp_path: Path) -> None:
    loud = replace(song, master=Master(gain_db=12.0, limiter=True))
    span = span_of(loud)
    render_mix(loud, SOUNDS, tmp_path / "mix.wav", span, FLOAT)
    stems = render_stems(loud, SOUNDS, tmp_path / "stems", span, FLOAT)
    assert np.abs(read(tmp_path / "mix.wav")).max() <= 1.0
    assert max(np.abs(read(stem)).max() for stem in stems) > 1.5


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.wav"))


def test_the_stem_of_a_track_that_was_removed_goes_with_the_next_render(
    song: Project, tmp_path: Path
) -> None:
    span = span_of(song)
    render_stems(song, SOUNDS, tmp_path, span, FLOAT)
    assert names_in(tmp_path) == ["01 Drums.wav", "02 Bass.wav"]
    shorter = replace(song, tracks=song.tracks[1:])
    stems = render_stems(shorter, SOUNDS, tmp_path, span, FLOAT)
    assert names_in(tmp_path) == [path.name for path in stems] == ["01 Bass.wav"]


def test_what_others_put_among_the_stems_or_changed_stays(song: Project, tmp_path: Path) -> None:
    span = span_of(song)
    (tmp_path / "02 Mine.wav").write_bytes(b"mine")
    render_stems(song, SOUNDS, tmp_path, span, FLOAT)
    with (tmp_path / "01 Drums.wav").open("ab") as file:
        file.write(b"a marker of another program")
    render_stems(replace(song, tracks=()), SOUNDS, tmp_path, span, FLOAT)
    assert names_in(tmp_path) == ["01 Drums.wav", "02 Mine.wav"]


def test_the_stems_of_another_song_stay(song: Project, tmp_path: Path) -> None:
    span = span_of(song)
    render_stems(song, SOUNDS, tmp_path, span, FLOAT)
    other = replace(song, name="Other", tracks=song.tracks[1:])
    render_stems(other, SOUNDS, tmp_path, span, FLOAT)
    assert names_in(tmp_path) == ["01 Bass.wav", "01 Drums.wav", "02 Bass.wav"]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b'{"song":"Song","files":[{"name":"../outside.wav","size":4,"modified":0}]}',
        b'{"song":"Song","files":[{"name":"..","size":4,"modified":0}]}',
        b'{"song":"Song","files":[{"name":"outside.wav"}]}',
    ],
)
def test_a_note_of_earlier_stems_that_is_damaged_removes_nothing(
    song: Project, tmp_path: Path, said: bytes
) -> None:
    outside, folder = tmp_path / "outside.wav", tmp_path / "stems"
    folder.mkdir()
    outside.write_bytes(b"mine")
    os.utime(outside, ns=(0, 0))
    (folder / WRITTEN).write_bytes(said)
    render_stems(song, SOUNDS, folder, span_of(song), FLOAT)
    assert outside.read_bytes() == b"mine"
    assert names_in(folder) == ["01 Drums.wav", "02 Bass.wav"]


def test_a_render_that_is_called_off_takes_nothing_away(song: Project, tmp_path: Path) -> None:
    span = span_of(song)
    render_stems(song, SOUNDS, tmp_path, span, FLOAT)

    def call_off(fraction: float) -> None:
        raise RenderCancelledError("The export was cancelled.")

    with pytest.raises(RenderCancelledError):
        render_stems(
            replace(song, tracks=song.tracks[1:]), SOUNDS, tmp_path, span, FLOAT, told=call_off
        )
    assert names_in(tmp_path) == ["01 Drums.wav", "02 Bass.wav"]


def test_a_float_file_is_what_is_heard_bit_for_bit(song: Project, tmp_path: Path) -> None:
    span = span_of(song)
    render_mix(song, SOUNDS, tmp_path / "mix.wav", span, FLOAT)
    assert np.array_equal(read(tmp_path / "mix.wav"), heard(song, span))


@pytest.mark.parametrize(("depth", "error"), [("16", 2.5 / 2**15), ("24", 1.0 / 2**23)])
def test_integer_files_are_as_close_as_their_bits(
    song: Project, tmp_path: Path, depth: str, error: float
) -> None:
    span = span_of(song)
    render_mix(song, SOUNDS, tmp_path / "mix.wav", span, RenderFormat(depth=depth))
    difference = np.abs(read(tmp_path / "mix.wav") - heard(song, span)).max()
    assert 0 < difference <= error


def test_flac_is_the_24_bits_of_the_wav(song: Project, tmp_path: Path) -> None:
    span = span_of(song)
    render_mix(song, SOUNDS, tmp_path / "mix.wav", span)
    render_mix(song, SOUNDS, tmp_path / "mix.flac", span)
    wav, flac = (
        soundfile.read(tmp_path / name, dtype="int32")[0] for name in ("mix.wav", "mix.flac")
    )
    assert np.abs(wav.astype(np.int64) - flac).max() <= 2**8


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 88_200, 96_000, 192_000])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_the_length_is_exact_at_every_rate(
    song: Project, tmp_path: Path, rate: int, suffix: str
) -> None:
    path = tmp_path / f"mix{suffix}"
    frames = render_mix(song, SOUNDS, path, span_of(song), RenderFormat(rate))
    info = soundfile.info(path)
    assert (info.samplerate, info.frames) == (rate, frames)
    assert frames == 4 * rate


@pytest.mark.parametrize("bpm", [20.0, 61.7, 97.0, 124.0, 133.33, 174.0, 300.0, 999.0])
def test_a_range_of_bars_has_the_frames_of_its_bars(tmp_path: Path, bpm: float) -> None:
    project = with_clip(empty(bpm), "Drums")
    span = span_of(project, "2", "4")
    frames = render_mix(project, SOUNDS, tmp_path / "mix.wav", span, FLOAT)
    assert abs(frames - 2 * 4 * 60 / bpm * 48_000) <= 1


@settings(max_examples=40)
@given(st.floats(20, 999), st.sampled_from(["4/4", "3/4", "6/8", "7/8", "5/4"]), st.integers(1, 9))
def test_adjoining_ranges_share_no_frame_and_miss_none(bpm: float, meter: str, bars: int) -> None:
    project = empty(bpm, Meter.parse(meter))
    spans = [span_of(project, str(bar), str(bar + 1)) for bar in range(1, bars + 2)]
    for before, after in itertools.pairwise(spans):
        assert before.end == after.start


def test_ranges_joined_are_the_whole(song: Project, tmp_path: Path) -> None:
    pieces = []
    for start, end in (("1", "1.3"), ("1.3", "2.2.480"), ("2.2.480", "3")):
        render_mix(song, SOUNDS, tmp_path / "piece.wav", span_of(song, start, end), FLOAT)
        pieces.append(read(tmp_path / "piece.wav"))
    assert np.array_equal(np.concatenate(pieces), heard(song, span_of(song)))


@pytest.mark.parametrize(
    ("length", "bars"), [(1, 1), (95_999, 1), (96_000, 1), (96_002, 2), (192_000, 2)]
)
def test_without_a_range_it_ends_on_the_next_bar_line(length: int, bars: int) -> None:
    long_take = Media(TakeId("long"), "long.wav", Frame(192_000), 2)
    project = with_clip(add_media(empty(), long_take), "Drums", TakeId("long"), 0, length)
    assert span_of(project) == Span(Frame(0), Frame(bars * 96_000))


@pytest.mark.parametrize("bpm", [97.0, 124.0, 133.33, 174.0])
def test_takes_of_whole_bars_in_a_row_end_on_their_last_bar_line(bpm: float) -> None:
    frames = frames_of_bars(8, Meter(), bpm)
    project = add_media(empty(bpm), Media(TakeId("loop"), "loop.wav", frames, 2))
    for number in range(12):
        project = with_clip(project, "Loop", TakeId("loop"), 8 * number * BAR, frames)
        assert span_of(project).end == project.tempo.frame_at(8 * (number + 1) * BAR)


@pytest.mark.parametrize(
    ("start", "end"), [("3", "3"), ("4", "2"), (None, "1"), ("9", None), ("1.2", "1.1")]
)
def test_a_range_without_a_frame_is_refused(
    song: Project, start: str | None, end: str | None
) -> None:
    with pytest.raises(RenderError, match="nothing to render"):
        span_of(song, start, end)


@pytest.mark.parametrize("text", ["0", "-1", "bar", "1.0", "", " ", "1.1.1.1", "1e3"])
def test_what_is_no_position_is_a_sentence(song: Project, text: str) -> None:
    if not text:
        assert span_of(song, text) == span_of(song)
        return
    with pytest.raises(InvalidValueError) as caught:
        span_of(song, text, "99")
    assert str(caught.value)


def test_an_empty_project_has_nothing_to_render() -> None:
    with pytest.raises(RenderError, match="needs a clip"):
        span_of(empty())


def test_behind_the_last_clip_there_is_silence(song: Project, tmp_path: Path) -> None:
    render_mix(song, SOUNDS, tmp_path / "mix.wav", span_of(song, "10", "11"), FLOAT)
    sound = read(tmp_path / "mix.wav")
    assert len(sound) == 96_000 and not np.any(sound)


def test_a_range_keeps_fades_where_they_were(song: Project, tmp_path: Path) -> None:
    track = song.tracks[0]
    faded = replace(track.clips[0], fade_in=Fade(Frame(40_000)))
    project = change_track(song, track.track_id, lambda t: replace(t, clips=(faded,)))
    render_mix(project, SOUNDS, tmp_path / "part.wav", span_of(project, "1.2", "2"), FLOAT)
    whole = heard(project, span_of(project))
    assert np.array_equal(read(tmp_path / "part.wav"), whole[24_000:96_000])


def wav_facts(path: Path) -> tuple[dict[str, object], bytes]:
    """Return the title, read by a parser that is not ours, and all bytes."""
    info = wavinfo.WavInfoReader(str(path), info_encoding="utf-8")
    facts: dict[str, object] = {"title": info.info.title if info.info else None}
    return facts, path.read_bytes()


def acid_of(data: bytes) -> tuple[float, int, int]:
    """Return tempo, beats and denominator as the ACID chunk says them."""
    at = data.index(b"acid") + 8
    beats, denominator = struct.unpack_from("<IH", data, at + 12)
    return struct.unpack_from("<f", data, at + 20)[0], beats, denominator


@pytest.mark.parametrize("depth", ["16", "24", "32f"])
def test_title_and_tempo_ride_in_the_file(song: Project, tmp_path: Path, depth: str) -> None:
    path = tmp_path / "mix.wav"
    render_mix(song, SOUNDS, path, span_of(song), RenderFormat(depth=depth))
    facts, data = wav_facts(path)
    assert facts["title"] == "Song"
    tempo, beats, denominator = acid_of(data)
    assert (tempo, beats, denominator) == (120.0, 8, 4)


def test_stems_are_titled_after_song_and_track(song: Project, tmp_path: Path) -> None:
    stems = render_stems(song, SOUNDS, tmp_path, span_of(song))
    assert [wav_facts(stem)[0]["title"] for stem in stems] == ["Song – Drums", "Song – Bass"]


@pytest.mark.parametrize("bpm", [20.0, 61.7, 85.0, 97.0, 110.0, 124.0, 133.33, 174.0, 300.0, 999.0])
@pytest.mark.parametrize(
    ("start", "end", "bars"),
    [("1", "3", 2), ("2", "3", 1), ("4", "7", 3), ("1", "2.3", None), ("1", "1.2", None)],
)
def test_a_loop_says_its_bars_and_anything_else_says_none(
    bpm: float, start: str, end: str, bars: int | None
) -> None:
    project = replace(empty(bpm), key=Key("A", "minor"))
    music = music_in(project, span_of(project, start, end))
    assert music == Music(bpm, Key("A", "minor"), Meter(), bars)


@pytest.mark.parametrize("bpm", [120.0, 174.0])
def test_the_bars_of_a_loop_are_read_again_from_its_file(tmp_path: Path, bpm: float) -> None:
    project = with_clip(empty(bpm), "Drums")
    path = tmp_path / "loop.wav"
    frames = render_mix(project, SOUNDS, path, span_of(project, "1", "3"), FLOAT)
    music = read_wav_metadata(path)[1].music(frames)
    assert (music.bars, music.bpm) == (2, bpm)


@pytest.mark.parametrize("bpm", [97.0, 133.33, 174.0])
def test_up_to_a_change_and_from_it_on_the_tempo_is_known(bpm: float) -> None:
    changes = (TempoChange(Tick(0), bpm), TempoChange(Tick(8 * BAR), 91.0))
    meters = (MeterChange(Tick(0), Meter()), MeterChange(Tick(8 * BAR), Meter(3, 4)))
    project = replace(empty(), tempo=TempoMap(changes, meters))
    before, behind = span_of(project, "1", "9"), span_of(project, "9", "13")
    assert music_in(project, before) == Music(bpm, None, Meter(), 8)
    assert music_in(project, behind) == Music(91.0, None, Meter(3, 4), 4)


def test_where_the_tempo_changes_no_single_tempo_is_claimed(tmp_path: Path) -> None:
    tempo = TempoMap((TempoChange(Tick(0), 120.0), TempoChange(Tick(BAR), 90.0)))
    project = replace(with_clip(empty(), "Drums", TAKES[0], BAR), tempo=tempo)
    path = tmp_path / "mix.wav"
    render_mix(project, SOUNDS, path, span_of(project), FLOAT)
    assert b"acid" not in path.read_bytes()
    render_mix(project, SOUNDS, path, span_of(project, "2", "3"), FLOAT)
    assert acid_of(path.read_bytes())[0] == 90.0


def test_where_the_meter_changes_bars_have_their_own_length(tmp_path: Path) -> None:
    meters = (MeterChange(Tick(0), Meter(3, 4)), MeterChange(Tick(6 * QUARTER), Meter(4, 4)))
    project = with_clip(empty(), "Drums", TAKES[0], 6 * QUARTER)
    project = replace(project, tempo=replace(project.tempo, meters=meters))
    assert span_of(project, "1", "3") == Span(Frame(0), Frame(6 * 24_000))
    assert span_of(project, "3", "4") == Span(Frame(6 * 24_000), Frame(10 * 24_000))


@needs("sox")
@pytest.mark.parametrize(("depth", "precision"), [("16", "16-bit"), ("24", "24-bit")])
@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_other_programs_read_what_is_written(
    song: Project, tmp_path: Path, depth: str, precision: str, rate: int
) -> None:
    path = tmp_path / "mix.wav"
    frames = render_mix(song, SOUNDS, path, span_of(song), RenderFormat(rate, depth))
    told = subprocess.run(["sox", "--info", path], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert precision in told.stdout and str(rate) in told.stdout
    assert f"{frames} samples" in told.stdout


@pytest.mark.parametrize("name", ["mix", "mix.mp3", "mix.aiff", "mix.wav.tmp", ".wav"])
def test_other_formats_are_refused_before_anything_is_written(
    song: Project, tmp_path: Path, name: str
) -> None:
    with pytest.raises(RenderError, match=r"\.wav or \.flac"):
        render_mix(song, SOUNDS, tmp_path / "new" / name, span_of(song))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("depth", ["16", "32f"])
def test_flac_has_24_bits_and_no_others(song: Project, tmp_path: Path, depth: str) -> None:
    with pytest.raises(RenderError, match="24"):
        render_mix(song, SOUNDS, tmp_path / "mix.flac", span_of(song), RenderFormat(depth=depth))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_made(song: Project, tmp_path: Path) -> None:
    render_mix(song, SOUNDS, tmp_path / "a" / "b" / "mix.wav", span_of(song))
    render_stems(song, SOUNDS, tmp_path / "c" / "d", span_of(song))
    assert (tmp_path / "a" / "b" / "mix.wav").is_file()
    assert len(names_in(tmp_path / "c" / "d")) == 2


def test_a_folder_that_cannot_be_made_is_a_sentence(song: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for render in (
        lambda: render_mix(song, SOUNDS, tmp_path / "file" / "mix.wav", span_of(song)),
        lambda: render_stems(song, SOUNDS, tmp_path / "file" / "stems", span_of(song)),
    ):
        with pytest.raises(UserError) as caught:
            render()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_full_disk_leaves_the_old_file_as_it_was(
    song: Project, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"mix{suffix}"
    render_mix(song, SOUNDS, path, span_of(song, "1", "1.2"))
    before = path.read_bytes()
    with size_limit(200_000), pytest.raises(UserError):
        render_mix(song, SOUNDS, path, span_of(song))
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@needs("root", "linux")
def test_a_disk_that_fills_up_is_said_and_nothing_is_left_behind(
    song: Project, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        ballast = fill(disk, leave=100_000)
        with pytest.raises(UserError, match=r"(?i)full|space"):
            render_mix(song, SOUNDS, disk / "mix.wav", span_of(song))
        assert list(disk.iterdir()) == [ballast]


@needs("root", "linux")
def test_a_disk_that_may_only_be_read_is_said(song: Project, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, read_only(disk):
        for path in (disk / "mix.wav", disk / "new" / "mix.wav"):
            with pytest.raises(UserError) as caught:
                render_mix(song, SOUNDS, path, span_of(song))
            assert "\n" not in str(caught.value)


@pytest.mark.parametrize("render", ["mix", "stems"])
@pytest.mark.parametrize("calls", [1, 2])
def test_calling_it_off_leaves_no_half_file(
    song: Project, tmp_path: Path, render: str, calls: int
) -> None:
    told: list[float] = []

    def stop(fraction: float) -> None:
        told.append(fraction)
        if len(told) == calls:
            raise RenderCancelledError("The export was cancelled.")

    span = span_of(song, "1", "40")
    with pytest.raises(RenderCancelledError):
        if render == "mix":
            render_mix(song, SOUNDS, tmp_path / "mix.wav", span, FLOAT, told=stop)
        else:
            render_stems(song, SOUNDS, tmp_path / "stems", span, FLOAT, told=stop)
    assert len(told) == calls
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_progress_grows_and_ends_at_one(song: Project, tmp_path: Path) -> None:
    for render in (_mix, _stems):
        told: list[float] = []
        render(song, tmp_path, told.append)
        assert told == sorted(told)
        assert told[0] > 0 and told[-1] == pytest.approx(1.0)


def _mix(song: Project, folder: Path, told: Callable[[float], None]) -> None:
    render_mix(song, SOUNDS, folder / "mix.wav", span_of(song), told=told)


def _stems(song: Project, folder: Path, told: Callable[[float], None]) -> None:
    render_stems(song, SOUNDS, folder / "stems", span_of(song), told=told)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_file_that_is_there_is_kept_where_that_is_asked(
    song: Project, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"mix{suffix}"
    path.write_bytes(b"mine")
    with pytest.raises(NameTakenError, match=path.name):
        render_mix(song, SOUNDS, path, span_of(song), replace_file=False)
    assert path.read_bytes() == b"mine"
    render_mix(song, SOUNDS, path, span_of(song))
    assert len(read(path)) == 192_000


def test_a_rate_that_no_flac_has_is_a_sentence(song: Project, tmp_path: Path) -> None:
    span = span_of(song, "1", "1.2")
    with pytest.raises(RefusedAudioError, match="655,350"):
        render_mix(song, SOUNDS, tmp_path / "mix.flac", span, RenderFormat(655_351))
    assert list(tmp_path.iterdir()) == []
    assert render_mix(song, SOUNDS, tmp_path / "mix.flac", span, RenderFormat(655_350)) == 327_675


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (("Drums", "Drums"), ["01 Drums.wav", "02 Drums.wav"]),
        (("a/b", "..", "CON"), ["01 a-b.wav", "02 Track.wav", "03 CON_.wav"]),
        (("夜 🎷",), ["01 夜 🎷.wav"]),
        (("x" * 300,), [f"01 {'x' * 60}.wav"]),
    ],
)
def test_stems_are_named_for_every_system(
    tmp_path: Path, names: tuple[str, ...], files: list[str]
) -> None:
    project = empty()
    for name in names:
        project = with_clip(project, "x")
        last = project.tracks[-1].track_id
        project = change_track(project, last, lambda t, name=name: replace(t, name=name))
    stems = render_stems(project, SOUNDS, tmp_path / "stems", span_of(project))
    assert all(stem.parent == tmp_path / "stems" and stem.is_file() for stem in stems)
    shown = [stem.name for stem in stems]
    assert [name[:3] for name in shown] == [name[:3] for name in files]
    assert len(set(shown)) == len(names)
    if names[0] in ("Drums", "夜 🎷"):
        assert shown == files


def test_sources_that_are_no_takes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF\x04\0\0\0WAVE")
    with pytest.raises(AudioFileError):
        sources_of({TAKES[0]: tmp_path / "bad.wav"})
    with pytest.raises(UserError):
        sources_of({TAKES[0]: tmp_path / "none.wav"})
