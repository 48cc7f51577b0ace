"""Generated conversations about pronouns: what they hold, and what test and training share."""

import re
from collections import Counter, defaultdict

import pytest

from data_prep.antecedents import FARTHEST, cases
from data_prep.data_config import check_task
from data_prep.recipe import parse_recipe


def test_the_pronoun_stands_in_the_last_translation_only_as_wanted() -> None:
    for part in ("train", "test"):
        for case in cases(part, 200, 1):  # type: ignore[arg-type]
            said = set(re.findall(r"\w+", case.pairs[-1][1].casefold()))
            english = case.pairs[-1][case.target == "en"]
            subject = part == "test" or case.kind in ("his", "he") or re.match(r"(It|He|She)\b", english)
            assert case.wanted in said or not subject, case  # in training it may be the object
            assert not set(case.others) & said, case
            assert 1 <= case.distance <= FARTHEST + 2 * (part == "train") and case.wanted not in case.others
            assert len(set(case.pairs)) == len(case.pairs)


def test_no_form_can_be_guessed_without_the_antecedent() -> None:
    """What is translated last has every form about as often as the others."""
    found: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for case in cases("test", 8000, 3):
        found[case.kind, case.target, case.pairs[-1][0]][case.wanted] += 1
    for (kind, target, said), counts in found.items():
        assert len(counts) == (3 if (kind, target) == ("it", "de") else 2), (said, counts)
        assert max(counts.values()) < 1.4 * min(counts.values()), (said, counts)


def test_distances_are_as_common_as_each_other_and_the_seed_decides() -> None:
    found = list(cases("test", 100, 5))
    assert set(Counter((case.kind, case.distance) for case in found).values()) == {5}
    assert found == list(cases("test", 100, 5)) != list(cases("test", 100, 6))


def test_the_test_has_other_nouns_names_and_sentences() -> None:
    train, test = ({(c.pairs[0], c.pairs[-1][0]) for c in cases(p, 2000, 1)} for p in ("train", "test"))  # type: ignore[arg-type]
    assert not {first for first, _ in train} & {first for first, _ in test}
    assert not {last for _, last in train} & {last for _, last in test}


def test_kinds_can_be_named() -> None:
    assert {case.kind for case in cases("train", 20, 1)} == {"it", "his", "thing", "he"}
    assert {case.kind for case in cases("train", 20, 1, ["it"])} == {"it"}


def test_somebody_is_no_it_and_articles_fit() -> None:
    found = [case for case in cases("train", 3000, 2, ["thing"]) if case.wanted != "it"]
    said = {sentence for case in found for _, sentence in case.pairs[-1:]}
    assert {"Is he new?", "Is she new?", "I can see him.", "Yes, she is strange."} <= said
    named = " ".join(pair[1] for case in cases("train", 3000, 2, ["it"]) for pair in case.pairs[:1])
    assert " un île" not in named and " de le " not in named and "la île" not in named
    assert not re.search(r"\ba [aeiou]", " ".join(c.pairs[0][0] for c in cases("train", 3000, 2, ["it"])))


def test_kinds_of_no_texts_are_refused() -> None:
    data = {"corpora": ["tatoeba_en_de"], "antecedent_kinds": ["it"]}
    recipe = parse_recipe({"name": "t", "task": "translate", "data": data})
    with pytest.raises(ValueError, match="data.antecedent_kinds=it, but data.antecedents=0"):
        check_task(recipe.data, "translate")
    data |= {"antecedents": 10}
    check_task(parse_recipe({"name": "t", "task": "translate", "data": data}).data, "translate")
