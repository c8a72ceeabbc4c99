"""The data files: what they hold, loading again and again, what the clinic changed, and the owner's admin of it."""

import csv
import json
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from acupoints import queries
from acupoints.actions.reference import DATASETS as OF_POINTS
from acupoints.models import Acupoint, PointAlias, SafetyRule, Term
from clinic.actions.reference import load
from clinic.models import AuditEvent, Origin, ReferenceLoad
from clinic.refusal import Refused
from frontdesk.actions import reference
from frontdesk.actions.reference import load_everything
from intake.models import RedFlag
from messaging.models import Text
from services.models import Code
from tests.browser import sign_in
from treatment.models import ReactionKind

ALIASES = OF_POINTS[1]


def shipped(model):
    return model.objects.filter(origin=Origin.SHIPPED)


def laid_over(row, **values):
    """The clinic's row over one of ours, as the admin makes it."""
    own = type(row).objects.get(pk=row.pk)
    own.pk, own._state.adding, own.origin = None, True, Origin.CLINIC
    for name, value in values.items():
        setattr(own, name, value)
    own.save()
    return own


def another_file(tmp_path, dataset, change):
    """The data set with a changed copy of its file; `change` gets and gives the rows."""
    with dataset.path.open(newline="") as opened:
        reader = csv.DictReader(opened)
        names, rows = reader.fieldnames, change(list(reader))
    path = tmp_path / dataset.path.name
    with path.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, names)
        writer.writeheader()
        writer.writerows(rows)
    return dataset._replace(path=path, count=len(rows))


@pytest.mark.django_db
class TestCounts:
    def test_rows(self):
        models = [Acupoint, PointAlias, SafetyRule, Term, RedFlag, ReactionKind, Code, Text]
        assert [model.objects.count() for model in models] == [437, 190, 98, 269, 43, 37, 169, 26]

    def test_points_of_each_channel(self):
        found = Counter(Acupoint.objects.values_list("meridian", flat=True))
        assert found == {
            "LU": 11,
            "LI": 20,
            "ST": 45,
            "SP": 21,
            "HT": 9,
            "SI": 19,
            "BL": 67,
            "KI": 27,
            "PC": 9,
            "TE": 23,
            "GB": 44,
            "LR": 14,
            "GV": 28,
            "CV": 24,
            "EX-HN": 18,
            "EX-CA": 1,
            "EX-B": 33,
            "EX-UE": 12,
            "EX-LE": 12,
        }
        standards = Counter(Acupoint.objects.values_list("standard", flat=True))
        assert (standards["WHO 2008"], standards.total() - standards["WHO 2008"]) == (361, 76)
        assert Acupoint.objects.filter(pneumothorax_risk=True).count() == 76

    def test_rules_flags_and_reactions(self):
        assert Counter(SafetyRule.objects.values_list("severity", flat=True)) == {
            "absolute": 32,
            "relative": 44,
            "caution": 22,
        }
        assert Counter(RedFlag.objects.values_list("action", flat=True)) == {
            "refer_now": 27,
            "refer_routine": 10,
            "caution": 6,
        }
        assert RedFlag.objects.filter(online_booking=True).count() == 13
        assert Counter(ReactionKind.objects.values_list("subject", flat=True)) == {"patient": 36, "staff": 1}

    def test_terms_codes_and_texts(self):
        assert Counter(Term.objects.values_list("kind", flat=True)) == {
            "needle_size": 58,
            "technique": 17,
            "sensation": 13,
            "modality": 29,
            "segment": 78,
            "adjusting_technique": 13,
            "listing": 61,
        }
        systems = Counter(Code.objects.values_list("code_system", flat=True))
        assert systems == {"ICD-10-CM": 134, "CPT": 33, "HCPCS": 2}
        assert sum(len(text.items) for text in Text.objects.all()) == 25

    def test_two_points_are_shipped_hidden(self):
        hidden = Acupoint.objects.filter(hidden=True).order_by("key").values_list("key", flat=True)
        assert list(hidden) == ["EX-B2-C1", "EX-B2-C2"]
        assert [model.objects.filter(hidden=True).count() for model in (PointAlias, SafetyRule, Term)] == [
            0
        ] * 3


