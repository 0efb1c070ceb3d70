"""The command line. Nothing but the parser is imported before a command is chosen: a start costs what it uses."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings

VERSION = "0.1.0"
EXIT_CODES = """\
exit codes:
   0  done
   1  the answer is no: rows refused, a case or a comparison that fails
   2  the command line is wrong
   3  the settings are wrong
   4  rulebooks or translations
   5  the database: missing, other version, busy
   6  no such person or network, or several
   7  a file that cannot be read or written, a backup or restore that was not done
   8  a platform refuses the token or is away
  70  a fault of Uurwijzer itself; the sentence names the place
`check` gives 3, 4, 5 or 8 for the first class in which it finds a fault.
Settings are variables that start with UURWIJZER_, of the environment or of .env in this folder.
"""

# Errors that are sentences for the person, by the name of their class: naming them does not import them.
CODES = {
    "SettingsError": 3, "PortError": 3, "BookError": 4, "DatabaseError": 5, "SchemaError": 5, "BusyError": 5, "MissingError": 5,
    "NobodyError": 6,
    "TablesError": 7, "BackupError": 7, "PathError": 7,
}  # fmt: skip
FIRST = """\
Uurwijzer: providers register their hours in a chat and see at once what the rules say.

  uurwijzer demo          try it here, with fictional data: no token, no network
  uurwijzer migrate       make the database
  uurwijzer import PATH   take over networks, people, places and hours
  uurwijzer check         what is still wrong, and its cure
  uurwijzer serve         run the bot

`uurwijzer --help` names every command, `uurwijzer COMMAND --help` explains one.
"""
BUSY = "The database is busy: nothing was written, try again in a moment."


class PathError(ValueError):
    """A path that cannot be used for what was asked."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; every error is one sentence on standard error."""
    if not (sys.argv[1:] if argv is None else argv):
        _say(FIRST.rstrip())
        return 2
    options = _parser().parse_args(argv)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        from bot.file_errors import database_sentence, file_sentence

        if told := database_sentence(error):
            _say(told)
            return 5
        if isinstance(error, OSError):
            _say(file_sentence(error))
            return 7
        code = None if type(error).__module__.startswith("sqlalchemy") else CODES.get(type(error).__name__)
        _say(str(error) or BUSY if code else _fault(error))
        return code or 70


def _fault(error: Exception) -> str:
    """A sentence about a fault of ours; its text and traceback may hold what people typed, so neither is shown."""
    frame, where = error.__traceback__, ""
    while frame is not None:
        where = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
        frame = frame.tb_next
    return f"Uurwijzer made a mistake ({type(error).__name__} at {where}): please report this; `python -X dev` shows all of it."


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _settings(*, tell_clock: bool = True) -> "Settings":
    from bot.settings import read_settings

    settings = read_settings(os.environ, Path.cwd())
    if settings.now and tell_clock:
        _say(f"The clock is moved by UURWIJZER_NOW: it starts at {settings.now:%Y-%m-%d %H:%M}.")
    return settings


def _demo(options: argparse.Namespace) -> int:
    from bot.terminal import run_demo

    return run_demo(_settings(tell_clock=False), options.person)


def _chat(options: argparse.Namespace) -> int:
    from bot.opening import open_database
    from bot.terminal import run_chat

    settings = _settings(tell_clock=False)
    open_database(settings).close()
    return run_chat(settings, options.person)


def _serve(options: argparse.Namespace) -> int:
    import gc

    gc.disable()  # what is imported stays: looking for garbage in it takes a tenth of the start; bot/serving.py enables it
    from bot.opening import open_database
    from bot.serving import run
    from bot.settings import SettingsError, serve_problems

    settings = _settings()
    problems = serve_problems(settings)
    if not (settings.telegram_token or settings.slack_bot_tokens or settings.port):
        problems.append("There is nothing to serve: set UURWIJZER_TELEGRAM_TOKEN (or the Slack tokens, or UURWIJZER_PORT).")
    if problems:
        raise SettingsError(problems)
    open_database(settings).close()
    return run(settings)


def _due(options: argparse.Namespace) -> int:
    from bot.due import run_due
    from bot.opening import open_database

    settings = _settings()
    open_database(settings).close()
    return run_due(settings)


def _import(options: argparse.Namespace) -> int:
    from bot.operating import import_path

    return import_path(_settings(), options.path, dry_run=options.dry_run)


def _export(options: argparse.Namespace) -> int:
    from bot.operating import export_path

    return export_path(_settings(), options.path, options.person, options.network)


def _invite(options: argparse.Namespace) -> int:
    from bot.inviting import invite_network, invite_person

    if options.person is None and not (options.network and options.csv):
        _say("Say who: `uurwijzer invite PERSON`, or `uurwijzer invite --network NETWERK --csv FILE` for a mail merge.")
        return 2
    if options.person is None:
        if options.qr is not None:
            _say("Say PERSON (with --qr), or --network with --csv: not both.")
            return 2
        return invite_network(_settings(), options.network, options.csv)
    if options.csv is not None or options.network is not None:
        _say("--network and --csv go together, and without PERSON.")
        return 2
    return invite_person(_settings(), options.person, options.qr)


def _unlink(options: argparse.Namespace) -> int:
    from bot.operating import unlink

    return unlink(_settings(), options.person, options.platform)


def _erase(options: argparse.Namespace) -> int:
    from bot.leaving import erase_person

    return erase_person(_settings(), options.person, sure=options.yes)


