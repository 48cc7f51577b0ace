"""Language detection among the four."""

import pytest

from translate.detect import detect

SENTENCES = {
    "en": [
        "Where is the nearest station?",
        "I have never seen such a big dog.",
        "He didn't tell us the truth.",
    ],
    "de": [
        "Wo ist der nächste Bahnhof?",
        "Ich habe noch nie so einen großen Hund gesehen.",
        "Das Wetter ist schön.",
    ],
    "fr": [
        "Où est la gare la plus proche ?",
        "Je n'ai jamais vu un chien aussi grand.",
        "Il fait très beau.",
    ],
    "es": [
        "¿Dónde está la estación más cercana?",
        "Nunca he visto un perro tan grande.",
        "Hace buen tiempo.",
    ],
}


@pytest.mark.parametrize(
    ("language", "text"), [(code, text) for code, texts in SENTENCES.items() for text in texts]
)
def test_sentences(language: str, text: str) -> None:
    found = detect(text)
    assert found.language == language and found.confidence > 0.8 and found.foreign is None
    assert found.doubt == pytest.approx(1 - found.confidence)


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("Hello", "en"),
        ("thank you", "en"),
        ("Hallo!", "de"),
        ("DANKE", "de"),
        ("Merci.", "fr"),
        ("¡Hola!", "es"),
    ],
)
def test_what_people_type_first(word: str, language: str) -> None:
    assert detect(word).language == language


@pytest.mark.parametrize("text", ["", " \n", "123", "😀", "\x00", "?!"])
def test_nothing_to_go_by(text: str) -> None:
    assert detect(text).language is None and detect(text).confidence == 0


def test_a_word_of_many_languages_leaves_doubt() -> None:
    assert detect("ok").doubt > 0.5


@pytest.mark.parametrize(
    "text", ["Ciao, come stai oggi? Ho comprato del pane.", "今日は日本語の文章を書いています。" * 2]
)
def test_a_language_that_is_not_offered_is_noticed(text: str) -> None:
    assert detect(text).foreign is not None


def test_among_fewer_languages() -> None:
    assert detect("Wo ist der nächste Bahnhof?", ["en", "fr"]).language in ("en", "fr")


def test_hard_text_is_quick() -> None:
    assert detect("a" * 1_000_000).confidence < 1
    assert detect("\u202eolleh eht si siht\u202c \ud800").language


@pytest.mark.parametrize(
    ("arguments", "said"), [((None,), "NoneType"), (("a", ["it"]), "it"), (("a", []), "give some")]
)
def test_bad_arguments(arguments: tuple, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        detect(*arguments)