@pytest.mark.django_db
class TestValues:
    def test_a_point_is_what_the_file_says(self):
        row = Acupoint.objects.get(key="LU1")
        assert (row.seq, row.bilateral, row.depth_min_cun, row.depth_max_mm) == (
            1,
            True,
            row.depth_min_cun,
            20,
        )
        assert (str(row.depth_min_cun), row.angles, row.categories) == ("0.5", ["oblique"], ["mu-front:lung"])
        assert (row.view, row.x, row.y, row.x_mirror, row.x2, row.pneumothorax_risk) == (
            *("front", 650, 448, 350, None, True),
        )

    def test_lists_become_lists_and_sentences_stay(self):
        rule = SafetyRule.objects.get(key="CI001")
        assert rule.applies_to == ["manual_acupuncture", "electroacupuncture", "intradermal", "dry_needling"]
        assert rule.point_codes[:2] == ["ST17", "CV8"]
        flag = RedFlag.objects.get(key="RF001")
        assert (flag.when, flag.blocked_modalities) == (["intake", "recheck", "re_evaluation"], ["all"])
        assert flag.action_text.startswith("Stop. 911 or the nearest emergency room now; stay with")

    def test_modalities_know_their_groups_and_regions(self):
        thrust = Term.objects.get(kind="modality", key="cervical_hvla")
        assert (thrust.data["groups"], thrust.data["regions"]) == (["hvla"], ["neck"])
        plain = Term.objects.get(kind="modality", key="massage")
        assert (plain.data["groups"], plain.data["regions"]) == ([], [])

    def test_a_text_has_paragraphs_and_lines(self):
        text = Text.objects.get(key="emergency_911")
        assert text.body.split("\n\n")[0] == "Call 911 or go to the nearest emergency room now."
        consent = Text.objects.get(key="consent_acupuncture")
        assert [item["id"] for item in consent.items][:2] == [
            "consent_acupuncture_01",
            "consent_acupuncture_02",
        ]
        assert consent.for_consents == ["acupuncture"]

    def test_keys_of_codes_name_their_system(self):
        assert Code.objects.get(key="ICD-10-CM M54.2").label == "Neck pain"


