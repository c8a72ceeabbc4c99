"""Documents hold every character that somebody may type."""

import io

import pytest
from pypdf import PdfReader

from clinic.documents import pdf_of
from tests.cast import NOW

TEMPLATE = b"""#set document(title: "Letter")
#let data = json(bytes(sys.inputs.data))
= #data.name
"""


@pytest.mark.parametrize("name", ["Maria Garcia", "Aïssatou Weiß", "王小明", "１", "\u0e2a\u0e21", "🙂"])
def test_a_name_in_any_script_makes_a_document(name):
    pdf = pdf_of(TEMPLATE, {"name": name}, now=NOW)
    assert (pdf[:5], len(PdfReader(io.BytesIO(pdf)).pages)) == (b"%PDF-", 1)


def test_latin_names_are_tagged_and_the_same_twice():
    made = [pdf_of(TEMPLATE, {"name": "Nguyễn Thị Mai"}, now=NOW) for _time in range(2)]
    assert made[0] == made[1]
    assert "/MarkInfo" in PdfReader(io.BytesIO(made[0])).trailer["/Root"]


def test_a_template_that_is_wrong_is_not_hidden():
    with pytest.raises(RuntimeError):
        pdf_of(b"#unknown()", {}, now=NOW)
