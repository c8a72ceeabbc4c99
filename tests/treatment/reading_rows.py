"""A note with something in every section, signed, for the pages that show notes."""

from tests.treatment.rows import a_note, child, part_of, saved
from treatment.actions.drafts import open_note
from treatment.actions.signing import sign
from treatment.models import Note


def told_note(cast, **visit_of):
    """A draft of Mei's with points on the chart, an ear point, an ashi point, cupping and a rule gone against."""
    note = a_note(cast, **visit_of)
    needles = child("sets", started_at="2026-11-24T15:10:00+00:00", ended_at="2026-11-24T15:40:00+00:00")
    inside = {"needle_set": needles["id"]}
    saved(
        note,
        said_pain_now=4,
        said_change="better",
        said_words="still stiff left when reversing",
        found_tongue={"picks": ["pale", "teeth_marks"], "words": ""},
        found_pulse={"picks": ["wiry"], "words": ""},
        found_palpation="tight band at the left trapezius",
        codes=["ICD-10-CM M54.2"],
        pattern="Liver qi",
        sets=[needles],
        needlings=[
            child(
                "needlings",
                code="GB20",
                region="neck",
                depth_mm=20,
                techniques=["tonify"],
                sensations=["tingling"],
                **inside,
            ),
            child("needlings", code="LI4", region="hand", stimulation="electrical", hz="2 Hz", **inside),
            child(
                "needlings",
                kind="ashi",
                code="",
                place="left trapezius",
                region="shoulder",
                side="left",
                needles_in=3,
                view="back",
                x=400,
                y=420,
                depth_mm=None,
                **inside,
            ),
        ],
        counts=[
            child("counts", region="neck", side="left", out=1),
            child("counts", region="neck", side="right", out=1),
            child("counts", region="hand", side="left", out=1),
            child("counts", region="hand", side="right", out=1),
            child("counts", region="shoulder", side="left", out=3),
        ],
        adjuncts=[child("adjuncts")],
        vitals=[child("vitals")],
        against=[
            child("against"),
            child("against", rule="consent:acupuncture", words="No consent.", subject="acupuncture"),
        ],
        clean_technique=True,
        sharps_box=True,
        felt="nothing",
        response_words="very relaxed",
        advice={"texts": ["aftercare_acupuncture"], "words": "ice"},
        next_time="look at the film",
    )
    return note


def told_signed(cast, **visit_of):
    note = told_note(cast, **visit_of)
    return signed_now(note)


def signed_now(note, exit_reason=""):
    fresh = Note.objects.get(pk=note.pk)
    return sign(by=fresh.author, pk=note.pk, version=fresh.version, exit_reason=exit_reason)


def adjusting_note(cast, booked):
    """Daniel's note of the second part of a visit."""
    note = open_note(by=cast.daniel, part=part_of(booked, "chiropractic").pk)
    saved(
        note,
        segments=[child("segments")],
        regions=[child("regions", motion="rotation_right")],
        adjustments=[child("adjustments", response="moves freely")],
        against=[
            child("against", rule=f"consent:{kind}", words="No consent.", subject=kind)
            for kind in ("adjustment", "neck_adjustment")
        ],
        felt="nothing",
    )
    return note


def needles_left(cast, **visit_of):
    """A signed note with one needle of two not counted out."""
    note = a_note(cast, **visit_of)
    saved(
        note,
        needlings=[child("needlings", region="hand")],
        counts=[child("counts", side="left", out=1)],
        against=[child("against", rule="consent:acupuncture")],
        clean_technique=True,
        sharps_box=True,
        felt="nothing",
    )
    return signed_now(note, exit_reason="fire alarm")
