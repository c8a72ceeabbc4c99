"""Changes that were made at once."""

from scheduling.models import Change
from scheduling.rules.bundles import bundle_of


def of_bundle(patient, bundle):
    """All changes of a bundle, undone ones too, with their visits in order of time. One statement.

    `patient`: the id of whose visits they are; there is no index on bundles.
    """
    rows = Change.objects.filter(appointment__patient=patient, before__bundle=bundle)
    return list(
        rows.select_related("appointment__patient", "appointment__location").order_by(
            "appointment__starts_at", "appointment"
        )
    )


def latest_bundle(visit):
    """The bundle that changed this visit last; "" where it was changed by itself. One statement."""
    latest = Change.objects.filter(appointment=visit, undone_at=None).order_by("-at", "pk").first()
    return bundle_of(latest) if latest else ""
