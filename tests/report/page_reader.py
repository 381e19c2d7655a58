"""What is in a page of a report? Tags, attributes and scripts, and whether it asks for anything outside."""

import base64
import hashlib
import html.parser
import re

TAGS = {
    "html", "head", "meta", "title", "style", "noscript", "body", "header", "footer", "nav", "article",
    "section", "h1", "h2", "h3", "p", "a", "dl", "dt", "dd", "div", "span", "strong", "code", "i", "br",
    "sub", "sup", "ul", "li", "details", "summary", "figure", "figcaption", "button", "label", "select",
    "option", "input", "canvas", "script", "table", "thead", "tbody", "tr", "th", "td",
    "svg", "g", "defs", "path", "use", "text", "tspan", "rect", "circle", "clippath", "radialgradient",
    "stop",
}  # fmt: skip


class Reader(html.parser.HTMLParser):
    """Collects tags, attributes and the contents of scripts."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.scripts, self.open = set(), [], [], None

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        self.open = dict(attrs) if tag == "script" else None

    def handle_data(self, data):
        if self.open is not None:
            self.scripts.append((self.open, data))
            self.open = None


def read_page(path):
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def list_troubles(path):
    """List tags, attributes and styles that a page that stands for itself does not have."""
    page = read_page(path)
    found = [f"<{tag}>" for tag in page.tags - TAGS]
    for tag, key, value in page.attributes:
        is_address = key in {"href", "src", "xlink:href", "action", "data", "poster", "srcset"}
        reaches_out = key == "style" and re.search(r"url\((?!#)", value)
        if key.startswith("on") or (is_address and not value.startswith("#")) or reaches_out:
            found.append(f"<{tag} {key}={value}>")
    style = path.read_text(encoding="utf-8").partition("<style>")[2].partition("</style>")[0]
    return found + re.findall(r"url\(|@import", style)


def count_programs(path):
    """Count the programs of a page, after a look whether its policy lets only them run."""
    page = read_page(path)
    (policy,) = [
        value
        for tag, key, value in page.attributes
        if tag == "meta" and key == "content" and "script-src" in value
    ]
    programs = [text for attributes, text in page.scripts if attributes.get("type") != "application/json"]
    for program in programs:
        digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    return len(programs)
