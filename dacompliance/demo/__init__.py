"""An invented force: its own records system, two years of records with known faults, and the story of six mornings."""
