"""Documents as tagged PDF, made from values alone: no network."""

import json

import typst

UA = "ua-1"  # PDF/UA: tagged, so that a screen reader can read it
# How a document is made, the best way first. The built-in fonts have no Chinese, among others: then with the fonts
# of the machine; and where it has none either, with an empty box for each such character rather than no document.
WAYS = [
    {"ignore_system_fonts": True, "pdf_standards": UA},
    {"ignore_system_fonts": False, "pdf_standards": UA},
    {"ignore_system_fonts": False},
]


def pdf_of(template, data, *, now):
    """A PDF of a typst template (bytes), which reads `data` from sys.inputs.data as JSON text.

    The same bytes for the same values. Takes some 30 ms: make it before the transaction that keeps it. Every
    way but the last is given up only for want of a font; what else is wrong comes out at the last.
    """
    sent = {"data": json.dumps(data)}
    for way in WAYS[:-1]:
        try:
            return compiled(template, sent, now, way)
        except typst.TypstError as fault:
            if "could not be displayed with font" not in str(fault):
                raise
    return compiled(template, sent, now, WAYS[-1])


def compiled(template, sent, now, way):
    return typst.compile(template, format="pdf", sys_inputs=sent, timestamp=int(now.timestamp()), **way)
