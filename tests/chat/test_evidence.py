"""What is noticed about the place that an answer was copied from."""

import numpy as np
import pytest

from chat.attending import Attended
from chat.bot import Bot
from chat.confidence import FEATURES, ReplyCalibration
from chat.evidence import EVIDENCE, Evidence
from chat.refusals import REFUSAL_STARTS
from chat.reply import Reply
from chat.segments import Turn
from lstm_models.search import Hypothesis
from lstm_models.state import ContextState
from tests.chat.conftest import make_bot


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    return make_bot(tmp_path_factory.mktemp("evidence"))


def seen(bot: Bot, *told: str, question: str) -> ContextState:
    """After the user told this, and asked that."""
    return bot.hear(question, bot.replay([Turn("user", text) for text in told]))


def answer(bot: Bot, state: ContextState, text: str, segment: int | None) -> Hypothesis:
    """All its tokens copied from the first token of a segment; None: none of them."""
    tokens = bot.engine.tokenizer.encode(text)
    weights = np.zeros((len(tokens), state.num_tokens), np.float32)
    if segment is not None:
        weights[:, int(np.flatnonzero(state.token_segment == segment)[0])] = 0.9
    return Hypothesis(tokens, -1.0, -1.0, [-0.5] * len(tokens), weights, np.zeros(len(tokens)), True)


def noticed(bot: Bot, state: ContextState, text: str, segment: int | None) -> dict[str, float]:
    evidence = Evidence(bot.engine, state)
    return dict(zip(EVIDENCE, evidence.features(answer(bot, state, text, segment)), strict=True))


def test_the_place_that_speaks_of_it_is_told_from_another(bot: Bot) -> None:
    state = seen(bot, "Petra rented a kayak.", "Jonas bought a drum.", question="What did Petra rent?")
    right, wrong = noticed(bot, state, "kayak", 0), noticed(bot, state, "drum", 1)
    assert right["asked names missing there"] == 0 and wrong["asked names missing there"] == 1
    assert right["asked names never told"] == wrong["asked names never told"] == 0
    assert right["asked words there"] > 0.2 and wrong["asked words there"] == 0
    assert right["asked words in the sentence"] == right["asked words there"]
    far = "words between what was copied and what is asked"
    assert right[far] < wrong[far] == pytest.approx(np.log1p(20))


