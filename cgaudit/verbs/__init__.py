"""What cgaudit does, a file a verb: read, call what knows how, write; return plain data.

What a verb says for itself is how an error is mended: who lies below it knows the facts alone.
"""
