"""What every unit test shares."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from index.build import build_index
from index.encoder import Encoder, load_encoder
from index.settings import IndexSettings
from tests.unit.fakes import SETTINGS, TEXTS, FakeEncoder, write_corpus

# The same examples in every run, so that a red run is a change's doing; `--hypothesis-profile=hunt` looks further.
# How long an example takes to draw says more of the machine's other work than of the code.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quoth", _UNTIMED, derandomize=True, max_examples=100)
settings.register_profile("hunt", _UNTIMED, max_examples=3000)
settings.load_profile("quoth")

CORPUS = Path(__file__).parents[2] / "corpus"


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder of two documents, of text and Markdown."""
    return write_corpus(tmp_path / "corpus", TEXTS)


@pytest.fixture
def index(corpus: Path, tmp_path: Path) -> Path:
    """A snapshot of that folder, made with the fake encoder."""
    folder = tmp_path / "index"
    build_index([corpus], folder, SETTINGS, FakeEncoder)
    return folder


@pytest.fixture(scope="session")
def real_encoder() -> Encoder:
    """The model that ships; only for tests marked `real`."""
    return load_encoder()


@pytest.fixture(scope="session")
def essay_index(real_encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of the essay, made with the model that ships; only for tests marked `real`."""
    folder = tmp_path_factory.mktemp("essay") / "index"
    build_index([CORPUS], folder, IndexSettings(), lambda: real_encoder)
    return folder
