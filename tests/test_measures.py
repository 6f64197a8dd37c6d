"""The measures of the house hold, and each is shown to notice what exceeds it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import measures
from tests.house import ROOT, House, read_house

CHECKOUT = ROOT.parent

MEASURES = (
    measures.long_modules,
    measures.undocumented_names,
    measures.untyped_functions,
    measures.long_functions,
    measures.broad_excepts,
    measures.prints,
    measures.dangerous_calls,
)

Measure = Callable[[House], list[str]]


@pytest.fixture(scope="module")
def house() -> House:
    return read_house()


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """All texts of the repository, tracked or about to be, but for data."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    paths = [CHECKOUT / name for name in names.stdout.splitlines()]
    kinds = (".py", ".md", ".toml", ".cfg", ".yml", ".yaml", ".sh", ".desktop", ".qss", ".json")
    return {
        str(path.relative_to(CHECKOUT)): path.read_text("utf-8", errors="replace")
        for path in paths
        if path.is_file() and (path.suffix in kinds or path.name == "run")
    }


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.__name__)
def test_the_house_keeps_its_measure(house: House, measure: Measure) -> None:
    assert measure(house) == []


def test_nothing_is_marked_as_unfinished(texts: dict[str, str]) -> None:
    assert measures.unfinished_work(texts) == []


def test_the_repository_speaks_of_the_product_alone(texts: dict[str, str]) -> None:
    assert measures.foreign_words(texts) == []


def test_there_are_nine_lines_of_tests_for_ten_of_code(house: House) -> None:
    code = measures.code_lines([module.path for module in house.modules])
    tests = measures.code_lines(sorted((CHECKOUT / "tests").rglob("*.py")))
    print(f"\n{tests:,} lines of tests / {code:,} lines of code = {tests / code:.2f}")
    assert tests / code >= measures.MIN_TEST_RATIO


def test_every_named_edge_is_used(house: House) -> None:
    for name, allowed in measures.EDGES.items():
        module = house.module(name)
        assert module is not None, f"{name} is gone: take it off the list"
        assert len(measures.broad_handlers(module)) == allowed, f"correct the entry of {name}"


DOCUMENTED = '"""A module."""\n'

PLANTED = [
    (measures.long_modules, DOCUMENTED + "a = 1\n" * 400, "has 401 lines"),
    (measures.undocumented_names, "a = 1\n", "acestep_desktop.domain.planted is not documented"),
    (measures.undocumented_names, DOCUMENTED + "def f() -> None: ...", "planted.f is not"),
    (measures.undocumented_names, DOCUMENTED + "class C: pass", "planted.C is not"),
    (
        measures.undocumented_names,
        DOCUMENTED + 'class C:\n    """C."""\n    def m(self) -> None: ...',
        "planted.C.m is not",
    ),
    (
        measures.undocumented_names,
        DOCUMENTED + "if True:\n    def f() -> None: ...",
        "planted.f is not",
    ),
    (
        measures.undocumented_names,
        DOCUMENTED + 'class C:\n    """C."""\n    def paintEvent(self) -> None: ...',
        "planted.C.paintEvent is not",
    ),
    (measures.untyped_functions, "def f(a) -> None: ...", "f is not typed"),
    (measures.untyped_functions, "def f(a: int): ...", "f is not typed"),
    (measures.untyped_functions, "def f(*a, **b: int) -> None: ...", "f is not typed"),
    (measures.untyped_functions, "def f() -> None:\n    def g(): ...", "g is not typed"),
    (measures.long_functions, "def f() -> None:\n" + "    a = 1\n" * 31, "f has 31 statements"),
    (measures.broad_excepts, "try: a\nexcept Exception: b", "except Exception in lines [2]"),
    (measures.broad_excepts, "try: a\nexcept: b", "except Exception in lines [2]"),
    (measures.broad_excepts, "try: a\nexcept (OSError, BaseException): b", "in lines [2]"),
    (measures.prints, "def f() -> None:\n    print(1)", "planted:2: print"),
    (measures.dangerous_calls, "import pickle", "planted:1: pickle"),
    (measures.dangerous_calls, "def f() -> None:\n    from marshal import loads", "marshal"),
    (measures.dangerous_calls, "eval('1')", "planted:1: eval"),
    (measures.dangerous_calls, "run('ls', shell=True)", "shell=True"),
    (measures.dangerous_calls, "run('ls', shell=flag)", "shell=flag"),
    (measures.dangerous_calls, "import torch\ntorch.load('a')", "planted:2: torch.load"),
    (measures.dangerous_calls, "load('a', trust_remote_code=True)", "trust_remote_code=True"),
    (measures.dangerous_calls, "np.load('a', allow_pickle=True)", "allow_pickle=True"),
]


@pytest.mark.parametrize(("measure", "source", "sentence"), PLANTED)
def test_a_planted_excess_is_reported(
    tmp_path: Path, measure: Measure, source: str, sentence: str
) -> None:
    found = measure(House((measures.module_of(source, tmp_path),)))
    assert len(found) == 1
    assert sentence in found[0]


def test_every_measure_has_a_planted_excess() -> None:
    assert {measure for measure, _, _ in PLANTED} == set(MEASURES)


@pytest.mark.parametrize(
    "source",
    [
        '"""M."""\nclass C(QWidget):\n    """C."""\n    def paintEvent(self) -> None: ...',
        '"""M."""\nclass C(QtCore.QObject):\n    """C."""\n    def event(self) -> None: ...',
        '"""M."""\ntry: a\nexcept BaseException:\n    b\n    raise',
        '"""M."""\ndef _private() -> None: ...',
        '"""M."""\nclass C:\n    """C."""\n    def __len__(self) -> int: ...',
        '"""M."""\ntry: a\nexcept ValueError: b',
        '"""M."""\nrun("ls", shell=False)',
        '"""M."""\ndef f() -> None:\n    """F."""\n' + "    a = 1\n" * 30,
    ],
)
def test_what_is_within_measure_is_not_reported(tmp_path: Path, source: str) -> None:
    house = House((measures.module_of(source, tmp_path),))
    assert [sentence for measure in MEASURES for sentence in measure(house)] == []


def test_a_mark_of_unfinished_work_is_reported() -> None:
    mark = "TO" + "DO"
    assert measures.unfinished_work({"a.py": f"a\n# {mark} later"}) == [f"a.py:2: {mark}"]


@pytest.mark.parametrize(
    "word", ["/root/" + "src/a.py", "an AI " + "agent", "Co-authored" + "-by: X", "issue " + "B"]
)
def test_a_word_about_the_making_is_reported(word: str) -> None:
    assert len(measures.foreign_words({"README.md": f"see {word} for more"})) == 1


def test_words_of_the_product_are_not_reported() -> None:
    fine = "A user agent, a session, /opt/homebrew/bin, ~/work/a/, an issue, a child process."
    assert measures.foreign_words({"README.md": fine}) == []


def test_blank_lines_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("a = 1\n\n   \nb = 2\n", encoding="utf-8")
    assert measures.code_lines([path]) == 2
