"""For developers: `python -m storage.migrations "what changes"` writes the next revision from storage/tables.py.

With `--first` the first revision is written anew, which is allowed only before the first release. Read what it wrote,
and add its number to storage.schema.REVISIONS.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from alembic import command

from storage.database import Database
from storage.schema import REVISIONS, migration_config

HERE = Path(__file__).parent


def main() -> None:
    """Compare the tables with a database made by the revisions so far, and write the difference."""
    parser = argparse.ArgumentParser(prog="python -m storage.migrations", description=__doc__)
    parser.add_argument("message")
    parser.add_argument("--first", action="store_true", help="write revision 0001 anew")
    options = parser.parse_args()
    if options.first:
        for old in (HERE / "versions").glob("*.py"):
            old.unlink()
    number = "0001" if options.first else f"{int(REVISIONS[-1]) + 1:04}"
    database = Database("sqlite://")
    with database.engine.connect() as connection, connection.begin():
        config = migration_config(HERE, connection)
        if not options.first:
            command.upgrade(config, "head")
        command.revision(config, options.message, autogenerate=True, rev_id=number)
    database.close()
    (written,) = (HERE / "versions").glob(f"{number}_*.py")
    lines = [line for line in written.read_text().splitlines() if not line.strip().startswith("# ###")]
    written.write_text("\n".join(lines).rstrip() + "\n")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(written)], check=False)  # noqa: S603


if __name__ == "__main__":
    main()
