"""`generate PROMPT`: words become takes."""

import argparse
from pathlib import Path

from acestep_desktop.cli.delivery import Delivered, Delivery, check_out
from acestep_desktop.cli.describe import (
    files_fields,
    length_words,
    level_words,
    music_fields,
    music_words,
    recipe_fields,
    sound_fields,
)
from acestep_desktop.cli.output import EXIT_CANCELLED, Printer
from acestep_desktop.cli.wish import request_from
from acestep_desktop.cli.work import work_folder
from acestep_desktop.domain.codec import Json
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.request import Request
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.generation.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Stalled,
    TakeReady,
)
from acestep_desktop.generation.generator import Progress
from acestep_desktop.library.folders import standard_folders
from acestep_desktop.library.takes import TakeLibrary


class GenerationFailedError(UserError):
    """A job that failed; its message says why."""


def run(args: argparse.Namespace, printer: Printer) -> int:
    """Make the takes asked for, and print each as soon as it is at its place."""
    request = request_from(args)
    out = check_out(args.out)
    delivery = Delivery(
        library=TakeLibrary(standard_folders()) if out is None else None,
        out=out,
        stems=Path(args.stems) if args.stems else None,
        midi=Path(args.midi) if args.midi else None,
        variations=request.variations,
    )
    with (
        EngineClient(args.engine) as client,
        work_folder() as work,
    ):
        run = client.run(request, work)
        try:
            for event in run:
                _tell(event, request, delivery, printer)
                if isinstance(event, Cancelled):
                    return EXIT_CANCELLED
        finally:
            run.close()
    return 0


def _tell(event: Event, request: Request, delivery: Delivery, printer: Printer) -> None:
    match event:
        case Progress(variation=variation, fraction=fraction, stage=stage):
            printer.progress((variation + fraction) / request.variations, stage)
        case Stalled(silent_s=silent, ends_in_s=left):
            printer.note(
                f"the engine has said nothing for {silent:.0f} s and will be ended in {left:.0f} s"
            )
        case TakeReady(variation=variation, draft=draft):
            delivered = delivery.deliver(variation, draft)
            try:
                delivered = delivery.with_stems(delivered, variation, draft)
                delivered = delivery.with_midi(delivered, variation, draft)
            finally:
                # The take is at its place, whatever became of the rest.
                printer.result(_fields(delivered), _lines(delivered))
        case Failed(reason=reason):
            raise GenerationFailedError(reason)
        case Finished():
            printer.clear_progress()
        case _:
            pass


def _fields(delivered: Delivered) -> dict[str, Json]:
    take = delivered.take
    return {
        "kind": "take",
        "id": take.take_id,
        "number": delivered.number,
        "title": take.title,
        "created": take.created,
        **files_fields(delivered.path, delivered.stems, delivered.midi),
        **sound_fields(take.frames, take.channels, take.measured),
        **music_fields(take.music),
        **recipe_fields(take.recipe),
        "notes": list(delivered.notes),
    }


def _lines(delivered: Delivered) -> list[str]:
    take, recipe = delivered.take, delivered.take.recipe
    lines = [
        str(delivered.path.absolute()),
        f"  {music_words(take.music)}; {length_words(take.frames)}, {level_words(take.measured)}",
    ]
    if recipe is not None:
        if recipe.understood:
            lines.append(f"  understood: {', '.join(recipe.understood)}")
        if recipe.ignored:
            lines.append(f"  not understood: {', '.join(recipe.ignored)}")
        lines.append(f"  the same again: --seed {recipe.request.seed}")
    if delivered.stems:
        lines.append(f"  stems: {delivered.stems[0][1].parent.absolute()}")
    if delivered.midi is not None:
        lines.append(f"  MIDI: {delivered.midi.absolute()}")
    return [*lines, *(f"  note: {note}" for note in delivered.notes)]
