"""Makes the environment in .venv when it is missing or out of date, then runs Uurwijzer in it.

Needs Python's standard library only. An old python3 must be able to read this file far enough to say what it lacks,
so there are no f-strings here, and whatever a second start does not need is imported late.
"""

import hashlib
import os
import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Uurwijzer needs Python 3.11 or newer and this is Python %d.%d: start it with a newer one, for example "
        "`python3.11 start.py demo`, or with uv, which brings its own: `uv run uurwijzer demo`." % sys.version_info[:2]
    )

HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = os.path.join(HERE, ".venv")
PYTHON = os.path.join(ENVIRONMENT, "bin", "python")
PACKAGES = os.path.join(ENVIRONMENT, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
STAMP = os.path.join(ENVIRONMENT, "uurwijzer.stamp")
LOG = os.path.join(ENVIRONMENT, "install.log")
LOCK = os.path.join(HERE, ".venv.lock")
SOURCES = ["bot", "handlers", "storage", "rules"]

NO_WINDOWS = "start.py runs on Linux and macOS: on Windows use WSL, or uv: `uv run uurwijzer demo`."
NO_INSTALLER = (
    "This Python has nothing to install packages with (no uv, no venv, no pip): on Debian or Ubuntu run "
    "`sudo apt install python3-venv`, elsewhere install pip or uv, then start again."
)
NO_NETWORK = (
    "The packages could not be downloaded, it looks like there is no network: connect (or set HTTPS_PROXY when you "
    "are behind a proxy) and start again."
)
OTHER_HASH = (
    "A downloaded package is not the one that was checked for this version (its hash differs) and is not used: a "
    "proxy or mirror changes what you download; use another network and start again."
)
DISK_FULL = "The disk is full, and the environment needs about 250 MB in %s: make room and start again."
READ_ONLY = "%s cannot be written to, and the environment is made in it: copy the project to one of your own."
NOT_OURS = "%s is in the way, it is no Python environment: move it elsewhere and start again."
FAILED = "The environment could not be made (%s): the whole output is in %s; start again to repair it."
INTERRUPTED = "Interrupted; the next start begins the environment anew."

# What pip and uv write when a download, a hash or the disk is the cause, in lower case.
HASH_SIGNS = ["do not match the hashes", "hash mismatch"]
DISK_SIGNS = ["no space left on device", "disk quota exceeded"]
NETWORK_SIGNS = [
    "failed to establish a new connection",
    "name resolution",
    "max retries exceeded",
    "connecttimeout",
    "readtimeout",
    "proxyerror",
    "dns error",
    "tcp connect error",
    "error sending request",
    "client error (connect)",
    "network is unreachable",
    "connection refused",
    "(from versions: none)",
]


class Stop(Exception):
    """The start cannot go on; its text is the one sentence for the person, with the cure."""


def say(text: str) -> None:
    """Write a line to standard error, which leaves standard output to the command."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def requirements(kind: str) -> str:
    """Return the path of the pinned list of a kind, "run" or "develop"."""
    return os.path.join(HERE, "requirements", kind + ".txt")


def marks(kind: str) -> list[str]:
    """Return the lines that the stamp of an environment good for this kind holds: its interpreter and its lists."""
    lines = ["python " + os.path.realpath(PYTHON)]
    for name in ["run", "develop"] if kind == "develop" else ["run"]:
        with open(requirements(name), "rb") as pinned:
            lines.append(name + " " + hashlib.sha256(pinned.read()).hexdigest())
    return lines


def is_ready(kind: str) -> bool:
    """Tell whether a finished environment for this kind stands there."""
    try:
        with open(STAMP, encoding="utf-8") as stamp:
            found = stamp.read().splitlines()
    except OSError:
        return False
    return os.path.exists(PYTHON) and set(marks(kind)) <= set(found)


def prepare(kind: str) -> None:
    """Make or repair the environment when it is not ready for this kind, one start at a time; raises Stop."""
    if is_ready(kind):
        return
    import fcntl

    try:
        lock = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Stop(READ_ONLY % HERE) from error
    try:
        # The tools inherit the lock: when this process is killed and they still write, the next start waits for them.
        os.set_inheritable(lock, True)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is making the environment; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_ready(kind):
            make(kind)
    finally:
        os.close(lock)


def make(kind: str) -> None:
    """Make the environment and stamp it last, so that a half-made one is never used; raises Stop."""
    import shutil
    import time

    started = time.monotonic()
    uv = find_uv()
    create = creator(uv)
    say("Making the environment in %s, once; this takes %s." % (ENVIRONMENT, "seconds" if uv else "a minute or two"))
    try:
        keep = kind == "develop" and is_ready("run")
        if os.path.lexists(STAMP):
            os.remove(STAMP)
        if not keep:
            if os.path.lexists(ENVIRONMENT):
                if not os.path.isfile(os.path.join(ENVIRONMENT, "pyvenv.cfg")):
                    raise Stop(NOT_OURS % ENVIRONMENT)
                shutil.rmtree(ENVIRONMENT)
            run_tool(create)
        say("Downloading and installing the packages ...")
        run_tool([*installer(uv), "-r", requirements(kind)])
        say("Compiling ...")
        add_project()
        with open(STAMP + ".new", "w", encoding="utf-8") as stamp:
            stamp.write("\n".join(marks(kind)) + "\n")
        os.replace(STAMP + ".new", STAMP)
    except OSError as error:
        if error.errno in (13, 30):  # not permitted, read-only file system
            raise Stop(READ_ONLY % HERE) from error
        if error.errno in (28, 122):  # no space, over quota
            raise Stop(DISK_FULL % HERE) from error
        raise
    say("The environment is ready, after %.0f s." % (time.monotonic() - started))


def find_uv() -> str:
    """Return the path of a uv that works, or an empty text."""
    import shutil
    import subprocess

    path = shutil.which("uv")
    if path is None:
        return ""
    works = subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
    return path if works else ""


def has(module: str) -> bool:
    """Tell whether this Python has a module, without importing it."""
    from importlib.util import find_spec

    return find_spec(module) is not None


def has_pip() -> bool:
    """Tell whether this Python has a pip that can install into another environment (`--python`, since 22.3)."""
    from importlib.metadata import version

    return has("pip") and tuple(int(part) for part in version("pip").split(".")[:2]) >= (22, 3)


def creator(uv: str) -> list[str]:
    """Return the command that makes the empty environment; raises Stop when this Python has no means."""
    if uv:
        return [uv, "venv", "--python", sys.executable, ENVIRONMENT]
    if has("venv") and has_pip():  # quicker, and all that Debian without python3-venv can do
        return [sys.executable, "-m", "venv", "--without-pip", ENVIRONMENT]
    if has("venv") and has("ensurepip"):
        return [sys.executable, "-m", "venv", ENVIRONMENT]
    raise Stop(NO_INSTALLER)


def installer(uv: str) -> list[str]:
    """Return the command that installs a pinned list, and nothing beside it; raises Stop when there is no pip."""
    if uv:
        return [uv, "pip", "install", "--python", PYTHON, "--no-deps", "--require-hashes"]
    options = ["install", "--no-input", "--disable-pip-version-check", "--no-compile", "--no-deps", "--require-hashes"]
    if os.path.isdir(os.path.join(PACKAGES, "pip")):
        return [PYTHON, "-m", "pip", *options]
    if has_pip():
        return [sys.executable, "-m", "pip", "--python", PYTHON, *options]
    raise Stop(NO_INSTALLER)


def tool_environment() -> dict[str, str]:
    """Return the environment variables for pip and uv, without those that would send packages elsewhere."""
    unwanted = ["VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "UV_SYSTEM_PYTHON"]
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {"PIP_RETRIES": "3", **kept, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "LC_ALL": "C.UTF-8"}


def run_tool(command: list[str]) -> None:
    """Run pip, uv or venv quietly, keep what it wrote in the log; raises Stop with the cause when it fails."""
    import subprocess

    done = subprocess.run(
        command,
        cwd=HERE,
        env=tool_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=False,
        check=False,
    )
    output = done.stdout.decode("utf-8", "replace")
    if os.path.isdir(ENVIRONMENT):
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(output)
    if done.returncode != 0:
        raise Stop(cause(output))


def cause(output: str) -> str:
    """Return the sentence for a failed installation, from what the tool wrote."""
    lower = output.lower()
    if any(sign in lower for sign in HASH_SIGNS):
        return OTHER_HASH
    if any(sign in lower for sign in DISK_SIGNS):
        return DISK_FULL % HERE
    if any(sign in lower for sign in NETWORK_SIGNS):
        return NO_NETWORK
    if "permission denied" in lower or "read-only file system" in lower:
        return READ_ONLY % HERE
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return FAILED % (lines[-1] if lines else "no output", LOG)


def add_project() -> None:
    """Let the environment's Python find the project, give it the command `uurwijzer`, and compile all code on every core."""
    import subprocess

    with open(os.path.join(PACKAGES, "uurwijzer.pth"), "w", encoding="utf-8") as pointer:
        pointer.write(os.path.relpath(HERE, PACKAGES) + "\n")  # relative: the folder may be moved
    command = os.path.join(ENVIRONMENT, "bin", "uurwijzer")
    with open(command, "w", encoding="utf-8") as script:
        script.write('#!/bin/sh\nexec "$(dirname "$0")/python" -P -m bot "$@"\n')
    os.chmod(command, 0o755)
    compiler = [PYTHON, "-m", "compileall", "-q", "-j", "0"]
    subprocess.run([*compiler, *SOURCES, PACKAGES], cwd=HERE, capture_output=True, check=False)


def check_all(arguments: list[str]) -> int:
    """Run every check and the tests, one line each; returns 1 when one failed.

    `--long` adds the tests marked long; the other arguments are pytest's.
    """
    import subprocess
    import time

    long = ["-m", ""] if "--long" in arguments else []
    own = [argument for argument in arguments if argument != "--long"]
    steps = [
        ("ruff check", ["-m", "ruff", "check", "."]),
        ("mypy --strict", ["-m", "mypy", "--strict", *SOURCES, "start.py"]),
        ("content check", ["-m", "bot", "check", "--content"]),
        ("pytest", ["-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", *long, *own]),
    ]
    # A developer's own tokens and database are not for the tests.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("UURWIJZER_")}
    failed = []
    for name, command in steps:
        started = time.monotonic()
        live = name == "pytest"
        done = subprocess.run(
            [PYTHON, *command],
            cwd=HERE,
            env=environment,
            stdout=None if live else subprocess.PIPE,
            stderr=None if live else subprocess.STDOUT,
            check=False,
        )
        if done.returncode != 0:
            failed.append(name)
            if not live:
                sys.stdout.write(done.stdout.decode("utf-8", "replace"))
        result = "FAILED" if done.returncode != 0 else "ok"
        print("%-14s %-6s %6.1f s" % (name, result, time.monotonic() - started), flush=True)
    print("Failed: " + ", ".join(failed) if failed else "All is well.")
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    """Prepare the environment and run the command in it; returns the exit code when it does not come that far."""
    try:
        if os.name == "nt":
            raise Stop(NO_WINDOWS)
        if arguments[:1] == ["test"]:
            prepare("develop")
            return check_all(arguments[1:])
        prepare("run")
    except Stop as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say(INTERRUPTED)
        return 1
    return os.execv(PYTHON, [PYTHON, "-P", "-m", "bot", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
