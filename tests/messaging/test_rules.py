from datetime import timedelta

import pytest

from messaging.rules import MAX_TRIES, one_line, pause_after


def test_the_pauses_grow_and_the_last_one_stays():
    minutes = [pause_after(tries) // timedelta(minutes=1) for tries in range(1, MAX_TRIES + 1)]
    assert minutes == [1, 5, 15, 60, 240, 240]


@pytest.mark.parametrize(
    "typed, header",
    [
        ("Your visit on Tuesday", "Your visit on Tuesday"),
        ("Hello\r\nBcc: everybody@example.org", "Hello Bcc: everybody@example.org"),
        ("one\u2028two\u2029three\x00four\tfive", "one two three four five"),
        ("  spaces   stay   single ", "spaces stay single"),
        ("x" * 300, "x" * 200),
        ("Grüße, José 🙂", "Grüße, José 🙂"),
    ],
)
def test_a_subject_is_one_line(typed, header):
    assert one_line(typed) == header
