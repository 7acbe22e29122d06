"""What two ROC curves of 200 points cost, drawn by a library or by our own functions.

uv run --no-project --with pygal python tests/benchmarks/bench_plots.py pygal
PYTHONPATH=scripts python tests/benchmarks/bench_plots.py ours
"""

from __future__ import annotations

import io
import json
import re
import sys
import time
from collections.abc import Callable
from importlib import import_module

LINES = {
    name: [(i / 199, (i / 199) ** bend) for i in range(200)]
    for name, bend in (("candidate", 0.4), ("champion", 0.5))
}
COLOURS = ["var(--candidate)", "var(--champion)"]
"""Dark mode without drawing twice: the style sheet of the page says what they are."""


def ours() -> str:
    plane = import_module("pennon.report.plots.plane")
    box = plane.Plane(plane.Axis("x", 0, 1), plane.Axis("y", 0, 1))
    drawn = [box.line(points, f"{name} curve", name) for name, points in LINES.items()]
    return str(box.svg(*drawn, says="ROC"))


def pygal() -> str:
    it = import_module("pygal")
    style = import_module("pygal.style").Style(colors=COLOURS)
    chart = it.XY(show_dots=False, js=[], style=style)
    for name, points in LINES.items():
        chart.add(name, points)
    return str(chart.render(is_unicode=True))


def leather() -> str:
    chart = import_module("leather").Chart("ROC")
    for (name, points), colour in zip(LINES.items(), COLOURS, strict=True):
        chart.add_line(points, name=name, stroke_color=colour)
    return str(chart.to_svg())


def matplotlib() -> str:
    import_module("matplotlib").use("svg")
    _, axes = import_module("matplotlib.pyplot").subplots(figsize=(4, 3))
    for name, points in LINES.items():
        axes.plot(*zip(*points, strict=True), label=name)
    text = io.StringIO()
    axes.figure.savefig(text)
    return text.getvalue()


def vegalite() -> str:
    rows = [{"x": x, "y": y, "m": name} for name, points in LINES.items() for x, y in points]
    axes: dict[str, object] = {it: {"field": it, "type": "quantitative"} for it in ("x", "y")}
    colour = {"field": "m", "scale": {"range": COLOURS}}
    chart = {"data": {"values": rows}, "mark": "line", "encoding": {**axes, "color": colour}}
    return str(import_module("vl_convert").vegalite_to_svg(json.dumps(chart)))


def letsplot() -> str:
    it = import_module("lets_plot")
    flat = [(x, y, name) for name, points in LINES.items() for x, y in points]
    data = dict(zip("xym", zip(*flat, strict=True), strict=True))
    chart = it.ggplot(data, it.aes("x", "y", color="m")) + it.geom_line()
    return str((chart + it.scale_color_manual(COLOURS)).to_svg())


def plotly() -> str:
    it = import_module("plotly.graph_objects")
    found = [
        it.Scatter(x=[x for x, _ in points], y=[y for _, y in points], name=name)
        for name, points in LINES.items()
    ]
    return str(it.Figure(found).to_html(include_plotlyjs=True))


def bokeh() -> str:
    figure = import_module("bokeh.plotting").figure(width=400, height=300)
    for name, points in LINES.items():
        figure.line([x for x, _ in points], [y for _, y in points], legend_label=name)
    inline = import_module("bokeh.resources").INLINE
    return str(import_module("bokeh.embed").file_html(figure, inline))


WAYS: dict[str, Callable[[], str]] = {
    it.__name__: it for it in (ours, pygal, leather, matplotlib, vegalite, letsplot, plotly, bokeh)
}


def main() -> None:
    start = time.perf_counter()
    text = WAYS[sys.argv[1]]()
    seconds = time.perf_counter() - start
    if "<svg" not in text and "<html" not in text:
        sys.exit(f"{sys.argv[1]}: {text}")
    named = "var(--candidate)" in text or 'class="candidate' in text
    fixed = len(set(re.findall(r"#[0-9a-fA-F]{6}|rgb\(\d+,\d+,\d+\)", text)))
    colours = f"lines by name: {named}, {fixed} fixed colours"
    script = f"script: {'<script' in text}"
    print(f"{sys.argv[1]}: {seconds:.2f} s, {len(text) / 1000:.1f} kB, {colours}, {script}")


if __name__ == "__main__":
    main()
