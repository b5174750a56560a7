"""Files that somebody else wrote, read with care.

What a project keeps, anybody may have committed: bytes are read of regular files only, nothing is
taken for what its name says, and no file makes the process take much more memory than it has bytes
itself. What is wrong comes as `cgaudit.reading.files.Damage`, in a few words; who knows which
artefact it is, and the command that makes it anew, says so.
"""
