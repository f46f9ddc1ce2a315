"""The shape of the code, read from its syntax trees: what no linter here looks at, and the house promises."""

import ast
import fnmatch
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "ecluse"

STAGES = {"admit", "classify", "decide", "mask", "record", "route", "send", "unmask"}
DRY = ("domain", "passage", "prove")
HTTP_CLIENTS = ("aiohttp", "http.client", "httpx", "httpx2", "requests", "socket", "urllib.request", "urllib3")
FILE_LINES = 400
FUNCTION_LINES = 60

# Built in pieces, so that this file does not have what it looks for.
REGISTRY_HOSTS = re.compile("|".join((r"pythonhosted" + r"\.org", r"pypi" + r"\.org", r"npmjs" + r"\.org")))
MACHINE_PATHS = re.compile(r"(?<![\w.~:/-])/(?:home|root|Users|work|mnt)/[\w.]")
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b|NotImplemented" + "Error")


@cache
def tree() -> tuple[Path, ...]:
    """List every file that .gitignore does not name."""
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split() if line]
    return tuple(_walk(ROOT, [".git", *ignored]))


def _walk(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored):
            continue
        if path.is_dir():
            yield from _walk(path, ignored)
        else:
            yield path


@cache
def texts() -> dict[str, str]:
    """Return every text file of the tree by its name; what does not decode is no text."""
    found: dict[str, str] = {}
    for path in tree():
        try:
            found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


@cache
def parsed() -> dict[str, ast.Module]:
    return {name: ast.parse(text, name) for name, text in texts().items() if name.endswith(".py")}


def sources(*packages: str) -> dict[str, ast.Module]:
    """Return the modules of src/ecluse, or of some of its packages."""
    under = tuple(f"src/ecluse/{package}/" for package in packages) or ("src/ecluse/",)
    return {name: module for name, module in parsed().items() if name.startswith(under)}


def imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def lines_with(pattern: re.Pattern[str], *, only: str = "") -> list[str]:
    return [
        f"{name}:{number}"
        for name, text in texts().items()
        if name.endswith(only)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_a_file_stays_under_the_limit_of_lines() -> None:
    long = {name: text.count("\n") for name, text in texts().items() if name.endswith(".py")}
    assert {name: lines for name, lines in long.items() if lines > FILE_LINES} == {}


def test_a_function_stays_under_the_limit_of_lines() -> None:
    assert [
        f"{name}:{node.lineno} {node.name}"
        for name, module in parsed().items()
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= FUNCTION_LINES
    ] == []


def test_each_module_opens_with_its_law() -> None:
    assert [name for name, module in sources().items() if module.body and not ast.get_docstring(module)] == []


def test_an_init_only_says_its_law_and_re_exports() -> None:
    def plain(node: ast.stmt) -> bool:
        if isinstance(node, ast.Assign):
            return [ast.unparse(target) for target in node.targets] == ["__all__"]
        return isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)

    inits = {name: module for name, module in sources().items() if name.endswith("__init__.py")}
    assert [name for name, module in inits.items() if not all(map(plain, module.body))] == []


def test_the_passage_has_its_eight_stages_and_no_other() -> None:
    folders = {path.parent.name for path in (SOURCE / "passage").glob("*/__init__.py")}
    assert folders == STAGES


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_each_stage_has_tests_beside_it(stage: str) -> None:
    assert list((ROOT / "tests" / "passage" / stage).rglob("test_*.py"))


def test_only_the_runner_catches_everything() -> None:
    def broad(node: ast.AST) -> bool:
        if not isinstance(node, ast.ExceptHandler):
            return False
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        return any(kind is None or ast.unparse(kind) in {"Exception", "BaseException"} for kind in kinds)

    catching = {name for name, module in sources().items() if any(map(broad, ast.walk(module)))}
    assert catching <= {"src/ecluse/edge/runner.py"}


