"""Forms as staff hand them out, and answers as a browser sends them."""

from django.urls import reverse

from intake.actions.asking import hand_out
from intake.actions.loading import load_forms
from intake.models import Questionnaire
from tests.cast import NOW

ALL_NONE = {"none": "1"}


def handed(cast, patient, *keys, channel="email", related=None, by=None, now=NOW):
    """(link, token) of these forms, handed to the patient."""
    load_forms(now=now)
    return hand_out(
        by=by or cast.ana, patient_pk=patient.pk, keys=keys, channel=channel, related=related, now=now
    )


def definition(key):
    load_forms(now=NOW)
    return Questionnaire.objects.filter(key=key).latest("number").definition


def section_url(token, key, section):
    return reverse("intake:fill_section", args=[token, key, section])


def finish_url(token, key):
    return reverse("intake:fill_finish", args=[token, key])


# Every section of the health history, answered shortly: one medicine, everything else none.
HISTORY = {
    "now": {"problem": "Stiff neck", "assessed": "true", "assessed_by": "Dr. Amos"},
    "conditions_section": {"conditions": ["diabetes"], "conditions.diabetes.since": "2019"},
    "medication_section": {
        "medication-0.name": "Warfarin",
        "medication-0.class": "other",
        "medication-0.effect": "anticoagulant",
        "medication-0.dose": "5 mg a day",
    },
    "allergies_section": {"no_allergies": "1"},
    "surgery_section": {"no_surgery": "1", "implants": ["pacemaker"]},
    "bleeding_section": {"no_bleeding": "1", "pregnant": "no"},
    "earlier_section": {"no_earlier_treatment": "1"},
}


def fill_in(client, token, key, response, sections=None):
    """Post every section, with what a page without script would send; the last answer."""
    for section, values in (sections or HISTORY).items():
        response.refresh_from_db()
        shown = client.get(section_url(token, key, section)).context["shown"]
        values = {"version": response.version, "shown": shown, **values}
        answer = client.post(section_url(token, key, section), values)
        if answer.status_code == 302 and answer["Location"].endswith(f"/{section}/"):
            # Something new was asked: the page comes again with it.
            response.refresh_from_db()
            shown = client.get(section_url(token, key, section)).context["shown"]
            values = {**values, "version": response.version, "shown": shown}
            answer = client.post(section_url(token, key, section), values)
        assert answer.status_code == 302, (section, answer.context["wrong"])
    return answer
