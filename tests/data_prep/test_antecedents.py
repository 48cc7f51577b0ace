"""Generated conversations about pronouns: what they hold, and what test and training share."""

from collections import Counter

from data_prep.antecedents import FARTHEST, cases


def test_the_pronoun_stands_in_the_last_translation_only_as_wanted() -> None:
    for part in ("train", "test"):
        for case in cases(part, 200, 1):  # type: ignore[arg-type]
            said = case.pairs[-1][1].casefold().rstrip(".").split()
            assert case.wanted in said and not set(case.others) & set(said), case
            assert 1 <= case.distance <= FARTHEST and case.wanted not in case.others
            assert len(set(case.pairs)) == len(case.pairs)


def test_no_form_can_be_guessed_without_the_antecedent() -> None:
    found = Counter((case.target, case.wanted) for case in cases("test", 2000, 3))
    for target in ("de", "fr", "en"):
        counts = [count for (goal, _), count in found.items() if goal == target]
        assert len(counts) == (3 if target == "de" else 2) and max(counts) < 1.4 * min(counts), found


def test_distances_are_as_common_as_each_other_and_the_seed_decides() -> None:
    found = list(cases("test", 100, 5))
    assert set(Counter((case.kind, case.distance) for case in found).values()) == {10}
    assert found == list(cases("test", 100, 5)) != list(cases("test", 100, 6))


def test_the_test_has_other_nouns_names_and_sentences() -> None:
    train, test = ({(c.pairs[0], c.pairs[-1][0]) for c in cases(p, 2000, 1)} for p in ("train", "test"))  # type: ignore[arg-type]
    assert not {first for first, _ in train} & {first for first, _ in test}
    assert not {last for _, last in train} & {last for _, last in test}
