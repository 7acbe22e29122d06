// A picture of a report as GitHub shows it: node render.mjs [--open] IN.(md|html) OUT.png [WIDTH] [light|dark]
// Run it in a folder with: npm i marked github-markdown-css mermaid playwright-core; CHROMIUM names the browser.
import { readFileSync, writeFileSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.cwd(), "package.json"));
const [open, ...rest] = process.argv[2] === "--open" ? [true, ...process.argv.slice(3)] : [false, ...process.argv.slice(2)];
const [source, picture, width = "900", scheme = "light"] = rest;
const flags = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync";

const alert = /<blockquote>\s*<p>\[!(\w+)\]\s*/g;

function asOnGitHub(markdown) {
  const { marked } = require("marked");
  const css = readFileSync(require.resolve(`github-markdown-css/github-markdown-${scheme}.css`), "utf8");
  const mermaid = pathToFileURL(require.resolve("mermaid/dist/mermaid.min.js"));
  const body = marked
    .parse(markdown, { gfm: true })
    .replace(alert, (_, kind) => `<blockquote class="markdown-alert markdown-alert-${kind.toLowerCase()}"><p class="markdown-alert-title">${kind[0]}${kind.slice(1).toLowerCase()}</p><p>`)
    .replace(/<pre><code class="language-mermaid">([\s\S]*?)<\/code><\/pre>/g, '<pre class="mermaid">$1</pre>');
  return `<!doctype html><meta charset="utf-8"><style>${css} body{margin:0;padding:24px}</style>
<body class="markdown-body">${body}<script src="${mermaid}"></script></body>`;
}

const text = readFileSync(source, "utf8");
const page = join(mkdtempSync(join(tmpdir(), "render-")), "page.html");
writeFileSync(page, source.endsWith(".md") ? asOnGitHub(text) : text);
const { chromium } = require("playwright-core");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags.split(" ") });
const tab = await browser.newPage({ viewport: { width: Number(width), height: 100 }, colorScheme: scheme, deviceScaleFactor: 2 });
await tab.goto(pathToFileURL(page).href);
if (open) await tab.evaluate(() => document.querySelectorAll("details").forEach((it) => (it.open = true)));
await tab.evaluate(() => globalThis.mermaid?.run());
await tab.screenshot({ path: picture, fullPage: true });
await browser.close();
