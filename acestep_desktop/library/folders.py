"""Where takes, projects and the program's own data live."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

APP_NAME: Final = "ACE-Step Desktop"
STEMS: Final = "Stems"
DRAGGED: Final = "Dragged"
"""Where files of clips lie, beside the folder of the takes."""

HOME_VARIABLE: Final = "ACESTEP_HOME"
"""Set it to a folder, and everything lies below that: for a memory stick, or for tests."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The two places: `root` for the person's music, `data` for what can be made again."""

    root: Path
    data: Path

    @property
    def takes(self) -> Path:
        """The takes' WAV files."""
        return self.root / "Takes"

    @property
    def stems(self) -> Path:
        """A folder for each take that has stems."""
        return self.takes / STEMS

    @property
    def dragged(self) -> Path:
        """Files of clips that were dragged into a DAW."""
        return self.root / DRAGGED

    @property
    def notes(self) -> Path:
        """The notes of takes, as MIDI files."""
        return self.root / "MIDI"

    @property
    def projects(self) -> Path:
        """Where projects are saved unless the person says otherwise."""
        return self.root / "Projects"

    @property
    def drafts(self) -> tuple[Path, ...]:
        """Every folder in which files are written aside before they get their names."""
        music = (self.root, self.takes, self.stems, self.dragged, self.notes, self.projects)
        return (*music, self.data, self.autosaves)

    @property
    def journal(self) -> Path:
        """Titles, stars, tags, trash, and what was handed out."""
        return self.root / "library.jsonl"

    @property
    def index(self) -> Path:
        """The index over this root; it can be deleted at any time."""
        import hashlib  # its library of ciphers takes longer to load than the window may

        name = hashlib.blake2b(os.fsencode(self.root), digest_size=6).hexdigest()
        return self.data / "index" / f"{name}.sqlite"

    @property
    def preferences(self) -> Path:
        """The person's settings."""
        return self.data / "preferences.json"

    @property
    def autosaves(self) -> Path:
        """The work of open projects, written aside."""
        return self.data / "Autosaves"

    @property
    def work(self) -> Path:
        """Audio that is being made, and is not yet kept."""
        return self.data / "work"


def standard_folders() -> Folders:
    """Return this person's folders: `<Music>/ACE-Step Desktop`, or all below `ACESTEP_HOME`."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return folders_below(Path(home).expanduser())
    import platformdirs

    return Folders(
        root=platformdirs.user_music_path() / APP_NAME,
        data=platformdirs.user_data_path(APP_NAME, appauthor=False),
    )


def folders_below(home: Path) -> Folders:
    """Return folders that all lie below `home`, whose data is in `home/Data`."""
    whole = home.absolute()
    return Folders(root=whole, data=whole / "Data")
