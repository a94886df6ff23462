"""What a browser would refuse or miss in a page, found by Python's parser of HTML."""

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "link", "input", "rect", "line", "circle", "path", "polyline"}


class Page(HTMLParser):
    """A page: its mistakes, its texts by element, and its attributes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.mistakes, self.elements = [], [], []
        self.feed(text)
        self.close()
        self.mistakes += [f"<{tag}> is not closed" for tag in self.open]
        ids = [each["id"] for _, each in self.elements if "id" in each]
        self.mistakes += [f"id {name} stands twice" for name in set(ids) if ids.count(name) > 1]
        anchors = [each["href"][1:] for _, each in self.elements if each.get("href", "").startswith("#")]
        self.mistakes += [f"#{name} leads nowhere" for name in anchors if name not in ids]
        self.mistakes += [f"{where} from elsewhere" for where in external(self.elements, text)]
        self.mistakes += [f"<{tag}> has no text alternative" for tag, each in self.elements if is_mute(tag, each)]

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}> closes another element")


def is_mute(tag, attributes):
    if tag == "img":
        return not attributes.get("alt")
    return tag == "svg" and not attributes.get("aria-label") and attributes.get("aria-hidden") != "true"


def external(elements, text):
    """Return what the page would load from a network, and scripts."""
    found = [tag for tag, _ in elements if tag in ("script", "iframe", "link", "object")]
    loaded = [each.get(name, "") for _, each in elements for name in ("src", "href", "poster", "data", "xlink:href")]
    found += [where for where in loaded if where and not where.startswith(("#", "data:image/png;base64,"))]
    return found + re.findall(r"@import|url\(", text)
