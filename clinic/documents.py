"""Documents as tagged PDF, made from values alone: no network, no fonts of the machine."""

import json

import typst

UA = "ua-1"  # PDF/UA: tagged, so that a screen reader can read it


def pdf_of(template, data, *, now):
    """A PDF of a typst template (bytes), which reads `data` from sys.inputs.data as JSON text.

    The same bytes for the same values. Takes some 30 ms: make it before the transaction that keeps it.
    """
    return typst.compile(
        template,
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        ignore_system_fonts=True,
        pdf_standards=UA,
        timestamp=int(now.timestamp()),
    )
