"""`python -m offswitch`."""

from offswitch.cli import main

main()
