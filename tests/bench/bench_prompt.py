"""What reading prompts costs, and 100,000 random prompts that must not raise."""

import random
import sys
import time
from pathlib import Path

from table import Row, at_most, holds, noted, run_alone

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from acestep_desktop.domain.prompt import read_prompt  # noqa: E402
from acestep_desktop.domain.vocabulary import vocabulary  # noqa: E402

SHORT = "upbeat jazz piano with walking bass, 120 bpm"
PIECES = {
    "music in English": SHORT + ", zorp ",
    "exclusions": "no drums, bass, keys or pads, ",
    "numbers": "120 bpm 8 bars 6/8 in F# minor ",
    "Japanese": "速いジャズピアノ、ドラムなし、",
    "emoji alone": "🎹",
}
LETTERS = "abc 123/#b-.,'&:日ドラムなし♯é😢\ud800\u0301\n"


def cpu_seconds(text: str, times: int) -> float:
    """Return the processor time of reading `text` once, the best of several."""
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        read_prompt(text)
        best = min(best, time.process_time() - began)
    return best


def random_text(dice: random.Random, words: list[str]) -> str:
    """Return a text of known words and stray characters."""
    pieces = [
        dice.choice(words) if dice.random() < 0.7 else "".join(dice.choices(LETTERS, k=4))
        for _ in range(dice.randrange(12))
    ]
    return dice.choice((" ", "", ", ", "-")).join(pieces)


def failures(times: int) -> int:
    """Return how many of `times` random texts raise an error."""
    dice = random.Random(7)
    words = [word for genre in vocabulary().genres.values() for word in genre.words]
    words += ["no", "without", "solo", "only", "120", "bpm", "8", "bars", "in", "a", "minor", "/"]
    failed = 0
    for _ in range(times):
        try:
            read_prompt(random_text(dice, words))
        except Exception as error:
            print(repr(error), file=sys.stderr)
            failed += 1
    return failed


def measure(full: bool) -> list[Row]:
    """Return the costs of reading, and the count of random prompts that raise."""
    began = time.process_time()
    vocabulary()
    rows = [noted("reading the vocabulary, once", 1000 * (time.process_time() - began), "ms")]
    rows.append(noted("a prompt of one line", 1000 * cpu_seconds(SHORT, 20), "ms"))
    for name, piece in PIECES.items():
        seconds = cpu_seconds((piece * 10_000)[:10_000], 10 if full else 3)
        row = f"10,000 characters: {name}"
        milliseconds = 1000 * seconds
        usual = name != "emoji alone"
        rows.append(
            at_most(row, milliseconds, 50, "ms") if usual else noted(row, milliseconds, "ms")
        )
    times = 100_000 if full else 5_000
    failed = failures(times)
    rows.append(holds(f"{times:,} random prompts", f"{failed} raise", "0", reached=failed == 0))
    return rows


if __name__ == "__main__":
    sys.exit(run_alone(measure, "prompt"))
