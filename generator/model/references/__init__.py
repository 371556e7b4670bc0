"""The one table of references: which field of which kind names another object, and how.

Validation, the mapping of namespaces and renaming read it, and nothing else: `references` finds what an
object names, `renamed` puts other names there. What is missing in the table is missing for all three.
"""

from __future__ import annotations

from generator.model.references.find import Found, references
from generator.model.references.rename import Rename, renamed
from generator.model.references.rule import WHOLE, Form, Otherwise, Rule

__all__ = ["WHOLE", "Form", "Found", "Otherwise", "Rename", "Rule", "references", "renamed"]
