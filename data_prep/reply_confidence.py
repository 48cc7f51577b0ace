"""Makes a bot's confidence mean something: fitted on generated conversations, measured on others of them.

The conversations are like those of the recall benchmark, of other seeds and, where messages are typed, with
others of those never trained on; one half is asked at once, one after small talk. And texts that are read,
with what they answer and what they leave open.
An answer is right when it has the value; an answer to what nobody told is wrong. Replies that refuse, or
that take nothing out of the memory, are left out: they have no confidence. Answers beside which no refusal
was thinkable are fitted on as well, though the bot gives them whatever the confidence. The search finds
several answers to a question: all are fitted on, and the one that would be chosen is measured.

F features.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from chat.bot import TAG, Bot
from chat.confidence import ReplyCalibration, claims, copied_earlier, features
from chat.evidence import Evidence
from chat.refusals import REFUSAL_STARTS, is_refusal
from data_prep.calibration import Forecasts, logistic
from data_prep.dialogues.episodes import episodes
from data_prep.dialogues.facts import Draw
from data_prep.dialogues.values import Values
from data_prep.dialogues.wording import Wordings
from data_prep.recall import BATCH, read, small_talk, talked, told
from data_prep.recall_cases import GROUPS, Asked, Case, CaseMaker
from lstm_models.calibration import probability
from lstm_models.state import ContextState

Answer = tuple[list[float], bool]  # features [F], whether it was right
Choice = list[Answer]  # all answers to one question of which one is chosen
LATER = 50  # turns
_QUESTIONS = 4  # of each text: three that it answers, one that it leaves open


def answers_of(bot: Bot, conversations: int, corpora: str | Path | None = None) -> list[Choice]:
    """What the bot could answer in so many conversations of each kind, and as many texts.

    corpora: a folder of local corpora, for what people say in between; else the project's own small talk.
    """
    plain = Bot(bot.engine)  # nothing is kept back
    maker = CaseMaker(small_talk(corpora, test=False), LATER // 2, test=False)
    found: list[Choice] = []
    for group in GROUPS:
        for turns, seeds in ((0, range(0, conversations, 2)), (LATER, range(1, conversations, 2))):
            for start in range(0, len(seeds), BATCH):
                cases = [maker.make(group, seed) for seed in seeds[start : start + BATCH]]
                found += _judged(plain, list(_asked(plain, cases, turns)))
    found += _judged(plain, list(_texts(plain, conversations)))
    return found


def _asked(bot: Bot, cases: Sequence[Case], turns: int) -> Iterator[tuple[ContextState, Asked]]:
    """Every question with the state in which it is asked, so many turns after all was told."""
    states = talked(bot, cases, told(bot, cases), range(turns // 2))
    for state, case in zip(states, cases, strict=True):
        for asked in case.questions:
            yield state, asked


def _texts(bot: Bot, count: int) -> Iterator[tuple[ContextState, Asked]]:
    """Texts never trained on that the bot has read, each with its questions."""
    passages = [one for one in episodes(held=True, folder="passages") if not one.for_test]
    for seed in range(count):
        rng = random.Random(f"reading/{seed}")
        draw = Draw(rng, Values(unseen=True), Wordings(held=True))
        fact = rng.choice(passages).make(draw)
        (state,) = read(bot, [bot.new_state()], "doc", [fact.tell(draw).text])
        for _ in range(_QUESTIONS - 1):
            question = fact.ask(draw)
            yield state, Asked(question.asked.direct, question.value)
        yield state, Asked(fact.unknown(draw).asked.direct)


def _judged(bot: Bot, pairs: Sequence[tuple[ContextState, Asked]]) -> Iterator[Choice]:
    engine = bot.engine
    for start in range(0, len(pairs), BATCH):
        part = pairs[start : start + BATCH]
        heard = read(bot, [state for state, _ in part], "user", [asked.text for _, asked in part])
        seen = [engine.focus(state) for state in heard]
        replies = engine.generate(seen, [TAG] * len(seen), bot.asking)
        for (_, asked), state, found in zip(part, seen, replies, strict=True):
            never_told = float(engine.beginnings(state, TAG, REFUSAL_STARTS).sum())
            evidence = Evidence(engine, state)
            answers = []
            for best in found:
                text = engine.tokenizer.decode(best.tokens)
                if not is_refusal(text) and claims(best, state):
                    copied = copied_earlier(best, state)
                    answers.append(
                        (features(best, copied, never_told, evidence), asked.judge(text) == "right")
                    )
            if answers:
                yield answers


def fit(model: str, choices: Sequence[Choice], fitted: str) -> ReplyCalibration:
    """The calibration of these weights. model: their sha256; fitted: on what, for people to read.

    Raises: ValueError where all answers are right, all are wrong, or there are none.
    """
    answers = [answer for choice in choices for answer in choice]
    outcome = np.array([right for _, right in answers], float)
    if len(set(outcome.tolist())) < 2:
        raise ValueError(
            f"{len(answers)} answers, {int(outcome.sum())} of them right: a confidence can be fitted only "
            "where some are right and some are wrong; train the bot further, or take more with --limit"
        )
    return ReplyCalibration(model, logistic(np.array([row for row, _ in answers]), outcome), fitted)


def held_out(choices: Sequence[Choice]) -> Forecasts:
    """The confidence of every answer that would be chosen, by weights that were fitted on the other half."""
    parts = []
    for odd in (False, True):
        weights = fit("", choices[not odd :: 2], "").weights
        best = [max((probability(row, weights), right) for row, right in one) for one in choices[odd::2]]
        parts.append(Forecasts(*(np.array(column, float) for column in zip(*best, strict=True))))
    return Forecasts.joined(parts)