@pytest.mark.django_db
class TestLoadingAgain:
    def test_nothing_is_changed_or_written(self):
        before = [sorted(model.objects.values_list("pk", "version")) for model in (Acupoint, Term, Text)]
        loads, events = ReferenceLoad.objects.count(), AuditEvent.objects.count()
        added, files = load_everything()
        assert (added, sum(loaded.written for loaded in files), len(files)) == (0, 0, 13)
        assert (ReferenceLoad.objects.count(), AuditEvent.objects.count()) == (loads, events)
        assert [
            sorted(model.objects.values_list("pk", "version")) for model in (Acupoint, Term, Text)
        ] == before

    def test_one_statement_reads_a_file_that_has_not_changed(self, now, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert load(ALIASES, now=now).written == 0

    def test_what_is_loaded_is_noted_once_for_each_file(self):
        names = list(ReferenceLoad.objects.order_by("dataset").values_list("dataset", "rows", "added"))
        assert names == sorted((d.name, d.count, d.count) for d in reference.DATASETS)

    def test_a_changed_file_changes_its_rows_and_no_others(self, now, tmp_path, django_assert_num_queries):
        def change(rows):
            rows[0]["note"] = "of the lung"
            return rows[:-1]

        dataset = another_file(tmp_path, ALIASES, change)
        last = shipped(PointAlias).get(key="jiachengjiang name M-HN-18")
        with django_assert_num_queries(4):
            loaded = load(dataset, now=now)
        assert (loaded.added, loaded.changed, loaded.gone, loaded.rows) == (0, 1, 1, 189)
        assert shipped(PointAlias).get(key="lu prefix LU").note == "of the lung"
        last.refresh_from_db()
        assert (last.hidden, last.shipped_sha256) == (True, "")
        assert Counter(PointAlias.objects.values_list("version", flat=True)) == {1: 188, 2: 2}
        # The file as it was brings everything back.
        again = load(ALIASES, now=now)
        assert (again.added, again.changed, again.gone) == (0, 2, 0)
        assert PointAlias.objects.filter(hidden=True).count() == 0

    def test_the_clinics_row_stays_and_is_named_when_ours_beneath_it_changed(self, now, tmp_path):
        own = laid_over(shipped(PointAlias).get(key="lu prefix LU"), note="the clinic's")
        beside = laid_over(shipped(PointAlias).get(key="li prefix LI"), note="also the clinic's")

        def change(rows):
            rows[0]["note"] = "of the lung"
            return rows

        loaded = load(another_file(tmp_path, ALIASES, change), now=now)
        assert (loaded.clinic, loaded.stale) == (("li prefix LI", "lu prefix LU"), ("lu prefix LU",))
        own.refresh_from_db()
        assert (own.note, own.version) == ("the clinic's", 1)
        assert PointAlias.objects.effective().get(key="lu prefix LU") == own
        assert PointAlias.objects.effective().get(key="li prefix LI") == beside
        assert ReferenceLoad.objects.latest("pk").stale == ["lu prefix LU"]

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (
                lambda text: text.replace("usual_us", "usual", 1),
                "do not have the same columns: usual, usual_us.",
            ),
            (lambda text: text.replace(",note\n", "\n", 1), "do not have the same columns: note."),
            (lambda text: text[: text.rindex("M-HN-18")], "Row 190 of the file is not whole."),
            (lambda text: text[: text.rindex("Jiacheng")], "has 189 rows instead of 190."),
            (
                lambda text: text.replace("prefix,LU,true", "prefix,LU,yes", 1),
                "“yes” does not fit the column usual_us.",
            ),
        ],
    )
    def test_a_file_that_is_not_right_is_refused(self, now, tmp_path, change, words):
        path = tmp_path / "point_aliases.csv"
        text = ALIASES.path.read_text().replace("\r\n", "\n")
        path.write_text(change(text))
        with pytest.raises(Refused) as refusal:
            load(ALIASES._replace(path=path), now=now)
        assert refusal.value.reasons[0].count(words) == 1
        assert PointAlias.objects.filter(version=1).count() == 190


@pytest.mark.django_db
class TestCommand:
    def test_says_what_it_did_and_what_the_clinic_changed(self, capsys):
        laid_over(shipped(SafetyRule).get(key="CI002"), severity="caution")
        PointAlias.objects.filter(key="lu prefix LU").update(shipped_sha256="", version=2)
        call_command("load_reference")
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "0 rows of services, disciplines and licenses added."
        assert lines[2].endswith(
            "190 rows ("
            + lines[2].split("(")[1].split(")")[0]
            + "), 0 added, 1 changed, 0 no longer shipped."
        )
        assert [line for line in lines if line.startswith("  ")] == ["  The clinic's own, left alone: CI002."]

    def test_a_damaged_file_is_an_error_in_words(self, monkeypatch, tmp_path):
        damaged = another_file(tmp_path, ALIASES, lambda rows: rows[:10])._replace(count=190)
        monkeypatch.setattr(reference, "DATASETS", [damaged])
        with pytest.raises(CommandError, match=r"point_aliases\.csv has 10 rows instead of 190"):
            call_command("load_reference")
        assert PointAlias.objects.filter(hidden=False, version=1).count() == 190


