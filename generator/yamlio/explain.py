"""libyaml's complaints in plain words."""

from __future__ import annotations

from typing import Any, NoReturn

from generator.yamlio.source import Source

TAB = "a tab as indentation"
TAB_HINT = "YAML indents with spaces only"
QUOTE_HINT = "put the value in quotes"

# problem -> message, hint; {start} is the line where the surrounding part begins.
_PLAIN: dict[str, tuple[str, str | None]] = {
    "mapping values are not allowed in this context": (
        "a ': ' where no key can stand",
        "quote a value that contains ': ', or check the indentation",
    ),
    "block sequence entries are not allowed in this context": (
        "a '- ' where no list item can stand",
        "a list starts on a line of its own, or check the indentation",
    ),
    "did not find expected key": (
        "expected a key of the mapping that begins on line {start}",
        "check the indentation and the quotes",
    ),
    "did not find expected '-' indicator": (
        "expected a '- ' item of the list that begins on line {start}",
        "check the indentation",
    ),
    "did not find expected ',' or ']'": ("expected ',' or ']' in the list that begins on line {start}", None),
    "did not find expected ',' or '}'": (
        "expected ',' or '}}' in the mapping that begins on line {start}",
        None,
    ),
    "did not find expected node content": ("expected a value", QUOTE_HINT),
    "did not find expected <document start>": (
        "expected the end of the document",
        "check the indentation and the quotes; the next document begins with '---'",
    ),
    "found unknown escape character": (
        "an unknown escape in double quotes: {text}",
        "write \\\\ for a backslash, or use single quotes",
    ),
    "did not find expected hexdecimal number": ("expected hexadecimal digits in an escape", None),
    "found undefined tag handle": ("an unknown tag", None),
    "found incompatible YAML document": ("expected YAML 1.1 or 1.2", None),
    "found unknown directive name": ("an unknown directive", "quote a key that starts with '%'"),
}


def is_old_grammar(error: Any) -> bool:
    """Whether libyaml stumbled over `[a:b]`: helm and kubectl read it, the version in ruamel does not."""
    return "unexpected ':'" in str(getattr(error, "problem", ""))


def refuse(source: Source, error: Any) -> NoReturn:
    """Raise the DefinitionError that says in plain words what libyaml's `error` means."""
    mark: Any = getattr(error, "problem_mark", None)
    if mark is None:
        source.fail("cannot be read as YAML", 1, 1)
    context: Any = error.context_mark or mark
    problem = str(error.problem)
    _refuse_tab(source, error, mark)
    if problem == "could not find expected ':'":
        name = source.text[context.index : context.index + 40].split("\n", 1)[0].rstrip("\r")
        hint = "check the indentation; write 'key: value'"
        if len(source.text) > context.index + 1000 and mark.index - context.index > 1000:
            hint = "a key of more than 1,000 characters begins with '? '"
        source.fail(f"'{name}' is neither a key nor a part of what stands above", *_place(context), hint)
    if problem == "found unexpected end of stream":
        source.fail("the quoted text that begins here never ends", *_place(context))
    if problem == "found character that cannot start any token":
        char = source.text[mark.index : mark.index + 1]
        source.fail(f"a value cannot begin with '{char}'", *_place(mark), QUOTE_HINT)
    if problem == "did not find expected alphabetic or numeric character":
        sign = source.text[context.index : context.index + 1]
        source.fail(f"expected a name after '{sign}'", *_place(mark), QUOTE_HINT)
    if problem == "found invalid Unicode character escape code":
        length = 4 if source.text[mark.index - 1] == "u" else 8
        escape = source.text[mark.index - 2 : mark.index + length]
        beyond = length == 8 and int(escape[2:], 16) > 0x10FFFF
        source.fail(
            f"the escape {escape} is {'no' if beyond else 'half of a'} character",
            # The mark stands behind the backslash and the letter.
            mark.line + 1,
            mark.column - 1,
            "write the character itself, or \\U and its eight digits",
        )
    message, hint_text = _PLAIN.get(problem, (_other(error), None))
    text = source.text[mark.index : mark.index + 2]
    source.fail(message.format(start=context.line + 1 + source.line, text=text), *_place(mark), hint_text)


def _place(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _refuse_tab(source: Source, error: Any, mark: Any) -> None:
    text = source.text
    if "tab character" in error.problem or text[mark.index : mark.index + 1] == "\t":
        source.fail(TAB, *_place(mark), TAB_HINT)
    if "flow" in str(error.context) or "quoted" in str(error.context):
        return
    start = text.rfind("\n", 0, mark.index) + 1
    indentation = text[start : start + len(text[start:]) - len(text[start:].lstrip(" \t"))]
    if "\t" in indentation:
        source.fail(TAB, mark.line + 1, indentation.index("\t") + 1, TAB_HINT)


def _other(error: Any) -> str:
    words = f"{error.problem} {error.context or ''}".strip()
    return ("cannot be read as YAML: " + words).replace("{", "{{").replace("}", "}}")
