"""What has one translation says the same: pairs, facts of them, and what is near."""

import random
from collections.abc import Iterable

from data_prep.dialogues.facts import Draw
from data_prep.dialogues.generate import DialogueMaker
from data_prep.dialogues.paraphrases import Paraphrase, ParaphraseFact, Paraphrases, paraphrases
from data_prep.dialogues.subjects import SELF, Subject
from data_prep.dialogues.values import Values
from data_prep.dialogues.wording import Wordings
from data_prep.dialogues.world import clashes

DANCES = Paraphrase("f", "is fond of dancing", "loves to dance")
AUNT = Subject("f", "my aunt", "your aunt")


def _draw(seed: int = 1) -> Draw:
    return Draw(random.Random(seed), Values(), Wordings())


def _rows(*pairs: tuple[str, str]) -> Iterable[dict[str, str]]:
    return [{"en": english, "de": german} for english, german in pairs]


def test_sentences_with_one_translation_are_a_pair_both_ways_round() -> None:
    rows = _rows(
        ("She is fond of dancing.", "Sie tanzt gern."),
        ("She loves to dance.", "Sie tanzt gern."),
        ("He sold his boat.", "Er hat sein Boot verkauft."),
    )
    assert paraphrases(rows) == [DANCES, DANCES._replace(told=DANCES.asked, asked=DANCES.told)]
    assert paraphrases([{"translation": row} for row in rows]) == paraphrases(rows)


def test_short_forms_and_what_is_said_of_things() -> None:
    rows = _rows(("I'm always late.", "zu spät"), ("I am never on time.", "zu spät"))
    assert paraphrases(rows)[0] == Paraphrase("i", "am never on time", "am always late")
    rows = _rows(("The noise awoke me.", "Lärm"), ("The noise woke me up.", "Lärm"))
    pair = paraphrases(rows)[0]
    assert pair == Paraphrase("", "the noise awoke me", "the noise woke me up")
    fact = Paraphrases.of(rows).make(_draw())
    assert fact.tell(_draw()).text in ("the noise awoke me", "the noise woke me up")
    question = fact.ask(_draw())
    assert question.asked.direct in (
        "is it true that the noise woke me up",
        "is it true that the noise awoke me",
    )
    assert question.answer.startswith("Yes, the noise ") and question.answer.split()[4:5] == ["you"]


def test_what_is_no_pair() -> None:
    for one, two in (
        ("He is ill.", "She is ill."),  # of somebody else
        ("He is not ill.", "He isn't ill."),  # the same words
        ("He is ill.", "Is he sick?"),
        ("Tom likes Mary.", "Tom is fond of Mary."),  # of two people
        ("He told you that.", "He told you about it."),  # "you" would be the bot
        ("He fell.", "He tumbled."),  # one word
    ):
        assert not paraphrases(_rows((one, "gleich"), (two, "gleich"))), one
    many = [(f"He saw {number} ships there.", "gleich") for number in range(9)]
    assert not paraphrases(_rows(*many))


def test_told_in_one_wording_and_asked_for_in_the_other() -> None:
    fact = ParaphraseFact(Paraphrases([DANCES], {}), DANCES, AUNT)
    assert fact.tell(_draw()).text == "my aunt is fond of dancing"
    questions = [fact.ask(_draw(seed)) for seed in range(60)]
    who, whether = ([q for q in questions if q.topic.endswith(kind)] for kind in ("/who", "/whether"))
    assert len(who) > len(whether) > 0
    assert who[0].asked.direct == "who loves to dance" and who[0].value == "aunt"
    assert who[0].answer == "your aunt is fond of dancing"
    assert whether[0].asked.direct == "is it true that my aunt loves to dance"
    assert whether[0].asked.bot == "whether your aunt loves to dance"
    assert whether[0].answer == "Yes, your aunt is fond of dancing"
    assert whether[0].value == "is fond of dancing"


def test_of_oneself_it_is_asked_whether_it_is_so() -> None:
    pair = Paraphrase("i", "wasn't ready for my exam", "was unprepared for my exam")
    fact = ParaphraseFact(Paraphrases([pair], {}), pair, SELF)
    for seed in range(20):
        question = fact.ask(_draw(seed))
        assert question.asked.direct == "is it true that I was unprepared for my exam"
        assert question.answer == "Yes, you weren't ready for your exam"
        assert question.value in question.answer


def test_it_is_said_of_somebody_whom_it_fits() -> None:
    hers = Paraphrases.of(_rows(("She lost her keys.", "weg"), ("She can't find her keys.", "weg")))
    assert {hers.make(_draw(seed)).subject.form for seed in range(30)} == {"f"}
    anybody = Paraphrases.of(_rows(("She lost some keys.", "weg"), ("She can't find some keys.", "weg")))
    assert {anybody.make(_draw(seed)).subject.form for seed in range(30)} == {"f", "m"}


def test_what_may_answer_is_not_asked_as_never_told() -> None:
    rows = _rows(
        ("He lost some keys.", "weg"),
        ("He can't find some keys.", "weg"),
        ("He found those keys yesterday.", "da"),
        ("He discovered those keys a day ago.", "da"),
        ("He bought a bicycle.", "Rad"),
        ("He purchased a bike.", "Rad"),
    )
    known = Paraphrases.of(rows)
    lost = next(fact for seed in range(99) if "lost" in (fact := known.make(_draw(seed))).pair.told)
    near = [known.like(_draw(seed), lost) for seed in range(30)]
    assert any(near) and all(one is None or "keys" in one.pair.told + one.pair.asked for one in near)
    assert all(one is None or not one.near(lost) for one in near)
    bike = next(fact for seed in range(99) if "bi" in (fact := known.make(_draw(seed))).pair.told)
    assert clashes(lost, [lost]) and not clashes(lost, [bike])


def test_dialogues_are_made_of_them() -> None:
    rows = _rows(("She loves to dance.", "Sie tanzt gern."), ("She is fond of dancing.", "Sie tanzt gern."))
    maker = DialogueMaker({"tatoeba_en_de": list(rows)}, mix={"facts": 1})
    texts = [turn.text.lower() for index in range(200) for turn in maker.make(index).turns]
    assert any("fond of dancing" in text for text in texts)
    assert any(text.endswith("?") and "loves to dance" in text for text in texts)
