"""The safety rules, over the shipped file: each one speaks where it should, and is silent where it should be."""

import pytest

from acupoints.rules.safety import (
    ACTS_ON,
    GROUPS,
    PAIRED,
    REGIONS,
    Choice,
    Condition,
    Facts,
    Rule,
    Verdict,
    closed_by_flags,
    conditions_from_medication,
    place_of_segment,
    speak,
)
from tests.reference import catalogue, parts, rows, safety_rules, vocabulary

RULES = {rule.rule_id: rule for rule in safety_rules()}
POINTS = catalogue(neck_levels=True)
NEEDLE, ELECTRO = "manual_acupuncture", "electroacupuncture"


def spoken(choice, facts=None, rules=None):
    return [verdict.rule_id for verdict in speak(choice, facts or Facts(), rules or safety_rules(), POINTS)]


def having(*conditions, **fields):
    return Facts(conditions=tuple(Condition(*each) for each in conditions), **fields)


# Every rule of the file: one case that fires, and those that do not


def facts_of(rule, region="", side=""):
    """A patient of whom the rule speaks."""
    known = {
        "any": Facts(age=40),
        "pregnancy": Facts(age=40, pregnant=True),
        "child": Facts(age=17),
        "infant": Facts(age=1),
    }
    return known.get(rule.condition_code) or having((rule.condition_code, region, side), age=40)


def choice_of(rule):
    modality = "massage" if rule.applies_to == ("all",) else rule.applies_to[0]
    if rule.point_codes:
        return Choice(modality, rule.point_codes[0], POINTS.points[rule.point_codes[0]].region, "left")
    region = ACTS_ON.get(modality, ("knee",))[0] if rule.applies_type == "region" else ""
    return Choice(modality, "", region, "left" if region else "")


def verdict(rule, **fields):
    """What the file says of it; the sentence is tested apart."""
    given = {
        "severity": rule.severity,
        "action": rule.action,
        "why": rule.rationale,
        "source": rule.source,
        **fields,
    }
    return {"rule_id": rule.rule_id, "asks_where": False, **given}


def without_sentence(verdicts):
    return [{name: value for name, value in each._asdict().items() if name != "says"} for each in verdicts]


@pytest.mark.parametrize("rule", safety_rules(), ids=list(RULES))
def test_each_rule_speaks(rule):
    choice = choice_of(rule)
    answer = speak(choice, facts_of(rule, choice.region, choice.side), [rule], POINTS)
    assert without_sentence(answer) == [verdict(rule)]


@pytest.mark.parametrize("rule", safety_rules(), ids=list(RULES))
def test_each_rule_speaks_for_each_of_its_modalities_and_points(rule):
    modalities = list_of_modalities() if rule.applies_to == ("all",) else rule.applies_to
    for modality in modalities:
        for point in rule.point_codes or ("",):
            region = POINTS.points[point].region if point else ACTS_ON.get(modality, ("knee",))[0]
            facts = facts_of(rule, region, "left")
            assert spoken(Choice(modality, point, region, "left"), facts, [rule]) == [rule.rule_id]


def list_of_modalities():
    return [modality["id"] for modality in vocabulary()["modalities"]]


OF_SOME = [rule for rule in safety_rules() if rule.condition_code != "any"]


@pytest.mark.parametrize("rule", OF_SOME, ids=[rule.rule_id for rule in OF_SOME])
def test_each_rule_is_silent_about_somebody_with_everything_else(rule):
    others = {each.condition_code for each in OF_SOME} - {rule.condition_code, "pregnancy", "child", "infant"}
    choice = choice_of(rule)
    conditions = tuple(Condition(code, choice.region, choice.side) for code in sorted(others))
    facts = Facts(
        age={"child": 18, "infant": 2}.get(rule.condition_code, 1),
        conditions=conditions,
        pregnant=rule.condition_code != "pregnancy",
    )
    assert spoken(choice, facts, [rule]) == []


