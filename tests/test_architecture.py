"""Who may import whom: the rules hold in the house, and each is shown to catch what breaks it."""

from pathlib import Path

import pytest

from tests import architecture
from tests.architecture import MAY_IMPORT, RULES, Rule
from tests.house import PACKAGE, House, read_house


@pytest.fixture(scope="module")
def house() -> House:
    return read_house()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_every_rule(house: House, rule: Rule) -> None:
    assert rule(house) == []


def test_the_house_is_read_whole(house: House) -> None:
    assert {"domain", "dsp", "child", "generation", "sketch"} <= {m.room for m in house.modules}
    assert sum(len(module.imports) for module in house.modules) > 100


def test_every_room_of_the_house_is_in_the_table(house: House) -> None:
    assert {module.room for module in house.modules} <= set(MAY_IMPORT)


def test_the_table_is_free_of_cycles() -> None:
    graph = {room: [r for r in rooms if r != room] for room, rooms in MAY_IMPORT.items()}
    assert architecture._strong_components(graph) == []


def test_the_table_keeps_the_window_out_of_the_command_line() -> None:
    assert not {"session", "ui", "app"} & set(MAY_IMPORT["cli"])


PLANTED = [
    pytest.param(
        architecture.foreign_rooms,
        {"domain/time.py": "from acestep_desktop.dsp.mixer import mix"},
        "acestep_desktop.domain.time:1: domain may not import dsp",
        id="a room that the table forbids",
    ),
    pytest.param(
        architecture.foreign_rooms,
        {"dsp/mixer.py": "def mix():\n    from acestep_desktop import library"},
        "acestep_desktop.dsp.mixer:2: dsp may not import library",
        id="inside a function, from the package",
    ),
    pytest.param(
        architecture.foreign_rooms,
        {
            "child/main.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
            "    import acestep_desktop.generation.host"
        },
        "acestep_desktop.child.main:3: child may not import generation",
        id="for types alone",
    ),
    pytest.param(
        architecture.foreign_rooms,
        {"audiofile/wav.py": "from ..library import takes"},
        "acestep_desktop.audiofile.wav:1: audiofile may not import library",
        id="by a relative name",
    ),
    pytest.param(
        architecture.foreign_rooms,
        {"sketch/__init__.py": "from .. import realtime"},
        "acestep_desktop.sketch:1: sketch may not import realtime",
        id="by a relative name in a package",
    ),
    pytest.param(
        architecture.foreign_rooms,
        {"exchange/midi.py": 'import importlib\nimportlib.import_module("acestep_desktop.ui")'},
        "acestep_desktop.exchange.midi:2: exchange may not import ui",
        id="by a name in a string",
    ),
    pytest.param(
        architecture.foreign_rooms,
        {"cli/generate.py": "from acestep_desktop.session.jobs import Jobs"},
        "acestep_desktop.cli.generate:1: cli may not import session",
        id="the session on the command line",
    ),
    pytest.param(
        architecture.foreign_rooms,
        {"cli/generate.py": "import acestep_desktop.app"},
        "acestep_desktop.cli.generate:1: cli may not import app",
        id="the window on the command line",
    ),
    pytest.param(
        architecture.foreign_rooms,
        {"attic/boxes.py": "import acestep_desktop.domain"},
        "acestep_desktop.attic.boxes: the table has no room 'attic'",
        id="a room without a place in the table",
    ),
    pytest.param(
        architecture.qt_outside_its_rooms,
        {"session/jobs.py": "from PySide6.QtWidgets import QWidget"},
        "acestep_desktop.session.jobs:1: session may not import PySide6.QtWidgets.QWidget",
        id="widgets in the session",
    ),
    pytest.param(
        architecture.qt_outside_its_rooms,
        {"session/jobs.py": "from PySide6 import QtCore, QtGui"},
        "acestep_desktop.session.jobs:1: session may not import PySide6.QtGui",
        id="QtGui in the session",
    ),
    pytest.param(
        architecture.qt_outside_its_rooms,
        {"cli/gui.py": "def run():\n    import PySide6.QtCore"},
        "acestep_desktop.cli.gui:2: cli may not import PySide6.QtCore",
        id="QtCore on the command line",
    ),
    pytest.param(
        architecture.owned_libraries,
        {"sketch/engine.py": "def load():\n    import torch.nn"},
        "acestep_desktop.sketch.engine:2: only acestep may import torch",
        id="torch outside its room",
    ),
    pytest.param(
        architecture.owned_libraries,
        {"acestep/weights.py": "from huggingface_hub import snapshot_download"},
        "acestep_desktop.acestep.weights:1: only models may import huggingface_hub",
        id="the hub outside its room",
    ),
    pytest.param(
        architecture.owned_libraries,
        {"library/takes.py": "def read():\n    import soundfile"},
        "acestep_desktop.library.takes:2: only audiofile may import soundfile",
        id="soundfile outside its room",
    ),
    pytest.param(
        architecture.owned_libraries,
        {"session/transport.py": "def play():\n    import sounddevice"},
        "acestep_desktop.session.transport:2: only realtime may import sounddevice",
        id="sounddevice outside its room",
    ),
    pytest.param(
        architecture.owned_libraries,
        {"sketch/midi.py": "def write():\n    import mido"},
        "acestep_desktop.sketch.midi:2: only exchange may import mido",
        id="mido outside its room",
    ),
    pytest.param(
        architecture.eager_heavy_libraries,
        {"dsp/filters.py": "from scipy.signal import sosfilt"},
        "acestep_desktop.dsp.filters:1: import scipy inside a function",
        id="scipy at import time",
    ),
    pytest.param(
        architecture.eager_heavy_libraries,
        {"audiofile/decode.py": "class Decoder:\n    import soundfile"},
        "acestep_desktop.audiofile.decode:2: import soundfile inside a function",
        id="soundfile in the body of a class",
    ),
    pytest.param(
        architecture.undeclared_libraries,
        {"dsp/stretch.py": "import librosa"},
        "acestep_desktop.dsp.stretch:1: librosa is not a library of ours",
        id="a library that nobody declared",
    ),
    pytest.param(
        architecture.undeclared_libraries,
        {"domain/curve.py": "import numpy as np"},
        "acestep_desktop.domain.curve:1: domain may not use numpy",
        id="numpy in the domain",
    ),
    pytest.param(
        architecture.import_cycles,
        {
            "dsp/fades.py": "import acestep_desktop.dsp.mixer",
            "dsp/mixer.py": "def mix():\n    from acestep_desktop.dsp.ramp import Ramp",
            "dsp/ramp.py": "from acestep_desktop.dsp import fades",
        },
        "acestep_desktop.dsp.fades -> acestep_desktop.dsp.mixer -> acestep_desktop.dsp.ramp"
        " -> acestep_desktop.dsp.fades",
        id="a cycle of three modules, one import deferred",
    ),
    pytest.param(
        architecture.broken_entries,
        {
            "generation/registry.py": 'ENGINE = "acestep_desktop.sketch.engine:build"',
            "sketch/engine.py": "def create():\n    pass",
        },
        "acestep_desktop.generation.registry:1: there is no acestep_desktop.sketch.engine:build",
        id="an engine whose function is missing",
    ),
    pytest.param(
        architecture.broken_entries,
        {"child/roles.py": 'ROLES = {"clock": "acestep_desktop.realtime.clock:serve"}'},
        "acestep_desktop.child.roles:1: there is no acestep_desktop.realtime.clock:serve",
        id="a role whose module is missing",
    ),
]


