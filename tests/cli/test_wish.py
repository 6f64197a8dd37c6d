"""From options to a request."""

import argparse
import errno
import os
from pathlib import Path

import pytest

from acestep_desktop.audiofile.errors import DiskError
from acestep_desktop.cli.parser import CommandLineError, build_parser
from acestep_desktop.cli.wish import request_from
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.request import (
    Adapter,
    AddLayer,
    Complete,
    Cover,
    Extend,
    Extract,
    Repaint,
    Request,
    Sampling,
    TextToMusic,
    Variation,
)
from acestep_desktop.domain.time import Meter


def parse(*options: str) -> argparse.Namespace:
    return build_parser().parse_args(["generate", "slow house", *options])


def wish(*options: str) -> Request:
    return request_from(parse(*options))


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "source.wav"
    path.write_bytes(b"RIFF")
    return str(path.resolve())


def test_a_bare_prompt_leaves_everything_to_the_words() -> None:
    request = wish()
    assert request.prompt.caption == "slow house"
    assert request.task == TextToMusic()
    assert (request.bars, request.seconds, request.bpm, request.key) == (None, None, None, None)


def test_fields_become_values_of_the_domain() -> None:
    request = wish("--bars", "16", "--bpm", "87.5", "--key", "F#m", "--meter", "6/8", "--seed", "7")
    assert request.bars == 16
    assert request.bpm == 87.5
    assert request.key == Key("F#", "minor")
    assert request.meter == Meter(6, 8)
    assert request.seed == 7


def test_without_a_seed_each_request_has_a_new_one() -> None:
    assert len({wish().seed for _ in range(8)}) > 1


def test_tasks_that_work_on_audio_name_their_source(source: str) -> None:
    tasks = {
        ("--task", "cover", "--strength", "0.3"): Cover(source, 0.3),
        ("--task", "variation"): Variation(source, 0.5),
        ("--task", "repaint", "--from", "2", "--to", "4.5"): Repaint(source, 2.0, 4.5),
        ("--task", "extend", "--seconds", "10"): Extend(source, 0.0, 10.0),
        ("--task", "extend", "--from", "-4"): Extend(source, 4.0, 0.0),
        ("--task", "extend", "--bars", "4", "--bpm", "120"): Extend(source, 0.0, 8.0),
        ("--task", "extract", "--track", "drums"): Extract(source, "drums"),
        ("--task", "addlayer", "--track", "bass"): AddLayer(source, "bass"),
        ("--task", "complete", "--track", "bass, drums"): Complete(source, ("bass", "drums")),
    }
    for options, task in tasks.items():
        assert wish(*options, "--source", source).task == task


def test_sampling_and_adapters_are_passed_on() -> None:
    request = wish("--steps", "8", "--shift", "3", "--guidance", "7", "--lora", "a.safetensors:0.5")
    assert request.sampling == Sampling(8, 3.0, 7.0)
    assert request.adapters == (Adapter("a.safetensors", 0.5),)


def test_an_adapter_without_strength_may_have_a_colon_in_its_path() -> None:
    assert wish("--lora", r"C:\lora\a.safetensors").adapters == (Adapter(r"C:\lora\a.safetensors"),)


def test_lyrics_are_read_from_a_file_or_taken_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "song.txt"
    file.write_text("[Verse]\nhello", encoding="utf-8")
    assert wish("--lyrics", str(file)).prompt.lyrics == "[Verse]\nhello"
    assert wish("--lyrics", "la la").prompt.lyrics == "la la"


def test_lyrics_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "song.bin"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandLineError, match="UTF-8"):
        wish("--lyrics", str(file))


def test_lyrics_begin_with_their_first_letter(tmp_path: Path) -> None:
    file = tmp_path / "song.txt"
    file.write_bytes("\ufeffla la".encode())
    assert wish("--lyrics", str(file)).prompt.lyrics == "la la"


@pytest.mark.parametrize(
    ("verb", "number"),
    [("is_file", errno.EACCES), ("read_bytes", errno.EACCES), ("read_bytes", errno.EIO)],
)
def test_lyrics_that_cannot_be_read_are_refused_and_their_path_is_not_sung(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str, number: int
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(number, os.strerror(number), str(path))

    file = tmp_path / "song.txt"
    file.write_text("la la", encoding="utf-8")
    monkeypatch.setattr(Path, verb, refuse)
    with pytest.raises(DiskError, match=r"song\.txt"):
        wish("--lyrics", str(file))


@pytest.mark.parametrize("words", ["la " * 2_000, "la\0la", "a/" * 200, "[Verse]\nla la"])
def test_words_that_are_no_name_of_a_file_are_sung(words: str) -> None:
    assert wish("--lyrics", words).prompt.lyrics == words


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--bpm", "0"), "bpm must be within 30..300, got 0"),
        (("--bpm", "-1"), "bpm must be within 30..300, got -1"),
        (("--bpm", "nan"), "bpm must be within 30..300, got nan"),
        (("--bpm", "1e9"), "bpm must be within 30..300, got 1e"),
        (("--bpm", "fast"), 'bpm must be a number, got "fast"'),
        (("--bars", "0"), "bars must be within 1..512, got 0"),
        (("--bars", "many"), "invalid int value"),
        (("--seconds", "nan"), "seconds must be within"),
        (("--bars", "8", "--seconds", "9"), "not allowed with"),
        (("--meter", "4/3"), "the meter's lower number must be"),
        (("--key", "H minor"), 'a key is written like "A minor"'),
        (("--variations", "0"), "variations must be within"),
        (("--seed", "-5"), "a seed must be within"),
        (("--task", "cover"), "--task cover needs --source"),
        (("--task", "cover", "--source", "/nowhere.wav"), "there is no file"),
        (("--source", "/nowhere.wav"), "--source needs a --task"),
        (("--reference", "/nowhere.wav"), "there is no file"),
        (("--frobnicate",), "unrecognized arguments"),
        (("--strength", "0.5"), "--strength needs --task cover or variation"),
        (("--from", "1"), "--from needs --task repaint or extend"),
        (("--to", "1"), "--to needs --task repaint"),
        (("--track", "bass"), "--track needs --task extract or addlayer or complete"),
        (("--task", "extend", "--to", "9"), "--to needs --task repaint"),
        (("--task", "repaint", "--strength", "1"), "--strength needs --task cover or variation"),
    ],
)
def test_bad_options_are_refused_in_a_sentence(options: tuple[str, ...], said: str) -> None:
    with pytest.raises((CommandLineError, InvalidValueError)) as refused:
        wish(*options)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "options",
    [
        ("--task", "repaint"),
        ("--task", "repaint", "--from", "5", "--to", "4"),
        ("--task", "extend"),
        ("--task", "extend", "--bars", "4"),
        ("--task", "extract"),
        ("--task", "extract", "--track", "kazoo"),
        ("--task", "cover", "--strength", "2"),
        ("--task", "cover", "--strength", "nan"),
    ],
)
def test_tasks_without_what_they_need_are_refused(options: tuple[str, ...], source: str) -> None:
    with pytest.raises((CommandLineError, InvalidValueError)):
        wish(*options, "--source", source)
