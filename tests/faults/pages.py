"""The forms of a page as a browser would send them: every field with the value that stands in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

NOT_SENT = {"submit", "button", "image", "reset", "file"}


@dataclass
class PageForm:
    action: str
    method: str
    fields: dict = field(default_factory=dict)  # name: text, or a list where there are several
    others: dict = field(default_factory=dict)  # name: the other values that may be chosen
    buttons: list = field(default_factory=list)  # (name, value)

    def add(self, name, value):
        known = self.fields.get(name)
        if known is None:
            self.fields[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            self.fields[name] = [known, value]


class Reader(HTMLParser):
    def __init__(self, address):
        super().__init__()
        self.address, self.found, self.form = address, [], None
        self.select = self.area = None

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            action = urljoin(self.address, given.get("action", ""))
            self.form = PageForm(action, given.get("method", "get").lower())
            self.found.append(self.form)
        if self.form is None:
            return
        name = given.get("name", "")
        if tag == "select" and name:
            self.select, self.chosen, self.options = name, [], []
        elif tag == "option" and self.select:
            self.options.append(given.get("value", ""))
            self.chosen += [given.get("value", "")] if "selected" in given else []
        elif tag == "textarea" and name:
            self.area, self.text = name, ""
        elif tag == "button" and name:
            self.form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and name:
            self.input(name, given)

    def input(self, name, given):
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind in ("checkbox", "radio") and "checked" not in given:
            self.form.others.setdefault(name, []).append(value or "on")
        elif kind not in NOT_SENT:
            self.form.add(name, value or ("on" if kind == "checkbox" else ""))

    def handle_data(self, data):
        if self.area:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif self.form is None:
            return
        elif tag == "select" and self.select:
            for value in self.chosen or self.options[:1]:
                self.form.add(self.select, value)
            self.form.others.setdefault(self.select, []).extend(self.options)
            self.select = None
        elif tag == "textarea" and self.area:
            self.form.add(self.area, self.text.lstrip("\n"))
            self.area = None


def forms_of(html, address):
    """The forms of the page at that address, in order."""
    reader = Reader(address)
    reader.feed(html)
    return reader.found