@pytest.mark.parametrize(("rule", "files", "sentence"), PLANTED)
def test_a_planted_violation_is_reported(
    tmp_path: Path, rule: Rule, files: dict[str, str], sentence: str
) -> None:
    assert rule(_planted(tmp_path, files)) == [sentence]


def test_every_rule_has_a_planted_violation() -> None:
    assert {case.values[0] for case in PLANTED} == set(RULES)


def test_what_the_rules_allow_is_not_reported(tmp_path: Path) -> None:
    house = _planted(
        tmp_path,
        {
            "__main__.py": "def main():\n    from acestep_desktop.cli import run",
            "app.py": "from PySide6.QtWidgets import QApplication\nimport acestep_desktop.cli",
            "session/jobs.py": "from PySide6.QtCore import QObject\nimport acestep_desktop.library",
            "ui/panel.py": "from PySide6 import QtGui\nfrom acestep_desktop.session import jobs",
            "audiofile/wav.py": "import numpy as np\ndef read():\n    import soundfile, soxr",
            "dsp/filters.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
            "    import scipy\nimport json, struct",
            "generation/registry.py": 'NAME = "acestep_desktop.sketch.engine:create"',
            "sketch/engine.py": "from . import sound\ndef create():\n    pass",
            "sketch/sound/__init__.py": "from acestep_desktop.dsp import mixer",
        },
    )
    assert [sentence for rule in RULES for sentence in rule(house)] == []


def _planted(folder: Path, files: dict[str, str]) -> House:
    root = folder / PACKAGE
    for name, source in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return read_house(root)
