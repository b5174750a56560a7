"""What a verb found, as people read it: a folder a page, and what each shows on a terminal.

A page is made in two steps: plain data in, a dict out (`context`, which is what the tests check);
the dict in, one self-contained file out (`page`). It needs no network and no script, holds labels,
ids and texts only escaped, and is the same byte for byte when the input is.
"""
