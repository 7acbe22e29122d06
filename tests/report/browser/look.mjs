// What a browser sees of pages: reads questions as lines of JSON ({"page": "/x.html", "width": 360, …})
// and answers with a line each, until its input ends. Its browser is always offline.
// Run it where playwright-core and axe-core are installed: node look.mjs /usr/bin/chromium
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const usual = { width: 1280, scheme: "light", script: true, open: false, print: false, axe: false, probe: false, thresholds: [], picture: "" };
const flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.argv[2], args: flags });

for await (const line of createInterface({ input: process.stdin })) {
  const ask = { ...usual, ...JSON.parse(line) };
  const context = await browser.newContext({
    viewport: { width: ask.width, height: 900 },
    colorScheme: ask.scheme,
    javaScriptEnabled: ask.script,
    offline: true,
  });
  console.log(JSON.stringify(await look(await context.newPage(), ask)));
  await context.close();
}
await browser.close();

async function look(tab, ask) {
  const seen = await open(tab, ask);
  seen.facts = await tab.evaluate(facts);
  if (ask.thresholds.length) Object.assign(seen, await slide(tab, ask.thresholds));
  if (ask.axe) seen.violations = await violations(tab);
  if (ask.probe) await probe(tab, seen);
  return seen;
}

async function open(tab, ask) {
  const address = pathToFileURL(ask.page).href;
  const seen = { requests: [], errors: [] };
  tab.on("request", (it) => it.url() === address || seen.requests.push(it.url()));
  tab.on("pageerror", (it) => seen.errors.push(it.message));
  tab.on("dialog", (it) => seen.errors.push(`dialog: ${it.message()}`) && it.dismiss());
  tab.on("console", (it) => ["error", "warning"].includes(it.type()) && seen.errors.push(it.text()));
  await tab.goto(address);
  if (ask.print) await tab.emulateMedia({ media: "print" });
  if (ask.open) for (const it of await tab.locator("summary").all()) await it.click();
  if (ask.picture) await tab.screenshot({ path: ask.picture, fullPage: true });
  return seen;
}

function facts() {
  const shown = (it) => it.getClientRects().length > 0 && getComputedStyle(it).visibility === "visible";
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    paper: getComputedStyle(document.body).backgroundColor,
    ink: getComputedStyle(document.body).color,
    charts: [...document.querySelectorAll('svg[role="img"]')].map((it) => [shown(it), it.getBoundingClientRect().width, it.getBoundingClientRect().height]),
    text: document.body.innerText,
    tags: [...document.querySelectorAll("*")].map((it) => it.localName),
    handlers: [...document.querySelectorAll("*")].flatMap((it) => it.getAttributeNames()).filter((it) => it.startsWith("on")),
    slider: [...document.querySelectorAll("#threshold")].map(shown),
    small: Math.min(...[...document.querySelectorAll("svg text")].map((it) => it.getBoundingClientRect().height)),
    cut: [...document.querySelectorAll("svg text")].filter((it) => {
      const [own, whole] = [it.getBoundingClientRect(), it.ownerSVGElement.getBoundingClientRect()];
      return own.left < whole.left - 0.5 || own.right > whole.right + 0.5 || own.top < whole.top - 0.5 || own.bottom > whole.bottom + 0.5;
    }).map((it) => it.textContent),
  };
}

function matrices() {
  return {
    threshold: document.querySelector(".at").textContent,
    models: Object.fromEntries([...document.querySelectorAll("[data-model]")].map((it) => [
      it.dataset.model,
      Object.fromEntries([...it.querySelectorAll("[data-cell], [data-rate]")].map((cell) => [cell.dataset.cell ?? cell.dataset.rate, cell.textContent])),
    ])),
    dots: Object.fromEntries([...document.querySelectorAll("[data-dot]")].map((it) => [it.dataset.dot, it.querySelector("title").textContent])),
  };
}

async function slide(tab, thresholds) {
  const found = { start: await tab.evaluate(matrices), moved: {} };
  for (const place of thresholds) {
    await tab.locator("#threshold").fill(String(place));
    found.moved[place] = await tab.evaluate(matrices);
  }
  await tab.locator("#threshold").press("ArrowRight");
  found.pressed = await tab.evaluate(matrices);
  await tab.locator("svg.plane").first().hover({ position: { x: 150, y: 100 } });
  found.readout = await tab.locator(".readout").first().textContent();
  return found;
}

async function violations(tab) {
  await tab.evaluate(readFileSync(require.resolve("axe-core"), "utf8"));
  const found = await tab.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html.slice(0, 200)).slice(0, 3).join(" | ")}`);
}

// Tries what an injected element would try.
async function probe(tab, seen) {
  const errors = seen.errors.splice(0);
  const failures = [];
  tab.on("requestfailed", (it) => failures.push(it.failure().errorText));
  seen.probe = await tab.evaluate(async () => {
    const image = document.body.appendChild(document.createElement("img"));
    image.src = "https://example.com/x.png";
    const script = document.body.appendChild(document.createElement("script"));
    script.textContent = "globalThis.harm = true";
    const asked = await fetch("https://example.com/").then(() => "answered", () => "refused");
    await new Promise((done) => setTimeout(done, 200));
    return { harm: globalThis.harm ?? false, asked };
  });
  Object.assign(seen, { failures, refusals: seen.errors.splice(0), errors });
}
