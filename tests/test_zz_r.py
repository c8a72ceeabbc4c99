import pytest
from django.urls import reverse
from tests.browser import sign_in, assert_accessible
from tests.treatment.reading_rows import *
from treatment.actions.after import *
pytestmark=pytest.mark.browser
def test_zz(cast, committed, open_page):
    n=told_signed(cast)
    d=told_note(cast, clock="13:00")
    l=needles_left(cast, clock="15:00")
    add_addendum(by=cast.daniel, pk=n.pk, words="Film of October seen.")
    write_contact_note(by=cast.mei, patient=cast.maria, kind="call", words="Sore since Tuesday, ice, fine by evening.")
    hand_over(by=cast.daniel, patient=cast.maria, to_user=cast.mei, words="Go light left.", appointment=n.appointment)
    page=open_page(width=1366,height=900)
    sign_in(page, cast.mei)
    for name, url in {"read": f"/notes/{n.pk}/", "left": f"/notes/{l.pk}/", "notes": f"/notes/patients/{cast.maria.pk}/", "record": f"/notes/visits/{n.appointment_id}/", "earlier": f"/notes/{n.pk}/earlier/", "saved": f"/notes/{n.pk}/earlier/2/", "handovers": "/notes/handovers/"}.items():
        page.goto(url)
        page.wait_for_timeout(300)
        page.screenshot(path=f"/tmp/r_{name}.png", full_page=True)
        assert_accessible(page)
        page.set_viewport_size({"width":375,"height":812}); page.wait_for_timeout(200); page.screenshot(path=f"/tmp/r_{name}_p.png", full_page=True)
        assert_accessible(page)
        page.set_viewport_size({"width":1366,"height":900})
    page.goto(f"/notes/{n.pk}/")
    page.get_by_role("link", name="Addendum").click()
    page.wait_for_timeout(500)
    page.screenshot(path="/tmp/r_panel.png")
    assert_accessible(page)
