"""Whole cases made up by Hypothesis, and the two judges held to each other over them."""
