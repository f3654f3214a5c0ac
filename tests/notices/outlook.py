"""A lint of HTML e-mail for Outlook's Word engine: what it does not show, and what it shows only in some places.

The list of what is not supported is data (`outlook.json`, from Can I email). What is supported only in part is said
here, as the context in which it is. Properties, elements and attributes are counted, so that the lint can be calibrated.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

DATA: Final = json.loads((Path(__file__).parent / "outlook.json").read_text(encoding="utf-8"))
BAD: Final[dict[str, frozenset[str]]] = {kind: frozenset(tokens) for kind, tokens in DATA["not_supported"].items()}
ELEMENTS: Final = frozenset(token for token in BAD["html-element"] if " " not in token)
TYPED: Final = frozenset(token for token in BAD["html-element"] if " " in token)  # such as: input type="text"
SELECTORS: Final = {">": ">", "+": r"\+", "~": "~", "*": r"\*", ":": ":(?!link)", ".a.b": r"\.[\w-]+\."}
"""How the selectors that are not supported are known, attributes taken out; of pseudo-classes only `:link` is."""
NO_SIZE: Final = frozenset({"body", "span", "div", "p", "img"})


def lint(html: str) -> Counter[str]:
    """Count what the Word engine does not support: `css-property max-height`, `html-attribute hidden` and so on."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Counter[str] = Counter()
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        self._count("html-element", tag in ELEMENTS, tag)
        typed = f'{tag} type="{named.get("type", "").lower()}"'
        self._count("html-element", typed in TYPED, typed)
        for name in named:
            self._count("html-attribute", name in BAD["html-attribute"], name)
        for name, value in declarations(named.get("style", "")):
            self._declared(name, value)
            for fault in in_part(tag, name, value):
                self.found[f"partial {fault}"] += 1
        if "line-height" in named.get("style", "") and "mso-line-height-rule" not in named["style"]:
            self.found["partial line-height without mso-line-height-rule"] += 1

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self._block(data)

    def handle_comment(self, data: str) -> None:
        """Conditional comments are what Outlook alone reads, so they are looked into."""
        inner = re.fullmatch(r"\[if [^\]]*mso[^\]]*\]>(.*)<!\[endif\]", data, re.DOTALL)
        if inner:
            self.found += lint(inner[1])

    def _block(self, css: str) -> None:
        for rule in re.findall(r"@[a-z-]+", css):
            known = any(token.split(" ")[0] == rule for token in BAD["css-at-rule"])
            self._count("css-at-rule", known, rule)
        for selector, body in re.findall(r"([^{};]+)\{([^{}]*)\}", css):
            self._count("css-selector", "[" in selector, "[")
            bare = re.sub(r"\[[^\]]*\]", "", selector)
            for name, mark in SELECTORS.items():
                self._count("css-selector", re.search(mark, bare) is not None, name)
            for name, value in declarations(body):
                self._declared(name, value)

    def _declared(self, name: str, value: str) -> None:
        self._count("css-property", name in BAD["css-property"], name)
        self._count("css-declaration", f"{name}:{value}" in BAD["css-declaration"], f"{name}:{value}")
        self._count("css-syntax", name.startswith("--") or "var(" in value, "variable")
        for kind, pattern in (("css-unit", r"\d{}\b"), ("css-value", r"(?<![\w-]){}(?![\w-])")):
            for token in BAD[kind]:
                self._count(kind, re.search(pattern.format(re.escape(token)), value) is not None, token)
        for token in BAD["css-function"]:
            self._count("css-function", re.search(rf"(?<![\w-]){re.escape(token)}", value) is not None, token)

    def _count(self, kind: str, found: bool, token: str) -> None:
        if found:
            self.found[f"{kind} {token}"] += 1


def declarations(style: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a style's declarations, in lower case."""
    for part in style.split(";"):
        name, colon, value = part.partition(":")
        if colon:
            yield name.strip().lower(), re.sub(r"\s+", " ", value).strip().lower()


def in_part(tag: str, name: str, value: str) -> Iterator[str]:
    """Yield what is wrong with a property that the Word engine supports only on some elements, or with some values."""
    if name.startswith("padding") and tag not in ("td", "th"):
        yield f"padding on {tag}"
    if name in ("width", "height") and tag in NO_SIZE:
        yield f"{name} on {tag}"
    if name == "max-width" and tag != "table":
        yield f"max-width on {tag}"
    if name.startswith("margin") and (tag in ("body", "span") or "auto" in value or "-" in value):
        yield f"margin on {tag}: {value}"
    if name.startswith("border") and name != "border-collapse":
        wide = [int(width) for width in re.findall(r"(\d+)px", value)]
        if tag in ("p", "div") or any(width > 8 for width in wide):
            yield f"border on {tag}: {value}"
    if name == "display" and (value != "none" or tag == "img"):
        yield f"display:{value} on {tag}"
    if name == "background" or (name == "text-decoration" and " " in value) or "!important" in value:
        yield f"{name}: {value}"
