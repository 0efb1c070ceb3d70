"""Writes an export: a folder of CSV files that an import reads back, and one JSON file, all for their owner only."""

import json
import os
from pathlib import Path

from handlers.csv_text import csv_text
from handlers.exporting import Export
from handlers.import_columns import SHEETS

STORED = "alles.json"


def write_tables(export: Export, folder: Path) -> list[Path]:
    """Write all files of an export into a folder, which is made when missing; returns their paths. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    texts = {f"{name}.csv": "\ufeff" + _csv(list(SHEETS[name]), rows) for name, rows in export.sheets.items()}
    texts[STORED] = json.dumps(export.stored, ensure_ascii=False, indent=1) + "\n"
    written = []
    for name, text in texts.items():
        part = folder / f".{name}.part"
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        written.append(part.replace(folder / name))
    return written


def _csv(columns: list[str], rows: list[dict[str, str]]) -> str:
    return csv_text([columns, *([row.get(column, "") for column in columns] for row in rows)])
