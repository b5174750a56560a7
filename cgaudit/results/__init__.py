"""What an audit and a comparison find, as types: the scores table, the metrics, the change.

The JSON and Parquet that others lean on are made of these, and nobody else knows their formulas.
"""
