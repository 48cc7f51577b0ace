"""What is not words comes through: documents are put together again from their own units, or shouted ones."""

import re
import time

import pytest

from translate.documents import FORMATS

CUE = "1\n00:00:01,000 --> 00:00:02,000\n"


def taken_apart(name: str, text: str) -> tuple[list[str], str, str]:
    """(units, the document again, the document with its units in capitals)."""
    document = FORMATS[name](text.encode(), f"a{name}")
    units = list(document.units)
    return units, document.render(units).decode(), document.render([one.upper() for one in units]).decode()


@pytest.mark.parametrize(
    "line",
    [
        "Read [the docs](https://a.example/{version}/start) first.",
        "I have [a letter](<my file.md>) and ![a cat](/img/{size}/c.png) here.",
        "See [it](https://a.example/`q`) and [Berlin](https://a.example/B_(city)) now.",
        "[![a sign](b.png)](https://a.example) and *[a](b_c_d) or* this",
        "Odd signs \ue0005\ue001 and `\ue0000\ue001` stay.",
    ],
)
def test_goals_of_links_stay(line: str) -> None:
    _, same, shouted = taken_apart(".md", line + "\n")
    assert same == line + "\n"
    for goal in re.findall(r"\]\([^ ]*|\]\(<[^>]*>\)|!\[.*?\]\([^)]*\)|[\ue000\ue001]", line):
        assert goal in shouted


def test_a_goal_is_not_torn_apart() -> None:
    text = "Where\nis [it](<my own file.md>)\nnow\n"
    assert "(<my own file.md>)" in taken_apart(".md", text)[2]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_hard_breaks_stay(end: str) -> None:
    text = f"> New street 5  {end}> The *green{end}> house*\\{end}> by the lake{end}"
    units, same, shouted = taken_apart(".md", text)
    assert units == ["New street 5\nThe <1>green house</1>\nby the lake"] and shouted.count(end) == 4
    assert f"> NEW STREET 5  {end}> THE" in shouted and f"*\\{end}> BY THE LAKE" in shouted
    assert same.split() == text.split()


@pytest.mark.parametrize(
    "text", ["\\\nHello\\\nyou\n", "[^1]:\n[^2]: you\n", "Hello\n[^1]:\n", "1. [^1]: \n [^1]: you\n"]
)
def test_a_break_at_the_edge_of_a_block_is_none(text: str) -> None:
    assert taken_apart(".md", text)[1].split() == text.split()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes[^1].\n\n[^1]: Yesterday.\n", ["Yes<1/>.", "Yesterday."]),
        ("[^a]: Sun\n[^b]: Moon\n", ["Sun\nMoon"]),
        ("```\n[^1]: code\n```\n", []),
    ],
)
def test_footnotes_of_one_word_are_said(text: str, said: list[str]) -> None:
    units, same, _ = taken_apart(".md", text)
    assert units == said and same == text


def test_bars_in_cells_stay_escaped() -> None:
    text = "| one \\| two | The `a\\|b` |\n| --- | --- |\n| x | y |\n"
    units, same, shouted = taken_apart(".md", text)
    assert units[:2] == ["one | two", "The `a|b`"] and same == text
    assert "| ONE \\| TWO | THE `A\\|B` |" in shouted


def test_links_by_name_still_find_their_goal() -> None:
    text = "Read [the letter][], [the letter] and [it][the letter], not [this].\n\n[The  Letter]: http://a.example\n"
    found = taken_apart(".md", text)[2]
    named = "[THE LETTER][the letter], [THE LETTER][the letter] AND [IT][the letter], NOT [THIS]."
    assert found.splitlines()[0] == "READ " + named and found.endswith("[The  Letter]: http://a.example\n")


@pytest.mark.parametrize("sign", ["\u2028", "\x0c", "\x85", "\x1c"])
def test_signs_that_end_no_line_in_markdown(sign: str) -> None:
    text = f"The door.{sign}The window.\n\n# My dog\n\n- one\r- two\n"
    units, same, _ = taken_apart(".md", text)
    assert units == ["The door.\nThe window.", "My dog", "one", "two"] and same == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".md", "Press <1> to **continue** or </2> or `<1>` now.\n"),
        (".html", "<p>Press <1> to <b>continue</b> now.</p>"),
        (".srt", CUE + "Press <1> to <i>continue</i> now.\n"),
    ],
)
def test_words_that_look_like_our_tags(name: str, text: str) -> None:
    _, same, shouted = taken_apart(name, text)
    assert same == text and "<1> TO" in shouted and "CONTINUE" in shouted


