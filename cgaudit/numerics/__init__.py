"""Arrays in, arrays out: the arithmetic that several parts share, one owner for each idea."""
