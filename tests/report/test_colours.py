"""The page's colours: read on both papers, and told apart by everybody."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from pennon.report.page import TEMPLATES

Colour = NDArray[np.float64]
STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")
SEES: dict[str, list[list[float]]] = {
    "all": np.eye(3).tolist(),
    # Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
    "no red": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "no green": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "no blue": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


def palette(scheme: str) -> dict[str, Colour]:
    """Name -> linear RGB."""
    light, dark, *_ = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    found = re.findall(r"--(\w+): #([0-9a-f]{3,6})", light if scheme == "light" else dark)
    return {name: linear(code) for name, code in found}


def linear(code: str) -> Colour:
    digits = "".join(it * 2 for it in code) if len(code) == 3 else code
    value = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2.2."""
    light, dark = sorted(
        (float(it @ (0.2126, 0.7152, 0.0722)) for it in (one, other)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


def lab(colour: Colour) -> Colour:
    """CIE L*a*b*, D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ colour.clip(0, 1) / (0.9505, 1.0, 1.089)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@SCHEMES
@pytest.mark.parametrize("name", ["ink", "soft", "good", "bad", "even", "candidate"])
def test_words_can_be_read(scheme: str, name: str) -> None:
    colours = palette(scheme)
    for paper in ("paper", "shade"):
        assert contrast(colours[name], colours[paper]) >= 4.5


@SCHEMES
@pytest.mark.parametrize("name", ["candidate", "champion", "good", "bad", "even", "warn", "soft"])
def test_lines_can_be_seen(scheme: str, name: str) -> None:
    colours = palette(scheme)
    assert contrast(colours[name], colours["paper"]) >= 3


@SCHEMES
@pytest.mark.parametrize("eyes", SEES)
def test_colours_that_mean_different_things_are_told_apart(scheme: str, eyes: str) -> None:
    """2.3 is the least difference that is seen; these have to be seen at a glance."""
    colours = palette(scheme)
    seen = {name: lab(np.array(SEES[eyes]) @ colour) for name, colour in colours.items()}
    for one, other in [("candidate", "champion"), ("good", "bad")]:
        assert np.linalg.norm(seen[one] - seen[other]) >= 30


def test_both_schemes_have_the_same_names() -> None:
    assert {*palette("light")} == {*palette("dark")}
    assert len({*combinations(palette("light"), 2)}) > 10
