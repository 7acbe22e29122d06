"""`python -m pennon`."""

from pennon.cli import main

if __name__ == "__main__":
    main()
