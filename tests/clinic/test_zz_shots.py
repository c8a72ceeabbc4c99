import pytest
from tests.clinic.test_manage import pages, sign_in

@pytest.mark.browser
def test_shots(cast, pages, open_page):
    for w in (1366, 375):
        page = sign_in(open_page(width=w, height=900 if w>400 else 812), cast.olive)
        for n, url in enumerate([*pages, "/admin/", "/admin/patients/patient/", f"/admin/services/part/1/change/"]):
            if n in (3,5,8,9,11,12,13,15,17):
                page.goto(url)
                page.screenshot(path=f"/tmp/shots/{w}-{n:02}.png", full_page=True)
    page.goto(pages[4]); page.get_by_label("Time zone").fill("Nowhere"); page.get_by_role("button", name="Save").click()
    page.locator(".refusal").wait_for()
    page.screenshot(path=f"/tmp/shots/err.png", full_page=True)
