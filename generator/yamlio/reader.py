"""The YAML reader: libyaml's events put together into plain data, with positions and with limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from generator.errors import WeftError, suggestion
from generator.model.document import Document, Path
from generator.yamlio import explain
from generator.yamlio.frames import Anchor, Frame, copy
from generator.yamlio.lines import LineReader
from generator.yamlio.marks import LazyMarks, Marks, Tree
from generator.yamlio.scalars import KNOWN_TAGS, RESOLVED, short_tag, tagged
from generator.yamlio.source import MAX_LEVELS, MAX_NODES, Source


class _MergeKey:
    """Stands in a mapping for the key `<<` until the mapping ends."""


_MERGE: Any = _MergeKey()


class _Unreadable(Exception):
    """The parser refuses the stream."""

    def __init__(self, error: Any) -> None:
        super().__init__(str(error))
        self.error = error


class _MarksNeeded(Exception):
    """An error can only be told with marks, and this pass has none."""


def read(
    data: bytes | str, file: str, *, marks: bool = True, line: int = 0, lazy: bool = False
) -> list[Document]:
    """All documents of a YAML stream that hold anything but null.

    With `marks` every path has a mark, otherwise only `()`; with `lazy` they are found when one is asked
    for. `line` is added to all line numbers.
    Scalars mean what they mean to kubectl, helm and Flux, but integers of any size stay exact, and
    keys are the text as written. Raises DefinitionError with file, line and column.
    """
    source = Source(data, file, line)
    if lazy or not marks:
        plain = _LINES.read(source.text, file, line)
        if plain is not None:
            return [_marked(item, index, source) for index, item in enumerate(plain)] if lazy else plain
    encoded = source.encoded()
    try:
        return _composed(source, encoded, _libyaml(encoded), marks=marks)
    except _MarksNeeded:
        # The second pass meets the same error, and can name the place.
        return _composed(source, encoded, _libyaml(encoded), marks=True)


def _marked(document: Document, index: int, source: Source) -> Document:
    """The document with marks that a second reading finds, once one is asked for."""

    def found() -> Mapping[Path, tuple[int, int]]:
        return read(source.text, source.file, line=source.line)[index].marks

    return replace(document, marks=LazyMarks(document.marks[()], found))


def _one_value(text: str) -> Any:
    """The value of a text that holds one; an instance of no YAML type where the parser refuses it."""
    source = Source(text, "")
    try:
        documents = _composed(source, source.encoded(), _libyaml(source.encoded()), marks=False)
    except (WeftError, _MarksNeeded):
        return _one_value
    return documents[0].value if len(documents) == 1 else _one_value


_LINES = LineReader(_one_value)


def _composed(source: Source, encoded: bytes, events: Callable[[], Any], *, marks: bool) -> list[Document]:
    try:
        return list(_Composer(source, events, marks).documents())
    except _Unreadable as failed:
        if not explain.is_old_grammar(failed.error):
            explain.refuse(source, failed.error)
        try:
            return list(_Composer(source, _pure(encoded), marks).documents())
        except _Unreadable as again:
            explain.refuse(source, again.error)


def _libyaml(data: bytes) -> Callable[[], Any]:
    """The events of the C parser, one a call."""
    # Only here, because most commands that start never read YAML.
    from ruamel.yaml.cyaml import CParser

    parser: Any = CParser(data)
    following: Callable[[], Any] = parser.get_event
    return following


def _pure(data: bytes) -> Callable[[], Any]:
    """The events of ruamel's own parser, one a call: thirty times slower, and without libyaml's gaps."""
    from ruamel.yaml import YAML

    events: Iterator[Any] = iter(YAML(typ="safe", pure=True).parse(data))
    return events.__next__


class _Composer:
    """Puts the events of one stream together without recursion, so that no depth can crash it."""

    def __init__(self, source: Source, following: Callable[[], Any], marks: bool) -> None:
        from ruamel.yaml import events
        from ruamel.yaml.error import YAMLError

        self._source = source
        self._next = following
        self._error = YAMLError
        self._events = events
        self._marks = marks
        self._aliased = 0

    def documents(self) -> Iterator[Document]:
        """The documents that hold anything but null."""
        events = self._events
        while True:
            kind = self._event().__class__
            if kind is events.StreamEndEvent:
                return
            if kind is events.DocumentStartEvent:
                value, line, column, tree = self._document()
                if value is not None:
                    line += self._source.line
                    marks: Mapping[Path, tuple[int, int]] = {(): (line, column)}
                    if self._marks:
                        marks = Marks(line, column, tree)
                    yield Document(self._source.file, value, marks)

    def _event(self) -> Any:
        try:
            return self._next()
        except self._error as error:
            raise _Unreadable(error) from None

    def _document(self) -> tuple[Any, int, int, Tree | None]:
        """The value of one document, the line and column where it begins, and the tree of its marks."""
        self._nodes = 0
        self._anchors: dict[str, Anchor] = {}
        # Places that share the value of an alias until the document is complete.
        self._shared: list[tuple[Any, Any]] = []
        root = self._top = Frame([], False, {} if self._marks else None, 0, None)
        self._stack: list[Frame] = []
        first = self._event()
        self._read_nodes(first)
        for box, key in self._shared:
            box[key] = copy(box[key])
        branch = root.tree[0][2] if root.tree is not None else None
        return root.box[0], first.start_mark.line + 1, first.start_mark.column + 1, branch

    def _read_nodes(self, event: Any) -> None:
        """Read the nodes from `event` to the end of the document: the inner loop of all that reads YAML."""
        events = self._events
        scalar, end = events.ScalarEvent, events.DocumentEndEvent
        get, resolved = self._next, RESOLVED
        try:
            while event.__class__ is not end:
                if event.__class__ is scalar and event.anchor is None and event.ctag is None:
                    self._nodes += 1
                    top = self._top
                    text = event.value
                    key = top.key
                    if top.keyed and key is None:
                        if text in top.box or (event.implicit[0] and (text == "<<" or not text)):
                            self._odd_key(event, text)
                        else:
                            top.key = text
                            if top.tree is not None:
                                top.at = (event.start_mark.line, event.start_mark.column)
                    else:
                        value = resolved[text] if event.implicit[0] else text
                        if top.tree is not None:
                            self._mark(event, None)
                        if key is None:
                            top.box.append(value)
                        else:
                            top.box[key] = value
                            top.key = None
                else:
                    self._read_other(event)
                if self._nodes > MAX_NODES:
                    self._refuse(event, f"more than {MAX_NODES:,} nodes, those of aliases counted")
                event = get()
        except self._error as error:
            raise _Unreadable(error) from None
        except ValueError as error:
            self._refuse(event, str(error))

    def _read_other(self, event: Any) -> None:
        """Everything but plain and quoted scalars without anchor and tag."""
        events = self._events
        kind = event.__class__
        if kind is events.MappingStartEvent:
            self._start(event, {}, True)
        elif kind is events.SequenceStartEvent:
            self._start(event, [], False)
        elif kind is events.AliasEvent:
            self._alias(event)
        elif kind is events.ScalarEvent:
            self._special(event)
        else:
            self._end()

    def _start(self, event: Any, box: Any, keyed: bool) -> None:
        if event.ctag is not None:
            name = short_tag(event.tag)
            if name not in ("!", "!!map" if keyed else "!!seq"):
                self._refuse_tag(event, name, "a mapping" if keyed else "a list")
        if len(self._stack) >= MAX_LEVELS:
            self._refuse(event, f"more than {MAX_LEVELS:,} levels")
        tree: Tree | None = {} if self._marks else None
        anchor = None
        if event.anchor is not None:
            anchor = self._anchors[event.anchor] = Anchor(box, tree)
        self._place(event, box, tree)
        self._stack.append(self._top)
        self._top = Frame(box, keyed, tree, self._nodes, anchor)
        self._nodes += 1

    def _end(self) -> None:
        frame = self._top
        if frame.keyed and _MERGE in frame.box:
            self._merge(frame)
        self._top = self._stack.pop()
        if frame.height >= self._top.height:
            self._top.height = frame.height + 1
        if frame.anchor is not None:
            frame.anchor.done = True
            frame.anchor.size = self._nodes - frame.nodes
            frame.anchor.height = frame.height

    def _place(self, event: Any, value: Any, branch: Tree | None) -> None:
        """Put a value where the top frame expects one."""
        top = self._top
        if top.keyed and top.key is None:
            self._refuse(
                event, "a key must be text, not a collection", "quote a value that starts with '{' or '['"
            )
        if top.tree is not None:
            self._mark(event, branch)
        if top.keyed:
            top.box[top.key] = value
            top.key = None
        else:
            top.box.append(value)

    def _mark(self, event: Any, branch: Tree | None) -> None:
        """Mark the place that the next value takes: that of its key, or its own in a list."""
        top = self._top
        line, column = top.at if top.keyed else (event.start_mark.line, event.start_mark.column)
        key = top.key if top.keyed else len(top.box)
        assert top.tree is not None
        top.tree[key] = (line + 1 + self._source.line, column + 1, branch)

    def _odd_key(self, event: Any, text: str) -> None:
        """A plain key that is `<<` or empty, or a key that is there already."""
        top = self._top
        if event.implicit[0] and text == "<<":
            self._key(event, _MERGE)
        elif event.implicit[0] and not text:
            self._refuse(event, "a key is missing", 'quote a key that is empty: ""')
        else:
            self._key(event, text)
        assert top.key is not None

    def _key(self, event: Any, key: Any) -> None:
        top = self._top
        if key in top.box:
            if top.tree is None:
                raise _MarksNeeded
            name = "<<" if key is _MERGE else key
            hint = "merge several mappings with '<<: [*a, *b]'" if key is _MERGE else None
            self._refuse(event, f"duplicate key '{name}', first on line {top.tree[key][0]}", hint)
        top.key = key
        top.at = (event.start_mark.line, event.start_mark.column)

    def _special(self, event: Any) -> None:
        """A scalar with an anchor or a tag."""
        self._nodes += 1
        top, text = self._top, event.value
        name = short_tag(event.tag) if event.ctag is not None else ""
        if name == "!!merge" and top.keyed and top.key is None and text == "<<":
            self._key(event, _MERGE)
            return
        try:
            value = tagged(event.tag, text) if name else (RESOLVED[text] if event.implicit[0] else text)
        except ValueError as error:
            hint = f"known tags: {KNOWN_TAGS}" if str(error).startswith("unknown tag") else None
            self._refuse(event, str(error), hint)
        if event.anchor is not None:
            self._anchors[event.anchor] = Anchor(value, None, text)
        if not top.keyed or top.key is not None:
            self._place(event, value, None)
        elif not name and event.implicit[0]:
            self._odd_key(event, text)
        else:
            self._key(event, text)

    def _alias(self, event: Any) -> None:
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            self._refuse(event, f"unknown anchor '{event.anchor}'", suggestion(event.anchor, self._anchors))
        if not anchor.done:
            self._refuse(event, f"the anchor '{event.anchor}' contains itself")
        self._nodes += anchor.size
        self._aliased += anchor.size
        if self._aliased > MAX_NODES:
            self._refuse(event, f"more than {MAX_NODES:,} nodes, those of aliases counted")
        if len(self._stack) + anchor.height > MAX_LEVELS:
            self._refuse(event, f"more than {MAX_LEVELS:,} levels, those of aliases counted")
        top = self._top
        top.height = max(top.height, anchor.height + 1)
        if top.keyed and top.key is None and anchor.text is not None:
            self._key(event, anchor.text)
            return
        if anchor.text is None and top.key is not _MERGE:
            self._shared.append((top.box, top.key if top.keyed else len(top.box)))
        self._place(event, anchor.value, anchor.branch)

    def _merge(self, frame: Frame) -> None:
        """Lay the mappings under `<<` below the keys of the frame; the first that has a key wins."""
        merged = frame.box.pop(_MERGE)
        sources = merged if isinstance(merged, list) else [merged]
        if frame.tree is None:
            if not all(isinstance(source, dict) for source in sources):
                raise _MarksNeeded
            trees: list[Tree] = [{}] * len(sources)
        else:
            line, column, tree = frame.tree.pop(_MERGE)
            if not all(isinstance(source, dict) for source in sources):
                line -= self._source.line
                self._source.fail("'<<' takes a mapping or a list of mappings", line, column)
            trees = [tree[index][2] for index in range(len(sources))] if sources is merged else [tree]
        for source, marks in zip(sources, trees, strict=True):
            for key, value in source.items():
                if key not in frame.box:
                    frame.box[key] = value
                    if frame.tree is not None:
                        frame.tree[key] = marks[key]
                    if isinstance(value, (dict, list)):
                        self._shared.append((frame.box, key))

    def _refuse_tag(self, event: Any, name: str, found: str) -> NoReturn:
        known = name in KNOWN_TAGS.split()
        message = f"the tag {name} on {found}" if known else f"unknown tag {name}"
        self._refuse(event, message, None if known else f"known tags: {KNOWN_TAGS}")

    def _refuse(self, event: Any, message: str, hint: str | None = None) -> NoReturn:
        mark = event.start_mark
        self._source.fail(message, mark.line + 1, mark.column + 1, hint)
