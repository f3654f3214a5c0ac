"""How fast it is, and how it grows: `make bench`. Nothing here is used by the monitor."""