@pytest.mark.django_db
class TestEffective:
    def test_ours_the_clinics_hidden_and_withdrawn(self):
        ours = shipped(SafetyRule).get(key="CI002")
        assert SafetyRule.objects.effective().get(key="CI002") == ours
        own = laid_over(ours, severity="caution")
        assert SafetyRule.objects.effective().get(key="CI002") == own
        own.hidden = True
        own.save()
        assert SafetyRule.objects.effective().filter(key="CI002").count() == 0
        assert SafetyRule.objects.in_force().get(key="CI002") == own
        own.withdrawn = True
        own.save()
        assert SafetyRule.objects.effective().get(key="CI002") == ours

    def test_terms_of_two_kinds_with_one_key_are_two(self):
        ours = shipped(Term).get(kind="technique", key="shallow")
        laid_over(ours, kind="sensation", name="shallow feeling")
        assert Term.objects.effective().filter(key="shallow").count() == 2

    def test_the_catalogue_takes_the_clinics_point_and_one_it_has_enabled(self, django_assert_num_queries):
        assert "EX-B2-C1" not in queries.catalogue().points
        laid_over(shipped(Acupoint).get(key="EX-B2-C1"), hidden=False)
        laid_over(shipped(Acupoint).get(key="LI4"), depth_max_mm=20)
        with django_assert_num_queries(3):
            catalogue = queries.catalogue()
        with django_assert_num_queries(1):
            assert queries.catalogue() is catalogue
        assert len(catalogue.points) == 436
        assert catalogue.points["LI4"].depth_max_mm == 20
        assert list(catalogue.points)[:2] == ["LU1", "LU2"]
        assert catalogue.points["EX-B2-C1"].code == "EX-B2-C1"
        assert len(catalogue.aliases) == 190


def page_of(row, what="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{what}", args=[row.pk])


def typed_in(answer):
    form = answer.context["adminform"].form
    return {field.html_name: field.value() for field in form if field.value() not in (None, False)} | {
        name: ",".join(value) for name, value in form.initial.items() if isinstance(value, list)
    }


