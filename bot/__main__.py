"""`python -m bot` is the command line."""

import sys

from bot.command_line import main

sys.exit(main())
