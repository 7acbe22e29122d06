"use strict";
// The slider of the confusion matrix, and reading a curve by pointing at it. All else works without.
(() => {
  const whole = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const rate = (part, of) => (of ? (part / of).toFixed(3) : "—");
  const short = (number) => String(Number(number.toPrecision(3))).replace("-", "−");

  const place = (plane, x, y) => {
    const [left, right, low, high, west, east, south, north] = plane.dataset.plane.split(" ").map(Number);
    return [west + ((x - left) / (right - left)) * (east - west), south + ((y - low) / (high - low)) * (north - south)];
  };

  function moveDot(chart, model, x, y) {
    const dot = document.querySelector(`[data-dot="${chart} ${model}"]`);
    if (!dot) return;
    const shown = Number.isFinite(x) && Number.isFinite(y);
    dot.setAttribute("visibility", shown ? "visible" : "hidden");
    if (!shown) return;
    const [across, down] = place(dot.closest("[data-plane]"), x, y);
    dot.setAttribute("transform", `translate(${across.toFixed(1)} ${down.toFixed(1)})`);
    dot.querySelector("title").textContent = `${model}: ${x.toFixed(3)}, ${y.toFixed(3)}`;
  }

  function setThreshold(facts, i) {
    const { positives, negatives } = facts;
    for (const matrix of document.querySelectorAll("[data-model]")) {
      const model = matrix.dataset.model;
      const tp = facts.models[model].tp[i];
      const fp = facts.models[model].fp[i];
      const cells = { tp, fp, fn: positives - tp, tn: negatives - fp };
      for (const [name, rows] of Object.entries(cells)) matrix.querySelector(`[data-cell=${name}]`).textContent = whole(rows);
      const rates = {
        precision: rate(tp, tp + fp),
        recall: rate(tp, positives),
        "false positive rate": rate(fp, negatives),
        accuracy: rate(tp + cells.tn, positives + negatives),
      };
      for (const [name, text] of Object.entries(rates)) matrix.querySelector(`[data-rate="${name}"]`).textContent = text;
      moveDot("roc", model, fp / negatives, tp / positives);
      moveDot("precision-recall", model, tp / positives, tp / (tp + fp));
    }
    const text = short(facts.thresholds[i]);
    for (const it of document.querySelectorAll(".at")) it.textContent = text;
    document.getElementById("threshold").setAttribute("aria-valuetext", text);
  }

  const source = document.getElementById("thresholds");
  if (source) {
    const facts = JSON.parse(source.textContent);
    for (const it of document.querySelectorAll(".needs-script")) it.hidden = false;
    document.getElementById("threshold").addEventListener("input", (event) => setThreshold(facts, Number(event.target.value)));
  }

  function readable(svg) {
    const plane = svg.querySelector("[data-plane]");
    const lines = [...svg.querySelectorAll("polyline[data-name]")];
    if (!plane || !lines.length) return;
    const [left, right, low, high, west, east, south, north] = plane.dataset.plane.split(" ").map(Number);
    const hair = document.createElementNS("http://www.w3.org/2000/svg", "line");
    hair.setAttribute("class", "hair");
    hair.setAttribute("y1", north);
    hair.setAttribute("y2", south);
    hair.setAttribute("visibility", "hidden");
    plane.prepend(hair);
    const says = document.createElement("p");
    says.className = "readout";
    says.setAttribute("aria-hidden", "true");
    says.textContent = "Point at the chart to read it.";
    svg.after(says);
    const nearest = (line, x) => [...line.points].reduce((best, it) => (Math.abs(it.x - x) < Math.abs(best.x - x) ? it : best));
    svg.addEventListener("pointermove", (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const found = lines.map((line) => [line.dataset.name, nearest(line, at.x)]).reverse();
      hair.setAttribute("x1", found[0][1].x);
      hair.setAttribute("x2", found[0][1].x);
      hair.setAttribute("visibility", "visible");
      says.textContent = found
        .map(([name, it]) => `${name}: ${short(left + ((it.x - west) / (east - west)) * (right - left))}, ${short(low + ((it.y - south) / (north - south)) * (high - low))}`)
        .join(" · ");
    });
  }
  document.querySelectorAll("svg.plane").forEach(readable);
})();
