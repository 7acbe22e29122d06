"""SVG by elements: whatever others wrote is escaped, and coordinates are short."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

Point = tuple[float, float]

LONGEST_LABEL = 40


def element(name: str, *children: object, **attributes: object) -> Markup:
    """`element("line", x1=0, class_="axis")`. An attribute that is None is left out."""
    given = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _value(value))
        for key, value in attributes.items()
        if value is not None
    )
    if not children:
        return Markup("<{0}{1}/>").format(name, given)
    inside = Markup("").join(escape(child) for child in children)
    return Markup("<{0}{1}>{2}</{0}>").format(name, given, inside)


def picture(width: float, height: float, *inside: Markup, label: str, css: str = "") -> Markup:
    """A chart; `label` is what is read out in its place."""
    return element(
        "svg",
        *inside,
        class_=css or None,
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        aria_label=label,
    )


def text(x: float, y: float, words: object, **attributes: object) -> Markup:
    return element("text", words, x=x, y=y, **attributes)


def line(start: Point, end: Point, css: str) -> Markup:
    return element("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=css)


def places(points: Iterable[Point]) -> str:
    """What `points` of a polyline holds."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def number(value: float) -> str:
    """A tenth of a pixel is finer than what can be seen."""
    found = f"{value:.1f}".removesuffix(".0")
    return "0" if found == "-0" else found


def label(words: str, longest: int = LONGEST_LABEL) -> str:
    """A name on one line: SVG text does not wrap. The whole name stands in the table."""
    found = " ".join(words.split())
    if len(found) <= longest:
        return found
    end = longest // 4
    return f"{found[: longest - end - 1]}…{found[-end:]}"


def _value(value: object) -> object:
    return number(value) if isinstance(value, float) else value
