from .names import one_typo_apart, similar_names
from .registering import (
    SAME_PERSON,
    likeness,
    may_be_told_of,
    may_sign_for,
    reasons_not_to_edit,
    reasons_not_to_register,
    reasons_not_to_relate,
    reasons_not_to_share_household,
)
from .searching import guess_from
from .shown import age, birth_date_shown, desk_alerts, in_full, on_list, phone_shown, strip_of

__all__ = [
    "SAME_PERSON",
    "age",
    "birth_date_shown",
    "desk_alerts",
    "guess_from",
    "in_full",
    "likeness",
    "may_be_told_of",
    "may_sign_for",
    "on_list",
    "one_typo_apart",
    "phone_shown",
    "reasons_not_to_edit",
    "reasons_not_to_register",
    "reasons_not_to_relate",
    "reasons_not_to_share_household",
    "similar_names",
    "strip_of",
]