@pytest.mark.django_db
class TestAdmin:
    def test_ours_is_read_and_not_changed(self, cast, client_of):
        row, client = shipped(Acupoint).get(key="LI4"), client_of(cast.olive)
        answer = client.get(page_of(row))
        assert (answer.status_code, answer.context["has_change_permission"]) == (200, False)
        assert client.post(page_of(row), {"english_name": "x"}).status_code == 403

    def test_the_owner_changes_a_point_and_takes_ours_again(self, cast, client_of):
        row, client = shipped(Acupoint).get(key="LI4"), client_of(cast.olive)
        answer = client.post(page_of(row, "own"))
        own = Acupoint.objects.get(key="LI4", origin=Origin.CLINIC)
        assert (answer.status_code, answer.url) == (302, page_of(own))
        typed = typed_in(client.get(page_of(own))) | {"english_name": "Tiger Mouth"}
        assert client.post(page_of(own), typed).status_code == 302
        assert [hit.code for hit in queries.search("tiger mouth", limit=1)] == ["LI4"]
        page = client.get(page_of(own))
        assert page.context["differences"] == [("English name", "Tiger Mouth", "Joining Valley")]
        own.refresh_from_db()
        assert client.post(page_of(own, "ours"), {"version": own.version}).url == page_of(row)
        assert queries.search("LI4", limit=1)[0].english == "Joining Valley"
        # Taken up again, it begins with our values.
        client.post(page_of(row, "own"))
        assert queries.search("LI4", limit=1)[0].english == "Joining Valley"
        assert Acupoint.objects.filter(key="LI4").count() == 2
        verbs = AuditEvent.objects.exclude(verb="admin read").filter(by=cast.olive).order_by("at", "id")
        assert sorted(verbs.values_list("verb", flat=True)) == [
            *("admin change", "lay over reference", "lay over reference", "use shipped reference"),
        ]

    def test_the_owner_enables_a_hidden_level(self, cast, client_of):
        row, client = shipped(Acupoint).get(key="EX-B2-C1"), client_of(cast.olive)
        client.post(page_of(row, "own"))
        own = Acupoint.objects.get(key="EX-B2-C1", origin=Origin.CLINIC)
        assert own.hidden
        typed = typed_in(client.get(page_of(own)))
        typed.pop("hidden")
        assert client.post(page_of(own), typed).status_code == 302
        assert queries.search("HTJJ C1", limit=1)[0].code == "EX-B2-C1"

    def test_a_stale_page_withdraws_nothing(self, cast, client_of):
        own = laid_over(shipped(SafetyRule).get(key="CI002"), severity="caution")
        answer = client_of(cast.olive).post(page_of(own, "ours"), {"version": own.version + 1}, follow=True)
        assert [str(message) for message in answer.context["messages"]] == [
            "Somebody else changed this meanwhile. Compare below, then save again to keep yours."
        ]
        own.refresh_from_db()
        assert not own.withdrawn

    def test_a_row_only_the_clinic_has(self, cast, client_of):
        client = client_of(cast.olive)
        typed = {
            "key": "mouth of the tiger",
            "alias": "Tiger",
            "normalized": "tiger",
            "kind": "name",
            "target": "LI4",
        }
        assert client.post(reverse("admin:acupoints_pointalias_add"), typed).status_code == 302
        own = PointAlias.objects.get(key="mouth of the tiger")
        assert (own.origin, own.shipped_sha256) == (Origin.CLINIC, "")
        assert queries.search("tiger", limit=1)[0].code == "LI4"
        client.get(page_of(own))  # takes the message about adding it
        answer = client.post(page_of(own, "ours"), {"version": own.version}, follow=True)
        assert [str(message) for message in answer.context["messages"]] == [
            "Only this clinic has this row. Mark it as hidden if it is not to be used any more."
        ]

    def test_lines_of_a_consent_are_edited_as_lines(self, cast, client_of):
        row, client = shipped(Text).get(key="consent_combined"), client_of(cast.olive)
        assert client.get(page_of(row)).status_code == 200
        client.post(page_of(row, "own"))
        own = Text.objects.get(key="consent_combined", origin=Origin.CLINIC)
        typed = typed_in(client.get(page_of(own)))
        typed["lines"] = typed["lines"] + "\nOne more line."
        assert client.post(page_of(own), typed).status_code == 302
        own.refresh_from_db()
        assert own.items[:-1] == row.items
        assert own.items[-1]["text"] == "One more line."
        assert own.items[-1]["id"] not in {item["id"] for item in row.items}

    @pytest.mark.parametrize("name", ["ana", "mei", "rita"])
    @pytest.mark.parametrize("what", ["change", "own", "ours"])
    def test_nobody_else_gets_in(self, cast, client_of, name, what):
        row = shipped(Acupoint).get(key="LI4")
        answer = client_of(getattr(cast, name)).post(page_of(row, what))
        assert answer.status_code == 302
        assert Acupoint.objects.filter(origin=Origin.CLINIC).count() == 0

    def test_the_buttons_take_no_get(self, cast, client_of):
        row, client = shipped(Acupoint).get(key="LI4"), client_of(cast.olive)
        assert [client.get(page_of(row, what)).status_code for what in ("own", "ours")] == [405, 405]


@pytest.mark.django_db
def test_every_term_of_the_file_is_shipped():
    found = json.loads(OF_POINTS[3].path.read_text())
    keys = {(row.kind, row.key) for row in Term.objects.all()}
    assert {("modality", entry["id"]) for entry in found["modalities"]} <= keys
    assert {("segment", entry["id"]) for entry in found["chiropractic"]["segments"]} <= keys


@pytest.mark.browser
def test_the_owner_changes_a_point_in_the_admin_and_takes_ours_again(cast, desktop):
    sign_in(desktop, cast.olive)
    row = Acupoint.objects.get(key="LI4")
    desktop.goto(page_of(row))
    desktop.get_by_role("button", name="Change for this clinic").click()
    desktop.get_by_label("English name").fill("Tiger Mouth")
    desktop.get_by_role("button", name="Save and continue editing").click()
    desktop.get_by_role("row", name="English name Tiger Mouth Joining Valley").wait_for()
    assert queries.search("tiger mouth", limit=1)[0].code == "LI4"
    desktop.get_by_role("button", name="Use ours again").click()
    desktop.get_by_role("button", name="Change for this clinic").wait_for()
    assert queries.search("LI4", limit=1)[0].english == "Joining Valley"
