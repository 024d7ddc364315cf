"""A model is exported once, kept, and served without PyTorch; whatever is wrong with what was kept, it is served."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizerFast

from index.encoder import fingerprint_of, load_encoder
from index.encoder.export import export
from index.encoder.exported import ExportedEncoder
from index.encoder.sentence_transformer import SentenceTransformerEncoder, load_sentence_transformer
from index.errors import EncoderError
from index.settings import DEFAULT_MODEL

pytestmark = pytest.mark.real
WORDS = "the rent of crane is due in march when was lighthouse painted red ##s ? .".split()
TEXTS = ["When was the lighthouse painted?", "rent", "The rent of the crane is due in March. " * 40, ""]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model of two layers with random weights."""
    folder = tmp_path_factory.mktemp("tiny")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), "utf-8")
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=len(vocabulary), **sizes)
    BertModel(config).save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    transformer = Transformer(str(folder / "base"), max_seq_length=64)
    model = SentenceTransformer(modules=[transformer, Pooling(16, pooling_mode="mean")], device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "models"


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on sentence-transformers may load nothing."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("it was loaded again")

    monkeypatch.setattr("index.encoder.sentence_transformer.load_sentence_transformer", fail)


def test_a_model_is_exported_once(tiny: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first time sentence-transformers loads it, then never again; its vectors are the same, and of unit length."""
    first = load_encoder(str(tiny), cache=cache)
    reference = load_sentence_transformer(str(tiny))
    forbid(monkeypatch)
    second = load_encoder(str(tiny), cache=cache)
    assert isinstance(first, ExportedEncoder)
    assert isinstance(second, ExportedEncoder)
    np.testing.assert_array_equal(first.encode(TEXTS), second.encode(TEXTS))
    np.testing.assert_allclose(second.encode(TEXTS), reference.encode(TEXTS), atol=1e-4)
    assert second.count_unknown("the 東 rent") == reference.count_unknown("the 東 rent") == 1
    assert [entry.name for entry in cache.iterdir() if entry.name.startswith(".")] == []


def test_other_weights_are_another_export(tiny: Path, cache: Path, tmp_path: Path) -> None:
    """What is kept goes by what the model is, not by where it lies."""
    load_encoder(str(tiny), cache=cache)
    moved = tmp_path / "moved"
    subprocess.run(["cp", "-r", tiny, moved], check=True)
    load_encoder(str(moved), cache=cache)
    assert len(list(cache.iterdir())) == 1
    settings = json.loads((moved / "sentence_bert_config.json").read_text("utf-8"))
    (moved / "sentence_bert_config.json").write_text(json.dumps(settings, indent=7), "utf-8")
    load_encoder(str(moved), cache=cache)
    assert len(list(cache.iterdir())) == 2


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize("damage", [cut_short, flip, Path.unlink])
@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "encoder.json"])
def test_what_was_damaged_is_made_again(tiny: Path, cache: Path, name: str, damage: Callable[[Path], None]) -> None:
    """No altered file is served, or stops anyone."""
    wanted = load_encoder(str(tiny), cache=cache).encode(TEXTS)
    [place] = cache.iterdir()
    damage(place / name)
    np.testing.assert_allclose(load_encoder(str(tiny), cache=cache).encode(TEXTS), wanted, atol=1e-6)
    assert {entry.name for entry in place.iterdir()} == {"model.onnx", "tokenizer.json", "encoder.json"}


def test_where_nothing_can_be_kept_it_serves_all_the_same(tiny: Path, tmp_path: Path) -> None:
    """A cache folder that cannot be made is no obstacle."""
    (tmp_path / "file").write_bytes(b"")
    encoder = load_encoder(str(tiny), cache=tmp_path / "file" / "models")
    assert encoder.encode(["rent"]).shape == (1, 16)


def test_what_an_older_exporter_made_goes(tiny: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same model exported otherwise takes the place of what was there."""
    load_encoder(str(tiny), cache=cache)
    [old] = cache.iterdir()
    monkeypatch.setattr("index.encoder.load.VERSION", -1)
    load_encoder(str(tiny), cache=cache)
    [new] = cache.iterdir()
    assert new != old


def test_one_that_cannot_be_exported_is_served_as_it_is(
    tiny: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its export is tried once; sentence-transformers serves it, with the same vectors as before."""
    tried = []

    def refuse(_: object) -> None:
        tried.append(1)
        raise EncoderError("model tiny cannot be exported (no)")

    monkeypatch.setattr("index.encoder.export.export", refuse)
    wanted = load_sentence_transformer(str(tiny)).encode(TEXTS)
    for _ in range(2):
        encoder = load_encoder(str(tiny), cache=cache)
        assert isinstance(encoder, SentenceTransformerEncoder)
        np.testing.assert_allclose(encoder.encode(TEXTS), wanted, atol=1e-6)
    assert tried == [1]


def test_one_that_encodes_otherwise_once_exported_is_refused(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is exported is compared with what it was made from."""
    real = ExportedEncoder.encode
    monkeypatch.setattr(ExportedEncoder, "encode", lambda self, texts: real(self, texts) + np.float32(2e-4))
    with pytest.raises(EncoderError, match=r"gives other vectors once exported: 0\.0002 apart"):
        export(load_sentence_transformer(str(tiny)))


def test_a_kept_model_answers_without_torch(essay_index: Path) -> None:
    """Whoever asks waits for no PyTorch, transformers or sentence-transformers, nor for what only others need."""
    slow = {"torch", "transformers", "sentence_transformers", "scipy", "sklearn", "matplotlib", "gradio"}
    script = (
        "import sys; from pathlib import Path; from bot.respond import open_responder;"
        f"answer = open_responder(Path({str(essay_index)!r})).answer('How much oil will Russia export to China?');"
        f"print(answer.verdict, sorted({slow!r} & set(sys.modules)))"
    )
    root = Path(__file__).parents[4]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "answered []\n"


def test_where_there_is_no_room_nothing_is_remembered(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says nothing of the model: one line names the folder, and the next time it is prepared as ever."""

    def full(_: bytes) -> bytes:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("index.encoder.export.quantised", full)
        with pytest.raises(EncoderError, match=r"cannot be prepared \(No space left on device\); make room in .*/"):
            load_encoder(cache=cache)
    assert not cache.exists()
    assert isinstance(load_encoder(cache=cache), ExportedEncoder)


def test_float32_never_passes_for_8_bits(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that cannot be exported is served in float32, and is another one then: no index mixes both."""

    def fail(_: object) -> None:
        raise EncoderError("it cannot be exported")

    served = load_encoder(cache=cache).fingerprint
    assert served == fingerprint_of(DEFAULT_MODEL)
    monkeypatch.setattr("index.encoder.export.export", fail)
    other = load_encoder(cache=cache.with_name("another"))
    assert isinstance(other, SentenceTransformerEncoder)
    assert other.fingerprint == fingerprint_of(DEFAULT_MODEL, in_8_bits=False) != served
    again = load_encoder(cache=cache.with_name("another"))
    assert again.fingerprint == other.fingerprint
