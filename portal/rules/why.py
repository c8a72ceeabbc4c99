"""Which words about studies go with a plan. No database, no clock."""

REGION_TEXTS = {"neck": "studies_neck", "back": "studies_low_back"}
COMBINED, MASSAGE, BESIDE = "studies_combined", "massage_relief", "not_instead_of_medical_care"


def splits(template, visits):
    """(studies the number of visits comes from, studies that did not test it), as keys.

    A plan with fewer or more visits than the template allows has a dose of its own.
    """
    if template is None:
        return [], []
    if template.visits_min <= visits <= template.visits_max:
        return list(template.dose_source), list(template.background)
    return [], [*template.dose_source, *template.background]


def text_keys(region, disciplines):
    """Keys of the clinic's texts, in the order they are read; `disciplines` of the plan's visits."""
    keys = [REGION_TEXTS[region]] if region in REGION_TEXTS else []
    if len(set(disciplines)) > 1:
        keys.append(COMBINED)
    if "massage" in disciplines:
        keys.append(MASSAGE)
    return [*keys, BESIDE]
