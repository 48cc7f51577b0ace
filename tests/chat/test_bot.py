"""The bot on a tiny model: state in and state out, limits, provenance, and any text that people send."""

from copy import copy
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from chat import Bot
from chat.forgetting import FORGOTTEN, NOTHING_FORGOTTEN
from chat.refusals import REFUSAL_STARTS
from chat.reply import CopiedToken, copied_tokens
from chat.segments import Turn, encode_turn
from chat.telling import ABILITY
from lstm_models.config import ModelConfig
from lstm_models.engine import Engine
from lstm_models.search import Hypothesis, SearchOptions
from lstm_models.seq2seq import Seq2Seq
from lstm_models.state import ARRAYS, ContextState
from lstm_models.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    texts = ["My name is Ada.", "What is my name?", "Ada has a red boat."] * 20
    tokenizer = Tokenizer.train(texts, tmp_path_factory.mktemp("tokenizer") / "t.model", 300)
    torch.manual_seed(3)
    config = ModelConfig(
        vocab_size=300, embed_dim=8, hidden_size=8, num_heads=2, bank_size=256, max_segment=32
    )
    return Bot(Engine(Seq2Seq(config).eval(), tokenizer, model_hash="tiny"))


def test_the_state_goes_in_and_comes_out(bot: Bot) -> None:
    start = bot.new_state()
    reply, state = bot.reply("My name is Ada.", start)
    assert start.num_segments == 0 and state.num_segments == 2  # the message and the bot's own words
    assert (bot.reply("My name is Ada.", start)[0], state.num_tokens > 0) == (reply, True)
    again, _ = bot.reply("What is my name?", state)
    assert again == bot.reply("What is my name?", state)[0]  # the bot keeps nothing between calls


def test_the_bot_reads_its_own_reply(bot: Bot) -> None:
    reply, state = bot.reply("My name is Ada.", bot.new_state())
    expected = encode_turn(bot.engine.tokenizer, Turn("bot", reply.text))
    said = state.token_ids[state.token_segment == 1].tolist()
    assert said == (expected if len(expected) <= 32 else [*expected[:31], expected[-1]])


def test_streaming_ends_with_what_reply_gives(bot: Bot) -> None:
    options = SearchOptions(max_length=12, avoid_loops=False)  # an untrained model goes round in circles
    *grown, (last, state) = bot.stream("What is my name?", bot.new_state(), options)
    whole, after = bot.reply("What is my name?", bot.new_state(), options)
    assert last.text == whole.text and np.array_equal(state.token_ids, after.token_ids)
    assert all(len(first.copied) <= len(second.copied) for first, second in pairwise(grown))


def test_every_token_says_where_it_came_from(bot: Bot) -> None:
    _, state = bot.reply("My name is Ada.", bot.new_state())
    reply, _ = bot.reply("What is my name?", state)
    assert "".join(token.text for token in reply.copied).strip() == reply.text
    assert all(0 <= token.share <= 1 for token in reply.copied)
    assert all(token.segment is None or 0 <= token.segment < 3 for token in reply.copied)


def test_never_told_is_the_probability_of_saying_so(bot: Bot) -> None:
    state = bot.hear("What is my name?", bot.new_state())
    one, two = bot.engine.beginnings(state, "<reply>", ["Ada", "Ada has"])
    assert 0 < two < one < 1
    reply, _ = bot.reply("What is my name?", bot.new_state())
    assert reply.never_told == pytest.approx(
        bot.engine.beginnings(state, "<reply>", REFUSAL_STARTS).sum(), rel=1e-4
    )


def test_options_of_the_search_are_the_callers(bot: Bot) -> None:
    short, _ = bot.reply("My name is Ada.", bot.new_state(), SearchOptions(max_length=2))
    assert len(short.copied) <= 2


@pytest.mark.parametrize("message", ["", "   \n\t", "\x00\x00", "\u200f\u200e"])
def test_nothing_to_read_is_refused(bot: Bot, message: str) -> None:
    with pytest.raises(ValueError, match="empty: write at least one word"):
        bot.reply(message, bot.new_state())


@pytest.mark.parametrize("message", ["a" * 1_000_000, "word " * 5000])
def test_too_long_is_refused_with_the_limit(bot: Bot, message: str) -> None:
    with pytest.raises(ValueError, match=r"characters.* reads up to 20,000 at once; send it in parts"):
        bot.reply(message, bot.new_state())


@pytest.mark.parametrize("message", ["Ada has a red boat. " * 20, "word " * 200, "🙂" * 500, "a" * 3000])
def test_long_messages_are_read_in_several_segments(bot: Bot, message: str) -> None:
    parts = bot.parts(message)
    assert len(parts) > 1 and "".join("".join(parts).split()) == "".join(message.split())
    state = bot.hear(message, bot.new_state())
    assert state.num_segments == len(parts)
    sizes = [len(encode_turn(bot.engine.tokenizer, Turn("user", part))) for part in parts]
    assert max(sizes) <= 32


def test_sentences_stay_whole_where_they_fit(bot: Bot) -> None:
    assert set(bot.parts("Ada has a red boat. " * 3)) == {"Ada has a red boat."}


