"""What expressions in CEL may say of an object: nothing that a Secret or a secret name holds."""

from __future__ import annotations

from typing import Any

from generator.model.manifest import JSON, Manifest, mapping
from generator.model.secrets import NOT_SHOWN, covered
from generator.validate.view import View

# As many bytes as the API server takes of a message.
MAX_MESSAGE = 5 * 1024


class Hiding:
    """Hides what the objects of an environment hold."""

    def __init__(self, view: View) -> None:
        self._texts = view.secret_texts

    def reason(self, reason: str, item: Manifest) -> str:
        """Why an expression has no value, without what the object holds under secret names, and Secrets."""
        if (item.group, item.kind) == ("", "Secret"):
            return NOT_SHOWN
        found: list[str] = []
        covered(item.data, lambda value: found.append(str(value)))
        for text in sorted(filter(None, found), key=len, reverse=True):
            reason = reason.replace(text, NOT_SHOWN)
        return self._texts.without(reason, NOT_SHOWN)

    def hidden(self, data: Any) -> Any:
        """A copy of an object for an expression whose value is shown, so that it can give no secret away."""
        if isinstance(data, dict) and data.get("kind") == "Secret" and data.get("apiVersion") == "v1":
            data = _without_content(data)
        return self._each(covered(data, lambda _: NOT_SHOWN))

    def _each(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._each(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._each(item) for item in value]
        return self._texts.without(value, NOT_SHOWN) if isinstance(value, str) else value


def _without_content(data: JSON) -> JSON:
    shown = dict(data)
    for field in ("data", "stringData"):
        if isinstance(shown.get(field), dict):
            shown[field] = dict.fromkeys(shown[field], NOT_SHOWN)
    # The annotation of `kubectl apply` holds the whole object once more.
    metadata = dict(mapping(data, "metadata"))
    if metadata.get("annotations"):
        metadata["annotations"] = dict.fromkeys(mapping(metadata, "annotations"), NOT_SHOWN)
    return {**shown, "metadata": metadata}
