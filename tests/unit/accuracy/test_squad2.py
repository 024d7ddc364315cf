"""Figures of SQuAD's own setting: each question with its paragraph."""

import numpy as np

from tests.accuracy.squad2 import Found, paragraph_figures


def test_paragraph_figures_by_hand() -> None:
    """Two answerable questions with F1 1 and 0.5, two that are not; refusing below 1.5 is best."""
    found = [Found(3.0, 1.0, 1.0), Found(2.0, 0.5, 0.0), Found(1.0, 0.0, 0.0), Found(0.0, 0.0, 0.0)]
    lines = list(paragraph_figures(found, np.array([True, True, False, False])))
    assert lines[0] == "F1 of the answerable, no threshold: 0.750 (EM 0.500)"
    assert lines[1] == "AUROC, answerable or not: 1.000"
    assert lines[2].endswith("0.875 / 0.750 / 1.000")
    assert lines[3].endswith("0.875 / 0.750 / 1.000")
