"""What headless Chromium finds wrong in a page, at the width of a laptop and of a phone."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROGRAM = next((found for name in NAMES if (found := shutil.which(name))), None)
"""The browser of this machine, or None."""
WIDTHS = (1280, 390)
QUIET = ("no-first-run", "disable-background-networking", "disable-component-update", "disable-sync", "disable-quic")

AUDIT = """
const grey = colour => { const [r, g, b] = parts(colour); return r === g && g === b };
const parts = colour => (colour.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
const clear = colour => parts(colour)[3] === 0;
const linear = c => (c /= 255, c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const light = colour => { const [r, g, b] = parts(colour).map(linear); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
const words = element => element.textContent.trim().replace(/\\s+/g, " ").slice(0, 40);
const short = element => element.tagName.toLowerCase() + " " + words(element);

function behind(view, element) {
  for (; element; element = element.parentElement) {
    const colour = view.getComputedStyle(element).backgroundColor;
    if (!clear(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
}

function scrolls(view, element) {
  for (; element; element = element.parentElement)
    if (["auto", "scroll"].includes(view.getComputedStyle(element).overflowX)) return true;
  return false;
}

function size(view, element) {
  const matrix = element.ownerSVGElement ? element.getScreenCTM() : { a: 1, b: 0 };
  return parseFloat(view.getComputedStyle(element).fontSize) * Math.hypot(matrix.a, matrix.b);
}

function faults(view, width) {
  const page = view.document, found = [];
  page.querySelectorAll("details").forEach(each => each.open = true);
  if (page.documentElement.scrollWidth > width) found.push("the page is wider than the window");
  for (const element of page.body.querySelectorAll("*")) {
    const style = view.getComputedStyle(element), box = element.getBoundingClientRect();
    const shown = box.width > 1 && box.right > 0, svg = element.ownerSVGElement;
    if (shown && box.right > width + 0.5 && !scrolls(view, element)) found.push("beyond the edge: " + short(element));
    if (element.tagName === "IMG" && !element.naturalWidth) found.push("the image is not shown: " + element.alt);
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || !shown || ["title", "style", "script"].includes(element.tagName.toLowerCase())) continue;
    const colour = svg ? style.fill : style.color;
    if (!grey(colour)) found.push("text in colour: " + short(element));
    if (contrast(light(colour), light(behind(view, svg ? svg.parentElement : element))) < 4.5)
      found.push("too little contrast: " + short(element));
    if (size(view, element) < 10.5) found.push("text too small: " + short(element));
  }
  return found;
}

onload = () => {
  const found = [...document.querySelectorAll("iframe")].map(
    frame => faults(frame.contentWindow, frame.clientWidth).map(fault => frame.clientWidth + " px: " + fault));
  document.getElementById("found").textContent = JSON.stringify(found.flat());
};
"""


def faults(page: str, folder: Path) -> list[str]:
    """Return what is wrong with an HTML page in a browser, and what its console says."""
    frame = '<iframe style="width: {}px; height: 900px; border: 0" srcdoc="{}"></iframe>'
    frames = "".join(frame.format(width, html.escape(page)) for width in WIDTHS)
    whole = folder / "audit.html"
    parts = f'<!DOCTYPE html><meta charset="utf-8"><script>{AUDIT}</script>{frames}<pre id="found"></pre>'
    whole.write_text(parts, encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", *(f"--{name}" for name in QUIET)]
    options += [f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr", "--dump-dom", whole.as_uri()]
    done = subprocess.run([PROGRAM, *options], capture_output=True, encoding="utf-8", check=True, timeout=120)
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)[1]
    return json.loads(html.unescape(found)) + re.findall(r"CONSOLE.*?\] (.*)", done.stderr)