@pytest.mark.parametrize("message", ["🙂🎉", "\u202eevil\u202c Ada", "A\x00da", "<bot> <2de>", "日本"])
def test_any_other_text_is_answered(bot: Bot, message: str) -> None:
    _, state = bot.reply(message, bot.new_state())
    assert state.num_segments == 2


def test_a_state_of_another_model_is_refused(bot: Bot) -> None:
    other = Engine(bot.engine.model, bot.engine.tokenizer, model_hash="other").new_state()
    with pytest.raises(ValueError, match="another model"):
        bot.reply("Hello.", other)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none"):
        Bot.load(tmp_path / "none")


def test_other_types_are_refused(bot: Bot) -> None:
    with pytest.raises(ValueError, match="give a str"):
        bot.reply(b"Hello", bot.new_state())  # type: ignore[arg-type]


def same(one: ContextState, other: ContextState) -> bool:
    """To the byte, in every array (safetensors writes its metadata in any order)."""
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in ARRAYS)


def test_forgetting_leaves_the_state_of_a_bot_that_never_heard_it(bot: Bot) -> None:
    said = [Turn("user", "Ada has a red boat."), Turn("bot", "Nice."), Turn("user", "My code is 4417.")]
    state = bot.replay([*said, Turn("bot", "Your code is 4417."), Turn("user", "What is my name?")])
    reply, without = bot.reply("Forget what I said about my code.", state)
    assert reply.text == FORGOTTEN
    assert same(without, bot.replay([*said[:2], Turn("user", "What is my name?")]))
    assert not same(without, state.forget(2).forget(3))  # (hidden, cell) had carried it as well


def test_an_order_that_fits_nothing_is_not_said_to_be_obeyed(bot: Bot) -> None:
    state = bot.replay([Turn("user", "Ada has a red boat.")])
    reply, after = bot.reply("Forget my wifi password.", state)
    assert reply.text == NOTHING_FORGOTTEN
    assert [turn.text for turn in bot.turns_in(after)][:2] == [
        "Ada has a red boat.",
        "Forget my wifi password.",
    ]


def test_a_character_of_several_bytes_stands_whole_in_a_reply(bot: Bot) -> None:
    ids = bot.engine.tokenizer.encode("Zo\u00eb has \U0001f600")
    assert len(ids) > 8, "the vocabulary has neither letter"

    def shown(count: int, known: tuple[CopiedToken, ...] = ()) -> tuple[CopiedToken, ...]:
        nothing = np.zeros((count, 0)), np.zeros(count)
        best = Hypothesis(ids[:count], 0.0, 0.0, [0.0] * count, *nothing, finished=count == len(ids))
        return copied_tokens(bot.engine.tokenizer, best, np.zeros(0, np.int64), known)

    grown: tuple[CopiedToken, ...] = ()
    for count in range(1, len(ids) + 1):  # as it is streamed
        grown = shown(count, grown)
        assert "\ufffd" not in "".join(token.text for token in grown)
    for tokens in (grown, shown(len(ids))):
        assert "".join(token.text for token in tokens) == "Zo\u00eb has \U0001f600"


def test_a_message_is_read_in_parts_by_a_model_that_was_trained_so(bot: Bot) -> None:
    engine = copy(bot.engine)
    engine.card = {"abilities": [ABILITY]}
    apart, message = Bot(engine), "Ada has a boat. My code is 4417."
    assert bot.parts(message) == [message]
    state = apart.hear(message, apart.new_state())
    assert [turn.text for turn in apart.turns_in(state)] == ["Ada has a boat.", "My code is 4417."]
    assert same(state, apart.replay(apart.turns_in(state)))
    _, without = apart.reply("Forget that.", state)
    assert not without.num_segments, "a message is forgotten whole"


def test_a_passage_is_read_before_the_message(bot: Bot) -> None:
    _, state = bot.reply("What is my name?", bot.new_state(), passages=["Ada has a red boat."])
    assert [turn.speaker for turn in bot.turns_in(state)] == ["doc", "user", "bot"]


def test_a_reply_can_be_stopped(bot: Bot) -> None:
    options = SearchOptions(min_length=8, max_length=12)
    *_, (reply, state) = bot.stream("Ada?", bot.new_state(), options, stop=lambda: True)
    assert len(reply.copied) == 1 and bot.turns_in(state)[-1].speaker == "bot"


def test_saying_again_what_was_said_gives_the_same_state(bot: Bot) -> None:
    """A conversation that went on in memory and one read from the store are the same, to the bit."""
    _, state = bot.reply("My name is Ada.", bot.new_state())
    reply, state = bot.reply("What is my name?", state)
    stored = ContextState.from_bytes(state.to_bytes())
    assert same(stored, state)
    first, after = bot.reply("My name is Ada.", bot.new_state())
    assert same(bot.say(first.text, bot.hear("My name is Ada.", bot.new_state()), first.used), after)
    assert reply.used and all(segment < 3 and weight > 0 for segment, weight in reply.used)
