"""What the safety rules are asked about, from a draft's state."""

from treatment.rules.choices import choices_asked, chosen_in
from treatment.rules.state import empty_state


def of(**changes):
    return chosen_in({**empty_state(), **changes})


def adjustment(segment, modality, side=""):
    return {"id": "a", "segment": segment, "modality": modality, "side": side}


def test_a_joint_is_asked_about_where_it_is_and_on_its_side():
    (chosen,) = of(adjustments=[adjustment("KNEE_L", "extremity_adjustment")])
    assert chosen.subject == "KNEE_L"
    assert (chosen.choice.region, chosen.choice.side) == ("knee", "left")


def test_on_the_spine_the_modality_says_where():
    (chosen,) = of(adjustments=[adjustment("C5", "cervical_hvla")])
    assert (chosen.choice.modality, chosen.choice.region) == ("cervical_hvla", "")


def test_an_adjustment_without_a_technique_is_not_asked_about():
    assert of(adjustments=[adjustment("C5", "")]) == []


def test_a_choice_being_considered_keeps_the_name_the_page_gave_it():
    (chosen,) = choices_asked([{"id": "n1", "modality": "manual_acupuncture", "point": "LI4"}])
    assert (chosen.child, chosen.subject) == ("n1", "LI4")
    assert choices_asked([{"id": 7, "modality": "manual_acupuncture"}]) is None