@pytest.mark.parametrize("rule", safety_rules(), ids=list(RULES))
def test_each_rule_is_silent_about_other_modalities(rule):
    choice = choice_of(rule)
    others = set() if rule.applies_to == ("all",) else set(list_of_modalities()) - set(rule.applies_to)
    others -= {"spinal_manipulation"}  # any of the four thrusts: tested below
    facts = facts_of(rule, choice.region, choice.side)
    assert [other for other in sorted(others) if spoken(choice._replace(modality=other), facts, [rule])] == []
    assert others or rule.rule_id in ("CI058", "CI068", "CI077")


OF_POINTS = [rule for rule in safety_rules() if rule.point_codes]


@pytest.mark.parametrize("rule", OF_POINTS, ids=[rule.rule_id for rule in OF_POINTS])
def test_each_rule_of_points_is_silent_at_every_other_point(rule):
    others = [code for code in POINTS.points if code not in rule.point_codes]
    assert len(others) > 300
    modality = rule.applies_to[0]
    assert [
        code
        for code in [*others, ""]
        if spoken(Choice(modality, code, side="left"), facts_of(rule, region_of(code), "left"), [rule])
    ] == []


def region_of(code):
    return POINTS.points[code].region if code else "knee"


OF_REGIONS = [rule for rule in safety_rules() if rule.applies_type == "region"]
ANYWHERE = sorted({point.region for point in POINTS.points.values()})


@pytest.mark.parametrize("rule", OF_REGIONS, ids=[rule.rule_id for rule in OF_REGIONS])
def test_each_rule_of_a_region_is_silent_elsewhere(rule):
    choice = choice_of(rule)
    acts_on = {choice.region, *ACTS_ON.get(choice.modality, ())}
    elsewhere = [region for region in ANYWHERE if region not in acts_on]
    assert len(elsewhere) >= 18
    assert [region for region in elsewhere if spoken(choice, facts_of(rule, region, "left"), [rule])] == []


@pytest.mark.parametrize("rule", OF_REGIONS, ids=[rule.rule_id for rule in OF_REGIONS])
def test_each_rule_of_a_region_asks_where_while_it_is_not_known(rule):
    choice = choice_of(rule)
    answer = speak(choice, facts_of(rule), [rule], POINTS)
    assert without_sentence(answer) == [verdict(rule, severity="caution", action="warn", asks_where=True)]
    assert answer[0].says == f"Where is it? {rule.condition}."


ON_A_LIMB = [rule for rule in OF_REGIONS if choice_of(rule).region in PAIRED]


@pytest.mark.parametrize("rule", ON_A_LIMB, ids=[rule.rule_id for rule in ON_A_LIMB])
def test_each_rule_of_a_limb_is_silent_on_the_other_side_and_asks_about_an_unknown_one(rule):
    choice = choice_of(rule)
    assert spoken(choice, facts_of(rule, choice.region, "right"), [rule]) == []
    assert spoken(choice._replace(side="both"), facts_of(rule, choice.region, "right"), [rule]) == [
        rule.rule_id
    ]
    assert [each.asks_where for each in speak(choice, facts_of(rule, choice.region), [rule])] == [True]


def test_the_file_is_whole():
    assert len(RULES) == 98
    assert [
        sum(rule.severity == each for rule in RULES.values()) for each in ("absolute", "relative", "caution")
    ] == [
        32,
        44,
        22,
    ]
    assert [len(OF_SOME), len(OF_POINTS), len(OF_REGIONS), len(ON_A_LIMB)] == [89, 20, 14, 11]


def test_groups_and_regions_are_those_of_the_file():
    shipped = vocabulary()
    assert {name: list(members) for name, members in GROUPS.items()} == {
        name: members for name, members in shipped["modality_groups"].items() if name != "all"
    }
    regions = shipped["modality_regions"]
    assert {name: list(acts_on) for name, acts_on in ACTS_ON.items()} == {
        each["id"]: regions[each["region"]]
        for each in shipped["modalities"]
        if each["region"] and each["region"] != "extremity"
    }
    assert set(ANYWHERE) == REGIONS
    assert PAIRED < REGIONS


# Patients


