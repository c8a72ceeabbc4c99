"""How the input line is read: words into pieces, from left to right, each word looked at a fixed number of times."""

import re
from typing import NamedTuple

from django.utils.translation import gettext as _

from acupoints.rules.catalogue import LEVELS, normalize
from acupoints.rules.names import Found, Several, is_vertebra, look_up, suggestions
from treatment.rules.measures import measure_at
from treatment.rules.pieces import Lost, Piece
from treatment.rules.words import DIRECTIONS, SIGNS, Meaning, bare, nearest_words, words_of

LONGEST_POINT = 6  # words: "Hua Tuo Jia Ji T3" has five
LONGEST_WORD = 60  # characters; what is longer is no name
MOST_OFFERS = 20  # problems that get offers; the others of a text that long are only named

BREAKS = str.maketrans(dict.fromkeys("\v\f\r\x85\u2028\u2029", "\n") | dict.fromkeys("“”„", '"'))
UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
TOKEN = re.compile(r'"[^"\n]*"|[,;，；、\n]|[^\s,;，；、]+')


class Problem(NamedTuple):
    """`text` is line[start:end] and was not understood; each offer can stand in its place."""

    text: str
    says: str
    offers: tuple[str, ...] = ()
    start: int = 0
    end: int = 0


class Token(NamedTuple):
    """`kind` is word, quoted or break."""

    text: str
    start: int
    end: int
    kind: str


def clean(text):
    """Of the same length: line ends and quotation marks made one kind, what no database stores made a space."""
    return UNSTORABLE.sub(" ", text.translate(BREAKS))


def tokens_of(text):
    return [token_of(match) for match in TOKEN.finditer(text)]


def token_of(match):
    written = match.group()
    if written in ",;，；、\n+&":
        return Token(written, match.start(), match.end(), "break")
    if len(written) > 1 and written[0] == written[-1] == '"':
        return Token(" ".join(written[1:-1].split()), match.start(), match.end(), "quoted")
    return Token(written, match.start(), match.end(), "word")


