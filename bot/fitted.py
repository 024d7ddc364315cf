"""`fitted.json`: a confidence fitted on the user's own questions.

It is used for the reader and the model that it was fitted with, and no other.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from bot.confidence import Confidence
from bot.kept import damaged, read_kept, write_kept
from bot.reader import Reader
from bot.risk import Calibration
from index.doctor import Finding
from index.encoder import Encoder
from index.errors import SnapshotDamaged
from index.snapshot.layout import FITTED


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted confidence, what it was fitted with, and the risk that it was measured to keep.

    Attributes:
        confidence: what it is; `fitted_on` says on which questions.
        encoder_fingerprint: of the model.
        reader_fingerprint: of the reader.
        calibration: probabilities on held-out folds.
    """

    confidence: Confidence
    encoder_fingerprint: str
    reader_fingerprint: str
    calibration: Calibration

    def fits(self, reader: Reader, encoder: Encoder) -> bool:
        """Whether it was fitted with this reader and this model."""
        return (self.reader_fingerprint, self.encoder_fingerprint) == (reader.fingerprint, encoder.fingerprint)

    @property
    def note(self) -> str:
        """What an answer says of it."""
        return f"Percentages were fitted on {self.confidence.fitted_on}."


def read_fitted(folder: Path) -> Fitted | None:
    """Index folder -> what was fitted for it, or None where nothing was.

    Raises:
        SnapshotDamaged: the file is none of ours, or cut short.
    """
    entry = read_kept(folder, FITTED)
    if entry is None:
        return None
    try:
        return Fitted(
            Confidence(
                reader=str(entry["reader"]),
                encoder=str(entry["encoder"]),
                weights={str(name): float(weight) for name, weight in entry["weights"].items()},
                intercept=float(entry["intercept"]),
                threshold=float(entry["threshold"]),
                fitted_on=str(entry["fitted_on"]),
                source=str(entry["source"]),
            ),
            str(entry["encoder_fingerprint"]),
            str(entry["reader_fingerprint"]),
            Calibration(tuple(map(float, entry["right"])), tuple(map(float, entry["wrong"]))),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(folder, FITTED) from error


def write_fitted(folder: Path, fitted: Fitted) -> None:
    """Keeps it with the index; errors as `write_kept`."""
    own = fitted.confidence
    entry = {
        **asdict(own),
        "weights": dict(own.weights),
        "encoder_fingerprint": fitted.encoder_fingerprint,
        "reader_fingerprint": fitted.reader_fingerprint,
        "right": list(fitted.calibration.right),
        "wrong": list(fitted.calibration.wrong),
    }
    write_kept(folder, FITTED, entry)


def examine_fitted(folder: Path) -> Finding | None:
    """Index folder -> what `quoth doctor` says of it; None where nothing was fitted."""
    try:
        fitted = read_fitted(folder)
    except SnapshotDamaged as error:
        return Finding(FITTED, str(error))
    if fitted is None:
        return None
    own = fitted.confidence
    return Finding(f"{FITTED}: percentages fitted on {own.fitted_on}, for reader {own.reader} and {own.encoder}")
