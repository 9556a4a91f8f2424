"""The pictures. Each function returns numpy arrays of numbers with a meaning (cm of tissue, HU, signal).

Only + - * / and square roots are used on the way, which IEEE 754 rounds in one way only: no sine, no
exponential, no sum over an axis, no BLAS. That keeps the pixels equal from machine to machine.
"""
