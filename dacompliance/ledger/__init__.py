"""The monitor's own database: what was found, decided and sent."""
