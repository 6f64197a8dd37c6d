"""`generate --like TAKE`: one more of a kind, part by part."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acestep_desktop.cli.likeness import request_like
from acestep_desktop.cli.parser import CommandLineError, build_parser
from acestep_desktop.domain.likeness import Likeness
from acestep_desktop.domain.notes import Part
from acestep_desktop.library.verify import read_take

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]


def parts_of(path: str) -> dict[str, Part]:
    """The parts of a take's file by name."""
    recipe = read_take(Path(path)).recipe
    assert recipe is not None
    return {part.name: part for part in recipe.parts}


def test_a_take_is_made_again_part_by_part(run: Run, tmp_path: Path) -> None:
    first = str(tmp_path / "first.wav")
    words = "pop, drums, bass and saw lead, 128 bpm, 1 bar"
    assert run("generate", words, "--seed", "5", "--out", first)[0] == 0
    before = parts_of(first)
    lead = "Saw lead"

    def again(*options: str) -> dict[str, Part]:
        path = str(tmp_path / f"{'-'.join(options[:2]) or 'like'}.wav".replace(" ", ""))
        code, takes, said = run("generate", "--like", first, *options, "--seed", "9", "--out", path)
        assert code == 0, said
        assert takes[0]["bpm"] == 128.0
        return parts_of(path)

    more = again()
    assert list(more) == list(before)
    assert more[lead] != before[lead]
    locked = again("--lock", lead)
    assert locked[lead] == before[lead]
    assert locked != before
    rolled = again("--reroll", lead)
    assert {name for name in before if rolled[name] != before[name]} == {lead}
    muted = again("--mute", lead)
    assert muted == {name: part for name, part in before.items() if name != lead}

    def refused(*options: str) -> str:
        with pytest.raises(CommandLineError) as error:
            request_like(build_parser().parse_args(["generate", "--like", first, *options]))
        return str(error.value)

    assert 'no part "Harp"; it has Drums' in refused("--mute", "Harp")
    assert "say one of the two" in refused("--lock", lead, "--reroll", lead)
    assert "leave out --bpm" in refused("--bpm", "99")
    assert "leave out --engine acestep" in refused("--engine", "acestep")
    assert "leave out --variations" in refused("--mute", lead, "--variations", "2")
    both = ["generate", "--like", first, "--lock", lead, "--mute", "Drums", "--seed", "9"]
    request = request_like(build_parser().parse_args([*both, "--variations", "2"]))
    assert request.likeness == Likeness(5, ((lead, 5),), ("Drums",))
    assert (request.seed, request.variations) == (9, 2)


@pytest.mark.parametrize(
    ("options", "idle"),
    [
        (("--steps", "8", "--shift", "3"), "--steps, --shift"),
        (("--guidance", "7", "--lora", "a.safetensors"), "--guidance, --lora"),
        (("--model", "base", "--reference", "a.wav"), "--model, --reference"),
        (("--task", "cover", "--source", "a.wav", "--strength", "1"), "--task, --source"),
        (("--from", "1", "--to", "2", "--track", "bass"), "--from, --to, --track"),
        (("--language", "de", "--lyrics", "la"), "--lyrics, --language"),
        (("--bars", "8", "--key", "A minor", "--meter", "3/4"), "--bars, --key, --meter"),
    ],
)
def test_what_would_do_nothing_beside_a_take_is_named(options: tuple[str, ...], idle: str) -> None:
    with pytest.raises(CommandLineError, match=rf"leave out {idle}"):
        request_like(build_parser().parse_args(["generate", "--like", "1", *options]))


@pytest.mark.parametrize("option", ["--lock", "--reroll", "--mute"])
def test_parts_are_those_of_a_take(run: Run, option: str) -> None:
    code, takes, said = run("generate", "house", option, "Bass")
    assert (code, takes) == (2, [])
    assert "need --like TAKE" in said


def test_there_must_be_words_or_a_take(run: Run) -> None:
    code, _, said = run("generate")
    assert code == 2
    assert "--like TAKE" in said


def test_what_sketch_did_not_make_has_no_parts(run: Run, tmp_path: Path) -> None:
    import numpy as np
    import soundfile

    path = tmp_path / "hum.wav"
    soundfile.write(path, np.zeros((4800, 2)), 48_000)
    number = run("takes", "import", str(path))[1][0]["number"]
    code, _, said = run("generate", "--like", str(number))
    assert code == 2
    assert "was not made by Sketch" in said