def test_what_was_expected_counts(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    state = seen(bot, "Petra rented a kayak.", "Jonas bought a drum.", question="Who bought a drum?")
    logits = np.full(state.num_tokens, -12.0)
    logits[np.flatnonzero(state.token_segment == 1)[0]] = 3
    logits[state.token_segment == 2] = 99  # the question's own words are nothing that was told
    monkeypatch.setattr(bot.engine, "expected", lambda _: logits)
    right, wrong = noticed(bot, state, "Jonas", 1), noticed(bot, state, "Petra", 0)
    much, less = "how much was expected of what was copied", "how much more of something else"
    assert (right[much], right[less]) == (3, 0)
    assert (wrong[much], wrong[less]) == (-8, 8)
    assert noticed(bot, state, "Jonas", None)[much] == -8


def test_the_sentence_that_was_copied_from_counts(bot: Bot) -> None:
    state = seen(bot, "We met Ada. Fog came.", question="Where was Ada?")
    assert noticed(bot, state, "fog", 0)["asked words in the sentence"] == 0
    assert noticed(bot, state, "fog", 0)["asked words there"] == 1


def test_a_later_correction_is_noticed_but_not_the_bots_own(bot: Bot) -> None:
    told = [Turn("user", "Petra rented a kayak."), Turn("bot", "Petra actually rented it?")]
    for more, found in ((), 0.0), ((Turn("user", "Actually Petra took a canoe."),), 1.0):
        state = bot.hear("What did Petra rent?", bot.replay([*told, *more]))
        assert noticed(bot, state, "kayak", 0)["a later correction"] == found
    assert noticed(bot, state, "canoe", 2)["a later correction"] == 0


def test_what_was_copied_from_nowhere_is_far_from_everything(bot: Bot) -> None:
    state = seen(bot, "Petra rented a kayak.", question="What did Ada rent?")
    found = noticed(bot, state, "canoe", None)
    assert found["asked names never told"] == found["asked names missing there"] == 1
    assert found["least likely token of its own"] == -0.5
    assert noticed(bot, state, "kayak", 0)["least likely token of its own"] == 0
    alone = bot.hear("And you?", bot.new_state())
    assert len(noticed(bot, alone, "Me too", None)) == len(EVIDENCE), "nothing was told before"
    assert len(noticed(bot, alone, "", None)) == len(EVIDENCE)


def test_of_answers_that_say_the_same_the_likeliest_is_given(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.confidence.ASKED", 0.0)
    state = seen(bot, "Ada has a kayak.", "Bo has a drum.", question="What has Ada?")
    longest = [0.0] * len(FEATURES)
    longest[FEATURES.index("number of tokens")] = 9.0
    chooser = Bot(bot.engine, ReplyCalibration("tiny", tuple(longest), "by hand"))
    found = [answer(bot, state, text, 0) for text in ("a drum", "a kayak", "It has it: a kayak")]
    reply = chooser._settled(found, Attended(state, np.full(4, 0.01), "Is it fun?"))
    assert reply.text == "a kayak" and reply.confidence is not None and reply.confidence > 0.9


def test_small_talk_is_said_where_no_claim_is_sure(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.confidence.ASKED", 0.0)
    state = seen(bot, "Ada has a kayak.", question="Is it fun?")
    never = [0.0] * len(FEATURES)
    never[FEATURES.index("one")] = -9.0
    doubter = Bot(bot.engine, ReplyCalibration("tiny", tuple(never), "by hand"))
    claim, talk = answer(bot, state, "a kayak", 0), answer(bot, state, "Ada", None)
    attended = Attended(state, np.full(4, 0.01), "Is it fun?")
    assert doubter._settled([claim, talk], attended).text == "Ada"
    asked = Attended(state, np.full(4, 0.1), "Is it fun?")
    for found, of in (([claim, claim], attended), ([claim, talk], asked)):
        refused = doubter._settled(found, of).text
        assert bot.engine.tokenizer.encode(refused)[:2] == bot.engine.tokenizer.encode(REFUSAL_STARTS[0])[:2]


def test_what_is_stated_is_not_refused(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the network takes it for a question."""
    state = seen(bot, "Ada has a kayak.", question="My bike has been stolen!")
    never = [0.0] * len(FEATURES)
    never[FEATURES.index("one")] = -9.0
    doubter = Bot(bot.engine, ReplyCalibration("tiny", tuple(never), "by hand"))
    found, taken_wrongly = [answer(bot, state, "a kayak", 0)], np.full(4, 0.2)
    thanks = "Thanks for letting me know."
    monkeypatch.setattr(doubter, "_thanks", lambda attended: Reply.of(thanks) if attended.told else None)
    monkeypatch.setattr(doubter, "_refusal", lambda found, attended: Reply.of("You never told me."))
    for message, reply in (
        ("My bike has been stolen!", thanks),
        ("I wonder where my bike is.", "You never told me."),
        ("My sister's bike", "You never told me."),
        ("You know my bike.", "You never told me."),
    ):
        assert doubter._settled(found, Attended(state, taken_wrongly, message)).text == reply


@pytest.mark.parametrize(
    ("text", "only_asked", "something_else"),
    [
        ("Yes, Petra rented a kayak.", 0, 0),  # another form of the verb is nothing new
        ("No, Petra rented a kayak.", 1, 0),
        ("Yes, Petra rented a drum.", 0, 1),
        ("No, Petra rented a drum.", 0, 0),
        ("Nobody rented a drum.", 0, 0),
        ("No, Petra rented a kayak in May.", 1, 0),
        ("No, Jonas rented a kayak.", 0, 0),
        ("No, Petra did not rent a kayak.", 0, 0),  # says what was asked, the other way round
        ("Yes, Petra did not rent a kayak.", 0, 1),
    ],
)
def test_a_yes_or_no_goes_with_what_it_says(
    bot: Bot, text: str, only_asked: float, something_else: float
) -> None:
    state = seen(bot, "Petra rented a kayak.", "Jonas bought a drum.", question="Did Petra rent a kayak?")
    found = noticed(bot, state, text, 0)
    assert found["a no that says what was asked"] == only_asked
    assert found["a yes that says something else"] == something_else


def test_what_somebody_has_is_not_denied_by_speaking_of_it(bot: Bot) -> None:
    state = seen(bot, "Petra rented a kayak.", question="Does Petra have a kayak?")
    found = {text: noticed(bot, state, f"{text}, her kayak is rented.", 0) for text in ("Yes", "No")}
    assert found["No"]["a no that says what was asked"] == 1
    assert found["Yes"]["a yes that says something else"] == 0


def test_a_yes_says_something_else_than_a_no(bot: Bot) -> None:
    state = seen(bot, "Petra rented a kayak.", question="Did Petra rent a kayak?")
    yes, no = (answer(bot, state, f"{word}, Petra rented a kayak.", 0) for word in ("Yes", "No"))
    evidence = Evidence(bot.engine, state)
    assert evidence.said(yes) != evidence.said(no)