@pytest.mark.parametrize(
    "choice, facts, expected",
    [
        # Nothing known: points speak for themselves.
        (Choice(NEEDLE, "LI4"), Facts(), []),
        (Choice(NEEDLE, "GB21"), Facts(), ["CI004"]),
        (Choice(NEEDLE, "ST17"), Facts(), ["CI001"]),
        (Choice(ELECTRO, "CV17"), Facts(), ["CI007", "CI008"]),
        (Choice("moxibustion_direct", "GB14"), Facts(), ["CI003"]),
        # Pregnancy makes classical points ask for a reason; never a block.
        (Choice(NEEDLE, "LI4"), Facts(pregnant=True), ["CI011"]),
        (Choice(NEEDLE, "LI4"), Facts(pregnant=False), []),
        (Choice(NEEDLE, "LI4"), Facts(pregnant=None), []),
        (Choice(NEEDLE, "LI4"), having(("pregnancy",)), ["CI011"]),
        # A pacemaker stops current, and nothing else.
        (Choice(ELECTRO, "ST36"), having(("pacemaker",)), ["CI028"]),
        (Choice(NEEDLE, "ST36"), having(("pacemaker",)), []),
        # Blood thinners.
        (Choice(NEEDLE, "ST36"), having(("anticoagulant",)), ["CI020"]),
        (Choice(NEEDLE, "LU9"), having(("anticoagulant",)), ["CI022", "CI020"]),
        (Choice("cervical_hvla"), having(("anticoagulant",)), ["CI023"]),
        # A replaced knee concerns the points that enter it: not the neck, a shoulder, the other knee, the point below.
        (Choice(NEEDLE, "ST35", side="left"), having(("joint_replacement", "knee", "left")), ["CI091"]),
        (Choice(NEEDLE, "ST35", side="both"), having(("joint_replacement", "knee", "left")), ["CI091"]),
        (Choice(NEEDLE, "ST35", side="right"), having(("joint_replacement", "knee", "left")), []),
        (Choice(NEEDLE, "LI15", side="left"), having(("joint_replacement", "knee", "left")), []),
        (Choice(NEEDLE, "ST36", side="left"), having(("joint_replacement", "knee", "left")), []),
        (Choice("cervical_hvla"), having(("metal_implant", "knee", "left")), []),
        # A plate in the neck stops thrusts on the neck, whichever side; the low back is another place.
        (Choice("cervical_hvla", side="right"), having(("metal_implant", "neck", "left")), ["CI032"]),
        (Choice("lumbar_hvla"), having(("metal_implant", "neck")), []),
        # A replaced left hip and the left sacroiliac joint; the right one is another joint.
        (Choice("sacroiliac_hvla", side="left"), having(("metal_implant", "hip/buttock", "left")), ["CI032"]),
        (Choice("sacroiliac_hvla", side="right"), having(("metal_implant", "hip/buttock", "left")), []),
        (Choice("extremity_adjustment", "", "ankle", "left"), having(("metal_implant", "ankle", "left")), ["CI032"]),
        (Choice("extremity_adjustment", "", "wrist", "left"), having(("metal_implant", "ankle", "left")), []),
        # Of the whole region where a side means nothing; on one side where it was said.
        (Choice("cupping", "", "upper back", "left"), having(("sunburn", "upper back")), ["CI095"]),
        (Choice("cupping", "", "upper back", "left"), having(("sunburn", "upper back", "right")), []),
        # Children, infants, frailty.
        (Choice(NEEDLE, "ST36"), Facts(age=17), ["CI092"]),
        (Choice(NEEDLE, "ST36"), Facts(age=18), []),
        (Choice(NEEDLE, "GV22"), Facts(age=1), ["CI010", "CI092"]),
        (Choice(NEEDLE, "GV22"), Facts(age=2), ["CI092"]),
        (Choice("lumbar_hvla"), Facts(age=80), []),
        (Choice("lumbar_hvla"), having(("frailty",), age=80), ["CI093"]),
        # Emergencies stop everything.
        (Choice("relaxation"), having(("cauda_equina",)), ["CI068"]),
        # Two conditions, the gravest first.
        (Choice("lumbar_hvla"), having(("osteoporosis",), ("aortic_aneurysm",)), ["CI075", "CI059"]),
    ],
)  # fmt: skip
def test_patients(choice, facts, expected):
    assert spoken(choice, facts) == expected


