"""What an index was made with."""

import ast
from importlib.metadata import packages_distributions
from pathlib import Path

import index
from index.versions import made_with

# Arrays, search among vectors, and what loads, runs and keeps a model: none of them decides how a text is divided.
_OTHERS = {
    "numpy",
    "faiss-cpu",
    "huggingface-hub",
    "sentence-transformers",
    "torch",
    "onnx",
    "onnxruntime",
    "platformdirs",
}


def test_every_library_that_reads_a_text_counts() -> None:
    """Each library that `index` imports is among the versions, so that with another one texts are read anew."""
    known = packages_distributions()
    imported = set()
    for file in Path(index.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            imported |= {name.split(".")[0] for name in names}
    libraries = {known[name][0].replace("_", "-") for name in imported if name in known} - _OTHERS - {"quoth"}
    assert libraries
    assert libraries <= set(made_with()), libraries - set(made_with())
