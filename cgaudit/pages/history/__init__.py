"""A history: as a page, for a terminal, and as CSV."""

from cgaudit.pages.history.page import history_page
from cgaudit.pages.history.text import history_csv, history_text

__all__ = ["history_csv", "history_page", "history_text"]
