"""The measures of the house, each a function that returns what exceeds them as sentences."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house import House, Module

MAX_LINES = 400
MAX_STATEMENTS = 30
MAX_CYCLES = 0
MIN_TEST_RATIO = 0.9

EDGES = {
    "acestep_desktop.acestep.compiler": 1,
    "acestep_desktop.acestep.compiling": 1,
    "acestep_desktop.session.work": 1,
    "acestep_desktop.generation.host": 1,
    "acestep_desktop.child.mailbox": 1,
    "acestep_desktop.realtime.companion": 1,
    "acestep_desktop.realtime.process": 1,
    "acestep_desktop.realtime.reserve": 1,
    "acestep_desktop.realtime.stream": 2,
    "acestep_desktop.session.jobs": 1,
    "acestep_desktop.session.projects": 1,
}
"""Where `except Exception` may stand, and how often: the edges of threads and processes."""

QT_NAMES = re.compile(r"[a-z]+[A-Z]\w*|data|event|flags|index|paint|parent|run|shape|sort|type")
"""Names of Qt, such as paintEvent: in a class of Qt's their contract is Qt's."""

PRINTING = ("acestep_desktop.cli", "acestep_desktop.child.main")
"""Who speaks to a terminal: the command line, and what tells that it is started wrongly."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_FORBIDDEN_CALLS = {
    "eval": "eval",
    "exec": "exec",
    "pickle.load": "pickle",
    "pickle.loads": "pickle",
    "torch.load": "torch.load",
    "os.system": "os.system",
}
_FORBIDDEN_IMPORTS = ("pickle", "marshal", "shelve", "dill", "cloudpickle")
_FORBIDDEN_KEYWORDS = {"shell": True, "trust_remote_code": True, "allow_pickle": True}
_UNFINISHED = re.compile(
    r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b"
)
_FOREIGN_TO_THE_PRODUCT = re.compile(
    r"(?<![\w.~])/(root|work)/\w+/|\b[Ii]ssue [A-K]\b"
    r"|(?i:\bco-authored-by|\b(ai|coding) (agent|assistant)|\bsub-?agent|generated (by|with) ai)"
)
"""Folders of one person's machine, and who or what helped to write the program."""


def long_modules(house: House) -> list[str]:
    """No module has more than 400 lines."""
    counts = {module.name: module.source.count("\n") for module in house.modules}
    return [f"{name} has {count} lines" for name, count in counts.items() if count > MAX_LINES]


def undocumented_names(house: House) -> list[str]:
    """Every public module, class, function and method says what it is."""
    found = [m.name for m in house.modules if not ast.get_docstring(m.tree)]
    for module in house.modules:
        found += [
            f"{module.name}.{name}"
            for name, node in _public_definitions(module.tree)
            if not ast.get_docstring(node) and node not in _qt_overrides(module.tree)
        ]
    return [f"{name} is not documented" for name in found]


def untyped_functions(house: House) -> list[str]:
    """Every parameter and every result has a type."""
    return [
        f"{module.name}:{node.lineno}: {node.name} is not typed"
        for module in house.modules
        for node in _functions(module.tree)
        if not _is_typed(node)
    ]


def long_functions(house: House) -> list[str]:
    """No function has more than 30 statements, those of functions inside it included."""
    return [
        f"{module.name}:{node.lineno}: {node.name} has {count} statements"
        for module in house.modules
        for node in _functions(module.tree)
        if (count := _statements(node)) > MAX_STATEMENTS
    ]


def broad_excepts(house: House) -> list[str]:
    """`except Exception` stands at the named edges alone, bare excepts nowhere."""
    found = []
    for module in house.modules:
        lines = broad_handlers(module)
        if len(lines) > EDGES.get(module.name, 0):
            found.append(f"{module.name}: except Exception in lines {lines}")
    return found


def broad_handlers(module: Module) -> list[int]:
    """Return the lines in which a module catches everything and goes on."""
    handlers = [n for n in ast.walk(module.tree) if isinstance(n, ast.ExceptHandler)]
    return sorted(handler.lineno for handler in handlers if _is_broad(handler))


