"""Rates and the pages that show them."""
