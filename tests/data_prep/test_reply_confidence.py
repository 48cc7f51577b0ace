"""Fitting a bot's confidence: what is asked, what counts as right, and what cannot be fitted."""

from pathlib import Path

import numpy as np
import pytest

from chat.confidence import FEATURES
from data_prep.dialogues.episodes import episodes
from data_prep.recall_cases import CaseMaker
from data_prep.reply_confidence import answers_of, fit, held_out
from lstm_models.calibration import probability
from lstm_models.search import SearchOptions
from tests.chat.conftest import make_bot


def answers(count: int) -> list[tuple[list[float], bool]]:
    """The likelier the tokens, the more often right."""
    rng = np.random.default_rng(1)
    rows = np.c_[np.ones(count), rng.normal(size=(count, len(FEATURES) - 1))]
    return [(row.tolist(), bool(rng.random() < 1 / (1 + np.exp(-3 * row[2])))) for row in rows]


def test_confidence_tells_right_answers_from_wrong_ones() -> None:
    some = answers(2000)
    weights = fit("hash", [[one] for one in some], "by hand").weights
    sure = np.array([probability(row, weights) for row, _ in some])
    right = np.array([one for _, one in some])
    assert sure[right].mean() > sure[~right].mean() + 0.3
    pairs = [list(pair) for pair in zip(some[::2], some[1::2], strict=True)]
    assert held_out([[one] for one in some]).error < 0.05
    assert held_out(pairs).outcome.mean() > right.mean() + 0.1, "the surer answer is right more often"


@pytest.mark.parametrize("outcome", [True, False])
def test_nothing_is_fitted_where_all_is_alike(outcome: bool) -> None:
    with pytest.raises(ValueError, match=r"8 answers, . of them right: .* train the bot further"):
        fit("hash", [[(row, outcome)] for row, _ in answers(8)], "by hand")


def test_what_is_fitted_on_is_not_what_is_reported() -> None:
    held = episodes(held=True)
    parts = [{one.name for one in held if one.for_test == test} for test in (False, True)]
    assert min(map(len, parts)) > len(held) / 4 and not parts[0] & parts[1]
    assert not any(one.for_test for one in episodes(held=False))
    for_report, for_fitting = (CaseMaker([], 1, test=test) for test in (True, False))
    assert for_report.make("trained relations", 0) != for_fitting.make("trained relations", 0)


def test_an_untrained_bot_is_asked_and_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.bot.DEFAULT", SearchOptions(max_length=3))  # it never ends by itself
    bot = make_bot(tmp_path)
    found = answers_of(bot, 2)
    answers = [answer for choice in found for answer in choice]
    assert all(len(row) == len(FEATURES) for row, _ in answers) and not any(right for _, right in answers)
