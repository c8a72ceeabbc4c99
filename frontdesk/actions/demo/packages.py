"""Packages sold and visits approved: one that ends soon, one used up, one refunded, one almost out of visits."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from clinic import walltime
from clinic.models import Origin, User
from frontdesk.actions.demo.accounts import DOMAIN
from packages.actions import authorizations, coverages, expiring, policy, refunding, selling
from packages.actions.packages import save_package
from packages.models import Package
from scheduling.actions.settling import settle_only, settle_open
from scheduling.models import Appointment, Status
from services.models import Discipline

AT = time(9, 20)
PRICES = {"pkg_neck": 1080, "pkg_low_back": 1590, "pkg_holistic": 1650, "pkg_integrative": 2100}
# A package of the clinic's own beside the four.
FIVE = {
    "key": "five_adjustments",
    "name": "Five adjustments",
    "contents": [{"kind": "adjustment_visit", "visits": 5}],
    "price": 300,
    "valid_days": 90,
    "note": "the price is for five paid at once",
}
POLICY = (
    "Please cancel at least 24 hours before your visit. A visit canceled later, or missed, is counted as used from"
    " your package. Tell us if something serious came up."
)


class Sale(NamedTuple):
    """Sold so many days from loading; `refunded`: the day on which the rest was given back, and why."""

    who: str
    package: str
    days: int
    payer: str = ""
    refunded: tuple[int, str] | None = None


class Paying(NamedTuple):
    """Who pays. `numbers`: member's and claim's. `visits`: (discipline, how many, first day, last day) approved."""

    who: str
    kind: str
    insurer: str = ""
    numbers: tuple[str, str] = ("", "")
    injured: int | None = None
    contact: str = ""
    verified: int | None = None
    approval: str = ""
    visits: tuple[str, int, int, int] | None = None


SALES = [
    Sale("linh", "pkg_neck", -84),
    Sale("maria", "pkg_neck", -54),
    Sale("rebecca", "pkg_integrative", -54),
    Sale("samuel", "five_adjustments", -40),
    Sale("rita", "pkg_neck", -33, payer="Hugo Lopez"),
    Sale("jo", "pkg_neck", -26, refunded=(-2, "Moves to another city in December")),
    Sale("paul", "pkg_low_back", -26),
]
PAYING = [
    Paying("maria", "self_pay"),
    Paying("tunde", "health_plan", "Blue Ridge Health", ("BRH 4410 221", ""), contact="Provider line, (800) 555-0142",
           verified=-47, approval="BR-20931", visits=("acupuncture", 9, -47, 40)),
    Paying("ida", "medicare", "Medicare", ("1EG4-TE5-MK73", ""), verified=-40, approval="M-12-90",
           visits=("acupuncture", 12, -40, 50)),
    Paying("walter", "workers_comp", "Piedmont Employers Fund", ("", "WC-2291-07"), -60, "Ms. Reed, (704) 555-0188",
           -34, "PEF-118", ("chiropractic", 8, -34, 26)),
    Paying("grace", "auto", "Harbor Mutual Auto", ("", "HM-77-1042"), -70, "Claims, (800) 555-0167"),
    Paying("paul", "attorney", "Office of D. Whitfield", ("", "File 26-118"), -90, "Mr. Whitfield, (704) 555-0121"),
    Paying("rebecca", "health_plan", "Blue Ridge Health", ("BRH 7702 015", ""), verified=-12, approval="BR-31177",
           visits=("acupuncture", 6, -12, 80)),
]  # fmt: skip


def tell_packages(people, location, *, now, day):
    """Sold, approved and used as the product does it, at the instants at which it happened."""
    told = Teller(people, location, now, day)
    told.set_up()
    for sale in SALES:
        told.sell(sale)
    for paying in PAYING:
        told.pay(paying)
    for who in dict.fromkeys([one.who for one in (*SALES, *PAYING)]):
        told.settle(who)
    expiring.expire_due(now=now)
    authorizations.ask_for_more_everywhere(now=now)


class Teller:
    def __init__(self, people, location, now, day):
        self.named, self.location, self.now, self.day = people.named, location, now, day
        self.desk = User.objects.get(email=f"desk@{DOMAIN}")
        self.owner = User.objects.get(email=f"owner@{DOMAIN}")
        self.refunds = {}

    def on(self, days) -> date:
        return self.day + timedelta(days=days)

    def instant(self, days) -> datetime:
        return walltime.instant(self.on(days), AT, self.location.tz)

    def set_up(self):
        """What the owner set long ago."""
        for row in Package.objects.filter(key__in=PRICES, origin=Origin.SHIPPED):
            visits = {one["kind"]: one["visits"] for one in row.contents}
            save_package(
                by=self.owner, package=row, version=row.version, name=row.name, price=Decimal(PRICES[row.key]),
                valid_days=row.valid_days, visits=visits,
            )  # fmt: skip
        Package.objects.create(origin=Origin.CLINIC, **FIVE)
        policy.set_policy(
            by=self.owner, late_hours=24, late_takes_visit=True, no_show_takes_visit=True, text=POLICY,
            now=self.instant(-400),
        )  # fmt: skip

    def sell(self, sale):
        patient = self.named.get(sale.who)
        if patient is None:
            return
        bought = selling.sell(
            by=self.desk, patient=patient, package_key=sale.package, location=self.location, payer=sale.payer,
            starts_on=self.on(sale.days), today=self.on(sale.days), now=self.instant(sale.days),
        )  # fmt: skip
        if sale.refunded:
            self.refunds[sale.who] = bought, *sale.refunded

    def pay(self, paying):
        patient = self.named.get(paying.who)
        if patient is None:
            return
        since = paying.verified if paying.verified is not None else -30
        row = coverages.save_coverage(
            by=self.desk, patient=patient, pk=None, version=None, values=self.values(paying), today=self.day,
            now=self.instant(since),
        )  # fmt: skip
        if paying.verified is not None:
            coverages.verify(by=self.desk, coverage=row, version=row.version, now=self.instant(since))
        if paying.visits:
            self.approve(patient, row, paying)

    def values(self, paying):
        member, claim = paying.numbers
        injured = None if paying.injured is None else self.on(paying.injured)
        return {
            "kind": paying.kind, "insurer": paying.insurer, "member_number": member, "claim_number": claim,
            "injured_on": injured, "contact": paying.contact, "starts_on": None, "ends_on": None, "note": "",
        }  # fmt: skip

    def approve(self, patient, coverage, paying):
        discipline, visits, first, last = paying.visits
        values = {
            "number": paying.approval, "discipline": Discipline.objects.get(key=discipline), "codes": [],
            "starts_on": self.on(first), "ends_on": self.on(last), "note": "",
        }  # fmt: skip
        authorizations.approve(
            by=self.desk,
            patient=patient,
            coverage=coverage,
            values=values,
            visits=visits,
            now=self.instant(first),
        )

    def settle(self, who):
        """Each visit that was given used up its parts when it ended; those to come are set aside now."""
        patient = self.named.get(who)
        if patient is None:
            return
        done = Appointment.objects.filter(patient=patient, status=Status.COMPLETED, ends_at__lt=self.now)
        for visit in done.select_related("patient", "location").order_by("starts_at", "pk"):
            settle_only([visit], by=self.desk, now=visit.ends_at)
        if who in self.refunds:
            bought, days, reason = self.refunds[who]
            refunding.refund(
                by=self.desk, purchase=bought, version=bought.version, reason=reason, now=self.instant(days)
            )
        settle_open(patient=patient, by=self.desk, now=self.now)
