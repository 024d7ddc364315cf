"""What may import what, and who may look outside."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).parents[2]
MODULES = sorted([*(ROOT / "index").rglob("*.py"), *(ROOT / "bot").rglob("*.py")])
UNPICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def name_of(module: Path) -> str:
    return module.relative_to(ROOT).as_posix()


def imports_of(module: Path) -> set[str]:
    """A module -> the names of all it imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def importers_of(package: str) -> set[str]:
    return {name_of(m) for m in MODULES if any(name.split(".")[0] == package for name in imports_of(m))}


def calls_of(module: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(module.read_text("utf-8"))) if isinstance(node, ast.Call))


def test_the_contracts_of_the_layers_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contracts in pyproject.toml hold: index never imports bot, and both are passed through in one direction."""
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    assert cli.lint_imports(no_cache=True) == cli.EXIT_STATUS_SUCCESS


def test_index_knows_nothing_of_bot() -> None:
    """No module of index imports bot, not even within a function."""
    assert {name for name in importers_of("bot") if name.startswith("index/")} == set()


def test_one_module_imports_faiss() -> None:
    """Whoever wants another vector index changes one module."""
    assert importers_of("faiss") == {"index/vectors.py"}


def test_only_the_page_imports_gradio() -> None:
    """Whoever only asks never waits for Gradio."""
    assert {name for name in importers_of("gradio") if not name.startswith("bot/page/")} == set()


def test_only_the_encoder_imports_torch_libraries() -> None:
    """What takes seconds to import stands where a model is loaded to be exported, and in what trains the reader."""
    exporting = {"index/encoder/sentence_transformer.py", "index/encoder/export.py"}
    training = {f"bot/reader/training/{name}.py" for name in ("network", "loss", "team", "run", "export", "exported")}
    for package in ("torch", "transformers", "sentence_transformers"):
        assert importers_of(package) <= exporting | training


def test_answering_imports_nothing_of_training() -> None:
    """The trained reader is read with onnxruntime; no module but training's own imports training's."""
    training = "bot.reader.training", "bot.reader.train"
    for module in MODULES:
        if any(name.startswith(training) for name in imports_of(module)):
            assert name_of(module).startswith("bot/reader/train"), name_of(module)


def test_nothing_is_unpickled() -> None:
    """No module imports what runs code from a file, and none lets a library do so."""
    for package in UNPICKLERS:
        assert importers_of(package) == set()
    for module in MODULES:
        for call in calls_of(module):
            allowed = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
            assert allowed.get("allow_pickle", "False") == "False", name_of(module)
            assert allowed.get("trust_remote_code", "False") == "False", name_of(module)
            assert ast.unparse(call.func) not in {"eval", "exec", "compile", "__import__"}, name_of(module)
            if ast.unparse(call.func) in {"np.load", "np.save"}:
                assert allowed.get("allow_pickle") == "False", name_of(module)


def test_only_the_edge_reads_environment_and_command_line() -> None:
    """Nothing but the command, the page and __main__ touches os.environ or sys.argv."""
    edge = ("bot/cli/", "bot/__main__.py", "bot/page/")
    for module in MODULES:
        if name_of(module).startswith(edge):
            continue
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Attribute):
                assert ast.unparse(node) not in {"os.environ", "os.environb", "os.getenv", "sys.argv"}, name_of(module)
        assert not imports_of(module) & {"os.environ", "os.getenv", "sys.argv"}, name_of(module)


def test_tests_have_no_packages() -> None:
    """No __init__.py below tests: one would put a test folder before the package that it is named after."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_test_states_its_behaviour() -> None:
    """Each test has a docstring."""
    for file in sorted((ROOT / "tests" / "unit").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{name_of(file)}: {node.name}"
