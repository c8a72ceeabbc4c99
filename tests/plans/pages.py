"""The plan's form as a browser sends it, for these tests."""

from clinic.submissions import new_key


def form_values(page):
    """What the form would send as it stands."""
    values = {}
    for field in page.context["form"]:
        value = field.value()
        if value is None or value is False or value == "":
            continue
        values[field.html_name] = "on" if value is True else value
    return values


def posted(client, url, page=None, **changes):
    """The form of that page (else a fresh one), sent with changes; None leaves a field out."""
    values = form_values(page or client.get(url)) | {"request_key": new_key()} | changes
    return client.post(url, {name: value for name, value in values.items() if value is not None})


def shown(answer):
    return " ".join(answer.content.decode().split())
