"""The bot: a message and a context state in, a reply and the next state out. It holds no conversation.

T tokens of a reply, M tokens in the memory bank.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from chat.attending import Attended, attend
from chat.confidence import MEANT, REFUSE, ReplyCalibration, claims
from chat.echo import repeats_rightly
from chat.evidence import Evidence
from chat.forgetting import FORGOTTEN, NOTHING_FORGOTTEN, in_a_row, meant_by, order_in, with_quotes
from chat.refusals import REFUSAL_STARTS, is_refusal
from chat.reply import CopiedToken, Reply, copied_tokens, used_segments
from chat.segments import SPEAKERS, Turn, encode_turn
from chat.spelling import as_told
from chat.splitting import MAX_CHARACTERS, split_text
from chat.telling import ABILITY, is_statement, things_told
from lstm_models.engine import Engine
from lstm_models.search import Constraint, Hypothesis, SearchOptions
from lstm_models.state import ContextState

MAX_REPLY = 96  # tokens, however short the question
PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained" / "chat"
TAG = "<reply>"
DEFAULT = SearchOptions(max_length=MAX_REPLY, no_repeat_ngram_size=3)
CHOICE = 6  # answers to what is asked, of which one is chosen
KEPT_BACK = 32  # tokens of a streamed answer to a question: a longer one is shown as it grows, and stands


class Bot:
    """A chatbot on one checkpoint; many conversations can use it at once.

    With a calibration it chooses one of several answers to what is asked, says that nobody told it where none
    is likely to be right, and does not say the same in all small talk.
    """

    def __init__(self, engine: Engine, calibration: ReplyCalibration | None = None) -> None:
        self.engine, self.calibration = engine, calibration
        # A whole sentence: its end is copied, too, and can be that of a text about something else.
        self.asking = replace(
            DEFAULT, beam_size=CHOICE, n_best=CHOICE, last_tokens=engine.tokenizer.sentence_ends
        )

    @classmethod
    def load(cls, path: str | Path | None = None) -> Bot:
        """The shipped bot, or that in the folder `path`. Raises ValueError if there is none there."""
        folder = Path(path) if path is not None else PRETRAINED
        engine = Engine.load(folder)
        if engine.card.get("task", "chat") != "chat":
            raise ValueError(
                f"{folder} holds a model for {engine.card['task']!r}, not for chat: give a chat checkpoint"
            )
        return cls(engine, ReplyCalibration.load(folder, engine.model_hash))

    def new_state(self) -> ContextState:
        """The empty memory that a conversation begins with."""
        return self.engine.new_state(packed=True)

    def reply(
        self,
        message: str,
        state: ContextState,
        options: SearchOptions | None = None,
        passages: Sequence[str] = (),
    ) -> tuple[Reply, ContextState]:
        """The reply to a message, and the state in which both have been read.

        passages: read before the message, as what a document says. A message that orders to forget ("forget
        that") is obeyed, as far as the state's bank reaches.
        Raises ValueError for an empty or overlong message, or a state of another model.
        """
        if (obeyed := self._obeyed(message, state)) is not None:
            return obeyed
        heard = self.hear(message, self.hear_all(passages, state))
        reply = self.answers([heard], options)[0]
        return reply, self.say(reply.text, heard, reply.used)

    def answers(self, heard: Sequence[ContextState], options: SearchOptions | None = None) -> list[Reply]:
        """The replies to the newest segment of each state."""
        attended = [self._attended(state) for state in heard]
        manners = [options or self._manner(one) for one in attended]
        found: dict[int, list[Hypothesis]] = {}
        for manner in dict.fromkeys(manners):
            rows = [row for row, own in enumerate(manners) if own == manner]
            best = self.engine.generate([attended[row].seen for row in rows], [TAG] * len(rows), manner)
            found |= dict(zip(rows, best, strict=True))
        return [self._settled(found[row], one) for row, one in enumerate(attended)]

    def stream(
        self,
        message: str,
        state: ContextState,
        options: SearchOptions | None = None,
        passages: Sequence[str] = (),
        stop: Callable[[], bool] | None = None,
        seldom: bool = False,
    ) -> Iterator[Reply | tuple[Reply, ContextState]]:
        """The reply as it grows, a token more each time; last of all the whole reply with the next state.

        stop: asked after each token; once it says True, the reply ends there. A bot with a calibration
        answers what is asked in one piece, when it has chosen.
        seldom: only the whole reply is wanted, so that parts may come, and stop be asked, now and then.
        """
        if (obeyed := self._obeyed(message, state)) is not None:
            yield obeyed
            return
        heard = self.hear(message, self.hear_all(passages, state))
        attended = self._attended(heard)
        manner = options or self._manner(attended)
        if manner.beam_size > 1:  # chosen when all are there
            found = self.engine.generate([attended.seen], [TAG], manner)[0]
        else:
            stands = self.calibration is None or not (attended.asked or attended.told)
            best: Hypothesis | None = None
            copied: tuple[CopiedToken, ...] = ()
            for best in self.engine.stream(attended.seen, TAG, manner, seldom):
                if not best.finished and (stands or len(best.tokens) > KEPT_BACK):
                    part = self._reply(best, attended, copied)
                    copied = part.copied
                    yield part
                if stop is not None and stop():
                    break
            assert best is not None  # a message is never empty, so there is always an answer
            found = [best]
        reply = self._settled(found, attended)
        yield reply, self.say(reply.text, heard, reply.used)

    def hear(self, message: str, state: ContextState, speaker: str = "user") -> ContextState:
        """The state in which a message (or a passage: speaker "doc") has been read, without a reply to it.

        A long one is read in several segments.
        """
        if not isinstance(message, str):
            raise ValueError(f"a message of type {type(message).__name__}: give a str")
        if len(message) > MAX_CHARACTERS:
            raise ValueError(
                f"the message has {len(message):,} characters: the bot reads up to {MAX_CHARACTERS:,} "
                "at once; send it in parts, or attach it as a document"
            )
        parts = self.parts(message)
        if not parts:
            raise ValueError("the message is empty: write at least one word")
        for part in parts:
            state = self._read(state, encode_turn(self.engine.tokenizer, Turn(speaker, part)))
        return state

    def hear_all(self, passages: Sequence[str], state: ContextState) -> ContextState:
        """The state in which passages of documents have been read, one after the other."""
        for passage in passages:
            state = self.hear(passage, state, "doc")
        return state

    def say(self, text: str, state: ContextState, used: Sequence[tuple[int, float]] = ()) -> ContextState:
        """The state in which the bot has read its own reply, and noted what the reply copied."""
        usage = state.usage.copy()
        for segment, weight in used:
            usage[segment] += np.float32(weight)
        return self._read(replace(state, usage=usage), self._own_words(text))

    def parts(self, text: str) -> list[str]:
        """The texts of the segments that a message or passage is read in."""
        longest = self.engine.config.max_segment - 2  # the speaker's tag and the end
        told = things_told(text) if ABILITY in self.engine.card.get("abilities", ()) else [text]
        return [part for one in told for part in split_text(self.engine.tokenizer, one, longest)]

    def replay(self, turns: Sequence[Turn], state: ContextState | None = None) -> ContextState:
        """The state in which all these turns have been read, the bot's own as given, nothing generated."""
        state = self.new_state() if state is None else state
        for turn in turns:
            if turn.speaker == "bot":
                state = self.say(turn.text, state)
            else:
                state = self.hear(turn.text, state, turn.speaker)
        return state

    def turns_in(self, state: ContextState) -> list[Turn]:
        """The segments that the state's bank still holds, as text; a message can be several."""
        tokenizer = self.engine.tokenizer
        speakers = {tokenizer.tag_id(f"<{speaker}>"): speaker for speaker in SPEAKERS}
        segments = [
            state.token_ids[state.token_segment == number] for number in np.unique(state.token_segment)
        ]
        return [Turn(speakers[int(ids[0])], tokenizer.decode(ids[1:].tolist())) for ids in segments]

    def forget(self, state: ContextState, gone: Collection[int]) -> ContextState:
        """The state that would be there had the turns in `gone` (indices of `turns_in`) never been read.

        What had left the bank before is forgotten, too: only the conversation's text could bring it back.
        """
        return self.replay([turn for place, turn in enumerate(self.turns_in(state)) if place not in gone])

    def _obeyed(self, message: str, state: ContextState) -> tuple[Reply, ContextState] | None:
        """A reply and a state without the turns that an order to forget means; None for other messages."""
        order = order_in(message) if isinstance(message, str) else None
        if order is None:
            return None
        turns, places = in_a_row(self.turns_in(state))
        gone = meant_by(order, turns)
        if not gone:
            return Reply.of(NOTHING_FORGOTTEN), self.say(NOTHING_FORGOTTEN, self.hear(message, state))
        kept = self.forget(state, {place for turn in with_quotes(turns, gone) for place in places[turn]})
        return Reply.of(FORGOTTEN), kept

    def _read(self, state: ContextState, ids: list[int]) -> ContextState:
        return self.engine.read([state], [ids])[0]

    def _attended(self, heard: ContextState) -> Attended:
        return attend(self.engine, heard, TAG, thanks=self.calibration is not None)

    def _manner(self, attended: Attended) -> SearchOptions:
        """How to search: several answers to what is asked, a sample for small talk, told by a calibration.

        The seed is a function of what was said, so that the same conversation goes on the same way.
        """
        if self.calibration is None:
            return DEFAULT
        if attended.asked:
            return self.asking
        return varied(zlib.crc32(attended.seen.token_ids.astype("<i4").tobytes()))

    def _settled(self, found: Sequence[Hypothesis], attended: Attended) -> Reply:
        """The reply that answers become: the one that is likeliest right, or a refusal where none is."""
        likeliest = self._reply(found[0], attended)
        if self.calibration is None or not found[0].finished:
            return likeliest
        shown = len(found) == 1 and len(found[0].tokens) > KEPT_BACK  # perhaps, and it stands
        if attended.told and not shown and not repeats_rightly(likeliest.copied, attended.told):
            return self._thanks(attended) or likeliest
        if not attended.asked or not (is_refusal(likeliest.text) or claims(found[0], attended.seen)):
            return likeliest
        evidence, calibration = Evidence(self.engine, attended.seen), self.calibration
        judged = [
            (calibration.confidence(one, attended.seen, attended.never_told, evidence) or 0.0, one)
            for one in found
            if not is_refusal(self.engine.tokenizer.decode(one.tokens))
        ]
        sure, best = max(judged, key=lambda pair: pair[0], default=(0.0, found[0]))
        if len(found) == 1 and len(best.tokens) > KEPT_BACK:  # and was shown
            return replace(likeliest, confidence=sure or None)
        if sure >= REFUSE:
            said = evidence.said(best)  # of answers that say the same, the likeliest is worded best
            best = next(one for _, one in judged if evidence.said(one) == said)
            reply = self._reply(best, attended)
            copied = as_told(reply.copied, evidence.texts.__getitem__)
            text = "".join(token.text for token in copied).strip()
            return replace(reply, text=text, copied=copied, confidence=sure)
        # Questions of small talk have answers that say nothing of what was told.
        talk = next((one for _, one in judged if not claims(one, attended.seen)), None)
        if talk is None or attended.never_told >= MEANT:
            stated = is_statement(attended.message)  # of which there is nothing to refuse
            return (self._thanks(attended.for_thanks()) if stated else None) or self._refusal(found, attended)
        return self._reply(talk, attended)

    def _thanks(self, attended: Attended) -> Reply | None:
        """The likeliest reply to something told that repeats nothing wrongly; None where all do."""
        found = self.engine.generate([attended.seen], [TAG], self.asking)[0]
        replies = (self._reply(one, attended) for one in found)
        fitting = (one for one in replies if repeats_rightly(one.copied, attended.told))
        return next((one for one in fitting if not is_refusal(one.text)), None)

    def _refusal(self, found: Sequence[Hypothesis], attended: Attended) -> Reply:
        """The likeliest refusal, one of those found if there is one."""
        for one in found:
            if is_refusal(self.engine.tokenizer.decode(one.tokens)):
                return self._reply(one, attended)
        start = self.engine.tokenizer.encode(REFUSAL_STARTS[int(attended.refusals.argmax())])
        prefix = [Constraint(prefix=tuple(start))]
        return self._reply(self.engine.generate([attended.seen], [TAG], DEFAULT, prefix)[0][0], attended)

    def _own_words(self, text: str) -> list[int]:
        """The reply as the bot reads it back, so that it remembers what it said."""
        ids = encode_turn(self.engine.tokenizer, Turn("bot", text))
        return (
            [*ids[: self.engine.config.max_segment - 1], ids[-1]]
            if len(ids) > self.engine.config.max_segment
            else ids
        )

    def _reply(self, best: Hypothesis, attended: Attended, known: tuple[CopiedToken, ...] = ()) -> Reply:
        return Reply(
            self.engine.tokenizer.decode(best.tokens).strip(),
            best.score,
            copied_tokens(self.engine.tokenizer, best, attended.seen.token_segment, known),
            attended.never_told,
            float(best.null_weights.max(initial=0.0)),
            used_segments(best, attended.seen),
        )


def varied(seed: int) -> SearchOptions:
    """Sampling: what is likeliest is so behind many messages, and said too often (Holtzman et al. 2020)."""
    return replace(DEFAULT, temperature=0.7, top_p=0.9, seed=seed)
