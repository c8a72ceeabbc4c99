"""The red-flag screens as forms, made from the rows of red_flags.csv. Pure."""

import csv
from io import StringIO

from intake.rules.forms import URN

# Emergencies first, what is asked in private last.
GROUPS = {
    "emergency_neck": "Your neck and head, right now",
    "emergency_back": "Your back, right now",
    "emergency_any": "The rest of your body, right now",
    "headache": "Your headache",
    "nerves_balance": "Nerves and balance",
    "injury_bone": "Injuries and bones",
    "neck_history": "Your neck so far",
    "belly_leg": "Belly and legs",
    "whole_body": "Your health as a whole",
    "mood": "One question in private",
}
TITLES = {"neck": "Safety questions: neck and head", "back": "Safety questions: back"}
NONE = "None of these"


def screen(region, text):
    """The definition of `red_flags_neck` or `red_flags_back`, from the text of the CSV file."""
    rows = [row for row in csv.DictReader(StringIO(text)) if is_asked(row, region)]
    headaches = [headache_question()] if region == "neck" else []
    made = [section(group, [row for row in rows if row["group"] == group]) for group in GROUPS]
    return {
        "resourceType": "Questionnaire",
        "name": f"red_flags_{region}",
        "title": TITLES[region],
        "status": "active",
        "subjectType": ["Patient"],
        "extension": [{"url": URN + "minutes", "valueInteger": 2}],
        "item": [*headaches, *(each for each in made if each["item"])],
    }


def is_asked(row, region):
    regions = {region, "both"} | ({"headache"} if region == "neck" else set())
    return row["region"] in regions and "intake" in row["when"].split(";")


def headache_question():
    question = {"linkId": "headache", "text": "Do you have headaches?", "type": "boolean", "required": True}
    return {"linkId": "start", "text": "To begin with", "type": "group", "item": [question]}


def section(group, rows):
    items = [question(row) for row in rows]
    if group == "mood":
        items = [{**item, "required": True} for item in items]
    elif items:
        items = [screen_group(group, items)]
    link = "headaches" if group == "headache" else group  # the question whether there are any is `headache`
    made = {"linkId": link, "text": GROUPS[group], "type": "group", "item": items}
    if group == "headache":
        made["enableWhen"] = [{"question": "headache", "operator": "=", "answerBoolean": True}]
    if group == "mood":
        made["extension"] = [{"url": URN + "private", "valueBoolean": True}]
    return made


def screen_group(group, items):
    return {
        "linkId": f"screen_{group}",
        "text": "Tick everything that is true for you",
        "type": "group",
        "required": True,
        "extension": [
            {"url": URN + "screen", "valueBoolean": True},
            {"url": URN + "none", "valueString": NONE},
        ],
        "item": items,
    }


def question(row):
    made = {"linkId": row["flag_id"], "text": row["question"], "type": "boolean"}
    if row["emergency"] == "true":
        made["extension"] = [{"url": URN + "emergency", "valueString": row["patient_text_key"]}]
    return made