def test_footnotes_and_tasks() -> None:
    text = "- [x] Call her.\n- [ ] Buy it.\n- [ ]\n\nThis is so.[^1]\n\n"
    text += "[^1]: It was here.\n[^long-name]: And\n  there.\n"
    units, same, shouted = taken_apart(".md", text)
    assert units == ["Call her.", "Buy it.", "This is so.<1/>", "It was here.\nAnd there."]
    assert same.split() == text.split()
    assert "- [x] CALL HER.\n- [ ] BUY IT.\n- [ ]\n" in shouted and "[^1]: IT WAS HERE.\n" in shouted
    assert "\n[^long-name]: AND" in shouted and "SO.[^1]" in shouted


@pytest.mark.parametrize(
    "text", ["***a** b*", "**a *b***", "_*a*_ __b__", "*a [b* c](d)", "2 * 3 * 4 a_b_c ~~d~~ **"]
)
def test_emphasis_is_well_nested(text: str) -> None:
    assert taken_apart(".md", text)[1] == text


@pytest.mark.parametrize("part", [" *a", "*a_ ", "[a](", "{", "[", " *a**", "*a **b "])
def test_markup_takes_linear_time(part: str) -> None:
    text = part * (40_000 // len(part))
    start = time.process_time()
    assert taken_apart(".md", text)[1].split() == text.split()
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ('<p>One.</p><img src="a.png" translate="no"><p>Two.</p>', ["One.", "Two."]),
        ('<p>One.<br translate="no">Two.</p><p>Three.</p>', ["One.<1/>Two.", "Three."]),
        ("<pre><code>x</pre><p>One.</p>", ["One."]),
        ('<ul><li translate="no">Kept<li>One.</ul><p>Two.</p>', ["One.", "Two."]),
        ('<div><div translate="NO"><div>Kept</div> Kept</i></div>One.</div>', ["One."]),
        ("<p>One <code>a <b>b</code> two</b>.</p>", ["One <1/><2/><3/><4/><5/> two<6/>."]),
    ],
)
def test_what_stays_in_html_ends_where_it_ends(text: str, units: list[str]) -> None:
    found, same, _ = taken_apart(".html", text)
    assert (found, same) == (units, text)


def test_each_speaker_of_a_cue_is_read_alone() -> None:
    text = (
        CUE
        + "- Where are\nyou going?\n- I am going home.\n\n2\n00:00:03,000 --> 00:00:04,000\n<i>–Here.</i>\n"
    )
    units, same, shouted = taken_apart(".srt", text)
    assert units[:2] == ["Where are you going?", "I am going home."] and same == text
    assert "- WHERE ARE\nYOU GOING?\n- I AM GOING HOME.\n" in shouted and "<i>–HERE.</i>" in shouted


def test_markup_of_cues_stays() -> None:
    text = CUE + "{\\an8}The {\\i1}door{\\i0} is open.\n"
    units, same, shouted = taken_apart(".srt", text)
    assert units == ["<1/>The <2>door</2> is open."] and same == text
    assert shouted.endswith("{\\an8}THE {\\i1}DOOR{\\i0} IS OPEN.\n")
    text = (
        "WEBVTT\n\n00:03.000 --> 00:04.000\n<v.loud Bob B>\n<00:03.100><c.red>The</c> <00:03.500>door<br>is\n"
    )
    _, same, shouted = taken_apart(".vtt", text)
    assert same.split() == text.split()
    assert (
        "<v.loud Bob B>" in shouted
        and "<00:03.100><c.red>THE</c>" in shouted
        and "<00:03.500>DOOR" in shouted
    )


def test_cues_without_a_blank_line_between_them() -> None:
    text = CUE + "Hello my friend.\n2\n00:00:03,000 --> 00:00:04,000\n3\n00:00:05,000 --> 00:00:06,000\n42\n"
    units, same, _ = taken_apart(".srt", text)
    assert units == ["Hello my friend.", "42"] and same == text