def test_one_known_place_among_several_is_enough():
    facts = having(("joint_replacement",), ("joint_replacement", "shoulder", "left"))
    knee = speak(Choice(NEEDLE, "ST35", side="left"), facts, [RULES["CI091"]], POINTS)
    shoulder = speak(Choice(NEEDLE, "LI15", side="left"), facts, [RULES["CI091"]], POINTS)
    assert [each.asks_where for each in knee + shoulder] == [True, False]


def test_a_place_in_words_asks_where():
    facts = having(("lymphedema", "forearm", "left"))
    assert [each.asks_where for each in speak(Choice(NEEDLE), facts, safety_rules(), POINTS)] == [True]


def test_every_segment_has_a_place():
    segments = vocabulary()["chiropractic"]["segments"]
    places = {each["id"]: place_of_segment(each["id"], each["region"]) for each in segments}
    assert len(places) == 78
    assert [key for key, (region, _side) in places.items() if region not in REGIONS] == []
    assert {key: side for key, (_region, side) in places.items() if side} == {
        each["id"]: each["side"] for each in segments if "side" in each
    }
    assert [places[key] for key in ("C0", "T4", "SI_L", "COC", "RIB3_R", "KNEE_L", "HIP_R", "TMJ_L")] == [
        ("neck", ""),
        ("upper back", ""),
        ("lower back/sacrum", "left"),
        ("lower back/sacrum", ""),
        ("upper back", "right"),
        ("knee", "left"),
        ("hip/buttock", "right"),
        ("face", "left"),
    ]
    assert place_of_segment("X9", "") == ("", "")


def test_a_replaced_knee_stops_the_adjustment_of_that_knee_only():
    facts = having(("metal_implant", "knee", "left"))
    adjustments = [
        Choice("extremity_adjustment", "", *place_of_segment(key, "extremity"))
        for key in ("KNEE_L", "KNEE_R", "FOOT_L")
    ]
    assert [spoken(each, facts) for each in adjustments] == [["CI032"], [], []]


def test_an_area_in_words_asks_where():
    """What a clinician writes is not compared letter by letter: it would be silent where it should not."""
    facts = having(("suspected_dvt", "lower leg", "left"))
    assert [
        each.asks_where for each in speak(Choice("massage", region="left calf"), facts, safety_rules())
    ] == [True]
    assert spoken(Choice("massage", region="lower leg", side="left"), facts) == ["CI047"]
    in_words = having(("suspected_dvt", "left calf", "left"))
    massage = Choice("massage", region="lower leg", side="left")
    assert [each.asks_where for each in speak(massage, in_words, safety_rules())] == [True]


def test_a_spinal_manipulation_is_asked_about_as_the_thrust_it_is():
    facts = having(("stenosis",), ("metal_implant", "neck"))
    assert spoken(Choice("spinal_manipulation", region="neck"), facts) == ["CI032", "CI073"]
    assert spoken(Choice("spinal_manipulation", region="upper back"), facts) == []
    assert spoken(Choice("spinal_manipulation", region="lower back/sacrum"), facts) == ["CI073"]


def test_a_spinal_manipulation_of_which_the_place_is_not_known_asks_where():
    facts = having(("upper_cervical_risk",), ("osteoporosis_severe",), ("metal_implant", "neck"))
    answer = speak(Choice("spinal_manipulation"), facts, safety_rules(), POINTS)
    assert [(each.rule_id, each.asks_where) for each in answer] == [
        ("CI060", False),
        ("CI032", True),
        ("CI063", True),
    ]


def test_groups_in_a_rule_are_resolved():
    rule = Rule("X1", "any", "Every patient", "modality", ("hvla",), (), "caution", "warn", "Why", "Source")
    assert [modality for modality in list_of_modalities() if spoken(Choice(modality), Facts(), [rule])] == [
        "spinal_manipulation",
        "cervical_hvla",
        "thoracic_hvla",
        "lumbar_hvla",
        "sacroiliac_hvla",
    ]


