"""Let a comment through that cgaudit wrote, and no other: a script of its own.

The workflows hold its text, because the job that may write comments installs nothing. It is run
with the file, the comment's first line and where to copy it to. `cgaudit.wording.markdown` writes
every mark that Markdown, HTML or a platform acts on as a reference: what has one is not ours.
"""

import pathlib
import re
import sys

LIMIT = 65_000
#: Tags, quotes and code that cgaudit writes.
OWN = re.compile(r"</?(?:details|summary|code)>|^> |`--json`", re.MULTILINE)
#: Markup, links, mentions and references to issues.
ACTIVE = re.compile(r"[<>@\[\]\\~$^{}`\x00-\x08\x0b-\x1f\x7f]|://|www\.|(?<!&)#|&(?!#[0-9]{1,7};)")
#: GitLab acts on a line that begins with a slash.
COMMAND = re.compile(r"^\s*/", re.MULTILINE)
#: A mention once the reference is resolved: cgaudit puts a space without width behind it.
MENTION = re.compile(r"&#0*64;(?!&#8203;)")


def is_ours(text: str) -> bool:
    """Tell whether a comment holds nothing but what cgaudit writes."""
    in_prose = re.sub(r"<code>[^<>\n]*</code>", "", text)
    closed = len(re.findall("<details>", text)) == len(re.findall("</details>", text))
    active = ACTIVE.search(OWN.sub("", text)) or COMMAND.search(text) or MENTION.search(in_prose)
    return closed and not active


def main(path: str, mark: str, destination: str) -> None:
    """Copy the comment, or exit with what is wrong."""
    file = pathlib.Path(path)
    if file.is_symlink() or not file.is_file() or file.stat().st_size > LIMIT:
        sys.exit("There is no comment, or one that is too large.")
    first, _, text = file.read_text(encoding="utf-8").partition("\n")
    if first != mark or not is_ours(text):
        sys.exit("The comment holds what cgaudit does not write: not posted.")
    pathlib.Path(destination).write_text(f"{first}\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:4])
