"""On Python 3.10, for which there is no build of the CEL library, only what is said about that is tested."""

from __future__ import annotations

import sys

collect_ignore = ["test_rules.py"] if sys.version_info < (3, 11) else []
