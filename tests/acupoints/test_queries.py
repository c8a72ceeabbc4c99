"""The reference data as the rules take it: what the database gives is what the files say."""

import pytest
from django.db import connection, transaction

from acupoints.models import Acupoint, PointAlias, SafetyRule, TermKind
from acupoints.queries import catalogue, safety_rules, terms
from clinic.models import Origin
from tests import reference

pytestmark = pytest.mark.django_db


def test_the_catalogue_is_that_of_the_files():
    found, files = catalogue(), reference.catalogue()
    assert dict(found.points) == dict(files.points)
    assert set(found.aliases) == set(files.aliases)
    assert len(found.aliases) == 190


def test_the_rules_are_those_of_the_files(django_assert_num_queries):
    with django_assert_num_queries(1):
        rules = safety_rules()
    assert tuple(rules) == reference.safety_rules()


def test_a_hidden_rule_is_not_spoken():
    SafetyRule.objects.filter(key="CI002").update(hidden=True, version=2)
    assert len(safety_rules()) == 97


@pytest.mark.parametrize(("kind", "count"), [("technique", 17), ("segment", 78), ("listing", 61)])
def test_terms_in_their_order(kind, count, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = terms(kind)
    assert [term.position for term in found] == list(range(1, count + 1))
    assert {term.kind for term in found} == {TermKind(kind)}


def test_terms_keep_what_the_file_says_of_them():
    current = next(term for term in terms("modality") if term.key == "electroacupuncture")
    assert (current.data["uses_current"], current.data["consent"], current.data["groups"]) == (
        *(True, "electroacupuncture", ["needling"]),
    )
    size = next(term for term in terms("needle_size") if term.data["length_mm"] == 30)
    assert size.name == f"{size.data['diameter_mm']:.2f} × 30 mm"


class TestKept:
    def test_it_is_made_once(self, django_assert_num_queries):
        first = catalogue()
        with django_assert_num_queries(1):
            assert catalogue() is first

    @pytest.mark.parametrize("model", [Acupoint, PointAlias])
    def test_a_change_of_a_row_makes_it_anew(self, model):
        first = catalogue()
        row = model.objects.get(key={Acupoint: "LI4", PointAlias: "lu prefix LU"}[model])
        row.hidden = True
        row.save()
        assert catalogue() is not first

    def test_a_new_row_makes_it_anew(self):
        first = catalogue()
        PointAlias.objects.create(key="x", alias="Tiger", normalized="tiger", kind="name", target="LI4")
        assert catalogue().names["tiger"] == ("LI4",)
        assert catalogue() is not first

    def test_two_changes_of_one_row_of_which_one_was_taken_back_are_two(self):
        seen = []
        for depth in (30, 40):
            with transaction.atomic():
                row = Acupoint.objects.get(key="LI4", origin=Origin.SHIPPED)
                row.depth_max_mm = depth
                row.save()
                seen.append(catalogue().points["LI4"].depth_max_mm)
                transaction.set_rollback(True)
            connection.needs_rollback = False
        assert [*seen, catalogue().points["LI4"].depth_max_mm] == [30, 40, 25]
