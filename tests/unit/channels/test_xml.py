"""XML becomes objects, and never more than it says."""

import pytest

from pipeline.channels._base import Unusable
from pipeline.channels._xml import parsed


def read(text):
    return parsed(text)[1]


def test_children_attributes_and_text():
    assert read("<a id='1'>x<b>y</b>z<b/><c d='e'/></a>") == {
        "@id": "1", "b": ["y", ""], "c": {"@d": "e"}, "#text": "xz",
    }  # fmt: skip


def test_known_namespaces_are_prefixes_and_others_stay():
    text = "<a xmlns:k='http://purl.org/dc/elements/1.1/' xmlns:o='urn:other'><k:b>1</k:b><o:b>2</o:b></a>"
    assert read(text) == {"dc:b": "1", "urn:other:b": "2"}


def test_xhtml_is_kept_as_markup():
    text = "<a><div xmlns='http://www.w3.org/1999/xhtml'>1 &lt; 2 <b class='x'>bold</b></div></a>"
    assert read(text)["#text"] == '1 &lt; 2 <b class="x">bold</b>'


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY % b SYSTEM 'http://127.0.0.1/'> %b;]><a/>",
        "<!DOCTYPE l [<!ENTITY l0 'lol'><!ENTITY l1 '&l0;&l0;&l0;&l0;&l0;&l0;'>]><l>&l1;</l>",
    ],
)
def test_entities_are_refused(text):
    with pytest.raises(Unusable, match="invalid_xml: a document that declares entities"):
        parsed(text)


@pytest.mark.parametrize("text", ["", "<a>", "<a></b>", "plain", "<a>&nosuch;</a>", "<a>\x00</a>"])
def test_what_is_not_well_formed_is_named(text):
    with pytest.raises(Unusable, match="invalid_xml: not well-formed"):
        parsed(text)


def test_names_of_html_characters_are_understood():
    assert read("<a>caf&eacute;&nbsp;&amp;</a>") == {"#text": "café\xa0&"}


def test_a_document_type_without_entities_is_read():
    assert read("<!DOCTYPE rss PUBLIC '-//X//DTD RSS 0.91//EN' 'http://x/rss.dtd'><rss>1</rss>") == {"#text": "1"}


def test_bytes_that_are_no_utf_8_are_read_as_declared():
    data = '<?xml version="1.0" encoding="gb2312"?><a>漏水</a>'.encode(
        "gbk"
    )  # its bytes could be UTF-8 of another text
    assert read(data.decode("ascii", "surrogateescape")) == {"#text": "漏水"}


def test_a_lone_surrogate_is_replaced():
    assert read("<a>x\ud83d</a>") == {"#text": "x?"}