class Reading:
    """The state of one reading: the tokens, and the piece that is open. Each read_… gives the words it used."""

    def __init__(self, text, catalogue, known):
        self.text, self.catalogue, self.known = clean(text), catalogue, known
        self.tokens = tokens_of(self.text)
        self.items, self.problems = [], []
        self.piece = None

    def read(self):
        at = 0
        while at < len(self.tokens):
            if self.tokens[at].kind == "break":
                self.close()
                at += 1
            else:
                at += self.read_more(at) if self.piece else self.read_start(at) or self.lose(at)
        self.close()

    def read_more(self, at):
        """For the piece that is open, or the start of the next one."""
        return (
            self.read_measure(at)
            or self.read_meaning(at)
            or self.read_name_in_place(at)
            or self.read_start(at)
            or self.read_place(at)
            or self.read_unknown(at)
        )

    def read_start(self, at):
        length, start = self.start_at(at)
        if length:
            self.close()
            self.piece = self.piece_of(at, length, start)
        return length

    def start_at(self, at):
        """(words, Found | Several | kind of place) of what starts here; of two the one with more words."""
        words, kind = self.meaning_at(at, {"kind"})
        length, point = self.point_at(at)
        return (words, kind.value) if words and words >= length else (length, point)

    def piece_of(self, at, length, start):
        first, last = self.tokens[at].start, self.tokens[at + length - 1].end
        if isinstance(start, str):
            return Piece(start, "", first, last)
        if isinstance(start, Several):
            return Lost(first, last, _("Several points are called “%(name)s”. Pick one."), start.codes)
        if start.code == LEVELS and is_vertebra(self.word(at + length)):
            return Lost(first, last, _("“%(name)s” has no such level in this clinic’s catalogue."), ())
        return Piece("point", start.code, first, last)

    def point_at(self, at):
        """(words, Found | Several) of the longest name of a point that starts here."""
        joined, found = "", (0, None)
        for length in range(1, LONGEST_POINT + 1):
            word = normalize(self.word(at + length - 1))
            # Two numbers never make one: LI1 4 is not LI14.
            if not word or (joined[-1:].isdigit() and word[0].isdigit()):
                break
            joined += word
            match = look_up(joined, self.catalogue)
            if match:
                found = (length, match)
        return found

    def meaning_at(self, at, fields):
        """(words, Meaning) of the longest phrase of these fields that starts here."""
        sign = SIGNS.get(bare(self.word(at)).lower())
        if sign and sign[0] in fields:
            return 1, Meaning(*sign)
        words, found = (), (0, None)
        for length in range(1, self.known.longest + 1):
            more = words_of(self.word(at + length - 1))
            if not more:
                break
            words += more
            meaning = self.known.phrases.get(words)
            if meaning and meaning.field in fields:
                found = (length, meaning)
        return found

    def word(self, at):
        """The word there; nothing at the end, at a break, for quoted words and for what is too long to be one."""
        if not 0 <= at < len(self.tokens):
            return ""
        token = self.tokens[at]
        return token.text if token.kind == "word" and len(token.text) <= LONGEST_WORD else ""

    def read_meaning(self, at):
        length, meaning = self.meaning_at(at, {"side", "stimulation", "angle", "technique"})
        return self.take(at, length, meaning)

    def read_measure(self, at):
        length, measure = measure_at([self.word(at), self.word(at + 1)])
        if length and self.piece.has_place and self.word(at + length).lower() in DIRECTIONS:
            return self.read_place(at, length)  # "2 cun below ST36"
        if length and measure.problem and not self.piece.is_lost:
            self.complain(at, length, measure.problem, self.offers_for_number(at, measure))
            return self.used(at, length)
        return self.take(at, length, measure)

    def take(self, at, length, what):
        if length and not self.piece.take(what):
            self.complain(at, length, _("Something else was said before. Take one of the two out."))
        return self.used(at, length)

    def offers_for_number(self, at, measure):
        """A number after B or BL may be a depth without its unit, or the Bladder point."""
        before = normalize(self.word(at - 1))
        found = look_up(f"{before}{measure.value}", self.catalogue) if before in ("b", "bl") else None
        return (*measure.offers, found.code) if isinstance(found, Found) else measure.offers

    def read_name_in_place(self, at):
        """While a place is described, the next point starts with a code only, and not after "near" or "below"."""
        if not self.piece.has_place:
            return 0
        length, start = self.start_at(at)
        code = isinstance(start, str) or any(letter.isdigit() for letter in self.word(at + length - 1))
        starts = (code or self.piece.place_is_over) and not self.piece.ends_with_direction()
        if length and not starts:
            return self.read_place(at, length)
        return 0

    def read_place(self, at, length=1):
        if not self.piece.has_place:
            return 0
        for token in self.tokens[at : at + length]:
            if token.kind == "word" and token.text.startswith('"'):
                self.complain(
                    at, 1, _("A quotation mark is missing at the end. Add it, or take this one out.")
                )
            self.piece.place.append(token.text.replace('"', ""))
        return self.used(at, length)

    def read_unknown(self, at):
        """A misspelled word about the point is a problem of its own; anything else is lost up to the next point."""
        if self.piece.is_lost:
            self.piece.add_word(self.tokens[at].end)
            return self.used(at, 1)
        alike = nearest_words(self.word(at), self.known)
        if not alike or suggestions(self.word(at), self.catalogue, least=0.75):
            return self.lose(at)
        says = _("“%(name)s” is not understood. Pick a word, or write another.")
        self.complain(at, 1, says % {"name": shortened(self.word(at))}, alike)
        return self.used(at, 1)

    def lose(self, at):
        """What belongs to something unknown is not given to the point before it."""
        self.close()
        token = self.tokens[at]
        if is_vertebra(self.word(at)):
            says = _("“%(name)s” is a vertebra. For the points beside it write HTJJ and the vertebra.")
            beside = look_up(f"{LEVELS}{token.text}", self.catalogue)
            self.piece = Lost(token.start, token.end, says, (beside.code,) if beside else ())
        else:
            says = _("“%(name)s” is not understood. Write a point’s code or name, or pick one.")
            self.piece = Lost(token.start, token.end, says, None)
        return 1

    def used(self, at, length):
        if length:
            self.piece.end = self.tokens[at + length - 1].end
        return length

    def complain(self, at, length, says, offers=()):
        """Of a piece that is lost as a whole, nothing is said word by word."""
        if not self.piece.is_lost:
            start, end = self.tokens[at].start, self.tokens[at + length - 1].end
            self.problems.append(Problem(self.text[start:end], says, tuple(offers), start, end))

    def close(self):
        piece, self.piece = self.piece, None
        if piece is None:
            return
        if piece.is_lost:
            self.problems.append(self.problem_of(piece))
            return
        item, says = piece.finished(self.catalogue)
        self.items += [item] if item else []
        written = self.text[piece.start : piece.end]
        for sentence, endings in says:
            offers = tuple(f"{written} {ending}" for ending in endings)
            self.problems.append(Problem(written, sentence, offers, piece.start, piece.end))

    def problem_of(self, lost):
        """What is offered keeps what was written after the name."""
        name, rest = self.text[lost.start : lost.name_end], self.text[lost.name_end : lost.end]
        codes = self.codes_like(name) if lost.codes is None else lost.codes
        says = lost.says % {"name": shortened(name)}
        offers = tuple(f"{code}{rest}" for code in codes)
        return Problem(self.text[lost.start : lost.end], says, offers, lost.start, lost.end)

    def codes_like(self, name):
        if len(self.problems) >= MOST_OFFERS:
            return ()
        first = name.split()[0]
        return (
            with_side(first, self.catalogue)
            or suggestions(name, self.catalogue)
            or suggestions(first, self.catalogue)
        )


def with_side(word, catalogue):
    """ST36L may be ST36 on the left."""
    point = look_up(word[:-1], catalogue) if word[-1].lower() in "lrb" else None
    return (f"{point.code} {word[-1].upper()}",) if isinstance(point, Found) else ()


def shortened(text):
    return text if len(text) <= 40 else f"{text[:39]}…"