def test_two_modules_reach_the_http_client_one_of_them_with_content() -> None:
    importers = {
        n
        for n, module in sources().items()
        if any(f"{i}.".startswith(f"{c}.") for i in imports(module) for c in HTTP_CLIENTS)
    }
    # outward.py carries nothing of a caller: it shows witnesses hashes and signatures.
    assert importers == {"src/ecluse/edge/upstream.py", "src/ecluse/edge/outward.py"}


def test_the_domain_needs_the_standard_library_alone() -> None:
    assert {
        f"{name}: {module}"
        for name, parsed_module in sources("domain").items()
        for module in imports(parsed_module)
        if module.split(".")[0] not in sys.stdlib_module_names and not module.startswith("ecluse.domain")
    } == set()


def test_the_domain_is_frozen() -> None:
    def loose(node: ast.AST) -> bool:
        if not isinstance(node, ast.ClassDef):
            return False
        marks = [ast.unparse(mark) for mark in node.decorator_list if "dataclass" in ast.unparse(mark)]
        return any(mark != "dataclass(frozen=True, slots=True, kw_only=True)" for mark in marks)

    assert [
        f"{name}:{node.lineno}"
        for name, module in sources("domain").items()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and loose(node)
    ] == []


def test_the_dry_packages_open_no_file() -> None:
    reaches = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}

    def called(node: ast.AST) -> str:
        if not isinstance(node, ast.Call):
            return ""
        return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")

    assert [
        f"{name}: {called(node)}"
        for name, module in sources(*DRY).items()
        for node in ast.walk(module)
        if called(node) in reaches
    ] == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED, only=".py") == []


def test_no_layer_is_dodged_by_a_type_checking_block() -> None:
    flag = "TYPE_" + "CHECKING"
    assert [name for name, text in texts().items() if name.endswith(".py") and flag in text] == []


def test_no_registry_host_is_in_the_tree() -> None:
    assert lines_with(REGISTRY_HOSTS) == []


def test_no_path_of_a_machine_is_in_the_tree() -> None:
    assert lines_with(MACHINE_PATHS) == []


REASONED = re.compile(r"noqa: ?[A-Z]+\d+(?:, ?[A-Z]+\d+)* - \S|type: ignore\[[\w, -]+\](?: - |\s+# ?)\S")


def test_each_suppression_carries_its_reason() -> None:
    bare: list[str] = []
    for name, text in texts().items():
        if not name.endswith(".py"):
            continue
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            mark = token.type == tokenize.COMMENT and re.search(r"# ?(?:ruff: )?(?:noqa|type: ?ignore)\b", token.string)
            if mark and not REASONED.search(token.string):
                bare.append(f"{name}:{token.start[0]}")
    assert bare == []


# What the dry packages may import besides each other: no I/O, no clock, no chance, no thread (decision 7).
DRY_LIBRARY = {
    "abc", "array", "base64", "binascii", "bisect", "collections", "dataclasses", "datetime", "difflib", "enum",
    "functools", "hashlib", "heapq", "hmac", "html", "importlib", "ipaddress", "itertools", "json", "math",
    "operator", "pkgutil", "re", "struct", "types", "typing", "unicodedata", "zlib",
}  # fmt: skip
DRY_THIRD_PARTY = {"cedarpy", "cryptography", "msgspec", "numpy", "re2"}
DRY_EXTRAS = {"z3": "ecluse.prove.symbolic"}
"""What one package alone may import, which is loaded only when its extra is asked for: a solver is CPU work."""


def test_the_dry_packages_import_from_an_allow_list() -> None:
    def allowed(name: str, file: str) -> bool:
        top = name.split(".", maxsplit=1)[0]
        if top in DRY_EXTRAS:
            return file.startswith(f"src/{DRY_EXTRAS[top].replace('.', '/')}/")
        return top in DRY_LIBRARY | DRY_THIRD_PARTY or name.startswith(
            ("ecluse.domain", "ecluse.passage", "ecluse.prove")
        )

    assert {
        f"{name}: {module}"
        for name, tree_ in sources(*DRY).items()
        for module in imports(tree_)
        if not allowed(module, name)
    } == set()
