"""Reads a page as a person or her screen reader does: its words, its forms with their labels, what is wrong with its structure."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "path", "rect"})


@dataclass
class Element:
    """An element with what is in it."""

    tag: str
    given: dict[str, str]
    parent: "Element | None" = None
    children: "list[Element | str]" = field(default_factory=list)

    def text(self) -> str:
        """The words in it, one space between them."""
        return " ".join(" ".join(each if isinstance(each, str) else each.text() for each in self.children).split())

    def all(self, *tags: str) -> "list[Element]":
        """The elements in it with one of these tags, in order; all without tags."""
        found = []
        for each in self.children:
            if isinstance(each, Element):
                found += ([each] if not tags or each.tag in tags else []) + each.all(*tags)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("root", {})
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        if len(made.given) != len(attrs):
            self.wrong.append(f"<{tag}> has an attribute twice")
        self.here.children.append(made)
        if tag not in VOID:
            self.here = made

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self.here.tag != tag:
            self.wrong.append(f"</{tag}> closes <{self.here.tag}>")
        self.here = self.here.parent or self.root

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


@dataclass
class PageForm:
    """A form: where it goes, what it sends as it stands, its buttons as (label, name, value)."""

    action: str
    method: str
    values: dict[str, str]
    buttons: list[tuple[str, str, str]]


class Page:
    """A page that was read."""

    def __init__(self, html: str) -> None:
        reader = _Reader()
        reader.feed(html)
        reader.close()
        self.root, self.wrong = reader.root, reader.wrong
        self.by_id: dict[str, Element] = {}
        for each in self.root.all():
            if (name := each.given.get("id")) is not None:
                if name in self.by_id:
                    self.wrong.append(f"id {name} stands twice")
                self.by_id[name] = each

    @property
    def text(self) -> str:
        """All words of the body."""
        return next(iter(self.root.all("body"))).text()

    @property
    def forms(self) -> list[PageForm]:
        """Its forms."""
        return [_form(each) for each in self.root.all("form")]

    def label_of(self, control: Element) -> str:
        """What a screen reader calls a control."""
        if control.given.get("aria-label"):
            return control.given["aria-label"]
        if control.tag == "button":
            return control.text()
        labels = [each for each in self.root.all("label") if each.given.get("for") == control.given.get("id")]
        return " ".join(each.text() for each in labels)

    def faults(self) -> list[str]:
        """What keeps somebody from using the page by keyboard or screen reader, as far as the markup tells."""
        found = list(self.wrong)
        html = self.root.all("html")[0]
        found += [] if html.given.get("lang") in ("nl", "fr", "en") else ["no language"]
        found += [] if self.root.all("title")[0].text() else ["no title"]
        for tag in ("main", "h1"):
            found += [] if len(self.root.all(tag)) == 1 else [f"{len(self.root.all(tag))} times <{tag}>"]
        levels = [int(each.tag[1]) for each in self.root.all("h1", "h2", "h3", "h4")]
        found += [f"h{after} follows h{before}" for before, after in pairwise(levels) if after > before + 1]
        for each in self.root.all("input", "select", "button", "textarea"):
            if each.given.get("type") != "hidden" and not self.label_of(each).strip():
                found.append(f"<{each.tag} {each.given}> has no label")
        for each in self.root.all():
            for name in ("aria-describedby", "aria-labelledby", "for", "list"):
                found += [f"{name}={one} is not there" for one in each.given.get(name, "").split() if one not in self.by_id]
            if each.tag == "a" and each.given.get("href", "").startswith("#") and each.given["href"][1:] not in self.by_id:
                found.append(f"link to {each.given['href']} leads nowhere")
            if any(name.startswith("on") for name in each.given) or "style" in each.given:
                found.append(f"<{each.tag}> has a script or style within")
            if each.tag == "img" and not each.given.get("alt"):
                found.append("a picture without words")
            if each.tag == "svg" and each.given.get("role") == "img" and not each.given.get("aria-label"):
                found.append("a drawing without words")
            if each.tag == "table" and not each.all("caption"):
                found.append("a table without caption")
            if each.tag == "fieldset" and not each.all("legend"):
                found.append("a fieldset without legend")
            if each.tag == "script" and (each.text() or "src" not in each.given):
                found.append("a script within the page")
        return found


def _form(form: Element) -> PageForm:
    values: dict[str, str] = {}
    for each in form.all("input", "select"):
        name, kind = each.given.get("name", ""), each.given.get("type", "text")
        if each.tag == "select":
            chosen = [option.given["value"] for option in each.all("option") if "selected" in option.given]
            values[name] = chosen[0] if chosen else each.all("option")[0].given["value"]
        elif kind == "radio":
            if "checked" in each.given:  # of a name that stands there twice the last one that is filled in counts
                values[name] = each.given["value"]
        else:
            values[name] = each.given.get("value", "")
    shown = form.all("button")
    buttons = [(each.given.get("aria-label") or each.text(), each.given.get("name", ""), each.given.get("value", "")) for each in shown]
    return PageForm(form.given.get("action", "").partition("#")[0], form.given.get("method", "get"), values, buttons)
