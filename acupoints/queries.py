"""Points found and listed, and the reference data as the rules take it."""

from typing import NamedTuple

from django.contrib.postgres.search import TrigramStrictWordSimilarity
from django.db import connection
from django.db.models import Case, Exists, FloatField, IntegerField, Q, Value, When

from acupoints.models import Acupoint, PointAlias, SafetyRule, Term
from acupoints.rules.catalogue import Alias, Catalogue, Point, split_code
from acupoints.rules.safety import Rule
from acupoints.rules.searching import asked, looked_inside, place_of

# How alike a name and what was typed must be (0 to 1): one wrong letter in five, not two.
ALIKE = 0.4
GUESS = 4  # the rank of what is only alike
POINT = (
    *("key", "meridian", "pinyin", "pinyin_plain", "hanzi_traditional", "hanzi_simplified", "hanzi_variants"),
    *(
        "english_name",
        "region",
        "surface",
        "bilateral",
        "laterality",
        "depth_min_mm",
        "depth_max_mm",
        "angles",
    ),
    *(
        "needling_forbidden",
        "pregnancy",
        "pneumothorax_risk",
        "risk_tags",
        "caution",
        "view",
        "x",
        "y",
        "seq",
    ),
)
RULE = (
    *(
        "key",
        "condition_code",
        "condition",
        "applies_type",
        "applies_to",
        "point_codes",
        "severity",
        "action",
    ),
    *("rationale", "source", "needs_clinician_review"),
)
ALIAS = ("alias", "normalized", "kind", "target", "usual_us", "ambiguous", "note")
HIT = ("key", "meridian", "seq", "pinyin", "hanzi_traditional", "english_name", "region", "rank", "alike")


class PointHit(NamedTuple):
    """One line about a point. `rank` 0 is the name as typed, 4 a guess; `alike` is the similarity of a guess."""

    code: str
    meridian: str
    seq: int | None
    pinyin: str
    hanzi: str
    english: str
    region: str
    rank: int
    alike: float

    @property
    def place(self):
        return place_of(self.code, self.meridian, self.seq)


def search(q, limit=20, *, meridian="", region=""):
    """Points by code, alias, pinyin, characters, English name, meridian or region, best first; one statement.

    Names a letter away are looked for only where nothing is found as typed. Without a text: all points.
    """
    return found(q, meridian=meridian, region=region)[:limit]


def found(q, *, meridian="", region=""):
    """All that search() would give without a limit."""
    rows = Acupoint.objects.effective().order_by()
    rows = rows.filter(meridian=meridian) if meridian else rows
    rows = rows.filter(region=region) if region else rows
    ask = asked(q)
    if q.strip() and not ask.words:  # signs alone
        return []
    rows = _asked_for(rows, ask) if ask.words else rows.annotate(rank=_number(0), alike=_share(0.0))
    hits = [PointHit(*row) for row in rows.values_list(*HIT)]
    return sorted(hits, key=lambda hit: (hit.rank, -hit.alike, hit.place))


def _asked_for(rows, ask):
    typed = _has_name(ask.names) | _all(ask.words, _anywhere)
    alike = TrigramStrictWordSimilarity(Value(ask.names[-1]), "search_text")
    # In this order: how alike they are is worked out only where nothing was found.
    guessed = ~Exists(rows.filter(typed)) & Q(nearness__gte=ALIKE)
    whole = _any(Q(search_text__contains=f"={name} ") for name in ask.names)
    ranks = [
        When(whole, then=_number(0)),
        When(_has_name(ask.names), then=_number(1)),
        When(_all(ask.words, _starts_name), then=_number(2)),
        When(typed, then=_number(3)),
    ]
    return (
        rows.alias(nearness=alike)
        .filter(typed | guessed)
        .annotate(
            rank=Case(*ranks, default=_number(GUESS)),
            alike=Case(When(typed, then=_share(0.0)), default="nearness", output_field=FloatField()),
        )
    )


def _number(value):
    return Value(value, output_field=IntegerField())


