"""Label quality over the versions of a dataset."""

from cgaudit.history.page import history_page
from cgaudit.history.read import history
from cgaudit.history.show import history_csv, history_text

__all__ = ["history", "history_csv", "history_page", "history_text"]
