"""`python -m bot` is `quoth`."""

from bot.cli import main

main()
