"""What a page is to a parser, and texts that would be more than text."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

from hypothesis import strategies as st

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Outline(HTMLParser):
    """The tags of a page, its attributes' names, its text, and whether the tags nest."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: Counter[str] = Counter()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes[name] += 1
            if name == "id":
                self.ids.append(str(value))
            if name in ("aria-labelledby", "href") and value and not value.startswith("data:"):
                self.references.append(value.removeprefix("#"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.texts.append(data)


TEXTS = st.text(
    st.one_of(
        st.sampled_from("<>&\"'`=/\u2028\u2029\u202e\x00\r\n{}%#"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)
