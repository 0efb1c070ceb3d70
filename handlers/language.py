"""In which language a person is spoken to."""

from dataclasses import replace

from handlers.screen import Event, Screen
from handlers.world import World
from rules.words import LANGUAGES
from storage.accounts import Session


def language_of(world: World, session: Session, event: Event) -> str:
    """The person's choice, else what the platform guesses, else that of the settings."""
    guess = event.language[:2].lower()
    return session.language or (guess if guess in LANGUAGES else world.language)


def in_language(world: World, screen: Screen, session: Session, event: Event) -> Screen:
    """The screen, and what follows it, in that language; one that is made in another stays so, and a channel has a language of its own."""
    in_the_open = not event.private and not screen.private
    if screen.silent or screen.language != "nl" or in_the_open:
        return screen
    language = language_of(world, session, event)
    if (language == "nl" and not screen.also) or changed_language(screen):
        return screen
    return replace(screen, language=language, also=tuple(in_language(world, each, session, event) for each in screen.also))


def changed_language(screen: Screen) -> bool:
    """Whether the screen says that she chose another language: it speaks that one already."""
    return screen.title is not None and screen.title.key == "personal.language_set"