def _cases(options: argparse.Namespace) -> int:
    from bot.book_files import read_books
    from bot.cases import run_cases

    for path in options.paths:
        if not path.exists():
            raise PathError(f"{path} does not exist: give .toml files, or folders that hold them.")
    failed = count = 0
    for outcome in run_cases(options.paths, read_books(_settings(tell_clock=False).rulebooks)):
        print(outcome)
        count += 1
        failed += bool(outcome.differences)
    _say(f"{count} cases, {failed} failed.")
    return int(failed > 0)


def _check(options: argparse.Namespace) -> int:
    from bot.checking import SETTINGS, check_all, check_content, exit_code, fault
    from bot.clock import make_clock
    from bot.settings import SettingsError

    try:
        settings = _settings(tell_clock=False)
    except SettingsError as error:
        if not options.content:
            findings = [fault(SETTINGS, problem) for problem in error.problems]
            print(*findings, sep="\n")
            return exit_code(findings)
        raise
    now = make_clock(settings.now, settings.timezone)()
    findings = check_content(settings.rulebooks, now.date()) if options.content else check_all(settings, now, deep=options.deep)
    print(*findings, sep="\n")
    return exit_code(findings)


def _reconcile(options: argparse.Namespace) -> int:
    from bot.operating import reconcile

    return reconcile(_settings())


def _summary(options: argparse.Namespace) -> int:
    from bot.summarising import summarise

    return summarise(_settings(), options.network, options.week, post=options.post)


def _backup(options: argparse.Namespace) -> int:
    from bot.backup import back_up
    from bot.opening import open_database

    settings = _settings()
    open_database(settings).close()
    print(*back_up(settings.database_url.reveal(), options.path), sep="\n")
    return 0


def _restore(options: argparse.Namespace) -> int:
    from bot.assembly import operator_clock
    from bot.backup import restore

    settings = _settings()
    print(*restore(settings.database_url.reveal(), options.path, operator_clock(settings)()), sep="\n")
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from bot.operating import make_or_upgrade

    return make_or_upgrade(_settings())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="uurwijzer", epilog=EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="A chat bot with which providers register their hours and see at once what the rules say.",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"uurwijzer {VERSION}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name, help=text, description=text, epilog=EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        added.set_defaults(run=run)
        return added

    who = "a key (K1), an e-mail address, or a name that only one has"
    demo = command("demo", _demo, "the terminal chat on fictional sample data, fresh at every start")
    demo.add_argument("--as", dest="person", metavar="PERSON", help=who)
    chat = command("chat", _chat, "the terminal chat on the configured database")
    chat.add_argument("--as", dest="person", metavar="PERSON", help=who)
    command("serve", _serve, "runs every surface that has a token, until SIGTERM")
    command("due", _due, "one tick of the schedule and one round of sending, for cron")
    taken = command("import", _import, "takes over a folder of CSV files or an .xlsx workbook, all or nothing")
    taken.add_argument("path", type=Path, metavar="PATH", help="the folder or the workbook")
    taken.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
    invite = command("invite", _invite, "prints a one-time code with which a person links an account; 7 days")
    invite.add_argument("person", nargs="?", metavar="PERSON", help=who)
    invite.add_argument("--qr", type=Path, metavar="FILE", help="write the link as a QR picture (.svg or .png)")
    invite.add_argument("--network", metavar="NETWERK", help="one code for each person there without an account")
    invite.add_argument("--csv", type=Path, metavar="FILE", help="where the codes of --network go, for a mail merge")
    unlink = command("unlink", _unlink, "ends a person's access at once; the hours stay")
    unlink.add_argument("person", metavar="PERSON", help=who)
    unlink.add_argument("--platform", choices=("telegram", "slack", "terminal"), metavar="P", help="only there: telegram, slack, terminal")
    erase = command("erase", _erase, "erases who left; the hours stay under a label until their term ends")
    erase.add_argument("person", metavar="PERSON", help=who)
    erase.add_argument("--yes", action="store_true", help="do not ask for the key first")
    cases = command("cases", _cases, "runs policy cases against the rulebook engine and the ledger")
    cases.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a .toml file, or a folder that holds some")
    check = command("check", _check, "looks at settings, content files, translations, database, tokens and clock")
    check.add_argument("--deep", action="store_true", help="also let the auditor look at all that is stored")
    check.add_argument("--content", action="store_true", help="only rulebooks and translations, without a database")
    command("reconcile", _reconcile, "recomputes every balance from the postings and compares")
    export = command("export", _export, "writes everything stored as CSV files that import reads back, and JSON")
    export.add_argument("path", type=Path, metavar="PATH", help="a folder, made when missing")
    export.add_argument("--person", metavar="PERSON", help=who)
    export.add_argument("--network", metavar="NETWERK", help="a key or name")
    summary = command("summary", _summary, "prints the weekly summary of a network, or posts it in its channels")
    summary.add_argument("--network", metavar="NETWERK", help="a key or name; all networks when it is not given")
    summary.add_argument("--week", metavar="WEEK", help="such as 2026-W47; the week that ended last when it is not given")
    summary.add_argument("--post", action="store_true", help="post it in the channels of the network")
    backup = command("backup", _backup, "writes a verified copy of the database while it is in use")
    backup.add_argument("path", type=Path, metavar="PATH", help="the file to write; one of that name is replaced")
    restore = command("restore", _restore, "verifies a backup and makes it the database; the replaced one is kept")
    restore.add_argument("path", type=Path, metavar="PATH", help="a file that `backup` wrote")
    command("migrate", _migrate, "makes the database, or brings it to this version after a backup")
    return parser
