"""What the client-data guard finds in the labelled corpus: `python -m tests.clientdata_figures` prints the figures."""

import random
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rules.clientdata import NUMBER_KINDS, has_national_number, screen

CORPUS = Path(__file__).with_name("clientdata_corpus.toml")


class Sentence(NamedTuple):
    """One labelled sentence; `kind` is empty when it is clean."""

    text: str
    kind: str
    lang: str
    part: str


class Share(NamedTuple):
    """How many of how many."""

    hits: int
    total: int

    @property
    def percent(self) -> float:
        """The share in percent; 0 of nothing is 0."""
        return 100 * self.hits / self.total if self.total else 0.0

    def __str__(self) -> str:
        return f"{self.hits}/{self.total} = {self.percent:.2f} %"


def corpus() -> list[Sentence]:
    """All sentences of the corpus, each once, patterns written out."""
    book = tomllib.loads(CORPUS.read_text(encoding="utf-8"))
    found: dict[str, Sentence] = {}
    for entry in book["set"] + book["pattern"]:
        for text in entry.get("sentences") or _written_out(entry):
            found[text] = Sentence(text, entry.get("kind", ""), entry["lang"], entry["part"])
    return list(found.values())


def _written_out(pattern: dict[str, Any]) -> Iterator[str]:
    made: set[str] = set()
    for turn in range(50 * pattern["count"]):
        if len(made) == pattern["count"]:
            return
        values = {slot: choices[turn % len(choices)] for slot, choices in pattern["slots"].items()}
        frames = pattern["frames"]
        text = frames[(turn + turn // len(frames)) % len(frames)].format(**values)
        if text not in made:
            made.add(text)
            yield text
    raise ValueError(
        f"a pattern with frames {pattern['frames'][:1]} cannot give {pattern['count']} different sentences"
    )


def recall(sentences: list[Sentence], wanted: Callable[[str], bool]) -> Share:
    """How many sentences whose kind is wanted were refused for just that kind."""
    of_kind = [sentence for sentence in sentences if sentence.kind and wanted(sentence.kind)]
    return Share(
        sum(sentence.kind in {seen.kind for seen in screen(sentence.text)} for sentence in of_kind), len(of_kind)
    )


def false_alarms(sentences: list[Sentence]) -> Share:
    """How many clean sentences were refused."""
    clean = [sentence for sentence in sentences if not sentence.kind]
    return Share(sum(bool(screen(sentence.text)) for sentence in clean), len(clean))


def chance_national(count: int, seed: int = 1) -> Share:
    """How many of `count` random rows of 11 digits pass as a national number."""
    source = random.Random(seed)
    return Share(sum(has_national_number(f"{source.randrange(10**11):011d}") for _ in range(count)), count)


def milliseconds(text: str, tries: int = 3, upto: int = 200) -> float:
    """Processor time for the first `upto` characters, the best of some tries, so that other work does not count."""
    took = []
    for _ in range(tries):
        started = time.thread_time()
        screen(text[:upto])
        took.append(1000 * (time.thread_time() - started))
    return min(took)


def main() -> None:
    """Print all figures, and every sentence that went wrong when asked with `-v`."""
    sentences = corpus()
    for part in ("seen", "held_out", "second", "third", "fourth", "fifth", "sixth", "all"):
        chosen = [sentence for sentence in sentences if part in (sentence.part, "all")]
        labelled = sum(bool(each.kind) for each in chosen)
        print(f"{part}: {labelled} to refuse, {len(chosen) - labelled} clean")
        print(f"  recall on numbers, e-mail, phone: {recall(chosen, NUMBER_KINDS.__contains__)}")
        for kind in ("name", "birth_date", "age_of_person", "address"):
            print(f"  recall on {kind}: {recall(chosen, kind.__eq__)}")
        print(f"  false alarms on clean sentences: {false_alarms(chosen)}")
    print(f"random 11 digits taken for a national number: {chance_national(50_000)}")
    took = [milliseconds((sentence.text + " ") * 200) for sentence in sentences]
    print(f"200 characters: mean {sum(took) / len(took):.2f} ms, slowest {max(took):.2f} ms")
    if "-v" in sys.argv:
        for sentence in sentences:
            seen = {sighting.kind for sighting in screen(sentence.text)}
            if (sentence.kind and sentence.kind not in seen) or (not sentence.kind and seen):
                print(f"{sentence.part} {sentence.lang} {sentence.kind or 'clean'} {sorted(seen)}: {sentence.text}")


if __name__ == "__main__":
    main()
