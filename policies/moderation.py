"""What may be asked for and what may be shown: word rules over prompts, thresholds over scores. Every no names why.

The one absolute rule is about minors: a prompt that puts them and sex together is refused in every home, and no setting
changes that. English words only; the rule reads words, not meaning, and would rather refuse once too often.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from policies.actor import Actor
from policies.prompts import without_weights
from policies.verdict import ALLOWED, Verdict, refuse

Label = Literal["", "blank", "explicit", "suggestive", "reported"]
Decision = Literal["release", "uphold", "dismiss", "take_down"]

CLAIM_FOR = timedelta(minutes=30)  # a moderator who went home does not keep a case
MOST_APPEALS = 3  # of one picture
LONGEST_ANSWER = 1000
# What may become of a case: one of a held picture, or one of a reported page.
DECISIONS: Mapping[str, tuple[Decision, ...]] = {"picture": ("release", "uphold"), "report": ("dismiss", "take_down")}

ALWAYS = frozenset("lolicon shotacon pedo pedos pedophile paedophile pedophilia paedophilia jailbait csam".split())
YOUNG = frozenset(
    "child children childlike kid kids kiddie toddler toddlers baby babies infant infants newborn preteen preteens "
    "tween tweens teen teens teenage teenaged teenager teenagers minor minors underage underaged schoolgirl "
    "schoolgirls schoolboy schoolboys loli lolis lolita shota shotas kindergartner preschooler "
    "adolescent adolescents prepubescent pubescent".split()
)
YOUNG_PHRASES = (
    re.compile(r"\b(?:little|young|small|tiny) (?:girl|boy|daughter|son|sister|brother)s?\b"),
    re.compile(r"\b(?:elementary|primary|middle|high) school(?:er)?s?\b"),
    re.compile(r"\bunder ?(?:age|18|eighteen)\b"),
    re.compile(r"\b(?:age[ds]?|aged) (?:of )?(?:[0-9]|1[0-7])\b"),
    re.compile(r"\b(?:[0-9]|1[0-7]) ?(?:yo|y o|yr old|yrs old|year old|years old)\b"),
    re.compile(
        r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
        r"seventeen) years? old\b"
    ),
)
SEXUAL = frozenset(
    "nude nudes nudity naked topless bottomless undressed unclothed sex sexy sexual sexually sexualized sexualised "
    "erotic erotica erotically porn porno pornographic pornography nsfw hentai ecchi lewd lewds orgasm orgasmic "
    "masturbating masturbation masturbate intercourse penetration blowjob handjob fellatio cunnilingus creampie "
    "cumshot genitals genitalia penis penises vagina vaginas vulva pussy nipples nipple boobs tits "
    "areola lingerie panties upskirt bdsm bondage fetish seductive seductively aroused "
    "arousal horny slutty slut provocative striptease stripper xxx rape raped molested molesting".split()
)
# Words above that mean something else in this company.
HARMLESS = re.compile(
    r"\b(?:naked mole rats?|naked eye|bottomless pit|baby blue|baby pink|baby s breath|minor (?:key|chord)s?)\b"
)
WORD = re.compile(r"[a-z0-9]+")
SPELLED = str.maketrans("013457@$!|", "oieasta" + "sil")  # n00d, s3x, p0rn


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores of 0 to 1 from which a picture is held back; 1 never is."""

    explicit: float
    suggestive: float


@dataclass(frozen=True, slots=True)
class Finding:
    """`label` is empty for a picture that may be shown; `score` is what it was judged by."""

    label: Label = ""
    score: float = 0.0

    @property
    def flagged(self) -> bool:
        return self.label != ""


BLANK_BELOW = 2.0  # levels of 255 by which brightness varies: nothing is to be seen


def prompt(text: str) -> Verdict:
    """Refuses sexual content with minors, naming the words; everything else is allowed here."""
    plain = spelled_out(text)
    words = set(WORD.findall(plain)) | set(WORD.findall(plain.translate(SPELLED)))
    young = sorted(words & YOUNG) or [found[0] for rule in YOUNG_PHRASES if (found := rule.search(plain))]
    sexual = sorted(words & SEXUAL)
    forbidden = sorted(words & ALWAYS)
    if forbidden or (young and sexual):
        named = forbidden or [sexual[0], young[0]]
        quoted = " with ".join(f"“{word}”" for word in named[:2])
        return refuse("minors", field="prompt", value=quoted, expected="nothing sexual about minors, in any form")
    return ALLOWED


