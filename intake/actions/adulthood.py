"""The eighteenth birthday: proxies end on the day, consents are asked anew, both announced a week ahead."""

from datetime import datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Role
from intake import emails
from intake.queries import adulthood
from intake.queries.forms import addressees, guardians_of
from intake.rules.signing import birthday_of_age
from messaging.actions import open_task
from patients.models import Patient


def cause(patient):
    return f"of_age:{patient.pk}"


@transaction.atomic
def announce(*, patient, now):
    """A week ahead: patient and guardians are written to, the desk has a to-do. Once; False if it was done."""
    Patient.objects.select_for_update().get(pk=patient.pk)
    if adulthood.was_told(cause(patient)) or not concerned(patient, now):
        return False
    birthday = birthday_of_age(patient.birth_date)
    for each in addressees(patient, guardians_of(patient, now)):
        emails.announce_of_age(
            to=each.email,
            called=each.name,
            language=patient.language,
            about=cause(patient),
            on=birthday,
            now=now,
        )
    task(patient, birthday, now)
    audit.record(by=None, verb="announce coming of age", about=patient, patient=patient)
    return True


@transaction.atomic
def come_of_age(*, patient, now):
    """On the day: nobody decides for this person any more. The relations stay and say until when they held."""
    ended = []
    for person in adulthood.open_relations(patient, now).select_for_update():
        person.until = now
        person.save(update_fields=["until"])
        ended.append(person.pk)
    if not ended:
        return 0
    task(patient, birthday_of_age(patient.birth_date), now)
    audit.record(by=None, verb="come of age", about=patient, patient=patient, ended=len(ended))
    return len(ended)


def concerned(patient, now):
    """Whether the birthday changes anything for this patient."""
    return adulthood.open_relations(patient, now).exists() or adulthood.signed_by_guardian(patient, now)


def task(patient, birthday, now):
    """The desk's to-do: one, from the week before until somebody closes it."""
    title = _("%(name)s is 18 on %(day)s: ask for new signatures") % {
        "name": patient.name,
        "day": f"{birthday:%b} {birthday.day}",
    }
    due = timezone.make_aware(datetime.combine(birthday, time(12)))
    open_task(
        kind="of_age",
        title=title,
        about=cause(patient),
        patient=patient,
        for_role=Role.FRONT_DESK,
        due_at=due,
        now=now,
    )