def _share(value):
    return Value(value, output_field=FloatField())


def _has_name(names):
    return _any(Q(search_text__contains=f"={name}") for name in names)


def _starts_name(word):
    return Q(search_text__contains=f"={word}") | Q(search_text__contains=f" {word}")


def _anywhere(word):
    if looked_inside(word):
        return Q(search_text__contains=word)
    return _starts_name(word) | Q(search_text__contains=f"~{word}")


def _any(conditions):
    either = Q()
    for condition in conditions:
        either |= condition
    return either


def _all(words, condition):
    every = Q()
    for word in words:
        every &= condition(word)
    return every


def point(code):
    """The point in force under this code, hidden or not, or None: notes may name what is not offered any more."""
    return Acupoint.objects.in_force().filter(key=code).first()


def other_names(row):
    """What else people type for a point: names of the alias file, and its number behind the usual prefixes."""
    stem, number = split_code(row.key)
    here = Q(target=row.key, kind="name") | Q(target=stem, kind="prefix")
    named, prefixed = [], []
    for alias in PointAlias.objects.effective().filter(here).order_by("alias"):
        if alias.kind == "name":
            named.append(alias.alias)
        elif number and alias.alias != stem:
            prefixed.append(f"{alias.alias} {number}" if len(alias.alias) > 3 else f"{alias.alias}{number}")
    return [*dict.fromkeys([*named, *row.aliases]), *prefixed]


kept = {}  # the catalogue of this process, by the state of its tables
# Which rows there are, in which version, and who wrote them last: a number of its own for every transaction, so
# that two changes of which one was taken back are not mistaken for each other.
STATE = """
SELECT (SELECT ROW(count(*), sum(version), sum(xmin::text::bigint))::text FROM acupoints_acupoint),
    (SELECT ROW(count(*), sum(version), sum(xmin::text::bigint))::text FROM acupoints_pointalias)
"""


def catalogue():
    """The points and aliases in use, as the rules take them; one statement, two more where they have changed.

    Kept until a row changes: making its lookups takes a tenth of a second, and each input line needs them.
    """
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        state = cursor.fetchone()
    found = kept.get(state)
    if found is None:
        found = _catalogue()
        kept.clear()
        kept[state] = found
    return found


def _catalogue():
    rows = sorted(
        Acupoint.objects.effective().values_list(*POINT),
        key=lambda row: place_of(row[0], row[1], row[-1]),
    )
    aliases = PointAlias.objects.effective().order_by("key").values_list(*ALIAS)
    return Catalogue({row[0]: _point(row) for row in rows}, tuple(Alias(*row) for row in aliases))


def _point(row):
    code, meridian, pinyin, plain, traditional, simplified, variants, *rest = row[:-1]
    hanzi = tuple(dict.fromkeys(form for form in (traditional, simplified, *variants.split()) if form))
    english, region, surface, bilateral, laterality, least, most, angles, *more = rest
    forbidden, pregnancy, over_lung, risks, caution, view, x, y = more
    return Point(
        code=code,
        meridian=meridian,
        pinyin=pinyin,
        pinyin_plain=plain,
        hanzi=hanzi,
        english=english,
        region=region,
        surface=surface,
        bilateral=bilateral,
        laterality=laterality,
        depth_min_mm=least,
        depth_max_mm=most,
        angles=tuple(angles),
        forbidden=forbidden,
        pregnancy=pregnancy,
        over_lung=over_lung,
        risk_tags=tuple(risks),
        caution=caution,
        view=view,
        x=x,
        y=y,
    )


def terms(kind):
    """The words of a kind in use (one of acupoints.models.TermKind), in the order of lists."""
    return list(Term.objects.effective().filter(kind=kind).order_by("position", "key"))


def safety_rules():
    """The rules in use, as acupoints.rules.safety.speak takes them; one statement."""
    rows = SafetyRule.objects.effective().order_by("key").values_list(*RULE)
    return [Rule(*row)._replace(applies_to=tuple(row[4]), point_codes=tuple(row[5])) for row in rows]
