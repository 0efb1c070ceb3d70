"""What a backup and a restore tell, the same for a file and for a server: why not, and what came after the backup."""

from storage.redo import Redone

# What a restore did again or ended, and what it cannot: by the figures of storage.redo.Redone.
AGAIN = {
    "unlinked": "{} account(s) that were unlinked since are unlinked again.",
    "erased": "{} person(s) who were erased since are erased again.",
    "absent": "{} person(s) who were erased since are not in this backup by the same key: nothing of them was erased.",
    "waiting": "{} person(s) who were erased since are there until `uurwijzer migrate` erases them again.",
    "feeds": "{} calendar address(es) that were ended since are ended again.",
    "invited": "{} open invitation(s) of the backup may have been used since and are void: invite again who is not linked.",
    "codes": "{} open code(s) for a channel are void: ask for new ones.",
    "signed_out": "{} sign-in(s) on the pages are ended.",
    "unread": "{} line(s) of the list of what to do again could not be read and were passed over.",
}
NOT_AGAIN = (
    "Nothing else that happened after the backup was done again: look over moments, requests, imports, suspensions, roles and channels."
)
MIGRATE = "It is of an earlier version: run `uurwijzer migrate`."
UNKNOWN = "asks to do {} again, which this version cannot: it was not restored; use the version that wrote it."


class BackupError(RuntimeError):
    """A backup or restore that was not done; the text is one sentence with the cure, and nothing was replaced."""


def done_again(redone: Redone, state: str) -> list[str]:
    """What a restore tells of what came after the backup; `state`: of its tables, old or current."""
    told = [sentence.format(count) for name, sentence in AGAIN.items() if (count := getattr(redone, name))]
    return [*told, NOT_AGAIN, *([MIGRATE] if state == "old" else [])]
