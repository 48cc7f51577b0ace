"""Sentences out of corpora made for something else."""

from data_prep.prose import sentences


def test_whole_sentences_alone() -> None:
    text = "The song was written by Michael R. Perry for the band. It is a very good song. Yes! It costs 5 €."
    assert list(sentences({"context": text})) == ["It is a very good song."]


def test_lines_of_tokens_are_joined_again() -> None:
    line = 'It was the third @-@ tallest house , and Ada \'s " home " ( for a while ) .'
    assert list(sentences({"text": line})) == [
        'It was the third-tallest house, and Ada\'s "home" (for a while).'
    ]
    assert list(sentences({"text": "= The title of it all . ="})) == []
    assert list(sentences({"text": "It was <unk> of them all ."})) == []


def test_turns_of_a_dialogue() -> None:
    row = {"turns": [{"text": "How are you today?"}, {"text": "fine"}]}
    assert list(sentences(row)) == ["How are you today?"]
