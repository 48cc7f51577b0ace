"""How changes are counted that a correction made."""

from benchmarks.sureness import agreement
from translate.grammar import Judged, changes


def test_changes_are_counted_at_their_places() -> None:
    wrong, right = "He go in school on monday.", "He goes to school on Monday."
    done = changes(wrong, "He goes in school at monday.")  # one that is wanted, one that is not
    one = Judged(wrong, done, (3.0, 1.0))
    assert agreement([one], [right], 0) == (1 / 2, 1 / 3)
    assert agreement([one], [right], 2) == (1.0, 1 / 3)
    assert agreement([one], [right], 9) == (0.0, 0.0)