def prints(house: House) -> list[str]:
    """Nothing but the command line prints."""
    return [
        f"{module.name}:{node.lineno}: print"
        for module in house.modules
        if not module.name.startswith(PRINTING)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    ]


def dangerous_calls(house: House) -> list[str]:
    """No pickle, no eval, no shell, no code that came with weights."""
    found = []
    for module in house.modules:
        found += [
            f"{module.name}:{imported.line}: {imported.library}"
            for imported in module.imports
            if imported.library in _FORBIDDEN_IMPORTS
        ]
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call):
                found += [f"{module.name}:{node.lineno}: {what}" for what in _dangers(node)]
    return found


def unfinished_work(texts: dict[str, str]) -> list[str]:
    """No mark says that something is left to do."""
    return _lines_with(_UNFINISHED, texts)


def foreign_words(texts: dict[str, str]) -> list[str]:
    """The product alone is spoken of: no tool, path or person of its making."""
    return _lines_with(_FOREIGN_TO_THE_PRODUCT, texts)


def code_lines(paths: list[Path]) -> int:
    """Return how many lines of these files are not blank."""
    return sum(
        bool(line.strip()) for path in paths for line in path.read_text("utf-8").splitlines()
    )


def _lines_with(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    return [
        f"{name}:{number}: {match[0]}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := pattern.search(line))
    ]


def _public_definitions(
    node: ast.Module | ast.ClassDef, prefix: str = ""
) -> Iterator[tuple[str, Definition]]:
    """Yield public classes, functions and methods; not what is local, nor overloads or setters."""
    for child in _definitions(node):
        if child.name.startswith("_") or _is_variant(child):
            continue
        yield prefix + child.name, child
        if isinstance(child, ast.ClassDef):
            yield from _public_definitions(child, f"{prefix}{child.name}.")


def _definitions(node: ast.AST) -> Iterator[Definition]:
    """Yield what is defined in a body, also below `if` and `try`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield child
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _definitions(child)


def _is_variant(node: Definition) -> bool:
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    return any(d == "overload" or d.endswith((".setter", ".deleter")) for d in decorators)


def _functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def _qt_overrides(tree: ast.Module) -> set[ast.AST]:
    """Return the methods that Qt calls: of Qt's names, in classes that derive from Qt's."""
    return {
        method
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(re.fullmatch(r"(\w+\.)?Q[A-Z]\w*", ast.unparse(base)) for base in node.bases)
        for method in _definitions(node)
        if QT_NAMES.fullmatch(method.name)
    }


def _is_typed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    if plain and plain[0].arg in ("self", "cls"):
        plain = plain[1:]
    rest = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    everything = [*plain, *arguments.kwonlyargs, *rest]
    return node.returns is not None and all(a.annotation is not None for a in everything)


def _statements(node: ast.AST) -> int:
    """Count statements as pylint does: not the definition itself, nor its docstring."""
    inner = [n for n in ast.walk(node) if isinstance(n, ast.stmt) and n is not node]
    documented = ast.get_docstring(node) is not None  # type: ignore[arg-type]
    return len(inner) - documented


def _is_broad(handler: ast.ExceptHandler) -> bool:
    """Return whether it swallows everything; one that cleans up and raises again does not."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    if handler.type is None:
        return True
    names = {ast.unparse(n) for n in ast.walk(handler.type) if isinstance(n, ast.expr)}
    return bool(names & {"Exception", "BaseException"})


def _dangers(call: ast.Call) -> list[str]:
    name = ast.unparse(call.func)
    found = [_FORBIDDEN_CALLS[name]] if name in _FORBIDDEN_CALLS else []
    for keyword in call.keywords:
        forbidden = _FORBIDDEN_KEYWORDS.get(keyword.arg or "")
        if forbidden is not None and not _is_false(keyword.value):
            found.append(f"{keyword.arg}={ast.unparse(keyword.value)}")
    return found


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def module_of(source: str, folder: Path, name: str = "domain/planted.py") -> Module:
    """Return a module with this source, for tests of the measures."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return Module("acestep_desktop." + name.removesuffix(".py").replace("/", "."), path)
