"""The colours of lines and bars can be told from paper, and from the dark page that turns them round."""

import pytest

from lab.charts import COLOURS

TURNED = 0.89  # of lab/tab.css: invert(.89) hue-rotate(180deg)
HUES = ((-0.574, 1.430, 0.144), (0.426, 0.430, 0.144), (0.426, 1.430, -0.856))  # that rotation
WHITE = (1.0, 1.0, 1.0)
Colour = tuple[float, ...]


def luminance(colour: Colour) -> float:
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in colour]
    return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def turned(colour: Colour) -> Colour:
    inverted = [TURNED * (1 - one) + (1 - TURNED) * one for one in colour]
    sums = (sum(share * one for share, one in zip(row, inverted, strict=True)) for row in HUES)
    return tuple(min(1.0, max(0.0, one)) for one in sums)


@pytest.mark.parametrize("name", COLOURS)
def test_a_colour_stands_out_in_light_and_dark(name: str) -> None:
    colour = tuple(int(name[place : place + 2], 16) / 255 for place in (1, 3, 5))
    assert contrast(colour, WHITE) >= 4.4
    assert contrast(turned(colour), turned(WHITE)) >= 4.4
