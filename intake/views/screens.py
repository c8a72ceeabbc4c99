"""The screens of a form as somebody with a link sees them."""

from django.shortcuts import redirect, render
from django.utils import timezone

from intake.queries.forms import emergency_texts, signers_of, told_of
from intake.rules.fields import fields, open_questions
from intake.rules.forms import emergencies, extension, inside, problems, sections
from intake.rules.signing import in_words, is_minor, lines_of
from intake.rules.walking import FINISH, asked, shown_in
from patients.rules import age


def to(token, key, link):
    """Off to a section, or to the last screen."""
    if link == FINISH:
        return redirect("intake:fill_finish", token, key)
    return redirect("intake:fill_section", token, key, link)


def over(request, opened):
    """Closed: everything is done (200), or the link is over (410). Either page says what to do."""
    return render(request, "intake/fill_over.html", {"door": opened}, status=410 if opened.waiting else 200)


def section_page(request, opened, row, section, token, *, wrong=None, refusal=None, posted=None):
    definition = row.questionnaire.definition
    links, shown = asked(definition, row.answers), shown_in(definition, row.answers, section)
    link, asks = section["linkId"], fields(section, row.answers, shown, wrong or {}, posted)
    context = {
        "section": section,
        "private": extension(section, "private"),
        "fields": asks,
        "shown": " ".join(shown),
        "number": links.index(link) + 1 if link in links else 1,
        "first": link not in links[1:],
        "texts": texts_in(section),
        "wrong": wrong,
        "open": open_questions(asks, wrong or {}),
        **shared(opened, row, token, len(links), refusal),
    }
    status = refusal.status if refusal else 422 if wrong else 200
    return render(request, "intake/fill_section.html", context, status=status)


def shared(opened, row, token, screens, refusal):
    """What every screen of a form has; the last one comes after `screens` others."""
    return {
        "door": opened,
        "row": row,
        "token": token,
        "total": screens + 1,
        "emergency": emergency_texts(emergencies(row.questionnaire.definition, row.answers)),
        "reasons": refusal.reasons if refusal else None,
    }


def texts_in(section):
    """The emergency texts of a section, there from the start so that they show at once, without the server."""
    keys = [extension(each, "emergency") for each in inside(section)]
    return emergency_texts(list(dict.fromkeys(filter(None, keys))))


def finish_page(request, opened, row, token, refusal=None):
    definition, patient, now = row.questionnaire.definition, opened.link.patient, timezone.now()
    titles = {each["linkId"]: each["text"] for each in sections(definition)}
    missing = dict.fromkeys(each.section for each in problems(definition, row.answers))
    links, lines = asked(definition, row.answers), lines_of(definition)
    context = {
        "lines": lines,
        "filled": in_words(definition, row.answers) if lines else [],
        "missing": [(link, titles[link]) for link in missing],
        "guardians": (signers_of if lines else told_of)(patient, now),
        "minor": is_minor(age(patient.birth_date, now.date())),
        "number": len(links) + 1,
        "before": links[-1] if links else "",
        "typed": request.POST,
        **shared(opened, row, token, len(links), refusal),
    }
    return render(request, "intake/fill_finish.html", context, status=refusal.status if refusal else 200)
