"""A process that may take only so much memory."""

from __future__ import annotations

import subprocess
import sys
import textwrap


def within(room: int, setting_up: str, work: str, *arguments: str) -> str:
    """Run Python in a process of its own, and return what it prints.

    Once `setting_up` is done (imports), `work` may take `room` bytes more; a MemoryError, or the
    end of the process, fails. Both may use ``argv``.
    """
    script = "\n".join(
        [
            "import resource, sys",
            "argv = sys.argv[1:]",
            textwrap.dedent(setting_up),
            "pages = int(open('/proc/self/statm').read().split()[0])",
            f"limit = pages * resource.getpagesize() + {room}",
            "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))",
            textwrap.dedent(work),
        ]
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}"
    return done.stdout
