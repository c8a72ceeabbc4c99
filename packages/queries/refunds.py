"""What is owed for a package that was refunded, once visits of it came back."""

from collections import defaultdict
from decimal import Decimal

from packages.models import PurchasedVisits, Refund
from packages.queries.balances import counts_of
from packages.rules.refunding import RefundSum, UsedLine


def due_of(purchases, *, besides=None):
    """{purchase id: money owed besides what was given back} of refunded purchases. Three statements, none for none.

    What a visit is set aside for counts as used: it was not given back. `besides`: {purchase: {kind: visits}} that
    are counted as used as well.
    """
    if not purchases:
        return {}
    counts, lines = counts_of(purchases=list(purchases)), defaultdict(list)
    for line in PurchasedVisits.objects.filter(purchase__in=list(purchases)):
        count = counts[line.purchase_id][line.kind_of_care_id]
        more = (besides or {}).get(line.purchase_id, {}).get(line.kind_of_care_id, 0)
        lines[line.purchase_id].append(UsedLine("", count.used + count.reserved + more, line.single_price))
    given = Refund.objects.filter(purchase__in=list(purchases)).select_related("purchase")
    rows = given.values_list("purchase", "purchase__price", "amount")
    sums = {pk: RefundSum(price, tuple(lines[pk])).amount - amount for pk, price, amount in rows}
    return {pk: max(Decimal(0), more) for pk, more in sums.items()}
