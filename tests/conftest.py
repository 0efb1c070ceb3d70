"""Fixtures that every test may use."""

from tests.databases import database as database
from tests.databases import empty_url as empty_url
from tests.databases import engines as engines
from tests.databases import sqlite_database as sqlite_database
