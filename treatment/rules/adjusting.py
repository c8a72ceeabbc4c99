"""Which modality of the safety rules an adjustment is: by its technique and where on the spine it acts."""

# A thrust acts on a region of the spine; ribs move with the thoracic spine, the sacrum with the pelvis.
THRUSTS = {
    "cervical": "cervical_hvla",
    "thoracic": "thoracic_hvla",
    "rib": "thoracic_hvla",
    "lumbar": "lumbar_hvla",
    "sacral": "sacroiliac_hvla",
    "pelvis": "sacroiliac_hvla",
    "extremity": "extremity_adjustment",
}
# Techniques without a thrust that the rules know by a name of their own.
OWN = {"activator", "flexion_distraction", "mobilisation", "iastm"}
BODY_REGIONS = {
    "cervical": "neck",
    "thoracic": "upper back",
    "rib": "upper back",
    "lumbar": "lower back/sacrum",
    "sacral": "lower back/sacrum",
    "pelvis": "lower back/sacrum",
}


def modality_of(technique, thrust, region):
    """A modality key, or "" where none is known. `region` is a segment's, `technique` a key of the reference data.

    A drop table is asked about as the thrust it is: the rules against thrusts are the stricter ones.
    """
    if not technique:
        return ""
    if thrust:
        return THRUSTS.get(region, "")
    return technique if technique in OWN else "mobilisation"
