"""From clauses to facts: which things a scene shows, and what the clauses say about them."""

from collections.abc import Sequence

from . import words
from .adjectives import COLOURS, COMPARATIVES, MATERIALS, SCALES
from .clause_reader import read_clauses
from .clauses import Clause, Complement
from .effects import clause_facts
from .facts import Said, SceneFacts
from .items import NounPhrase
from .items_reader import read_items
from .motion import effect_of
from .nouns import ANIMATE, BODY, CLOTHING, KNOWN, MARKING, PERSON
from .place_words import ENTERABLE
from .places import is_place, is_time, is_weather, is_where
from .references import Registry
from .things import Thing

_CARRIED = frozenset("umbrella bag handbag purse cane briefcase walking-stick".split())
_PUT = frozenset("into onto to on in out_of from over inside".split())
_LIGHT = frozenset("sun moon dark shade sky star".split())
_WEAR = frozenset("wear dress clothe".split())
_TALKED_OF = frozenset("about for like as than during despite except without per since of".split())
_PASSED_PLACES = frozenset(
    "enter leave cross exit reach climb plow explore visit traverse tour".split()
)


class SceneReader:
    """Reads one scene at a time, with the registry that all scenes of a prompt share."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    def read(self, text: str, scene: int) -> SceneFacts:
        """Return the facts of one scene's text (camera words already taken out)."""
        self.registry.scene = scene
        self.facts = SceneFacts()
        self.resolved: dict[int, list[Thing]] = {}
        self.stage = 0
        self.busy = False
        for clause in read_clauses(read_items(text)):
            self._clause(clause)
        return self.facts

    def _clause(self, clause: Clause) -> None:
        if clause.stage in ("next", "last") and self.busy:
            self.stage += 1
        self._wear(clause)
        self._attach(clause)
        said = Said(clause, self.stage)
        if not self._expletive(clause):
            for phrase in clause.subjects:
                said.subjects += self._thing(phrase, clause, subject=True)
        self._elided(clause, said)
        if self._naming(clause, said):
            return
        for phrase in clause.objects:
            heap = phrase.plural and phrase.det == "none" and not phrase.exact
            phrase.heap = heap and phrase.head not in ANIMATE
            said.objects += self._object(phrase, clause)
        for part in clause.complements:
            self._complement(part, said)
        self._predicates(said)
        self.facts.facts += clause_facts(said)
        self._note(clause, said.subjects)

    def _elided(self, clause: Clause, said: Said) -> None:
        """The things of the scene before go on without being named: "then falls asleep"."""
        finite = bool(clause.verb) and clause.form in ("s", "base", "ed")
        if clause.subjects or self.busy or not finite or not scene_opens(self.facts):
            return
        said.subjects = list(self.registry.subjects)
        for thing in said.subjects:
            thing.scenes.add(self.registry.scene)
        self.facts.add(said.subjects)
        self.facts.elided = list(said.subjects)

    def _note(self, clause: Clause, subjects: list[Thing]) -> None:
        """Remember who acted, for the clauses and scenes that follow."""
        self.busy = self.busy or bool(clause.verb or clause.complements)
        if clause.verb not in ("", "be"):
            for thing in subjects:
                self.facts.verbs.setdefault(thing.id, clause.verb)
        if subjects:
            self.registry.subjects = subjects
        if len(subjects) > 1 and all(t.head in ANIMATE or t.alias for t in subjects):
            self.registry.companies.append(subjects)

    def _expletive(self, clause: Clause) -> bool:
        weather = clause.verb in ("rain", "snow", "thunder", "hail", "pour")
        return weather and clause.subjects[:1] != [] and clause.subjects[0].alias == "it"

    def _wear(self, clause: Clause) -> None:
        """ "wearing a hat" describes the wearer; the hat is no thing of its own."""
        if clause.verb in _WEAR and clause.objects:
            worn = " and ".join(said_text(phrase) for phrase in clause.objects)
            for phrase in clause.subjects:
                phrase.worn.append(f"wearing {worn}")
                for thing in self.resolved.get(id(phrase), []):
                    thing.worn = thing.worn or f"wearing {worn}"
            clause.objects = []

    def _attach(self, clause: Clause) -> None:
        """ "a man with a red hat", "a girl in a dress": the complement describes the noun."""
        kept = []
        for part in clause.complements:
            heads = {phrase.head for phrase in part.grounds}
            attribute = part.word == "with" and bool(heads & (CLOTHING | BODY | MARKING))
            attribute = attribute or (part.word == "in" and bool(heads & (CLOTHING - {"hood"})))
            bearers = [part.figure] if part.figure else clause.subjects[-1:]
            attribute = attribute and not any(is_place(bearer) for bearer in bearers)
            if part.word == "with" and heads & _CARRIED and bearers:
                attribute = bearers[0].head in PERSON
            if part.kind == "ground" and attribute and bearers:
                text = " and ".join(said_text(phrase) for phrase in part.grounds)
                bearers[0].worn.append(f"{part.word} {text}")
            else:
                kept.append(part)
        clause.complements = kept

    def _thing(
        self,
        phrase: NounPhrase,
        clause: Clause,
        subject: bool = False,
        apart: Sequence[Thing] = (),
    ) -> list[Thing]:
        """Resolve a noun phrase that may turn out to be scenery, which is no thing.

        apart: what a pronoun here cannot mean; the clause's subjects, if nothing else is given.
        """
        if id(phrase) in self.resolved:
            return self.resolved[id(phrase)]
        found: list[Thing] = []
        if is_weather(phrase) or self._own_body(phrase) or is_time(phrase):
            pass
        elif self._scenery(phrase):
            self.facts.places.append(("in", phrase))
        else:
            apart = apart or ([] if subject else self._doers(clause))
            found = self.registry.resolve(phrase, subject, apart)
            if phrase.owner:
                self.facts.owners[phrase.start] = self.registry.owner(phrase, found)
            self.facts.add(found)
            self.facts.mentions.append((phrase, found))
        self.resolved[id(phrase)] = found
        return found

    def _doers(self, clause: Clause) -> list[Thing]:
        named = [t for phrase in clause.subjects for t in self.resolved.get(id(phrase), [])]
        return named or self.facts.elided

    def _scenery(self, phrase: NounPhrase) -> bool:
        if not is_place(phrase):
            return phrase.head == "wave" and phrase.plural and phrase.det == "none"
        return phrase.head not in KNOWN and not self._spoken_of(phrase)

    def _spoken_of(self, phrase: NounPhrase) -> bool:
        known = phrase.det in ("definite", "possessive")
        return known and any(thing.head == phrase.head for thing in self.registry.things)

    def _own_body(self, phrase: NounPhrase) -> bool:
        own = phrase.det in ("possessive", "none") or phrase.plural
        return phrase.head in BODY and own and phrase.head not in ("leaf", "branch", "shell")

    def _naming(self, clause: Clause, said: Said) -> bool:
        """ "Tom is a small grey mouse.": the object says what the subject is."""
        named = clause.verb == "be" and len(clause.objects) == 1 and len(said.subjects) == 1
        if not named or clause.complements or clause.objects[0].det not in ("indefinite", "none"):
            return False
        thing, phrase = said.subjects[0], clause.objects[0]
        if thing.alias or thing.head not in KNOWN:
            thing.alias = thing.alias or thing.head.capitalize()
            thing.head, thing.modifiers = phrase.head, phrase.modifiers
            thing.adjectives, thing.of = phrase.adjectives, phrase.of
        return True

    def _object(self, phrase: NounPhrase, clause: Clause) -> list[Thing]:
        if clause.verb == "become" and phrase.head in PERSON and phrase.plural:
            return []
        if is_place(phrase) and not self._spoken_of(phrase):
            if clause.verb in _PASSED_PLACES or phrase.head not in KNOWN:
                preposition = "across" if clause.verb == "cross" else "in"
                self.facts.places.append((preposition, phrase))
                return []
        if phrase.head in ENTERABLE and clause.verb == "enter" and not self._spoken_of(phrase):
            self.facts.places.append(("in", phrase))
            return []
        return self._thing(phrase, clause)

    def _complement(self, part: Complement, said: Said) -> None:
        if part.word in ("without", "except", "instead"):
            return
        figures = list(said.subjects)
        placed = part.word in _PUT and not effect_of(said.clause.verb, [], [])
        if said.objects and (placed or part.word in ("into", "onto", "out_of")):
            figures = said.objects
        beside: list[Thing] = []
        if part.figure is not None:
            beside = self.resolved.get(id(part.figure), [])
            figures = beside or figures
        grounds: list[Thing] = []
        for phrase in part.grounds:
            if not self._where(part, phrase, said):
                grounds += self._thing(phrase, said.clause, apart=beside)
        if part.kind != "ground" or grounds or part.own:
            said.parts.append((part, figures, grounds))

    def _where(self, part: Complement, phrase: NounPhrase, said: Said) -> bool:
        """Note the phrase as place or time of the scene; False when it is a thing."""
        word = "in" if part.word == "inside" else part.word
        if part.word in _TALKED_OF and is_place(phrase):
            return True
        if (
            part.word in ("in", "under", "beneath")
            and phrase.head in _LIGHT
            and phrase.det != "none"
        ):
            self.facts.times.append((word, phrase))
            return True
        if phrase.head == "hour" and phrase.adjectives:
            self.facts.times.append((word, phrase))
            return True
        if phrase.head == "day" and not phrase.adjectives:
            return True
        if is_time(phrase) and phrase.head not in ("snow", "rain", "fog", "mist"):
            self.facts.times.append((word, phrase))
            return True
        aside = part.word in ("left_of", "right_of", "between", "in_front", "beside", "behind")
        if aside and (phrase.head in KNOWN or phrase.head in ENTERABLE):
            return False
        if part.word == "with" or part.word in _TALKED_OF:
            return False
        if not is_where(word, phrase, self._known(phrase)):
            return False
        spoken = _PREPOSITIONS.get(word, word)
        if phrase.head in words.ABSTRACT and not is_place(phrase):
            return True
        (self.facts.times if is_time(phrase) else self.facts.places).append((spoken, phrase))
        said.crossing = said.crossing or part.word in ("across", "past")
        return True

    def _known(self, phrase: NounPhrase) -> bool:
        definite = phrase.det in ("definite", "possessive", "pronoun")
        return definite and any(thing.head == phrase.head for thing in self.registry.things)

    def _predicates(self, said: Said) -> None:
        """ "The dog is brown." adds to what the dog looks like."""
        lasting = (COLOURS | MATERIALS | SCALES.keys()) - COMPARATIVES.keys()
        looks = [word for word in said.clause.predicates if word in lasting]
        if said.clause.verb != "be" or said.clause.negated:
            return
        for thing in said.subjects:
            colours = set(thing.adjectives) & COLOURS
            thing.adjectives += [
                word for word in looks if word not in thing.adjectives and not colours
            ]


def scene_opens(facts: SceneFacts) -> bool:
    """Whether nothing has been read in the scene yet."""
    return not facts.things and not facts.facts


_PREPOSITIONS = {
    "left_of": "beside",
    "right_of": "beside",
    "in_front": "in front of",
    "out_of": "out of",
    "away_from": "away from",
    "other_side": "across",
    "beside": "beside",
}


def said_text(phrase: NounPhrase) -> str:
    """Write a noun phrase again, with its article: "a red hat"."""
    from .things import article

    words_ = " ".join([phrase.label, phrase.of]).strip()
    if phrase.plural or phrase.det == "none":
        return words_
    if phrase.det in ("possessive", "definite"):
        return f"the {words_}"
    return f"{article(words_)} {words_}"
