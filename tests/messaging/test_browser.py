import pytest

from messaging.actions import queue
from messaging.models import OutboxMessage
from tests.browser import assert_accessible, sign_in

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1366, 375, 320])
def test_the_outbox_is_accessible_and_sends_again(cast, committed, now, open_page, width):
    row = queue(kind="booked", to="maria@mail.example", subject="Your visit", body="-", now=now)
    OutboxMessage.objects.filter(pk=row.pk).update(
        dead_at=now, attempts=6, last_error="ConnectionRefusedError"
    )
    queue(kind="booked", to="maria at home", subject="Your visit", body="-", now=now)
    page = sign_in(open_page(width=width, touch=width < 1000), cast.olive)
    page.goto("/clinic/messages/")
    assert page.get_by_text("The mail server cannot be reached.").is_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Send again").click()
    page.wait_for_url("**/clinic/messages/?show=waiting")
    assert page.get_by_text("maria@mail.example", exact=True).is_visible()
    assert_accessible(page)
