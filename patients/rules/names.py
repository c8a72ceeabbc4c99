"""When two names can be taken for one another, at the desk or on paper."""

from patients.models import plain


def similar_names(a, b):
    """Whether two names as on a list ("Garcia, Maria") are the same or easily confused.

    The same last name or one typo apart, and first names that begin with the same letter: Garcia, Maria and
    Garcia, Marta; not the three Coles who come together as Iris, Leo and Mia.
    """
    (family_a, given_a), (family_b, given_b) = split(a), split(b)
    if not (same_or_one_typo(family_a, family_b) and given_a and given_b):
        return False
    return given_a[0] == given_b[0] or same_or_one_typo(given_a, given_b)


def same_or_one_typo(a, b):
    return a == b or (min(len(a), len(b)) >= 3 and one_typo_apart(a, b))


def split(name):
    """("garcia", "maria") of "Garcia, Maria"; a name without a comma is a first name."""
    family, comma, given = plain(name).partition(",")
    return (letters(family), letters(given)) if comma else ("", letters(family))


def letters(text):
    """Without what people leave out: spaces, hyphens, apostrophes."""
    return "".join(c for c in text if c.isalnum())


def one_typo_apart(a, b):
    """Whether one letter wrong, missing or extra, or two neighbors swapped, makes one text of the other."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[at:], b[at:]
    if len(a) != len(b):
        return rest_a[1:] == rest_b or rest_a == rest_b[1:]
    return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