def spelled_out(text: str) -> str:
    """Lower case, no accents, no invisible letters, no weights; hyphens and underscores part words."""
    folded = unicodedata.normalize("NFKD", without_weights(unicodedata.normalize("NFKC", text))).casefold()
    letters = "".join(one for one in folded if unicodedata.category(one) not in ("Mn", "Cf"))
    return HARMLESS.sub(" ", re.sub(r"[\s_.,;:/\\'’-]+", " ", letters))


def picture(explicit: float, suggestive: float, limits: Thresholds) -> Finding:
    """The judgement over a classifier's scores: the stronger label first."""
    if limits.explicit < 1 and explicit >= limits.explicit:
        return Finding("explicit", explicit)
    if limits.suggestive < 1 and suggestive >= limits.suggestive:
        return Finding("suggestive", suggestive)
    return Finding("", max(explicit, suggestive))


def quality(brightness: float, spread: float) -> Finding:
    """A picture of one colour went wrong: it is said, and not charged."""
    return Finding("blank", 1.0) if spread < BLANK_BELOW else Finding("", 0.0)


def veiled(label: str) -> bool:
    """Whether the owner sees it blurred. A blank picture hides nothing, and a reported one was public already."""
    return label in ("explicit", "suggestive")


def release_own(actor: Actor) -> Verdict:
    """On a personal home its owner is the one who decides; elsewhere a moderator looks."""
    if actor.kind == "owner":
        return ALLOWED
    return refuse("not_yours", field="picture", value=actor.kind, expected="a moderator's decision")


def publish(held: bool) -> Verdict:
    if not held:
        return ALLOWED
    return refuse("flagged", field="picture", value="flagged", expected="one that the scan has not held back")


def may_ask(state: str, asked: int) -> Verdict:
    """Whether the owner of a held picture may ask a human to look: after the scan's word, and after a moderator's."""
    if state not in ("flagged", "upheld"):
        return refuse("appeal_waits", field="picture", value=state, expected="one that nobody is asked to look at now")
    if asked >= MOST_APPEALS:
        return refuse("appeals_over", field="picture", value=asked, expected=f"at most {MOST_APPEALS} times")
    return ALLOWED


def own_case(staff: Actor, subject_id: str) -> Verdict:
    """Nobody judges their own picture, but on a home that is theirs alone."""
    if staff.kind == "owner" or staff.subject_id != subject_id:
        return ALLOWED
    return refuse("own_case", field="case", value="yours", expected="another moderator")


def claim(held_by: str | None, since: datetime | None, staff: Actor, now: datetime) -> Verdict:
    """A case has one moderator at a time, until that one has not touched it for a while."""
    if held_by in (None, staff.subject_id) or since is None or now - since >= CLAIM_FOR:
        return ALLOWED
    return refuse("case_taken", field="case", value="taken", expected="one that no other moderator has")


def claimed(held_by: str | None, since: datetime | None, staff: Actor, now: datetime) -> Verdict:
    """Nothing of a case is opened, and nothing is decided, by who has not taken it on."""
    if held_by == staff.subject_id and since is not None and now - since < CLAIM_FOR:
        return ALLOWED
    return refuse("claim_first", field="case", value="not taken on", expected="a case that you took on")


def decision(kind: str, value: str, answer: str) -> Verdict:
    if value not in DECISIONS[kind]:
        return refuse("unknown", field="decision", value=value, expected=" or ".join(DECISIONS[kind]))
    if len(answer) > LONGEST_ANSWER:
        expected = f"at most {LONGEST_ANSWER} letters"
        return refuse("too_long", field="answer", value=f"{answer[:20]}…", expected=expected)
    if value in ("uphold", "take_down") and not answer.strip():
        return refuse("answer_needed", field="answer", value="", expected="a sentence that tells the owner why")
    return ALLOWED
