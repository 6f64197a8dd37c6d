"""`models list|download|import|verify|remove`: weights for ACE-Step."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from acestep_desktop.cli.output import EXIT_FAILED, Printer
from acestep_desktop.cli.parser import CommandLineError
from acestep_desktop.domain.codec import Json
from acestep_desktop.models.catalogue import CatalogueModel, find_model, fitting_model
from acestep_desktop.models.folder import models_folder
from acestep_desktop.models.machine import find_machine
from acestep_desktop.models.overview import ModelState, overview
from acestep_desktop.models.placing import in_words
from acestep_desktop.models.store import InstalledModel, ModelStore


def run(args: argparse.Namespace, printer: Printer) -> int:
    """Do the verb that was asked for."""
    store = ModelStore(models_folder())
    store.tidy()
    return _VERBS[args.verb](store, args, printer)


def _list(store: ModelStore, args: argparse.Namespace, printer: Printer) -> int:
    machine = find_machine()
    for state in overview(store, machine):
        printer.result(_fields(state), _lines(state))
    if not printer.as_json:
        card = machine.card or "no card that can be used"
        memory = f" with {in_words(machine.vram_bytes)}" if machine.vram_bytes else ""
        printer.note(f"this machine: {card}{memory}; {in_words(store.free_bytes())} free")
        printer.note(f"weights live in {store.folder} (ACESTEP_MODELS names another folder)")
    return 0


def _download(store: ModelStore, args: argparse.Namespace, printer: Printer) -> int:
    from acestep_desktop.models.download import download_model

    machine = find_machine()
    model = (
        find_model(args.name)
        if args.name
        else fitting_model(machine.vram_bytes, machine.memory_bytes)
    )
    if any(here.name == model.name for here in store.installed()):
        printer.note(f"{model.label} is here already; verify it, or remove it first")
        return 0
    _agree(model, args.yes, printer)
    try:
        installed = download_model(store, model, _teller(printer))
    except KeyboardInterrupt:
        printer.note("what has arrived is kept: the same command goes on from there")
        raise
    _print_installed(installed, printer)
    return 0


def _import(store: ModelStore, args: argparse.Namespace, printer: Printer) -> int:
    from acestep_desktop.models.importing import import_folder

    installed = import_folder(store, Path(args.folder), name=args.name, told=_teller(printer))
    _print_installed(installed, printer)
    return 0


def _verify(store: ModelStore, args: argparse.Namespace, printer: Printer) -> int:
    names = args.names or list(store.names())
    if not names:
        printer.note("no models here; get one: acestep-desktop models download")
    damaged = 0
    for name in names:
        damages = store.verify(name, _teller(printer))
        files: list[Json] = [{"file": damage.path, "what": damage.what} for damage in damages]
        lines = [f"{name}: {damage.path}: {damage.what}" for damage in damages]
        if damages:
            lines.append(
                f"{name}: remove it (acestep-desktop models remove {name}) and get it again"
            )
        fields: dict[str, Json] = {"kind": "verified", "name": name, "ok": not damages}
        printer.result({**fields, "damaged": files}, lines or [f"{name}: every file is whole"])
        damaged += bool(damages)
    return EXIT_FAILED if damaged else 0


def _remove(store: ModelStore, args: argparse.Namespace, printer: Printer) -> int:
    from acestep_desktop.models.download import forget_download

    if args.name in store.names():
        freed = store.remove(args.name)
    else:
        freed = forget_download(store, find_model(args.name))
        if not freed:
            printer.note(f"there is nothing of {args.name} on this disk")
    lines = [f"{args.name}: removed, {in_words(freed)} freed"] if freed else []
    printer.result({"kind": "removed", "name": args.name, "bytes": freed}, lines)
    return 0


_VERBS: Final[dict[str, Callable[[ModelStore, argparse.Namespace, Printer], int]]] = {
    "list": _list,
    "download": _download,
    "import": _import,
    "verify": _verify,
    "remove": _remove,
}


def _agree(model: CatalogueModel, yes: bool, printer: Printer) -> None:
    """Show what is to come and under which licence; ask, unless that was answered before."""
    printer.note(f"{model.label}: about {in_words(model.download_bytes)} from {model.repo}")
    printer.note(f"licence: {model.licence}; read it at https://huggingface.co/{model.repo}")
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandLineError("nobody is there to agree to the licence: add --yes")
    sys.stderr.write("Download it? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
        raise KeyboardInterrupt


def _teller(printer: Printer) -> Callable[[float, str], bool]:
    def tell(fraction: float, label: str) -> bool:
        printer.progress(fraction, label)
        return True

    return tell


def _print_installed(model: InstalledModel, printer: Printer) -> None:
    fields: dict[str, Json] = {
        "kind": "model",
        "name": model.name,
        "label": model.label,
        "path": str(model.path),
        "model_kind": model.kind,
        "size": model.size,
        "bytes": model.bytes,
        "repo": model.repo,
        "revision": model.revision,
        "licence": model.licence,
        "hash": model.hash,
    }
    printer.result(
        fields, [f"{model.name}: {model.label}, {in_words(model.bytes)}", model.path.as_posix()]
    )


def _fields(state: ModelState) -> dict[str, Json]:
    return {
        "kind": "model",
        "name": state.name,
        "label": state.label,
        "model_kind": state.kind,
        "size": state.size,
        "installed": state.installed,
        "damaged": state.damaged,
        "state": state.state,
        "bytes": state.bytes,
        "licence": state.licence,
        "vram_bytes": state.vram_bytes,
        "abilities": state.abilities,
        "needs": state.needs,
        "fits": state.fits,
        "suits": state.suits,
        "best": state.best,
        "revision": state.revision,
    }


def _lines(state: ModelState) -> list[str]:
    best = "  ← begin with this one" if state.best and not state.installed else ""
    return [
        f"{state.name:<9} {state.label}: {in_words(state.bytes)}, {state.state}{best}",
        f"          {state.abilities}",
        f"          {state.suits}; needs {state.needs}",
        f"          licence: {state.licence}",
    ]
