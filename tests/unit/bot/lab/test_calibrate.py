"""Fitting the confidence: what is learnt, what so few questions support, and when it is refused."""

import numpy as np
import pytest

from bot.lab.calibrate import calibrate, check_enough, fit_confidence, needed, supported
from bot.lab.questions import Gold, LabelledQuestion
from bot.risk import Calibration
from index.errors import AnswersError
from tests.unit.fakes import contents_of, responder_of

# Half of these name what stands in a sentence, the others what stands nowhere.
THINGS = "crane herring lamp rope ladder barrel anchor kettle hammer basket saddle candle".split()
ABSENT = "quagga zeppelin xylophone vortex yurt wombat ukulele tarmac sphinx rhubarb quiver pagoda".split()
TEXT = " ".join(f"A {thing} stands here." for thing in THINGS)


@pytest.mark.parametrize(("risk", "answers"), [(0.05, 59), (0.02, 149), (0.01, 299), (0.1, 29), (0.2, 14)])
def test_how_many_answers_a_risk_needs(risk: float, answers: int) -> None:
    """The textbook's figures: so many answers without an error keep it with 95% certainty, one fewer do not."""
    assert needed(risk) == answers
    assert (1 - risk) ** answers <= 0.05 < (1 - risk) ** (answers - 1)


@pytest.mark.parametrize(("n", "keeps"), [(58, False), (59, True)])
def test_the_questions_say_which_risks_they_support(n: int, *, keeps: bool) -> None:
    """With 59 right answers on top, 5% is supported and 2% is not; with 58 it is not either."""
    found = {entry.risk: entry for entry in supported(Calibration((0.9,) * n, (0.2,) * 40))}
    assert (found[0.05].threshold == 0.9) is keeps
    assert found[0.05].answered == pytest.approx(n / (n + 40) if keeps else 0.0)
    assert found[0.02].threshold is None
    assert found[0.2].threshold == 0.9


def test_the_fit_follows_the_evidence() -> None:
    """Where right quotes have more evidence, more evidence is more probable, and the threshold parts the two."""
    values = np.concatenate([np.linspace(2, 4, 30), np.linspace(-4, -2, 30)])[:, None]
    right = np.repeat([True, False], 30)
    fit = fit_confidence(["span"], values, right)
    assert fit.weights["span"] > 0
    assert ((fit.held_out >= fit.threshold) == right).all()


def test_held_out_probabilities_know_nothing_of_their_own_question() -> None:
    """Evidence that says nothing gives every question about the share of right ones, however it was labelled."""
    right = np.tile([True, False], 20)
    fit = fit_confidence(["span"], np.zeros((40, 1)), right)
    assert fit.held_out == pytest.approx(np.full(40, 0.5), abs=0.06)


@pytest.mark.parametrize(("n_right", "n_wrong"), [(9, 30), (30, 9), (0, 0)])
def test_too_few_questions_are_refused(n_right: int, n_wrong: int) -> None:
    """A fit needs ten that are answered rightly and ten that are not; how many there are is said."""
    with pytest.raises(AnswersError, match=rf"right for {n_right} of {n_right + n_wrong} questions and wrong for"):
        check_enough(np.repeat([True, False], [n_right, n_wrong]))


def test_what_was_fitted_is_for_this_reader_and_model() -> None:
    """It names the questions, and both scores are of the same questions."""
    contents = contents_of({"notes.txt": TEXT})
    document = contents.documents[0]
    questions = []
    for number, thing in enumerate(THINGS):
        sentence = next(s.span for s in contents.sentences if document.slice(s.span).startswith(f"A {thing}"))
        questions.append(LabelledQuestion(f"a{number}", f"a {thing} stands here", (Gold("notes.txt", sentence),)))
    questions += [LabelledQuestion(f"b{number}", f"which {thing}", ()) for number, thing in enumerate(ABSENT)]
    responder = responder_of(contents)
    found = calibrate(questions, responder, "24 questions of q.csv", "sha dev", workers=2)
    own = found.fitted.confidence
    assert (own.fitted_on, own.source, own.reader) == ("24 questions of q.csv", "sha dev", "sentences")
    assert (found.n_right, found.n_wrong) == (12, 12)
    assert found.fitted.fits(responder.reader, responder.encoder)
    assert found.is_better == (found.after["brier"] < found.before["brier"])
    assert len(found.fitted.calibration.right) == 12
