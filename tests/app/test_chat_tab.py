"""The chat tab behind its widgets: turns, refusals, and where each word came from."""

from collections.abc import Iterator
from typing import Any

import pytest

from chat.bot import CopiedToken, Reply
from chat.provenance import provenance
from chat.tab import LONGEST_CONVERSATION, LONGEST_MESSAGE, Conversation, Message, respond


class Echo:
    """A bot whose memory is the tuple of what was said; it repeats the last word in two steps."""

    def new_state(self) -> Any:
        return ()

    def stream(self, message: str, state: Any) -> Iterator[Any]:
        if message == "nonsense":
            raise ValueError("the message is <empty>: write at least one word")
        word = message.split()[-1]
        yield Reply("You", 0.0, (), 0.1)
        tokens = (CopiedToken("You", 0.1, None), CopiedToken(f" {word}", 0.9, len(state)))
        yield Reply(f"You {word}", -0.5, tokens, 0.1), (*state, message, f"You {word}")


def said(bot: Any, message: Any, held: Conversation | None = None) -> list[tuple[Any, ...]]:
    return list(respond(bot, message, held))


def texts(page: list[dict[str, Any]]) -> list[str]:
    return [entry["content"] if isinstance(entry["content"], str) else entry["content"][0] for entry in page]


def test_a_reply_grows_and_the_conversation_with_it() -> None:
    first, partial, final = said(Echo(), " I am Ada ")
    assert texts(first[0]) == ["I am Ada", "…"] and first[1] == ""
    assert texts(partial[0]) == ["I am Ada", "You"]
    assert texts(final[0]) == ["I am Ada", "You Ada"]
    held = final[3]
    assert held.state == ("I am Ada", "You Ada")
    held = said(Echo(), "Hello Bob", held)[-1][3]
    assert [message.text for message in held.messages] == ["I am Ada", "You Ada", "Hello Bob", "You Bob"]
    assert held.state == ("I am Ada", "You Ada", "Hello Bob", "You Bob")


def test_a_conversation_is_a_value() -> None:
    held = said(Echo(), "I am Ada")[-1][3]
    one, other = said(Echo(), "one", held)[-1][3], said(Echo(), "two", held)[-1][3]
    assert len(held.messages) == 2 and one.state[:2] == other.state[:2] == held.state
    assert one.state[2:] == ("one", "You one") and other.state[2:] == ("two", "You two")


def test_markup_in_a_message_stays_text() -> None:
    page = said(Echo(), "<img src=x> & <b>")[-1][0]
    assert texts(page)[0] == "&lt;img src=x&gt; &amp; &lt;b&gt;"
    assert "<b>" not in texts(page)[1]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("", "Write something"),
        (" \n", "Write something"),
        (None, "Write something"),
        (["a"], "Write something"),
        ("a" * (LONGEST_MESSAGE + 1), "1,001 characters"),
    ],
)
def test_refusals_change_nothing(message: Any, words: str) -> None:
    (only,) = said(Echo(), message)
    assert words in only[2] and 'role="alert"' in only[2]


def test_what_the_bot_refuses_goes_back_into_the_box() -> None:
    held = said(Echo(), "I am Ada")[-1][3]
    page, box, note, _ = said(Echo(), "nonsense", held)[-1]
    assert len(page) == 2 and box == "nonsense" and "&lt;empty&gt;" in note


def test_a_conversation_has_an_end() -> None:
    full = Conversation((Message("user", "a"),) * LONGEST_CONVERSATION, ())  # type: ignore[arg-type]
    assert "Begin a new one" in said(Echo(), "b", full)[0][2]


NAME = (
    CopiedToken("Your", 0.1, 0),
    CopiedToken(" name", 0.2, None),
    CopiedToken(" Ze", 0.99, 0),
    CopiedToken("bu", 0.7, 0),
    CopiedToken("lon", 0.9, 0),
    CopiedToken(".", 0.3, 2),
    CopiedToken(" ", 0.9, 1),
)


def test_copied_words_are_marked_with_their_turn() -> None:
    turns = [("You", "I am <Zebulon> " + "x" * 300), ("Bot", "Hello."), ("You", "Who am I?")]
    page = provenance(Reply("Your name Zebulon.", -0.1, NAME, 0.034), turns)
    assert page.startswith('<details class="why"><summary>') and "Never told: 3 %" in page
    # One mark for a word of three tokens; the full stop behind it was not copied.
    assert '>Your name <mark title="copied from turn 1, 87 %">Zebulon<sup>1</sup></mark>.</p>' in page
    assert '<li value="1"><b>You:</b> I am &lt;Zebulon&gt; xxx' in page and "x …</li>" in page
    assert "Bot:" not in page and "Who am I?" not in page and page.count("<mark") == 1


def test_a_word_mostly_made_by_the_model_is_not_marked() -> None:
    tokens = (CopiedToken("Ze", 0.9, 0), CopiedToken("<b>lon", 0.1, 0))
    page = provenance(Reply("Ze<b>lon", 0.0, tokens, 0.0), [("You", "I am Zeb")])
    assert "<mark" not in page and "Ze&lt;b&gt;lon" in page


def test_a_reply_of_nothing_copied_says_so() -> None:
    assert "No word was copied" in provenance(
        Reply("Hi", 0.0, (CopiedToken("Hi", 0.0, None),), 0.0), [("You", "Hi")]
    )
    assert "No word was copied" in provenance(Reply("", 0.0, (), 0.0), [])
