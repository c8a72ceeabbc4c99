"""What the log says, and what it must not say."""

import json
import logging
import sys

import pytest
from django.urls import reverse

from clinic.logs import json_formatter

TOKEN = "Zk3vQ9fJx1mB7sT0pLr8aWc5dEyH2uNi"


def line(message, *args, **extra):
    record = logging.getLogger("django.request").makeRecord(
        "django.request", logging.WARNING, __file__, 1, message, args, None, extra=extra
    )
    return json_formatter().format(record)


@pytest.mark.parametrize(
    "route, args",
    [
        ("portal:join", [TOKEN]),
        ("clinic:accept_invitation", [TOKEN]),
        ("intake:fill", [TOKEN]),
        ("intake:fill_form", [TOKEN, "health_history"]),
        ("account_reset_password_from_key", ["1f", TOKEN]),
    ],
)
def test_no_address_that_carries_power_reaches_the_log(route, args):
    path = reverse(route, args=args)
    said = line("Not Found: %s", path, request=f"POST {path}", nested={"paths": [path]})
    assert TOKEN not in said
    assert json.loads(said)["event"].startswith("Not Found: /")


def test_a_fault_with_such_an_address_in_its_words_is_masked_too():
    try:
        raise ValueError(f"no page at /my/join/{TOKEN}/")
    except ValueError:
        record = logging.getLogger("x").makeRecord(
            "x", logging.ERROR, __file__, 1, "fault", (), sys.exc_info()
        )
    said = json_formatter().format(record)
    assert TOKEN not in said
    assert "/my/join/[hidden]/" in said


def test_ordinary_addresses_stay_readable():
    path = "/patients/caa29ccf-348c-4c18-bc1d-90099bd63f1a/"
    assert path in line("Not Found: %s", path)


def test_what_was_searched_for_is_in_no_line(rf):
    """Django hands the request over with every 4xx, and its text is the whole address."""
    said = line("Forbidden: %s", "/patients/", request=rf.get("/patients/?q=garcia"), status_code=403)
    assert "garcia" not in said
    assert json.loads(said)["request"] == "GET /patients/"
