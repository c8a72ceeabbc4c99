"""Sizes of the code beside their aims, and three habits that must not appear; the latter fail the run."""

import ast
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# From the top row to the bottom: an app looks only at those after it.
APPS = (
    "frontdesk",
    "portal",
    "treatment",
    "plans",
    "outcomes",
    "scheduling",
    "packages",
    "intake",
    "acupoints",
    "patients",
    "practitioners",
    "services",
    "messaging",
    "clinic",
)
# What an app may use of a lower app. Of the frame, `clinic`, everything.
OPEN_TO_OTHERS = {"models", "queries", "rules", "actions"}
LONGEST_FUNCTION, MEDIAN_FUNCTION, P95_FUNCTION = 40, 8, 25
LONGEST_MODULE, LONGEST_VIEW, LONGEST_TEMPLATE = 400, 20, 120
TESTS_TO_PRODUCT = 1.4


@dataclass(frozen=True)
class Piece:
    """A function, module or template, and its length in lines."""

    where: str
    lines: int


def main() -> int:
    product = [path for app in APPS for path in python_files(ROOT / app)]
    trees = {path: ast.parse(path.read_text()) for path in product}
    functions = [piece for path, tree in trees.items() for piece in functions_of(path, tree)]
    views = [piece for piece in functions if is_view(piece)]
    modules = [Piece(relative(path), len(path.read_text().splitlines())) for path in product]
    templates = [
        Piece(relative(path), len(path.read_text().splitlines()))
        for app in APPS
        for path in sorted((ROOT / app / "templates").rglob("*.html"))
    ]
    lengths = sorted(piece.lines for piece in functions) or [0]
    print(f"{len(product)} modules, {len(functions)} functions, {len(templates)} templates")
    show("functions: median lines", statistics.median(lengths), MEDIAN_FUNCTION)
    show("functions: 95th percentile", lengths[int(0.95 * (len(lengths) - 1))], P95_FUNCTION)
    show_longest("functions: longest", functions, LONGEST_FUNCTION)
    show_longest("views: longest", views, LONGEST_VIEW)
    show_longest("modules: longest", modules, LONGEST_MODULE)
    show_longest("page templates: longest", templates, LONGEST_TEMPLATE)
    show_test_share(product)
    faults = [fault for path, tree in trees.items() for fault in faults_of(path, tree)]
    for fault in faults:
        print(f"must not be: {fault}")
    return 1 if faults else 0


def python_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "migrations" not in path.parts)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions_of(path: Path, tree: ast.AST) -> Iterator[Piece]:
    """Length from `def` to the last line, without the docstring and the decorators."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = node.end_lineno - node.lineno + 1
            if ast.get_docstring(node) is not None:
                lines -= node.body[0].end_lineno - node.body[0].lineno + 1
            yield Piece(f"{relative(path)}:{node.lineno} {node.name}", lines)


def is_view(piece: Piece) -> bool:
    module = piece.where.split(":")[0]
    return module.endswith("/views.py") or "/views/" in module


def show(what: str, value: float, aim: float) -> None:
    print(f"{what:32} {value:6.4g}   aim ≤ {aim:<5g}{'' if value <= aim else '  over'}")


def show_longest(what: str, pieces: list[Piece], aim: int) -> None:
    show(what, max((piece.lines for piece in pieces), default=0), aim)
    for piece in sorted(pieces, key=lambda piece: -piece.lines):
        if piece.lines > aim:
            print(f"    {piece.lines:5} {piece.where}")


def show_test_share(product: list[Path]) -> None:
    tests = sum(code_lines(path) for path in python_files(ROOT / "tests"))
    share = tests / max(1, sum(code_lines(path) for path in product))
    over = "" if share >= TESTS_TO_PRODUCT else "  under"
    print(f"{'test code to product code':32} {share:6.2f}   aim ≥ {TESTS_TO_PRODUCT}{over}")


def code_lines(path: Path) -> int:
    lines = (line.strip() for line in path.read_text().splitlines())
    return sum(1 for line in lines if line and not line.startswith("#"))


def faults_of(path: Path, tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    yield f"an import inside a function, {relative(path)}:{inner.lineno}"
        for name in imported_names(node):
            if name in ("django.dispatch.receiver", "django.dispatch.Signal") or ".signals." in f"{name}.":
                yield f"a signal, {relative(path)}:{node.lineno}"
            elif closed_to(path, name):
                yield f"{name} is not for other apps, {relative(path)}:{node.lineno}"


def imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def closed_to(path: Path, name: str) -> bool:
    """Whether this import reaches into a part of another app that is its own business."""
    own = path.relative_to(ROOT).parts[0]
    app, _, rest = name.partition(".")
    return app in APPS and app not in (own, "clinic") and rest.split(".")[0] not in OPEN_TO_OTHERS


if __name__ == "__main__":
    sys.exit(main())
