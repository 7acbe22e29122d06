"""Elements, scales and planes: what others wrote stays text, places say what numbers say."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exhibits import HOSTILE
from pennon.report.plots.plane import Axis, Plane
from pennon.report.plots.scale import Scale, span, tick_labels, ticks
from pennon.report.plots.svg import LONGEST_LABEL, element, label, number, places, text

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_others_make_no_element_and_no_attribute(words: str) -> None:
    found = ET.fromstring(element("text", words, class_=words))  # noqa: S314  our own text
    assert list(found) == []
    assert found.text == words
    assert list(found.attrib) == ["class"]


def test_attributes_have_the_names_of_svg() -> None:
    assert text(1, 2.55, "a", text_anchor="end", class_="x", id=None) == (
        '<text x="1" y="2.5" text-anchor="end" class="x">a</text>'
    )


@pytest.mark.parametrize(("value", "said"), [(1.0, "1"), (-0.04, "0"), (-0.06, "-0.1"), (12, "12")])
def test_places_are_as_fine_as_can_be_seen(value: float, said: str) -> None:
    assert number(value) == said


def test_a_long_name_keeps_its_beginning_and_end() -> None:
    found = label("begin " + "x" * 500 + " end\n")
    assert len(found) == LONGEST_LABEL
    assert found.startswith("begin")
    assert found.endswith(" end")


@given(low=NUMBERS, width=st.floats(1e-6, 1e12))
def test_ticks_are_few_and_inside(low: float, width: float) -> None:
    high = low + width
    if high - low < 1e-9 * abs(low):
        return
    found = ticks(low, high)
    assert 1 <= len(found) <= 6
    room = (high - low) * 1e-6 + 1e-9
    assert all(low - room <= tick <= high + room for tick in found)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((0, 1), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ((-30, 70), ["−20", "0", "20", "40", "60"]),
        ((0.68, 0.72), ["0.68", "0.69", "0.70", "0.71", "0.72"]),
    ],
)
def test_ticks_are_round_and_have_equal_decimals(
    ends: tuple[float, float], said: list[str]
) -> None:
    assert tick_labels(ticks(*ends)) == said


def test_a_signed_axis_says_which_side_is_which() -> None:
    assert tick_labels([-0.1, 0.0, 0.1], signed=True) == ["−0.1", "0", "+0.1"]


@given(st.lists(NUMBERS, max_size=5))
def test_a_span_holds_all_values_and_is_never_empty(values: list[float]) -> None:
    low, high = span(values)
    assert low < high
    assert all(low <= value <= high for value in values)


def test_a_scale_leads_from_end_to_end() -> None:
    scale = Scale(10, 20, 300, 100)
    assert (scale(10), scale(15), scale(20)) == (300, 200, 100)


PLANE = Plane(Axis("seconds", 0, 10), Axis("share of rows", 0, 1))


def test_a_plane_names_its_axes() -> None:
    found = ET.fromstring(PLANE.svg(says="what it shows"))  # noqa: S314  our own text
    said = [it.text for it in found.iter("text")]
    assert {"seconds", "share of rows"} <= {*said}
    assert found.get("role") == "img"
    assert found.get("aria-label") == "what it shows"


def test_up_is_more() -> None:
    (left, bottom), (right, top) = PLANE.at((0, 0)), PLANE.at((10, 1))
    assert left < right
    assert top < bottom


def test_steps_keep_the_height_of_the_point_that_they_lead_to() -> None:
    corners = [PLANE.at(it) for it in ((0, 1), (0, 0.5), (4, 0.5), (4, 0.2), (9, 0.2))]
    assert f'points="{places(corners)}"' in PLANE.steps([(0, 1), (4, 0.5), (9, 0.2)], "curve")


def test_the_candidate_is_round_and_the_champion_square() -> None:
    assert "<circle" in PLANE.dot((1, 1), "candidate", "")
    assert "<rect" in PLANE.dot((1, 1), "champion", "")


def test_a_bar_stands_on_the_axis_and_says_what_it_is() -> None:
    found = ET.fromstring(PLANE.bar((2, 4), 0.5, "bar", "50 %"))  # noqa: S314  our own text
    _, floor = PLANE.at((0, 0))
    assert float(found.get("y", "")) + float(found.get("height", "")) == pytest.approx(floor)
    assert found.findtext("title") == "50 %"
