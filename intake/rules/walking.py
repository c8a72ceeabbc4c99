"""From one section of a form to the next: what is asked, what is open, where Next and Back lead. Pure."""

from django.utils.translation import gettext as _

from intake.rules.forms import inside, problems, sections, visible
from intake.rules.posted import not_understood

FINISH = "finish"  # The last screen of every form: the text to sign, a name.


def laid_over(before, answers):
    """Answers with these over them; None takes one away."""
    return {link: value for link, value in (before | answers).items() if value is not None}


def asked(definition, answers):
    """linkIds of the sections that are asked."""
    shown = visible(definition, answers)
    return [each["linkId"] for each in sections(definition) if each["linkId"] in shown]


def shown_in(definition, answers, section):
    """linkIds of what is asked in a section."""
    shown = visible(definition, answers)
    return [each["linkId"] for each in inside(section) if each["linkId"] in shown]


def left_at(definition, answers, page):
    """Where to go on: the section it was left at, else the first."""
    links = asked(definition, answers)
    if page in links:
        return page
    return links[0] if links and not page else FINISH


def next_to(definition, answers, link, step):
    """The section after (1) or before (-1) this one; FINISH past the last, the first before the first."""
    links = asked(definition, answers)
    at = links.index(link) + step if link in links else 0
    return links[max(at, 0)] if at < len(links) else FINISH


def wrong_in(definition, answers, section, posted):
    """{link: sentence} of what is missing in the section, or was typed and is no answer."""
    missing = problems(definition, answers)
    wrong = {each.link: each.says for each in missing if each.section == section["linkId"]}
    for link in not_understood(section, posted):
        wrong[link] = _("This was not understood. Write a date as month, day and year, a number in digits.")
    return wrong
