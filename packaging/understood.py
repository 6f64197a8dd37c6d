"""Write what Sketch understands into README.md, from the vocabulary itself.

Run as `python packaging/understood.py`; a test checks that README.md is up to date.
"""

import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Tuple

ROOT = Path(__file__).resolve().parents[1]
BEGIN = "<!-- understood: written by packaging/understood.py -->"
END = "<!-- /understood -->"


def entries(name: str) -> List[Any]:
    """Return the entries of one file of the vocabulary."""
    text = (ROOT / "resources" / "vocabulary" / f"{name}.json").read_text(encoding="utf-8")
    found: List[Any] = json.loads(text)[name]
    return found


def labels(name: str) -> str:
    """Return how people call the entries of a file, in its order."""
    return ", ".join(entry["label"].replace("_", " ") for entry in entries(name))


def instruments() -> List[Tuple[str, str]]:
    """Return a line for each family: its name and its instruments."""
    families = {entry["id"]: entry["label"] for entry in entries("families")}
    found: Dict[str, List[str]] = {}
    for entry in entries("instruments"):
        found.setdefault(families[entry["family"]], []).append(entry["label"])
    return [(family, ", ".join(names)) for family, names in found.items()]


def picture() -> str:
    """Return the table of what is understood, in Markdown."""
    slow, fast = (entries("tempo")[at] for at in (0, -1))
    tempo = (
        f"`124 bpm`, or {slow['label']} ({slow['bpm'][0]}) to {fast['label']} ({fast['bpm'][1]})"
    )
    meters = ", ".join(dict.fromkeys(entry["meter"] for entry in entries("meters")))
    rows = [
        ("genres", labels("genres")),
        ("moods", labels("moods")),
        ("eras", labels("eras")),
        ("ways to play", labels("styles")),
        ("sections", labels("forms") + "; `4 bars intro, 8 bars drop`"),
        ("effects and beds", labels("effects")),
        ("tempo", tempo),
        ("key", "`F# minor`, `Am`, `in Bb`, `major`"),
        ("meter", f"`7/8`, waltz, …: {meters}"),
        ("leaving out", "`no drums`, `without bass`, `no strings except a cello`, `solo piano`"),
        ("alone", "`hi-hats only`, `just piano`, `bass solo`, `chords only`, `a shaker loop`"),
        ("single drums", labels("pieces")),
        *instruments(),
    ]
    lines = [f"| {name} | {words} |" for name, words in rows]
    return "\n".join(["| what | words |", "|---|---|", *lines])


def with_picture(readme: str) -> str:
    """Return the text of a README with the table between its two marks."""
    before, rest = readme.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n\n{picture()}\n\n{END}{after}"


def main() -> int:
    """Bring README.md up to date; return the exit status."""
    path = ROOT / "README.md"
    path.write_text(with_picture(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