def test_every_verdict_says_why_and_from_which_source():
    assert speak(Choice(ELECTRO, "ST36"), having(("pacemaker",)), safety_rules(), POINTS) == [
        Verdict(
            "CI028",
            "absolute",
            "block",
            "Not with: Cardiac pacemaker.",
            "Current may disturb pacing",
            "Cummings, Acupuncture in Medicine 2011 (electroacupuncture safety)",
        )
    ]
    assert [
        speak(choice_of(RULES[key]), facts_of(RULES[key]), [RULES[key]])[0].says
        for key in ("CI001", "CI002", "CI004", "CI014", "CI020")
    ] == [
        "Not here.",
        "Needs a reason here.",
        "Take care here.",
        "Needs a reason: Pregnancy.",
        "Take care: Anticoagulant therapy.",
    ]


# Depth


@pytest.mark.parametrize("depth, said", [(None, []), (0, []), (20, []), (21, ["DEPTH"]), (40, ["DEPTH"])])
def test_depth_beyond_the_catalogue_warns(depth, said):
    """LU1: 13 to 20 mm."""
    answer = speak(Choice(NEEDLE, "LU1", depth_mm=depth), Facts(), (), POINTS)
    assert [each.rule_id for each in answer] == said
    assert {(each.severity, each.action) for each in answer} <= {("caution", "warn")}


def test_depth_says_the_usual_range_and_what_lies_below():
    (answer,) = speak(Choice(NEEDLE, "LU1", depth_mm=20.5), Facts(), (), POINTS)
    assert answer.says == "20.5 mm is deeper than usual at LU1: 13 to 20 mm."
    assert answer.why == "Never angle medially or deeply toward the lung"


def test_depth_is_not_judged_where_no_point_is_known():
    assert speak(Choice(NEEDLE, "", "knee", depth_mm=90), Facts(), (), POINTS) == []
    assert speak(Choice(NEEDLE, "LU1", depth_mm=90), Facts(), ()) == []


def test_every_point_over_the_lung_shows_it():
    over_lung = [code for code, point in POINTS.points.items() if point.over_lung and not point.forbidden]
    assert len(over_lung) == 76
    assert [code for code in over_lung if "CI004" not in spoken(Choice(NEEDLE, code))] == []


# Red flags, medication


@pytest.mark.parametrize(
    "modality, region, blocked, closed",
    [
        ("cervical_hvla", "", {"cervical_hvla", "thoracic_hvla"}, True),
        ("lumbar_hvla", "", {"cervical_hvla"}, False),
        ("lumbar_hvla", "", {"hvla"}, True),
        ("spinal_manipulation", "neck", {"cervical_hvla"}, True),
        ("spinal_manipulation", "upper back", {"cervical_hvla"}, False),
        ("spinal_manipulation", "", {"cervical_hvla"}, True),
        ("massage", "", {"all"}, True),
        ("massage", "", set(), False),
        ("massage", "", {""}, False),
    ],
)
def test_modalities_closed_by_red_flags(modality, region, blocked, closed):
    assert closed_by_flags(Choice(modality, region=region), blocked) is closed


def test_every_red_flag_that_blocks_closes_what_it_names():
    flags = [
        (row["flag_id"], parts(row["blocked_modalities"])) for row in rows("../../intake/data/red_flags.csv")
    ]
    assert len(flags) == 43
    for _flag, blocked in flags:
        named = list_of_modalities() if "all" in blocked else blocked
        assert [each for each in named if not closed_by_flags(Choice(each), set(blocked))] == []


@pytest.mark.parametrize(
    "effect, codes",
    [
        ("anticoagulant", ["anticoagulant"]),
        ("antiplatelet", ["antiplatelet"]),
        ("corticosteroids", ["corticosteroids", "fragile_skin"]),
        ("immunosuppression", ["immunosuppression"]),
        ("", []),
        ("opioid", []),
    ],
)
def test_conditions_that_come_from_medication(effect, codes):
    found = conditions_from_medication(effect)
    assert [condition.code for condition in found] == codes
    assert set(codes) <= {rule.condition_code for rule in safety_rules()}
