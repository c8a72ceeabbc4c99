"""Sums are written in one place, whatever page, mail or document they stand in."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from clinic.money import SYMBOL, about, money

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = [path.parent for path in ROOT.glob("*/apps.py")]
# The symbol before a figure, a value of a template, or a value of a text: $5, ${{ price }}, $%(price)s, f"${sum}".
WRITTEN = re.compile(re.escape(SYMBOL) + r"(\d|\{\{|%\(|\{[a-z])")


@pytest.mark.parametrize(
    "amount, written, rounded",
    [
        (Decimal("1110"), "$1,110.00", "$1,110"),
        (Decimal("90.5"), "$90.50", "$90.50"),
        (0, "$0.00", "$0"),
        (Decimal("1234567.89"), "$1,234,567.89", "$1,234,567.89"),
    ],
)
def test_a_sum(amount, written, rounded):
    assert (money(amount), about(amount)) == (written, rounded)


def test_nothing_else_writes_the_symbol():
    files = [path for app in APPS for end in ("html", "py", "typ", "txt") for path in app.rglob(f"*.{end}")]
    assert len(files) > 500
    found = {
        str(path.relative_to(ROOT))
        for path in files
        if "static" not in path.parts and WRITTEN.search(path.read_text())
    }
    # Its own examples, and a search expression's ends.
    assert found == {"clinic/money.py", "clinic/templatetags/meridian.py"}
