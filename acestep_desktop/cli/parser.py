"""The grammar of the command line."""

import argparse
from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

from acestep_desktop import __version__
from acestep_desktop.audiofile.formats import DEPTHS
from acestep_desktop.domain.errors import InvalidValueError, UserError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.request import DEFAULT_BARS, TRACK_NAMES
from acestep_desktop.domain.tempo import checked_bpm
from acestep_desktop.domain.time import BUFFERS, DEFAULT_BUFFER, Meter

T = TypeVar("T")

TASKS: Final = (
    "text2music",
    "cover",
    "repaint",
    "extend",
    "variation",
    "extract",
    "addlayer",
    "complete",
)


class CommandLineError(UserError):
    """A command line that cannot be understood."""


class _Parser(argparse.ArgumentParser):
    """Raises a sentence instead of printing usage and leaving."""

    def error(self, message: str) -> NoReturn:
        raise CommandLineError(f"{message} (see {self.prog} --help)")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole program; `command` is None for the window."""
    parser = _Parser(
        prog="acestep-desktop",
        description="Type an idea, drag bar-exact music into your DAW project. Offline.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"acestep-desktop {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    _add_generate(commands)
    _add_takes(commands)
    _add_models(commands)
    _add_render(commands)
    _add_play(commands)
    info = _command(commands, "info", "say what a take, an audio file or a project holds")
    info.add_argument("file", metavar="FILE")
    _command(commands, "doctor", "check what this machine offers and say what is missing")
    gui = _command(commands, "gui", "open the window (the default)")
    gui.add_argument("project", metavar="PROJECT", nargs="?")
    return parser


def _command(commands: "argparse._SubParsersAction[_Parser]", name: str, what: str) -> _Parser:
    parser = commands.add_parser(name, help=what, description=what, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print one JSON object per result")
    return parser


def _add_generate(commands: "argparse._SubParsersAction[_Parser]") -> None:
    generate = _command(commands, "generate", "make music from words")
    generate.add_argument(
        "prompt", metavar="PROMPT", nargs="?", help='such as "slow house, warm bass, A minor"'
    )
    generate.add_argument("--engine", choices=("sketch", "acestep"), default="sketch")
    generate.add_argument("--model", metavar="NAME|DIR", help="a model by name, or its folder")
    generate.add_argument("--task", choices=TASKS, default="text2music")
    length = generate.add_mutually_exclusive_group()
    length.add_argument("--bars", type=int, metavar="N", help=f"default {DEFAULT_BARS}")
    length.add_argument("--seconds", type=float, metavar="S", help="rounded to whole bars")
    generate.add_argument("--bpm", type=_value(_bpm, "bpm"), metavar="X", help="30..300")
    generate.add_argument("--key", type=_value(Key.parse, "key"), help='such as "A minor"')
    generate.add_argument("--meter", type=_value(Meter.parse, "meter"), help="such as 4/4 or 6/8")
    generate.add_argument("--lyrics", metavar="FILE|TEXT", help="words to sing")
    generate.add_argument("--language", default="unknown", metavar="xx", help="of the lyrics")
    generate.add_argument(
        "--seed", type=int, metavar="N", help="the same seed gives the same music"
    )
    generate.add_argument("--variations", type=int, default=1, metavar="N")
    _add_likeness(generate)
    _add_source(generate)
    _add_sampling(generate)
    generate.add_argument(
        "--out", metavar="FILE|DIR", help="write there (.wav, .flac) instead of into the library"
    )
    generate.add_argument("--stems", metavar="DIR", help="also write one file per part")
    generate.add_argument("--midi", metavar="FILE", help="also write the notes as a MIDI file")


def _add_source(generate: argparse.ArgumentParser) -> None:
    audio = generate.add_argument_group("tasks that work on audio")
    audio.add_argument("--source", metavar="FILE", help="the audio to work on")
    audio.add_argument("--reference", metavar="FILE", help="audio whose sound to take")
    audio.add_argument("--strength", type=float, metavar="R", help="0..1, for cover and variation")
    audio.add_argument(
        "--from",
        dest="from_s",
        type=float,
        metavar="S",
        help="start of a repaint; for extend, -S adds S seconds before the start",
    )
    audio.add_argument("--to", dest="to_s", type=float, metavar="S", help="end of a repaint")
    audio.add_argument(
        "--track",
        metavar="NAME",
        help=f"for extract, addlayer, complete (several with commas): {', '.join(TRACK_NAMES)}",
    )


def _add_likeness(generate: argparse.ArgumentParser) -> None:
    like = generate.add_argument_group("one more like a take made by Sketch, instead of a prompt")
    like.add_argument("--like", metavar="TAKE", help="same plan, every part played anew")
    what = (
        ("--lock", "keep the notes of this part"),
        ("--reroll", "play this part anew, and no other"),
        ("--mute", "leave this part out; the others stay as they are"),
    )
    for option, words in what:
        like.add_argument(option, action="append", default=[], metavar="PART", help=words)


def _add_sampling(generate: argparse.ArgumentParser) -> None:
    sampling = generate.add_argument_group("sampling (the model's own preset where left out)")
    sampling.add_argument("--steps", type=int, metavar="N")
    sampling.add_argument("--shift", type=float, metavar="X")
    sampling.add_argument("--guidance", type=float, metavar="X")
    sampling.add_argument("--lora", action="append", default=[], metavar="FILE[:S]")


def _add_takes(commands: "argparse._SubParsersAction[_Parser]") -> None:
    takes = commands.add_parser(
        "takes", help="list, show, star, trash, restore, import, verify", allow_abbrev=False
    )
    verbs = takes.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)
    listing = _command(verbs, "list", "list the takes, newest first")
    listing.add_argument("search", nargs="*", metavar="WORD", help="only takes with these words")
    listing.add_argument("--starred", action="store_true", help="only starred takes")
    listing.add_argument("--trashed", action="store_true", help="what is in the trash")
    for verb, what in (
        ("show", "show a take: what, how and from which request"),
        ("star", "star takes (--off takes the star away)"),
        ("trash", "put takes into the trash; their files stay where they are"),
        ("restore", "bring takes back from the trash"),
    ):
        parser = _command(verbs, verb, what)
        parser.add_argument("takes", nargs="+", metavar="TAKE", help="number, id, file or title")
        if verb == "star":
            parser.add_argument("--off", action="store_true", help="take the star away")
    importing = _command(verbs, "import", "add audio files as takes (WAV, FLAC, AIFF, OGG, MP3)")
    importing.add_argument("files", nargs="+", metavar="FILE")
    _command(verbs, "verify", "read every file to its end and name those that are damaged")
    _command(verbs, "rebuild", "build the index anew from the files")


def _add_models(commands: "argparse._SubParsersAction[_Parser]") -> None:
    models = commands.add_parser(
        "models", help="list, download, import, verify, remove weights", allow_abbrev=False
    )
    verbs = models.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)
    _command(verbs, "list", "list the models: what is here, and what can be had")
    download = _command(verbs, "download", "download a model from the hub, or go on with it")
    download.add_argument("name", metavar="NAME", nargs="?", help="default: what fits this machine")
    download.add_argument("--yes", action="store_true", help="agree to the licence unasked")
    importing = _command(verbs, "import", "take a model from a folder, which stays as it is")
    importing.add_argument("folder", metavar="FOLDER")
    importing.add_argument("--name", metavar="NAME", help="what to call it here")
    verify = _command(verbs, "verify", "compare every byte with what it was")
    verify.add_argument("names", nargs="*", metavar="NAME", help="default: all that are here")
    remove = _command(verbs, "remove", "delete a model, or a download that was stopped")
    remove.add_argument("name", metavar="NAME")


def _add_render(commands: "argparse._SubParsersAction[_Parser]") -> None:
    render = _command(commands, "render", "bounce a project to audio files")
    render.add_argument("project", metavar="PROJECT")
    render.add_argument("--out", metavar="FILE", help="the mix (.wav or .flac)")
    render.add_argument("--stems", metavar="DIR", help="one file per track, before the limiter")
    render.add_argument("--rate", type=int, default=48_000, metavar="R", help="frames per second")
    render.add_argument("--depth", choices=DEPTHS, default="24", help="bits per sample")
    _add_span(render)


def _add_play(commands: "argparse._SubParsersAction[_Parser]") -> None:
    play = _command(commands, "play", "play a project or a take")
    play.add_argument("what", metavar="PROJECT|TAKE")
    play.add_argument(
        "--loop", metavar="A:B", help="from bar A to the line before bar B, again and again"
    )
    play.add_argument("--clock", metavar="PORT", help="send MIDI clock to this port")
    play.add_argument("--device", metavar="NAME", help="output device")
    play.add_argument(
        "--buffer",
        type=int,
        choices=BUFFERS,
        default=DEFAULT_BUFFER,
        help="frames the device is given at once",
    )


def _add_span(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="from_bar", metavar="BAR", help="first bar, such as 5 or 5.3"
    )
    parser.add_argument(
        "--to",
        dest="to_bar",
        metavar="BAR",
        help="the bar line to stop at: --from 1 --to 9 is 8 bars",
    )


def _bpm(text: str) -> float:
    try:
        return checked_bpm(float(text))
    except ValueError as error:
        if isinstance(error, InvalidValueError):
            raise
        raise InvalidValueError(f'bpm must be a number, got "{text[:20]}"') from error


def _value(parse: Callable[[str], T], name: str) -> Callable[[str], T]:
    """Return `parse` for argparse: its sentence becomes the parser's."""

    def parsed(text: str) -> T:
        try:
            return parse(text)
        except InvalidValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    parsed.__name__ = name
    return parsed
