"""The README's picture of what Sketch understands, held against the vocabulary."""

from pathlib import Path

import understood

README = Path(understood.__file__).parents[1] / "README.md"


def test_the_readme_shows_the_vocabulary_as_it_is() -> None:
    text = README.read_text(encoding="utf-8")
    assert understood.with_picture(text) == text, "run python packaging/understood.py"


def test_the_picture_names_genres_instruments_sections_and_effects() -> None:
    picture = understood.picture()
    for word in ("Deep house", "Walking bass", "Vibraphone", "Breakdown", "Vinyl crackle", "7/8"):
        assert word.lower() in picture.lower()
    assert all(line.count("|") == 3 for line in picture.splitlines())


def test_only_what_is_between_the_marks_is_written_anew() -> None:
    text = f"before\n{understood.BEGIN}\nold\n{understood.END}\nafter\n"
    written = understood.with_picture(text)
    assert written.startswith(f"before\n{understood.BEGIN}")
    assert written.endswith(f"{understood.END}\nafter\n")
    assert "old" not in written
    assert understood.with_picture(written) == written
