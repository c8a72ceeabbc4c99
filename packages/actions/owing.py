"""Money that is owed once more: a visit came back to a package that had been refunded already."""

from collections import defaultdict

from django.utils.translation import gettext as _

from clinic.money import money
from messaging.actions import open_task
from packages.models import Purchase
from packages.queries.refunds import due_of

TASK = "refund_more"


def owe_more(writes, *, now):
    """Open a to-do for each refunded purchase that visits came back to, with the sum that is due for them.

    `writes`: the refunded entries of one settling (rules.ledger.Write), written. By the agreement's rule a visit that
    is not used after all makes the sum larger by its single price, as far as that was taken off. Nothing for none.
    """
    back = defaultdict(lambda: defaultdict(int))
    for one in writes:
        back[one.source][one.kind_of_care] += 1
    if not back:
        return
    after, before = due_of(back), due_of(back, besides=back)
    for row in Purchase.objects.filter(pk__in=back).defer("pdf", "agreement").order_by("pk"):
        more = after[row.pk] - before[row.pk]
        if more > 0:
            words = {"amount": money(more), "package": row.name}
            title = _("Give back %(amount)s more of “%(package)s”: a visit came back") % words
            about = f"{TASK}:{now.timestamp()}:{row.pk}"
            open_task(kind=TASK, title=title[:200], about=about, patient=row.patient_id, now=now)
