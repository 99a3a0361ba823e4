"""Figures of this machine. They are printed and compared as ratios, never asserted: machines are shared and noisy."""
