"""The source of a package as the tests of its architecture see it: modules, rooms and imports."""

import ast
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = "acestep_desktop"
ROOT = Path(__file__).resolve().parents[1] / PACKAGE


@dataclass(frozen=True)
class Import:
    """One name imported somewhere in a module: as it stands, or inside a function."""

    target: str
    line: int
    deferred: bool
    for_types: bool

    @property
    def library(self) -> str:
        """The top-level package that is imported."""
        return self.target.partition(".")[0]


@dataclass(frozen=True)
class Module:
    """A source file with its dotted name."""

    name: str
    path: Path

    @cached_property
    def source(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, str(self.path))

    @property
    def room(self) -> str:
        """The room: `domain`, `cli`, `app` ...; empty for the package itself."""
        return [*self.name.split("."), ""][1]

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(_imports(self))


@dataclass(frozen=True)
class House:
    """All modules of a package."""

    modules: tuple[Module, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(module.name for module in self.modules)

    def module(self, name: str) -> Module | None:
        """Return the module with this name, if there is one."""
        return next((module for module in self.modules if module.name == name), None)

    def room_of(self, target: str, known: Container[str]) -> str:
        """Return the room that importing `target` reaches into; empty for a name of the package."""
        room = [*target.split("."), ""][1]
        return room if room in known or f"{PACKAGE}.{room}" in self.names else ""

    def imported_module(self, target: str) -> str | None:
        """Return the module of the house that importing `target` (maybe a name in it) loads."""
        if not (target == PACKAGE or target.startswith(f"{PACKAGE}.")):
            return None
        return target if target in self.names else target.rpartition(".")[0]


def read_house(root: Path = ROOT) -> House:
    """Return the modules below the folder of a package."""
    paths = sorted(path for path in root.rglob("*.py") if "__pycache__" not in path.parts)
    return House(tuple(Module(_dotted_name(path, root), path) for path in paths))


def _dotted_name(path: Path, root: Path) -> str:
    parts = (PACKAGE, *path.relative_to(root).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(module: Module) -> Iterator[Import]:
    for node, deferred, for_types in _walk(module.tree, deferred=False, for_types=False):
        for target in _targets(node, module):
            yield Import(target, getattr(node, "lineno", 0), deferred, for_types)


def _walk(
    node: ast.AST, *, deferred: bool, for_types: bool
) -> Iterator[tuple[ast.AST, bool, bool]]:
    """Yield every node, and whether it lies in a function, and in `if TYPE_CHECKING`."""
    for child in ast.iter_child_nodes(node):
        inside = deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        checking = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        typed = for_types or (checking and child in getattr(node, "body", ()))
        yield child, inside, typed
        yield from _walk(child, deferred=inside, for_types=typed)


def _targets(node: ast.AST, module: Module) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = _absolute(node, module)
        return [f"{base}.{alias.name}" if alias.name != "*" else base for alias in node.names]
    if isinstance(node, ast.Call):
        return _dynamic_target(node)
    return []


def _absolute(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    parts = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _dynamic_target(call: ast.Call) -> list[str]:
    """Return what `import_module("name")` and `__import__("name")` import by a plain name."""
    function = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    if function not in ("import_module", "__import__") or not call.args:
        return []
    name = call.args[0]
    if isinstance(name, ast.JoinedStr):
        name = name.values[0]
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        return [name.value.rstrip(".")]
    return []
