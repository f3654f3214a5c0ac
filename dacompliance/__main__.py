"""`python -m dacompliance` is the command `dacompliance`."""

from dacompliance.cli import main

if __name__ == "__main__":
    main()
