"""Telling people: digests, their rendering and their handing over."""
