"""Decide: pure rules over plain values. No I/O, no clock, no libraries of the other three rooms."""
