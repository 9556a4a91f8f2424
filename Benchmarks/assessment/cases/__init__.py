"""Studies with one known fault, and clean ones that look as if they had one: made from real series by a seed."""
