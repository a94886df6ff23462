"""Links within the built documentation: each leads to a file, and to an anchor of it where it names one."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """What a page links to, and the anchors that it has.

    Parameters
    ----------
    text : str
        HTML.
    """

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name == "id":
                self.anchors.add(value)


def dead_links(folder):
    """Return the links of all pages of a folder that lead nowhere, as (page, link)."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in Path(folder).resolve().rglob("*.html")}
    pages = {path: page for path, page in pages.items() if "_static" not in path.parts}
    return [
        (path.relative_to(Path(folder).resolve()).as_posix(), link)
        for path, page in sorted(pages.items())
        for link in dict.fromkeys(page.links)
        if not leads_somewhere(path, link, pages)
    ]


def leads_somewhere(path, link, pages):
    """Return whether a link of a page is one to another site, or to a file, and an anchor, of this one."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    anchor = unquote(parts.fragment)
    return target.exists() and (not anchor or target not in pages or anchor in pages[target].anchors)
