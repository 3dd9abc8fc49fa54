"""A part of a workbook as a tree of elements, without anything it might refer to."""

import xml.parsers.expat
from xml.etree import ElementTree


def read_tree(content: bytes) -> ElementTree.Element:
    """The root element, names as ``{namespace}local``.

    Raises
    ------
    ValueError
        The part declares a document type: no workbook does, and it may hide entities.
    """
    builder = ElementTree.TreeBuilder()
    parser = xml.parsers.expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = lambda name, attributes: builder.start(
        _braced(name), {_braced(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: builder.end(_braced(name))
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.Parse(content, True)
    return builder.close()


def refuse_doctype(*_: object) -> None:
    """What to do with a document type: nothing good comes of it."""
    raise ValueError("it declares a document type")


def _braced(name: str) -> str:
    return f"{{{name}" if "}" in name else name
